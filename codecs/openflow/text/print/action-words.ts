/** What a switch says it can do, in ovs-ofctl's words and order. */

const words: readonly (readonly [action: string, word: string])[] = [
  ['output', 'output'],
  ['group', 'group'],
  ['enqueue', 'enqueue'],
  ['set_field', 'set_field'],
  ['set_vlan_vid', 'set_vlan_vid'],
  ['set_vlan_pcp', 'set_vlan_pcp'],
  ['strip_vlan', 'strip_vlan'],
  ['pop_vlan', 'strip_vlan'],
  ['push_vlan', 'push_vlan'],
  ['set_eth_src', 'mod_dl_src'],
  ['set_dl_src', 'mod_dl_src'],
  ['set_eth_dst', 'mod_dl_dst'],
  ['set_dl_dst', 'mod_dl_dst'],
  ['set_nw_src', 'mod_nw_src'],
  ['set_nw_dst', 'mod_nw_dst'],
  ['set_nw_tos', 'mod_nw_tos'],
  ['set_nw_ecn', 'mod_nw_ecn'],
  ['set_nw_ttl', 'mod_nw_ttl'],
  ['set_tp_src', 'mod_tp_src'],
  ['set_tp_dst', 'mod_tp_dst'],
  ['dec_nw_ttl', 'dec_ttl'],
  ['set_mpls_label', 'set_mpls_label'],
  ['set_mpls_tc', 'set_mpls_tc'],
  ['set_mpls_ttl', 'set_mpls_ttl'],
  ['dec_mpls_ttl', 'dec_mpls_ttl'],
  ['push_mpls', 'push_mpls'],
  ['pop_mpls', 'pop_mpls'],
  ['set_queue', 'set_queue'],
]

/** What Open vSwitch has no word for, it leaves out. */
export const actionWords = (actions: readonly string[]): string =>
  words
    .filter(([action]) => actions.includes(action))
    .map(([, word]) => word)
    .join(' ')
