/**
 * Why a frame was dropped: the number that `reg15` carries into the drop table, and the sentence that users read.
 * Numbers are part of what switches and dashboards remember: append, never renumber.
 */

interface DropReasonDeclaration {
  readonly number: number
  /** Completes "dropped because ...". */
  readonly sentence: string
}

export const dropReasons = {
  'undeclared-port': {
    number: 1,
    sentence: 'no VM, uplink or cable was declared for the port it came in by',
  },
  'undeclared-vlan': { number: 2, sentence: 'no network uses its VLAN on the uplink it came in by' },
  'tagged-from-vm': { number: 3, sentence: 'a VM sent it with a VLAN tag' },
  'spoofed-mac': { number: 4, sentence: "its source MAC is not the NIC's own" },
  'reserved-multicast': {
    number: 5,
    sentence: 'a VM sent it to an address reserved for bridges (LLDP, BPDU)',
  },
  'spoofed-arp': { number: 6, sentence: 'it claims an ARP sender that is not declared for the NIC' },
  'spoofed-nd': { number: 7, sentence: 'it claims an IPv6 neighbour that is not declared for the NIC' },
  'spoofed-ip': { number: 8, sentence: 'its source address is not declared for the NIC' },
  'dhcp-server': { number: 9, sentence: 'a DHCP server answered from a NIC without trust `dhcp-server`' },
  'router-advertisement': {
    number: 10,
    sentence: 'a router advertised itself from a NIC without trust `router-advertisement`',
  },
  'unsupported-ethertype': { number: 11, sentence: 'it is neither ARP, RARP, IPv4 nor IPv6' },
  'unknown-unicast': { number: 12, sentence: 'nobody in its network has the destination MAC' },
  'not-on-tree': { number: 13, sentence: "it is a broadcast from a port that is not on its network's tree" },
  'no-path': { number: 14, sentence: 'the paths that it was to be spread over are not there any more' },
  'standby-uplink': {
    number: 15,
    sentence: 'it came by an uplink of a team that is not in use, where a segment sends copies',
  },
  'own-frame': { number: 16, sentence: 'it is a frame of a VM of this switch that came back from a segment' },
  'not-arrived': { number: 17, sentence: 'its VM is on its way to this port, and runs elsewhere as yet' },
  'moved-away': { number: 18, sentence: 'its VM has moved from this port to another hypervisor' },
} as const satisfies Readonly<Record<string, DropReasonDeclaration>>

export type DropReason = keyof typeof dropReasons

export const dropReasonNames = Object.keys(dropReasons) as readonly DropReason[]

/** The reason that a value of `reg15` stands for. */
export function dropReasonOf(number: number): DropReason | undefined {
  return dropReasonNames.find((name) => dropReasons[name].number === number)
}
