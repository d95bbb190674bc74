/** Where our words are not meant to be ovs-ofctl 3.1's, each with the reason. */

export interface Printed {
  readonly name: string
  /** What `ovs-ofctl ofp-print` says. */
  readonly print: string
}

/** By message: what ovs-ofctl does to them that we do not. */
const byName: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['of12/3-39', 'of13/4-39', 'of14/5-37', 'of15/libofproto-OFP15'].map((name) => [
      `${name}-${name.startsWith('of15') ? '' : 'ofp_'}port_status.packet`,
      'a name of a port that is not ASCII is left out',
    ]),
  ),
  'of10-group-features-nx-group-features-reply':
    'actions have the numbers of 1.0 in it, and ours those of 1.3',
  'of11-group-features-nx-group-features-reply':
    'actions have the numbers of 1.1 in it, and ours those of 1.3',
  'of13-hello-unknown-element-hello':
    'elements that have no meaning are shown as the bytes of the whole message',
  'of15-out-type-packet-out': 'the flags of TCP are not shown of a packet without Ethernet',
  'of15-out-type-error': 'the flags of TCP are not shown of a packet without Ethernet',
  'of10/1-6-ofp_switch_features.packet': 'a bit of the state that has no meaning is left out',
  'of12/3-5-ofp_features_reply.packet': 'a name of a port that is not ASCII is left out',
  'of15/libofproto-OFP15-table_mod.packet': 'a configuration of all ones is shown as none',
  'of15/libofproto-OFP15-aggregate_stats_reply.packet':
    'counters that are not in the message are shown as all ones',
  'of15/libofproto-OFP15-flow_removed.packet': 'counters that are not in the message are shown as all ones',
}

const byTitle: readonly (readonly [RegExp, string])[] = [
  [/^OFPST_TABLE_FEATURES/, 'features of tables have words of our own: field by field'],
  [/^OFPST_TABLE reply (?:\(OF1\.[12]\) )?\(xid/, 'what tables of 1.0 to 1.2 can match is not shown'],
]

/** ovs-ofctl refuses, cuts off or cannot read the message; what it says first is comparable still. */
export const isRefused = ({ print }: Printed): boolean => /\*\*\*/.test(print)

/** Undefined if the words should be the same. */
export function printDifference({ name, print }: Printed): string | undefined {
  return byName[name] ?? byTitle.find(([pattern]) => pattern.test(print))?.[1]
}
