/** Statistics of 1.0, whose header is four bytes shorter than that of the multiparts of later versions. */
import test from 'node:test'
import { framed, same } from '../support/wire.ts'
import { anything, port, portHex } from './support/parts.ts'

const head = { version: 1, xid: 1 } as const

const requests: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['0000 0000', { type: 'desc' }],
  [
    `0001 0000 ${anything} ff 00 ffff`,
    {
      type: 'flow',
      match: [],
      tableId: 0xff,
      outPort: 0xffff_ffff,
      outGroup: 0xffff_ffff,
      cookie: 0n,
      cookieMask: 0n,
    },
  ],
  ['0003 0000', { type: 'table' }],
  ['0004 0000 ffff 000000000000', { type: 'port', portNo: 0xffff_ffff }],
  ['0005 0000 fffc 0000 ffffffff', { type: 'queue', portNo: 0xffff_fffc, queueId: 0xffff_ffff }],
  ['000d 0000', { type: 'port_desc' }],
  [
    'ffff 0000 00abcdef 00000001 02',
    { type: 'experimenter', experimenter: 0xabcdef, expType: 1, data: Uint8Array.of(2) },
  ],
  ['ffff 0000 00abcdef 0102', { type: 'experimenter', experimenter: 0xabcdef, data: Uint8Array.of(1, 2) }],
]

for (const [hex, body] of requests) {
  test(`a request for statistics has 12 bytes before its body: ${String(body['type'])} ${hex.length}`, () => {
    same(framed(1, 16, hex), { type: 'multipart_request', ...head, flags: [], body })
  })
}

const counters = (first: number, count: number): string =>
  Array.from({ length: count }, (_, index) => (first + index).toString(16).padStart(16, '0')).join('')

const replies: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  [
    `0001 0001 0060 02 00 ${anything} 00000001 00000002 8000 0003 0004 000000000000 ${counters(5, 3)} 0000 0008 0001 0000`,
    {
      type: 'flow',
      entries: [
        {
          tableId: 2,
          match: [],
          durationS: 1,
          durationNs: 2,
          priority: 0x8000,
          idleTimeoutS: 3,
          hardTimeoutS: 4,
          cookie: 5n,
          packetCount: 6n,
          byteCount: 7n,
          instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 1, maxLen: 0 }] }],
        },
      ],
    },
  ],
  [
    `0003 0001 01 000000 ${Buffer.from('classifier').toString('hex').padEnd(64, '0')} 003fffff 000f4240 00000002 ${counters(3, 2)}`,
    {
      type: 'table',
      entries: [
        {
          tableId: 1,
          name: 'classifier',
          wildcards: 0x3fffff,
          maxEntries: 1_000_000,
          activeCount: 2,
          lookupCount: 3n,
          matchedCount: 4n,
        },
      ],
    },
  ],
  [
    `0004 0001 0003 000000000000 ${counters(1, 12)}`,
    {
      type: 'port',
      entries: [
        {
          portNo: 3,
          rxPackets: 1n,
          txPackets: 2n,
          rxBytes: 3n,
          txBytes: 4n,
          rxDropped: 5n,
          txDropped: 6n,
          rxErrors: 7n,
          txErrors: 8n,
          properties: [{ type: 'ethernet', rxFrameErr: 9n, rxOverErr: 10n, rxCrcErr: 11n, collisions: 12n }],
        },
      ],
    },
  ],
  [
    `0005 0001 0003 0000 00000007 ${counters(1, 3)}`,
    {
      type: 'queue',
      entries: [{ portNo: 3, queueId: 7, txBytes: 1n, txPackets: 2n, txErrors: 3n }],
    },
  ],
  [`000d 0001 ${portHex}`, { type: 'port_desc', entries: [port] }],
]

for (const [hex, body] of replies) {
  test(`statistics of 1.0: ${String(body['type'])}`, () => {
    same(framed(1, 17, hex), { type: 'multipart_reply', ...head, flags: ['more'], body })
  })
}
