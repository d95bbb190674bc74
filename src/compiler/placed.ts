/** What features need to know of a NIC and its network, resolved to numbers. */
import { type Endpoint, type Network, type NicTrust, ownerOf } from '../model/intent.ts'
import type { Owner } from '../pipeline/rule.ts'

/** A NIC, or an interface of the hypervisor's own: what follows from it is the same. */
export interface PlacedNic {
  readonly owner: Owner
  readonly datapathId: string
  readonly port: number
  readonly mac: number
  readonly networkKey: number
  /** Declared IPv4 addresses, 32 bits each. */
  readonly ipv4: readonly number[]
  /** Declared IPv6 addresses and the link-local address of the MAC, 128 bits each. */
  readonly ipv6: readonly bigint[]
  readonly trust: readonly NicTrust[]
}

export interface PlacedNetwork {
  readonly owner: Owner
  readonly key: number
  /** Absent for internal networks. */
  readonly vlan?: number
}

/** What becomes of frames of a network on their way out of a switch because of their class. */
export interface Marking {
  /** Priority in the VLAN tag. */
  readonly pcp?: number
  /** Number of the class, where uplinks are shared by classes: they leave by table `egress`. */
  readonly shares?: number
}

export function placeNic(
  nic: Endpoint,
  network: Network,
  at: { datapathId: string; port: number },
): PlacedNic {
  const ipv6 = nic.addresses.filter(({ family }) => family === 6).map(({ value }) => value)
  return {
    owner: ownerOf(nic),
    datapathId: at.datapathId,
    port: at.port,
    mac: nic.mac,
    networkKey: network.key,
    ipv4: nic.addresses.filter(({ family }) => family === 4).map(({ value }) => Number(value)),
    ipv6: [...new Set([linkLocal(nic.mac), ...ipv6])],
    trust: nic.trust,
  }
}

export function placeNetwork({ name, key, kind, vlan }: Network): PlacedNetwork {
  const owner: Owner = `network/${name}`
  return kind !== 'internal' && vlan !== undefined ? { owner, key, vlan } : { owner, key }
}

const linkLocalPrefix = 0xfe80n << 112n

export const isLinkLocal = (address: bigint): boolean => address >> 112n === linkLocalPrefix >> 112n

/** The modified EUI-64 address that hosts form by themselves (RFC 4291 appendix A). */
export function linkLocal(mac: number): bigint {
  const flipped = BigInt(mac) ^ 0x020000000000n
  return linkLocalPrefix | ((flipped >> 24n) << 40n) | (0xfffen << 24n) | (flipped & 0xffffffn)
}
