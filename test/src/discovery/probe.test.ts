import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readEthernet, writeEthernet } from '../../../codecs/packet/ethernet.ts'
import type { Lldp } from '../../../codecs/packet/lldp.ts'
import { readLldp, writeLldp } from '../../../codecs/packet/lldp.ts'
import { checkProbe, makeProbe, ReplayMemory } from '../../../src/discovery/probe.ts'
import { captured } from '../../codecs/packet/captured.ts'
import { HV1, HV2, KEY } from './fixtures.ts'

const from = { datapathId: HV1, portNo: 3 }
const at = { datapathId: HV2, portNo: 4 }
const made = { key: KEY, from, mac: 0x020000000099, timeMs: 10_000, sequence: 1, ttlS: 15 }
const probe = makeProbe(made)
const check = (frame: Uint8Array, change: Partial<Parameters<typeof checkProbe>[1]> = {}) =>
  checkProbe(frame, { key: KEY, at, nowMs: 10_100, maxAgeMs: 5000, seen: new ReplayMemory(), ...change })

/** The probe with its LLDP changed, the signature kept. */
function altered(change: (lldp: Lldp) => Lldp): Uint8Array {
  const frame = readEthernet(probe)
  return writeEthernet({ ...frame, payload: writeLldp(change(readLldp(frame.payload))) })
}

test('a probe proves the port that sent it', () => {
  assert.deepEqual(check(probe), { ok: true, from, sequence: 1 })
})

test('a probe is LLDP that any analyser understands, sent to the nearest bridge', () => {
  const frame = readEthernet(probe)
  assert.deepEqual([frame.dst, frame.src, frame.ethertype], [0x0180c200000e, 0x020000000099, 0x88cc])
  const { chassisId, portId, ttlS } = readLldp(frame.payload)
  assert.equal(Buffer.from(chassisId.id).toString(), 'dpid:0000000000000001')
  assert.equal(Buffer.from(portId.id).toString(), '3')
  assert.equal(ttlS, 15)
})

test('the signature is HMAC-SHA256 as another implementation computes it', () => {
  // python3: hmac.new(bytes([7]*32), b'throwbar link probe 1\0' + struct.pack('>QIQQ', 1, 3, 10000, 1), 'sha256').hexdigest()
  const [tlv] = readLldp(readEthernet(probe).payload).tlvs
  assert.equal(
    Buffer.from(tlv?.value.slice(16) ?? []).toString('hex'),
    '6603c718ee1dd236cfc45c0645d05909ea5bdca9b2a388cac868fe371e552ab7',
  )
})

const text = (value: string) => new TextEncoder().encode(value)
const refused: [string, () => ReturnType<typeof check>, string][] = [
  ['no LLDP at all', () => check(captured.arpRequest), 'malformed'],
  ['a frame of nothing', () => check(new Uint8Array()), 'malformed'],
  [
    'only an end TLV',
    () => check(writeEthernet({ ...readEthernet(probe), payload: new Uint8Array(2) })),
    'malformed',
  ],
  [
    'inside a VLAN',
    () =>
      check(writeEthernet({ ...readEthernet(probe), vlans: [{ tpid: 0x8100, pcp: 0, dei: false, vid: 5 }] })),
    'malformed',
  ],
  [
    'to an address that bridges forward',
    () => check(writeEthernet({ ...readEthernet(probe), dst: 0x012320000001 })),
    'malformed',
  ],
  ['the LLDP of Open vSwitch', () => check(captured.lldpFromOpenVswitch), 'unsigned'],
  ['the signature taken out', () => check(altered((lldp) => ({ ...lldp, tlvs: [] }))), 'unsigned'],
  [
    'another datapath id',
    () =>
      check(altered((lldp) => ({ ...lldp, chassisId: { subtype: 7, id: text('dpid:0000000000000009') } }))),
    'bad-signature',
  ],
  [
    'another port',
    () => check(altered((lldp) => ({ ...lldp, portId: { subtype: 7, id: text('4') } }))),
    'bad-signature',
  ],
  [
    'another spelling of the port',
    () => check(altered((lldp) => ({ ...lldp, portId: { subtype: 7, id: text('03') } }))),
    'unsigned',
  ],
  ['another key', () => check(makeProbe({ ...made, key: new Uint8Array(32) })), 'bad-signature'],
  ['too old', () => check(probe, { nowMs: 15_001 }), 'expired'],
  ['from the future', () => check(probe, { nowMs: 9_000 }), 'expired'],
  ['back at the port that sent it', () => check(probe, { at: from }), 'wrong-port'],
]
for (const [name, run, reason] of refused) {
  test(`refused as ${reason}: ${name}`, () => {
    assert.deepEqual(run(), { ok: false, reason })
  })
}

test('a probe is accepted once, and none older than it afterwards; refused ones are not remembered', () => {
  const seen = new ReplayMemory()
  const second = makeProbe({ ...made, sequence: 2 })
  assert.equal(check(second, { seen, nowMs: 99_999 }).ok, false)
  assert.equal(check(second, { seen }).ok, true)
  assert.deepEqual(check(second, { seen }), { ok: false, reason: 'replayed' })
  assert.deepEqual(check(probe, { seen }), { ok: false, reason: 'replayed' })
  assert.equal(check(makeProbe({ ...made, sequence: 3 }), { seen }).ok, true)
  assert.equal(check(makeProbe({ ...made, from: { datapathId: HV1, portNo: 4 } }), { seen }).ok, true)
})

test('any changed byte of what is signed, and of the signature, is refused', () => {
  const frame = readEthernet(probe)
  // All of the LLDP but the ttl, which nobody relies on, and the end TLV, which ends nothing.
  const start = probe.length - frame.payload.length
  const ttl = start + 2 + 22 + 2 + 2
  for (let byte = start; byte < probe.length - 2; byte++) {
    if (byte >= ttl + 2 && byte < ttl + 4) continue
    for (const bit of [0x01, 0x80]) {
      const changed = probe.slice()
      changed[byte] = (changed[byte] ?? 0) ^ bit
      assert.equal(check(changed).ok, false, `byte ${byte} changed`)
    }
  }
})

test('any bytes at all get a verdict', () => {
  const inLldp = fc
    .uint8Array({ maxLength: 120 })
    .map((payload) => writeEthernet({ ...readEthernet(probe), payload }))
  fc.assert(fc.property(fc.oneof(fc.uint8Array(), inLldp), (frame) => !check(frame).ok))
})

test('the replay memory is bounded and drops what was longest not heard', () => {
  const seen = new ReplayMemory(3)
  for (const portNo of [1, 2, 3]) seen.accept({ datapathId: HV1, portNo }, 5)
  seen.accept({ datapathId: HV1, portNo: 1 }, 6)
  seen.accept({ datapathId: HV1, portNo: 4 }, 5)
  assert.equal(seen.size, 3)
  assert.deepEqual(
    [1, 3, 4].map((portNo) => seen.accept({ datapathId: HV1, portNo }, 5)),
    [false, false, false],
  )
  assert.equal(seen.accept({ datapathId: HV1, portNo: 2 }, 5), true)
})
