/** ovs-ofctl's commands for groups and meters, in an order in which each finds what it needs. */
import type { Command } from './flow-commands.ts'

const all = '012345'
const ask = (name: string, minors: string, ...words: string[]): Command => ({ name, minors, words })
const add = (name: string, minors: string, text: string): Command => ask(name, minors, 'add-group', '@', text)
const meter = (name: string, text: string): Command => ask(name, '345', 'add-meter', '@', text)

/** Frames cross the groups and the meter between these two lists, so that there is something to count. */
export const groupCommands: readonly Command[] = [
  add('group-all', all, 'group_id=1,type=all,bucket=output:1,bucket=mod_dl_dst:02:00:00:00:00:09,output:2'),
  add('group-select', all, 'group_id=2,type=select,bucket=weight:100,output:1,bucket=weight:50,output:2'),
  add('group-indirect', all, 'group_id=3,type=indirect,bucket=output:3'),
  add(
    'group-failover',
    all,
    'group_id=4,type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,watch_group:3,group:3',
  ),
  add('group-empty', all, 'group_id=5,type=all'),
  add(
    'group-hash',
    '05',
    'group_id=6,type=select,selection_method=hash,fields(ip_src,tcp_src),bucket=bucket_id:0,weight:1,output:1,bucket=bucket_id:7,weight:2,output:2',
  ),
  add(
    'group-hash-mask',
    '05',
    'group_id=7,type=select,selection_method=hash,selection_method_param=18446744073709551615,fields(ip_dst=255.255.255.0,nw_proto),bucket=output:1',
  ),
  add(
    'group-dp-hash',
    '05',
    'group_id=8,type=select,selection_method=dp_hash,bucket=bucket_id:1,weight:1,output:1',
  ),
  add('group-drop', '035', 'group_id=9,type=indirect,bucket=actions=drop'),
  add(
    'group-nicira',
    '035',
    'group_id=10,type=select,bucket=weight:5,set_field:7->reg0,resubmit(,3),bucket=weight:0,ct(commit,zone=5),output:1',
  ),
  add('group-exists', all, 'group_id=1,type=all,bucket=output:1'),
  ask('group-mod', all, 'mod-group', '@', 'group_id=3,type=indirect,bucket=output:2'),
  ask('group-may-create', '135', '--may-create', 'mod-group', '@', 'group_id=11,type=all,bucket=output:2'),
  ask('group-mod-missing', '0135', 'mod-group', '@', 'group_id=99,type=all,bucket=output:2'),
  ask(
    'bucket-insert-last',
    '05',
    'insert-buckets',
    '@',
    'group_id=6,command_bucket_id=last,bucket=bucket_id:10,weight:3,output:3',
  ),
  ask(
    'bucket-insert-first',
    '5',
    'insert-buckets',
    '@',
    'group_id=6,command_bucket_id=first,bucket=bucket_id:11,output:3,bucket=bucket_id:12,output:1',
  ),
  ask(
    'bucket-insert-after',
    '05',
    'insert-buckets',
    '@',
    'group_id=6,command_bucket_id=7,bucket=bucket_id:13,output:3',
  ),
  ask(
    'bucket-insert-exists',
    '5',
    'insert-buckets',
    '@',
    'group_id=6,command_bucket_id=last,bucket=bucket_id:13,output:3',
  ),
  ask(
    'bucket-insert-missing',
    '5',
    'insert-buckets',
    '@',
    'group_id=6,command_bucket_id=77,bucket=bucket_id:14,output:3',
  ),
  ask('bucket-remove', '05', 'remove-buckets', '@', 'group_id=6,command_bucket_id=10'),
  ask('bucket-remove-first', '5', 'remove-buckets', '@', 'group_id=6,command_bucket_id=first'),
  ask('bucket-remove-last', '5', 'remove-buckets', '@', 'group_id=6,command_bucket_id=last'),
  ask('bucket-remove-missing', '5', 'remove-buckets', '@', 'group_id=6,command_bucket_id=99'),
  ask('group-features', all, 'dump-group-features', '@'),
  ask('groups', all, 'dump-groups', '@'),
  ask('groups-one', '05', 'dump-groups', '@', '6'),
  meter('meter-kbps', 'meter=1,kbps,burst,stats,bands=type=drop,rate=1000,burst_size=100'),
  meter('meter-pktps', 'meter=2,pktps,bands=type=drop,rate=10'),
  meter('meter-bands', 'meter=3,kbps,stats,bands=type=drop,rate=1000,type=drop,rate=2000'),
  meter('meter-dscp', 'meter=4,kbps,bands=type=dscp_remark,rate=1000,prec_level=1'),
  meter('meter-exists', 'meter=1,kbps,bands=type=drop,rate=1'),
  meter('meter-slowpath', 'meter=slowpath,pktps,bands=type=drop,rate=100'),
  meter('meter-controller', 'meter=controller,pktps,burst,bands=type=drop,rate=100,burst_size=20'),
  ask('meter-mod', '345', 'mod-meter', '@', 'meter=2,kbps,burst,bands=type=drop,rate=20,burst_size=5'),
  ask('meter-mod-missing', '345', 'mod-meter', '@', 'meter=9,kbps,bands=type=drop,rate=20'),
  ask('meters', '345', 'dump-meters', '@'),
  ask('meters-one', '345', 'dump-meters', '@', 'meter=1'),
  ask('meters-missing', '35', 'dump-meters', '@', 'meter=9'),
  ask('meter-features', '345', 'meter-features', '@'),
]

export const groupQuestions: readonly Command[] = [
  ask('group-stats', all, 'dump-group-stats', '@'),
  ask('group-stats-one', '035', 'dump-group-stats', '@', 'group_id=1'),
  ask('meter-stats', '345', 'meter-stats', '@'),
  ask('meter-stats-one', '35', 'meter-stats', '@', 'meter=1'),
  ask('group-flows', '035', 'dump-flows', '@'),
  ask('group-delete', all, 'del-groups', '@', 'group_id=3'),
  ask('group-delete-all', all, 'del-groups', '@'),
  ask('meter-delete', '345', 'del-meter', '@', 'meter=2'),
  ask('meter-delete-all', '345', 'del-meters', '@'),
]
