/** ovs-ofctl's flow commands with their options, in an order in which each finds the flows that it needs. */
export interface Command {
  readonly name: string
  readonly words: readonly string[]
  readonly minors: string
}

const command = (name: string, minors: string, ...words: string[]): Command => ({ name, minors, words })
const all = '012345'

export const commands: readonly Command[] = [
  command(
    'add-timeouts',
    all,
    'add-flow',
    '@',
    'idle_timeout=60,hard_timeout=300,cookie=0x1122334455667788,priority=5,in_port=1,actions=2',
  ),
  command('add-flags', all, 'add-flow', '@', 'send_flow_rem,check_overlap,priority=6,in_port=1,actions=2'),
  command(
    'add-no-counts',
    '345',
    'add-flow',
    '@',
    'no_packet_counts,no_byte_counts,priority=7,in_port=1,actions=2',
  ),
  command('add-reset-counts', '235', 'add-flow', '@', 'reset_counts,priority=7,in_port=1,actions=2'),
  command('add-importance', '45', 'add-flow', '@', 'importance=1000,table=3,priority=8,in_port=1,actions=2'),
  command('add-table', all, 'add-flow', '@', 'table=4,priority=9,in_port=1,actions=2'),
  command('mod', all, 'mod-flows', '@', 'in_port=1,actions=3'),
  command('mod-strict', all, '--strict', 'mod-flows', '@', 'priority=5,in_port=1,actions=2,3'),
  command('mod-cookie', '0235', 'mod-flows', '@', 'cookie=0x1122334455667788/-1,actions=2'),
  command('dump-out-port', '013', 'dump-flows', '@', 'out_port=3'),
  command('dump-match', '013', 'dump-flows', '@', 'in_port=1,table=4'),
  command('dump-cookie', '03', 'dump-flows', '@', 'cookie=0x1122334455667788/-1'),
  command('dump-out-group', '3', 'dump-flows', '@', 'out_group=1'),
  command('aggregate', all, 'dump-aggregate', '@'),
  command('aggregate-match', '03', 'dump-aggregate', '@', 'table=4,in_port=1'),
  command('openflow10-add', '0', '-F', 'openflow10', 'add-flow', '@', 'ip,nw_dst=10.0.0.0/8,actions=2'),
  command('openflow10-dump', '0', '-F', 'openflow10', 'dump-flows', '@'),
  command('openflow10-aggregate', '0', '-F', 'openflow10', 'dump-aggregate', '@'),
  command('nxm-add', '0', '-F', 'nxm', 'add-flow', '@', 'table=7,ip,nw_dst=10.0.0.0/8,actions=2'),
  command('nxm-dump', '0', '-F', 'nxm', 'dump-flows', '@', 'ip,nw_dst=10.0.0.0/8'),
  command('nxm-aggregate', '0', '-F', 'nxm', 'dump-aggregate', '@', 'ip,nw_dst=10.0.0.0/8'),
  command(
    'nxm-mod-strict',
    '0',
    '-F',
    'nxm',
    '--strict',
    'mod-flows',
    '@',
    'table=7,cookie=0/0xff,ip,nw_dst=10.0.0.0/8,actions=3',
  ),
  command(
    'nxm-delete-strict',
    '0',
    '-F',
    'nxm',
    '--strict',
    'del-flows',
    '@',
    'table=7,ip,nw_dst=10.0.0.0/8,out_port=3',
  ),
  command('delete-strict', all, '--strict', 'del-flows', '@', 'priority=5,in_port=1'),
  command('delete-out-port', all, 'del-flows', '@', 'in_port=1,out_port=2'),
  command('delete-out-group', '12345', 'del-flows', '@', 'out_group=7'),
  command('delete-cookie', '0235', 'del-flows', '@', 'cookie=0x5/0xff'),
  command('delete-table', '035', 'del-flows', '@', 'table=4'),
  command('delete-all', all, 'del-flows', '@'),
]
