import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PacketError } from '../../../codecs/packet/bytes.ts'
import type { LldpTlv } from '../../../codecs/packet/lldp.ts'
import { readLldp, writeLldp } from '../../../codecs/packet/lldp.ts'
import { captured } from './captured.ts'

/** Plain objects, as the readers make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const unit = captured.lldpFromOpenVswitch.slice(14)

test('what Open vSwitch announces', () => {
  const { chassisId, portId, ttlS, tlvs } = readLldp(unit)
  assert.deepEqual(chassisId, { subtype: 4, id: bytes('36618c2aadca') })
  assert.deepEqual([portId.subtype, Buffer.from(portId.id).toString(), ttlS], [5, 'v0', 120])
  assert.deepEqual(
    tlvs.map((tlv) => (tlv.type === 'opaque' ? tlv.tlvType : [tlv.oui, tlv.subtype, tlv.value.length])),
    [6, 7, [0x00040d, 0x0b, 46]],
  )
})

const id = record({ subtype: fc.nat(255), id: fc.uint8Array({ minLength: 1, maxLength: 255 }) })
const tlv: fc.Arbitrary<LldpTlv> = fc.oneof(
  record({
    type: fc.constant('opaque' as const),
    tlvType: fc.integer({ min: 4, max: 126 }),
    value: fc.uint8Array({ maxLength: 511 }),
  }),
  record({
    type: fc.constant('organisation' as const),
    oui: fc.nat(0xffffff),
    subtype: fc.nat(255),
    value: fc.uint8Array({ maxLength: 507 }),
  }),
)
const lldp = record({
  chassisId: id,
  portId: id,
  ttlS: fc.nat(0xffff),
  tlvs: fc.array(tlv, { maxLength: 4 }),
})

test('what was written is read back, whatever padding follows', () => {
  fc.assert(
    fc.property(lldp, fc.uint8Array({ maxLength: 40 }), (value, padding) => {
      const written = writeLldp(value)
      assert.deepEqual(readLldp(written), value)
      assert.deepEqual(readLldp(new Uint8Array([...written, ...padding])), value)
    }),
  )
})

test('cut anywhere, it is refused, except where a TLV ends after the mandatory ones', () => {
  const ends = new Set([18, 37, 43, 95]) // after ttl, description, capabilities, auto-attach
  for (let length = 0; length < unit.length; length++) {
    const read = () => readLldp(unit.slice(0, length))
    if (ends.has(length)) assert.equal(read().ttlS, 120)
    else assert.throws(read, PacketError, `cut at ${length}`)
  }
})

const CHASSIS = '0202 0741'
const PORT = '0402 0742'
const TTL = '0602 0078'
const refused = [
  ['only an end TLV, which once disconnected a switch from a controller', '0000', 'value'],
  ['no port id', CHASSIS + TTL, 'value'],
  ['port before chassis', PORT + CHASSIS + TTL, 'value'],
  ['a second chassis id', CHASSIS + PORT + TTL + CHASSIS, 'value'],
  ['a chassis id without an id', `0201 07${PORT}${TTL}`, 'length'],
  ['a chassis id without anything', `0200${PORT}${TTL}`, 'short'],
  ['a port id of 256 bytes', `${CHASSIS}0501 07${'41'.repeat(256)}${TTL}`, 'length'],
  ['a ttl of one byte', `${CHASSIS}${PORT}0601 78`, 'short'],
  ['an organisation TLV of three bytes', `${CHASSIS}${PORT}${TTL}fe03 725442`, 'short'],
  ['a TLV longer than the frame', `${CHASSIS}${PORT}${TTL}0dff 41`, 'short'],
] as const
for (const [name, hex, code] of refused) {
  test(`refused: ${name}`, () => {
    assert.throws(() => readLldp(bytes(hex)), { name: 'PacketError', code })
  })
}

test('not written: a value longer than its length field can say', () => {
  const value = {
    chassisId: { subtype: 7, id: bytes('41') },
    portId: { subtype: 7, id: bytes('42') },
    ttlS: 1,
  }
  const tlvs = [{ type: 'opaque', tlvType: 9, value: new Uint8Array(512) } as const]
  assert.throws(() => writeLldp({ ...value, tlvs }), PacketError)
  assert.throws(
    () => writeLldp({ ...value, chassisId: { subtype: 7, id: new Uint8Array() }, tlvs: [] }),
    PacketError,
  )
})
