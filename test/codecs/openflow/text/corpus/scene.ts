/** What a flow's match has promised so far, and so what its actions may do. */
import { type Field, type Needs } from './fields.ts'
import type { Random } from './random.ts'

export interface Scene {
  readonly random: Random
  readonly version: number
  /** The packet is Ethernet, as it is unless packet_type says otherwise. */
  ethernet: boolean
  ethType: number | undefined
  ipProtocol: number | undefined
  icmp6Type: number | undefined
  vlan: boolean
  /** ct_state promises a tracked, valid connection. */
  tracked: boolean
  /** ct_state may say the connection is invalid, so that it cannot be committed. */
  invalid: boolean
  table: number
  /** VLAN tags pushed so far, also in nested lists; Open vSwitch knows two tags. */
  readonly pushed: { count: number }
  /** How deep in clone, ct and learn. */
  depth: number
}

export const newScene = (random: Random, version: number): Scene => ({
  random,
  version,
  ethernet: true,
  ethType: undefined,
  ipProtocol: undefined,
  icmp6Type: undefined,
  vlan: false,
  tracked: false,
  invalid: false,
  table: 255,
  pushed: { count: 0 },
  depth: 0,
})

const ipv4 = 0x0800
const ipv6 = 0x86dd
const isIp = (scene: Scene): boolean => scene.ethType === ipv4 || scene.ethType === ipv6

const tests: Readonly<Record<Needs, (scene: Scene) => boolean>> = {
  '': () => true,
  ethernet: (scene) => scene.ethernet,
  vlan: (scene) => scene.vlan,
  mpls: (scene) => scene.ethType === 0x8847 || scene.ethType === 0x8848,
  ipv4: (scene) => scene.ethType === ipv4,
  ipv6: (scene) => scene.ethType === ipv6,
  ip: isIp,
  arp: (scene) => scene.ethType === 0x0806 || scene.ethType === 0x8035,
  tcp: (scene) => isIp(scene) && scene.ipProtocol === 6,
  udp: (scene) => isIp(scene) && scene.ipProtocol === 17,
  sctp: (scene) => isIp(scene) && scene.ipProtocol === 132,
  icmp: (scene) => scene.ethType === ipv4 && scene.ipProtocol === 1,
  icmp6: (scene) => scene.ethType === ipv6 && scene.ipProtocol === 58,
  nd: (scene) => scene.icmp6Type === 135 || scene.icmp6Type === 136,
  nd_solicit: (scene) => scene.icmp6Type === 135,
  nd_advert: (scene) => scene.icmp6Type === 136,
  nsh: (scene) => scene.ethType === 0x894f,
  ct: (scene) => scene.tracked,
  ct4: (scene) => scene.tracked && scene.ethernet && scene.ethType === ipv4,
  ct6: (scene) => scene.tracked && scene.ethernet && scene.ethType === ipv6,
}

export const hasField = (scene: Scene, field: Field): boolean => tests[field.needs](scene)
