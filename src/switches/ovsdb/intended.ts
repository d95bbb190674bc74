/** What the intent wants of each host's Open vSwitch: bridges with their controllers and the ports that are ours to make. Pure. */
import { macText } from '../../model/addresses.ts'
import type { Cable, HostInterface, Intent, LinkEnd, Switch, Team, Uplink } from '../../model/intent.ts'
import { classQueues } from './class-queues.ts'
import {
  patchPort,
  tunnelPort,
  type WantedBridge,
  type WantedController,
  type WantedHost,
  type WantedPort,
} from './wanted.ts'

/** The value of `external_ids:throwbar` of every row that a controller makes. */
export const owner = 'controller'

const protocols = ['OpenFlow13', 'OpenFlow14', 'OpenFlow15']

/** What of an intent says how bridges should be. */
export type Wishes = Pick<Intent, 'switches' | 'cables' | 'networks' | 'classes'>

/** By database: every host that has a declared bridge. `typeOf`: of its datapath, where that is known. */
export function intendedHosts(
  intent: Wishes,
  controllersOf: (target: string) => readonly WantedController[],
  typeOf: (one: Switch) => string | undefined = ({ ovsdb }) => ovsdb?.datapathType,
): ReadonlyMap<string, WantedHost> {
  const bridges = new Map<string, WantedBridge[]>()
  for (const one of intent.switches.values()) {
    if (!one.ovsdb) continue
    const { target } = one.ovsdb
    const bridge = intendedBridge(one, intendedPorts(one, intent, typeOf(one)), controllersOf(target))
    bridges.set(target, [...(bridges.get(target) ?? []), bridge])
  }
  return new Map([...bridges].map(([target, own]) => [target, { owner, bridges: own }]))
}

function intendedBridge(
  { datapathId, ovsdb }: Switch,
  ports: readonly WantedPort[],
  controllers: readonly WantedController[],
): WantedBridge {
  const { bridge = '', datapathType } = ovsdb ?? {}
  return {
    name: bridge,
    datapathId,
    ...(datapathType !== undefined && { datapathType }),
    protocols,
    controllers,
    ports,
  }
}

/** A hypervisor's uplinks and own interfaces, a fabric switch's cables. Ports of VMs are the hypervisor's to make. */
function intendedPorts(
  { name, role, uplinks, teams, interfaces, ovsdb }: Switch,
  wishes: Wishes,
  datapathType: string | undefined,
): WantedPort[] {
  const { switches, cables, networks } = wishes
  const intervals = new Map(
    cables.flatMap((cable) => {
      const own = cable.ends.find((end) => end.switch === name)
      return own ? [[own.port, bfdInterval(switches, cable)] as const] : []
    }),
  )
  const bonds = teams.filter(({ mode }) => mode === 'lacp')
  const bonded = new Set(bonds.flatMap((team) => team.uplinks.map(({ port }) => port)))
  const isQueued = datapathType === 'system' && role === 'hypervisor'
  const queues = (members: readonly Uplink[]) => (isQueued ? classQueues(wishes, members) : undefined)
  const ports =
    role === 'hypervisor'
      ? uplinks.filter(({ port }) => !bonded.has(port))
      : [...intervals.keys()].map(
          (port): Uplink => ({ port, ...patched(wishes, ovsdb, { switch: name, port }) }),
        )
  const ends = ports.map((uplink) => {
    const intervalMs = intervals.get(uplink.port)
    const qos = queues([uplink])
    return { ...intendedUplink(uplink, intervalMs), ...(qos && { qos }) }
  })
  return [
    ...ends,
    ...bonds.map((team) => {
      const qos = queues(uplinks.filter(({ port }) => team.uplinks.some((member) => member.port === port)))
      return { ...intendedBond(ovsdb?.bridge ?? '', team), ...(qos && { qos }) }
    }),
    ...interfaces.map((one) => intendedInterface(one, networks.get(one.network)?.mtu)),
  ]
}

/** A device that is there, but for tunnels and patch cables. */
function intendedUplink({ port, tunnel, patch }: Uplink, bfdIntervalMs: number | undefined): WantedPort {
  const watched = bfdIntervalMs === undefined ? undefined : bfd(bfdIntervalMs)
  if (tunnel) return tunnelPort(port, tunnel, watched)
  if (patch !== undefined) return patchPort(port, patch)
  return { name: port, ...(watched && { interfaces: [{ name: port, bfd: watched }] }) }
}

/** A fabric switch's end of a patch cable, as the hypervisor at the other end, on the same host, declares it. */
function patched({ switches, cables }: Wishes, ovsdb: Switch['ovsdb'], at: LinkEnd): Pick<Uplink, 'patch'> {
  for (const { ends } of cables) {
    const [far] = ends.filter((end) => end.switch !== at.switch || end.port !== at.port)
    if (!far || !ends.some((end) => end.switch === at.switch && end.port === at.port)) continue
    const other = switches.get(far.switch)
    const uplink = other?.uplinks.find(({ port }) => port === far.port)
    if (uplink?.patch === at.port && other?.ovsdb?.target === ovsdb?.target) return { patch: far.port }
  }
  return {}
}

/**
 * Negotiates, and says which members are in; which of these a flow takes is in our rules, so the bond's own way of
 * balancing is never used. A partner that is gone is noticed after 3 s.
 */
function intendedBond(bridge: string, { name, uplinks }: Team): WantedPort {
  return {
    name: `${bridge}-${name}`,
    interfaces: uplinks.map(({ port }) => ({ name: port })),
    bond: { mode: 'balance-tcp', lacp: 'active' },
    otherConfig: { 'lacp-time': 'fast' },
  }
}

/** A device of the hypervisor's kernel, whose addresses are the operator's to give. */
function intendedInterface({ port, mac }: HostInterface, mtu: number | undefined): WantedPort {
  const end = {
    name: port,
    type: 'internal',
    mac: macText(mac),
    ...(mtu !== undefined && { mtuRequest: mtu }),
  }
  return { name: port, interfaces: [end] }
}

/** Of a cable that either end wants to be watched, what the one that is in more of a hurry wants. */
function bfdInterval(switches: Intent['switches'], { ends }: Cable): number | undefined {
  const wanted = ends.flatMap((end) => switches.get(end.switch)?.bfdIntervalMs ?? [])
  return wanted.length === 0 ? undefined : Math.min(...wanted)
}

const bfd = (intervalMs: number) => ({ enable: 'true', min_tx: `${intervalMs}`, min_rx: `${intervalMs}` })
