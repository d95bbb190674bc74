import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PacketError } from '../../../codecs/packet/bytes.ts'
import { readPcap, writePcap } from '../../../codecs/packet/pcap.ts'

/** Plain objects, as the readers make them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** The header of a file that `tcpdump -w` wrote on a little-endian machine, and its first record cut to 4 of 110 bytes. */
const HEADER = 'd4c3 b2a1 0200 0400 0000 0000 0000 0000 0000 0400 0100 0000'
const RECORD = 'd93c 016b a5ca 0d00 0400 0000 6e00 0000 3333 0000'

test('a file of tcpdump: little-endian, microseconds', () => {
  assert.deepEqual(readPcap(bytes(HEADER + RECORD)), {
    linkType: 1,
    packets: [{ timeNs: 1795243225_903845_000n, length: 110, bytes: bytes('33330000') }],
    truncated: false,
  })
})

test('cut anywhere, the whole packets are kept and the cut is told', () => {
  const whole = bytes(HEADER + RECORD + RECORD)
  for (let length = 0; length < whole.length; length++) {
    const read = () => readPcap(whole.slice(0, length))
    if (length < 24) assert.throws(read, PacketError)
    else {
      const { packets, truncated } = read()
      assert.deepEqual(
        [packets.length, truncated],
        [Math.floor((length - 24) / 20), (length - 24) % 20 !== 0],
      )
    }
  }
})

test('what was written is read back', () => {
  const packet = record({
    timeNs: fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
    bytes: fc.uint8Array({ maxLength: 80 }),
    cut: fc.nat(1000),
  }).map(({ timeNs, bytes: captured, cut }) => ({ timeNs, length: captured.length + cut, bytes: captured }))
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 5 }), (packets) => {
      assert.deepEqual(readPcap(writePcap(packets)), { linkType: 1, packets, truncated: false })
    }),
  )
})

test('no pcap file, and a record longer than any packet', () => {
  assert.throws(() => readPcap(bytes(`0a0d0d0a${HEADER.slice(9)}`)), { code: 'value', field: 'pcap.magic' })
  const long = bytes(`${HEADER}d93c 016b a5ca 0d00 ffff ffff 6e00 0000 3333 0000`)
  assert.throws(() => readPcap(long), { code: 'length', field: 'pcap.captured_length' })
})
