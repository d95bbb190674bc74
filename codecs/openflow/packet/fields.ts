/**
 * What a packet says, layer by layer, as Open vSwitch sees it when it matches flows. A layer is there if Open vSwitch
 * could read it; one that is cut short or contradicts itself is missing, together with all that is inside it.
 * MAC and IPv4 addresses are numbers, IPv6 addresses bigints, as in match fields.
 */

export interface PacketFields {
  /** Missing if the frame has fewer than 14 bytes, or the packet begins with its network layer. */
  readonly ethernet?: EthernetFields
  /** Of the payload, behind all tags that were read. 0 if there is none, `noEthType` in an 802.3 frame without SNAP. */
  readonly ethType: number
  /** The outermost first; no more than two are read. */
  readonly vlans: readonly VlanTag[]
  /** The outermost first; no more than three are kept, and what is behind the labels is not read. */
  readonly mpls?: readonly MplsLabel[]
  readonly arp?: ArpFields
  readonly nsh?: NshFields
  readonly ipv4?: Ipv4Fields
  readonly ipv6?: Ipv6Fields
  /** What IP carries, the transport header included, padding of the frame not. It shares memory with the packet. */
  readonly ipPayload?: Uint8Array
  readonly tcp?: TcpFields
  readonly udp?: Ports
  readonly sctp?: Ports
  readonly icmp?: IcmpFields
  readonly icmpv6?: Icmpv6Fields
  readonly igmp?: IgmpFields
}

/** The layers from the network's up. */
export type Layers = Omit<PacketFields, 'ethernet' | 'ethType' | 'vlans'>

/** The ethertype that OpenFlow gives to frames that have none (OpenFlow 1.5.1, section 7.2.3.8). */
export const noEthType = 0x05ff

export interface EthernetFields {
  readonly dst: number
  readonly src: number
}

export interface VlanTag {
  /** 0x8100 or 0x88a8. */
  readonly tpid: number
  readonly vid: number
  readonly pcp: number
}

export interface MplsLabel {
  readonly label: number
  readonly tc: number
  readonly bos: boolean
  readonly ttl: number
}

/** ARP and RARP alike; `ethType` tells them apart. */
export interface ArpFields {
  /** 0 if the packet's is above 255, which no match can have. */
  readonly op: number
  readonly spa: number
  readonly tpa: number
  readonly sha: number
  readonly tha: number
}

/** RFC 8300. */
export interface NshFields {
  readonly flags: number
  readonly ttl: number
  readonly mdType: number
  /** Next protocol. */
  readonly np: number
  /** Service path identifier. */
  readonly spi: number
  /** Service index. */
  readonly si: number
  /** The four context headers of MD type 1; zeros in every other type. */
  readonly context: readonly [number, number, number, number]
}

/** A later fragment has no transport header. */
export type Fragment = 'no' | 'first' | 'later'

export interface IpFields {
  /** In IPv6 what the last extension header names; 44 in a later fragment. */
  readonly proto: number
  readonly dscp: number
  readonly ecn: number
  /** In IPv6 the hop limit. */
  readonly ttl: number
  readonly fragment: Fragment
}

export interface Ipv4Fields extends IpFields {
  readonly src: number
  readonly dst: number
}

/** If its extension headers run beyond the packet, all but the addresses is zero and there is no `ipPayload`. */
export interface Ipv6Fields extends IpFields {
  readonly src: bigint
  readonly dst: bigint
  /** The flow label. */
  readonly label: number
}

export interface Ports {
  readonly src: number
  readonly dst: number
}

export interface TcpFields extends Ports {
  /** Twelve bits: FIN is 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, NS 256. */
  readonly flags: number
}

export interface IcmpFields {
  readonly type: number
  readonly code: number
}

export interface Icmpv6Fields extends IcmpFields {
  /** In neighbour solicitations and advertisements. */
  readonly nd?: NdFields
}

/** Neighbour discovery (RFC 4861); what is missing is zero. If an address option comes twice, all three addresses are. */
export interface NdFields {
  /** Of an advertisement, with its router, solicited and override flags on top. */
  readonly reserved: number
  readonly target: bigint
  /** Source link-layer address. */
  readonly sll: number
  /** Target link-layer address. */
  readonly tll: number
  /** The type of the first address option: 1 or 2. */
  readonly optionsType: number
}

export interface IgmpFields extends IcmpFields {
  readonly group: number
}
