/** What the installation benchmark declares: one large network, the VMs that come later, and other networks beside it. */
import type { IntentSpec, NetworkSpec, VmSpec } from '../../../src/model/schema.ts'

export interface Scene {
  /** Hypervisors, each cabled to each. */
  readonly switches: number
  /** VMs of the large network, spread evenly over the switches. */
  readonly vms: number
  /** VMs that come one by one. */
  readonly more: number
  readonly otherNetworks: number
  readonly vmsPerOtherNetwork: number
}

export interface Plug {
  readonly bridge: string
  readonly port: string
}

/** What one VM has: as a declaration to Throwbar and as a logical port to a peer. */
export interface BenchVm {
  readonly name: string
  readonly plug: Plug
  readonly mac: string
  readonly ips: readonly [string, string]
  readonly spec: VmSpec
}

export const largeNetwork = 'large'

export const bridgeName = (index: number): string => `hv${index + 1}`
export const datapathId = (index: number): string => (index + 1).toString(16).padStart(16, '0')

/** The VMs with these numbers in the large network. */
export function largeVms({ switches }: Pick<Scene, 'switches'>, from: number, count: number): BenchVm[] {
  return Array.from({ length: count }, (_, index) =>
    vm({ network: largeNetwork, networkIndex: 0, number: from + index, host: (from + index) % switches }),
  )
}

export function otherVms({ switches, otherNetworks, vmsPerOtherNetwork }: Scene): BenchVm[] {
  return Array.from({ length: otherNetworks * vmsPerOtherNetwork }, (_, index) => {
    const networkIndex = 1 + Math.floor(index / vmsPerOtherNetwork)
    const number = index % vmsPerOtherNetwork
    return vm({ network: `other-${networkIndex}`, networkIndex, number, host: index % switches })
  })
}

function vm(at: { network: string; networkIndex: number; number: number; host: number }): BenchVm {
  const { network, networkIndex, number, host } = at
  const name = networkIndex === 0 ? `vm-${number}` : `o${networkIndex}-${number}`
  // Addresses start at 256 so that none of them is a network's own.
  const [high, low] = [(number + 256) >> 8, (number + 256) & 0xff]
  const octets = [2, 0, networkIndex >> 8, networkIndex & 0xff, high, low]
  const mac = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':')
  const ips = [
    `10.${networkIndex}.${high}.${low}`,
    `fd00:${networkIndex}::${(number + 1).toString(16)}`,
  ] as const
  const plug = { bridge: bridgeName(host), port: name }
  const nics = [{ network, mac, ips, port: plug.port }]
  return { name, plug, mac, ips, spec: { host: plug.bridge, nics } }
}

const uplinkTo = (peer: number): string => `up${peer + 1}`

/** Both ends of every cable. */
export function cables({ switches }: Scene): [Plug, Plug][] {
  const found: [Plug, Plug][] = []
  for (let a = 0; a < switches; a++) {
    for (let b = a + 1; b < switches; b++) {
      const ends = [
        [a, b],
        [b, a],
      ] as const
      const [one, other] = ends.map(([from, to]) => ({
        bridge: bridgeName(from),
        port: `${bridgeName(from)}-${uplinkTo(to)}`,
      }))
      if (one && other) found.push([one, other])
    }
  }
  return found
}

function network(index: number): NetworkSpec {
  return { kind: 'vm', vlan: 100 + index, subnets: [`10.${index}.0.0/16`, `fd00:${index}::/64`] }
}

/** The document with these VMs; `large: false` leaves the large network out as well. */
export function document(
  scene: Scene,
  { large, vms }: { large: boolean; vms: readonly BenchVm[] },
): IntentSpec {
  const plugs = cables(scene)
  const uplinks = (bridge: string) => plugs.flat().flatMap((end) => (end.bridge === bridge ? [end.port] : []))
  const indexes = Array.from({ length: scene.switches }, (_, index) => index)
  const others = Array.from({ length: scene.otherNetworks }, (_, index) => index + 1)
  return {
    name: 'bench',
    switches: Object.fromEntries(
      indexes.map((index) => [
        bridgeName(index),
        { datapath: datapathId(index), role: 'hypervisor', uplinks: uplinks(bridgeName(index)) },
      ]),
    ),
    links: plugs.map(([a, b]) => [`${a.bridge}:${a.port}`, `${b.bridge}:${b.port}`]),
    networks: {
      ...Object.fromEntries(others.map((index) => [`other-${index}`, network(index)])),
      ...(large && { [largeNetwork]: network(0) }),
    },
    vms: Object.fromEntries(vms.map(({ name, spec }) => [name, spec])),
  }
}
