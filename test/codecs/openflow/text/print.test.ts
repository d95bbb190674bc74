/** Text beside what `ovs-ofctl` itself printed: the first line of each message that we show in its words. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, print, printFlow } from 'ts-openflow'
import { bytesOf, vectors } from '../support/vectors.ts'

/** Actions that we carry as bytes cannot be worded. */
const asBytes =
  /learn\(|conjunction|ct\(|ct_clear|dec_ttl\(|note:|sample|pop:|push:|fin_timeout|userdata|max_len=1024\)$|port=8080/

const worded =
  /^(FLOW_MOD|PACKET_IN|ECHO_RE|BARRIER|ROLE_RE|HELLO|FEATURES_REQUEST|BUNDLE_CONTROL|FLOW_REMOVED)/

const comparable = vectors.filter(
  ({ type, clean, ovs_print, file }) =>
    clean &&
    worded.test(type) &&
    !asBytes.test(ovs_print) &&
    // Open vSwitch shows counters that are not in the message as all ones.
    !file.includes('OFP15-flow_removed'),
)

test('there is enough to compare', () => assert.ok(comparable.length >= 45, String(comparable.length)))

for (const vector of comparable) {
  test(`ovs-ofctl's words: ${vector.file}`, () => {
    const [first = '', second = ''] = vector.ovs_print.split('\n')
    // It breaks the line of a version bitmap and of a bundle; we keep one line.
    const expected = /HELLO|BUNDLE/.test(vector.type) ? `${first.trim()} ${second.trim()}` : first.trim()
    assert.equal(print(decode(bytesOf(vector))), expected.trim())
  })
}

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
    'cookie=0x2a, duration=1.02s, table=5, n_packets=3, n_bytes=180, idle_timeout=5, hard_timeout=60, ' +
      'send_flow_rem no_packet_counts importance=7, idle_age=1, priority=200 actions=goto_table:12',
  )
})

test('what has no words is shown by its definition', () => {
  const hex = '041d002000000001' + '0000000d00000064' + '0001001000000064' + '0000000a00000000'
  assert.equal(
    print(decode(new Uint8Array(Buffer.from(hex, 'hex')))),
    'OFPT_METER_MOD (OF1.3) (xid=0x1): command=add,flags=[kbps,burst,stats],meterId=100,bands=[{type=drop,rate=100,burstSize=10}]',
  )
  assert.equal(
    print({ type: 'unknown', version: 4, xid: 1, code: 99, body: new Uint8Array(0) }),
    'OFPT_99 (OF1.3) (xid=0x1):',
  )
})
