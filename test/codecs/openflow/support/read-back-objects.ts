/** Groups and meters that a bridge of Open vSwitch 3.1 takes: every type, bucket key, selection method, flag and band. */

const groups: readonly string[] = [
  'group_id=1,type=all,bucket=actions=output:1',
  'group_id=2,type=indirect,bucket=actions=output:1',
  'group_id=3,type=all,bucket=actions=output:1,bucket=actions=output:2,bucket=actions=drop',
  'group_id=4,type=select,bucket=weight:100,actions=output:1,bucket=weight:50,watch_port:2,actions=output:2',
  'group_id=5,type=ff,bucket=watch_port:1,actions=output:1,bucket=watch_group:1,actions=group:1',
  'group_id=6,type=all,bucket=actions=resubmit(,3),bucket=actions=load:0x5->NXM_NX_REG0[],push_vlan:0x8100,output:2',
  'group_id=4294967040,type=all',
]

/** In 1.5, and in Nicira's group-mod of 1.0. */
const numberedGroups: readonly string[] = [
  'group_id=7,type=all,bucket=bucket_id=5,actions=output:1,bucket=bucket_id=9,actions=output:2',
  'group_id=8,type=select,selection_method=dp_hash,bucket=weight:1,actions=output:1',
  'group_id=9,type=select,selection_method=dp_hash,selection_method_param=1,bucket=weight:1,actions=output:1',
  'group_id=10,type=select,selection_method=hash,selection_method_param=7,fields(eth_dst,ip_src,tcp_dst),bucket=weight:3,actions=output:1',
  'group_id=11,type=select,selection_method=hash,fields(eth_dst=ff:ff:ff:00:00:00,ip_src=255.255.255.0),bucket=weight:3,actions=output:1',
  'group_id=12,type=select,selection_method=hash,bucket=weight:3,actions=output:1',
]

export const groupTexts = (version: number): readonly string[] => [
  ...groups.filter((text) => version !== 1 || !text.includes('push_vlan')),
  ...(version === 1 || version === 6 ? numberedGroups : []),
]

export const meterTexts: readonly string[] = [
  'meter=1,kbps,bands=type=drop,rate=1000',
  'meter=2,pktps,burst,stats,bands=type=drop,rate=100,burst_size=20',
  'meter=3,kbps,stats,burst,bands=type=drop,rate=1000,burst_size=1,type=drop,rate=4294967295,burst_size=4294967295',
]
