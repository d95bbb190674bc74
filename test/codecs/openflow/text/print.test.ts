/** Flows as text: planned ones, ones with counters, and messages that ovs-ofctl has no words for. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, print, printFlow } from 'ts-openflow'

const flow = {
  tableId: 5,
  priority: 200,
  match: [
    { field: 'eth_type', value: 0x86dd },
    { field: 'ip_proto', value: 58 },
    { field: 'icmpv6_type', value: 135 },
    { field: 'ipv6_nd_target', value: 0xfd00_0000_0000_0000_0000_0000_0000_0001n },
  ],
  instructions: [{ type: 'goto_table', tableId: 12 }],
} as const

test('a planned flow, with names of tables', () => {
  const tableNames = new Map([
    [5, 'l2_security'],
    [12, 'responders'],
  ])
  const rule = 'priority=200,icmp6,icmp_type=135,nd_target=fd00::1'
  assert.equal(printFlow(flow), `table=5, ${rule} actions=goto_table:12`)
  assert.equal(printFlow(flow, { tableNames }), `table=l2_security, ${rule} actions=goto_table:responders`)
  assert.equal(
    printFlow({ ...flow, tableId: 0, priority: 0x8000, match: [], instructions: [] }),
    'actions=drop',
  )
})

test('a flow with counters', () => {
  const text = printFlow({
    ...flow,
    match: [],
    cookie: 0x2an,
    packetCount: 3n,
    byteCount: 180n,
    durationS: 1,
    durationNs: 20_000_000,
    idleTimeoutS: 5,
    hardTimeoutS: 60,
    flags: ['send_flow_rem', 'no_pkt_counts'],
    importance: 7,
    idleS: 1,
  })
  assert.equal(
    text,
    'cookie=0x2a, duration=1.020s, table=5, n_packets=3, n_bytes=180, idle_timeout=5, hard_timeout=60, ' +
      'send_flow_rem no_packet_counts importance=7, idle_age=1, priority=200 actions=goto_table:12',
  )
})

test('what ovs-ofctl has no words for is shown field by field', () => {
  assert.equal(
    print({ type: 'unknown', version: 4, xid: 1, code: 99, body: Uint8Array.of(1, 2) }),
    'OFPT_99 (OF1.3) (xid=0x1): 0102',
  )
  const body = { type: 'bundle_features' } as const
  assert.match(
    print(decode(encode({ type: 'multipart_request', version: 6, xid: 1, body }))),
    /^OFPST_BUNDLE_FEATURES request \(OF1\.5\) \(xid=0x1\):/,
  )
})
