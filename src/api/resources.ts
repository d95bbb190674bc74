/**
 * The resources that users see, each described once: REST lists and documents them, `throwbar get` prints their columns.
 */
import type { TSchema } from 'typebox'
import { NetworkSpec, SwitchSpec, VmSpec } from '../model/schema.ts'
import { rateText } from '../model/rates.ts'
import type {
  Change,
  ClassView,
  Controller,
  HostView,
  InterfaceView,
  LinkView,
  MoveView,
  NetworkView,
  SwitchView,
  TeamView,
  VmView,
} from './controller.ts'
import { parseDatapathId } from './datapath-id.ts'
import { MoveView as MoveSchema } from './move-schemas.ts'
import { HostView as HostSchema, LinkView as LinkSchema, NetworkView as NetworkSchema } from './views.ts'
import { ClassView as ClassSchema, InterfaceView as InterfaceSchema } from './views.ts'
import { SwitchView as SwitchSchema, TeamView as TeamSchema, VmView as VmSchema } from './views.ts'

export interface Column<View = unknown> {
  readonly title: string
  readonly cell: (view: View) => string
  /** Only in `-o wide`. */
  readonly wide?: true
  /** A state word, which a terminal shows in colour. */
  readonly state?: true
}

export interface Resource<View = unknown> {
  readonly name:
    | 'switches'
    | 'links'
    | 'teams'
    | 'classes'
    | 'hosts'
    | 'interfaces'
    | 'networks'
    | 'vms'
    | 'moves'
  readonly singular: string
  /** One sentence for OpenAPI and for the command line. */
  readonly summary: string
  readonly view: TSchema
  readonly list: (controller: Controller) => readonly View[]
  /** Unique within the list, which it orders; the cursor of a page. */
  readonly key: (view: View) => string
  /** Everything by which a user may ask for it, the key among them. */
  readonly names: (view: View) => readonly string[]
  readonly columns: readonly Column<View>[]
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no')
const orDash = (value: string | undefined): string => (value === undefined || value === '' ? '-' : value)

const switches: Resource<SwitchView> = {
  name: 'switches',
  singular: 'switch',
  summary: 'Virtual and fabric switches, declared or merely seen',
  view: SwitchSchema,
  list: (controller) => controller.switches(),
  key: (view) => view.name,
  names: (view) => [view.name, view.datapathId],
  columns: [
    { title: 'NAME', cell: (view) => view.name },
    { title: 'DATAPATH', cell: (view) => view.datapathId },
    { title: 'ROLE', cell: (view) => orDash(view.role) },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'OPENFLOW', cell: (view) => orDash(view.version) },
    { title: 'PORTS', cell: (view) => String(view.ports.length) },
    { title: 'RULES', cell: (view) => String(view.rules) },
    { title: 'FOREIGN', cell: (view) => String(view.foreignRules) },
    { title: 'REFUSED', cell: (view) => String(view.refused.length) },
    { title: 'BY HAND', cell: (view) => String(view.operatorRules), wide: true },
    { title: 'OVSDB', cell: (view) => orDash(view.ovsdb?.state), wide: true },
    { title: 'SITE', cell: (view) => orDash(view.site), wide: true },
    { title: 'DECLARED', cell: (view) => yesNo(view.declared), wide: true },
    { title: 'ADDRESS', cell: (view) => orDash(view.address), wide: true },
    { title: 'DESCRIPTION', cell: (view) => orDash(view.description), wide: true },
  ],
}

const links: Resource<LinkView> = {
  name: 'links',
  singular: 'link',
  summary: 'Links between switches, one entry per direction: declared, discovered, or both',
  view: LinkSchema,
  list: (controller) => controller.links(),
  key: ({ from, to }) => `${from.switch}:${from.port}>${to.switch}:${to.port}`,
  names: ({ from, to }) => [from.switch, from.datapathId, to.switch, to.datapathId],
  columns: [
    { title: 'FROM', cell: ({ from }) => `${from.switch}:${from.port}` },
    { title: 'TO', cell: ({ to }) => `${to.switch}:${to.port}` },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'DECLARED', cell: (view) => yesNo(view.declared) },
    { title: 'FROM PORT', cell: ({ from }) => `${from.datapathId}/${from.portNo}`, wide: true },
    { title: 'TO PORT', cell: ({ to }) => `${to.datapathId}/${to.portNo}`, wide: true },
  ],
}

const teams: Resource<TeamView> = {
  name: 'teams',
  singular: 'team',
  summary: 'Teams of uplinks, with the share of flows that each uplink carries',
  view: TeamSchema,
  list: (controller) => controller.teams(),
  key: (view) => `${view.switch}/${view.name}`,
  names: (view) => [`${view.switch}/${view.name}`, view.switch, view.datapathId, view.name],
  columns: [
    { title: 'SWITCH', cell: (view) => view.switch },
    { title: 'TEAM', cell: (view) => view.name },
    { title: 'MODE', cell: (view) => view.mode },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'UPLINKS', cell: (view) => view.uplinks.map(shareOf).join(', ') },
    { title: 'LOAD', cell: (view) => view.uplinks.map(loadOf).join(', ') },
    { title: 'LAST FAILOVER', cell: failoverOf, wide: true },
    { title: 'LAST REBALANCING', cell: rebalancingOf, wide: true },
    { title: 'HASH', cell: (view) => orDash(view.hash), wide: true },
    { title: 'WEIGHTS', cell: (view) => view.uplinks.map(({ weight }) => weight).join(':'), wide: true },
  ],
}

/** `eth0 50%`, or `eth1 down`. */
function shareOf({ port, state, slots }: TeamView['uplinks'][number]): string {
  return `${port} ${state === 'up' ? `${Math.round((100 * slots) / 256)}%` : state}`
}

/** What leaves by it: `12.3M`, or `-` where that was not measured. */
const loadOf = ({ outBps }: TeamView['uplinks'][number]): string =>
  outBps === undefined ? '-' : measuredRate(outBps)

/** `2026-01-31T12:00:00Z eth0 -> eth1`. */
function failoverOf({ lastFailover: last }: TeamView): string {
  return last ? `${secondOf(last.time)} ${last.from.join('+')} -> ${orDash(last.to.join('+'))}` : '-'
}

/** `2026-01-31T12:00:00Z 3 slots, 1.240 -> 1.004`. */
function rebalancingOf({ lastRebalancing: last }: TeamView): string {
  if (!last) return '-'
  const { time, slots, before, after } = last
  return `${secondOf(time)} ${slots} slots, ${before.toFixed(3)} -> ${after.toFixed(3)}`
}

const secondOf = (time: string): string => time.replace(/\.\d+Z$/, 'Z')

const classes: Resource<ClassView> = {
  name: 'classes',
  singular: 'class of traffic',
  summary: 'Classes of traffic on each uplink: what they may send, and what they send, in bit/s',
  view: ClassSchema,
  list: (controller) => controller.classes(),
  key: (view) => `${view.switch}:${view.uplink}/${view.class}`,
  names: (view) => [
    ...[`${view.switch}:${view.uplink}/${view.class}`, `${view.switch}:${view.uplink}`],
    ...[view.switch, view.datapathId, view.class],
  ],
  columns: [
    { title: 'UPLINK', cell: (view) => `${view.switch}:${view.uplink}` },
    { title: 'CLASS', cell: (view) => view.class },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'SHARES', cell: (view) => String(view.shares) },
    { title: 'RESERVED', cell: (view) => rateOrDash(view.reservationBps) },
    { title: 'LIMIT', cell: (view) => rateOrDash(view.limitBps) },
    { title: 'MAY SEND', cell: (view) => rateOrDash(view.rateBps) },
    { title: 'SENDS', cell: (view) => rateOrDash(view.useBps) },
    { title: 'DROPPED', cell: (view) => rateOrDash(view.droppedBps) },
    { title: 'HELD', cell: (view) => rateOrDash(view.heldBps), wide: true },
    { title: 'BANDWIDTH', cell: (view) => rateOrDash(view.bandwidthBps), wide: true },
  ],
}

/** Three digits are enough for what was measured. */
const measuredRate = (bps: number): string => rateText(Number(bps.toPrecision(3)))
const rateOrDash = (bps = 0): string => (bps === 0 ? '-' : measuredRate(bps))

const hosts: Resource<HostView> = {
  name: 'hosts',
  singular: 'host',
  summary: 'Network cards that were heard or are declared, with where they are',
  view: HostSchema,
  list: (controller) => controller.hosts(),
  key: (view) => `${view.mac}@${view.datapathId}/${view.portNo}`,
  names: (view) => [
    ...[view.mac, view.vm ?? view.mac, view.interface ?? view.mac],
    ...[view.switch, view.datapathId, ...view.ips],
  ],
  columns: [
    { title: 'MAC', cell: (view) => view.mac },
    { title: 'VM', cell: (view) => orDash(view.vm ?? view.interface) },
    { title: 'IPS', cell: (view) => orDash(view.ips.join(',')) },
    { title: 'SWITCH', cell: (view) => view.switch },
    { title: 'PORT', cell: (view) => view.port },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'LAST SEEN', cell: (view) => orDash(view.lastSeen), wide: true },
    { title: 'DATAPATH', cell: (view) => `${view.datapathId}/${view.portNo}`, wide: true },
  ],
}

const interfaces: Resource<InterfaceView> = {
  name: 'interfaces',
  singular: 'interface',
  summary: "Hypervisors' own interfaces, for storage and migration",
  view: InterfaceSchema,
  list: (controller) => controller.interfaces(),
  key: (view) => view.id,
  names: (view) => [view.id, view.switch, view.datapathId, view.network],
  columns: [
    { title: 'INTERFACE', cell: (view) => view.id },
    { title: 'NETWORK', cell: (view) => view.network },
    { title: 'KIND', cell: (view) => view.kind },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'UPLINK', cell: (view) => view.uplink ?? 'any' },
    { title: 'IPS', cell: (view) => orDash(view.ips.join(',')) },
    { title: 'MAC', cell: (view) => view.mac, wide: true },
  ],
}

const networks: Resource<NetworkView> = {
  name: 'networks',
  singular: 'network',
  summary: 'Declared networks; nothing passes from one to another',
  view: NetworkSchema,
  list: (controller) => controller.networks(),
  key: (view) => view.name,
  names: (view) => [view.name],
  columns: [
    { title: 'NAME', cell: (view) => view.name },
    { title: 'KIND', cell: (view) => view.spec.kind },
    { title: 'STATE', cell: (view) => view.state, state: true },
    { title: 'VMS', cell: (view) => String(view.vms) },
    { title: 'INTERFACES', cell: (view) => String(view.interfaces) },
    { title: 'SWITCHES', cell: (view) => orDash(view.switches.join(',')) },
    {
      title: 'MTU',
      cell: ({ spec: { mtu }, narrow }) => `${mtu ?? '-'}${narrow === undefined ? '' : ' too large'}`,
    },
    { title: 'KEY', cell: (view) => String(view.key), wide: true },
  ],
}

const vms: Resource<VmView> = {
  name: 'vms',
  singular: 'VM',
  summary: 'Declared virtual machines with their network cards',
  view: VmSchema,
  list: (controller) => controller.vms(),
  key: (view) => view.name,
  names: (view) => [view.name],
  columns: [
    { title: 'NAME', cell: (view) => view.name },
    { title: 'STATE', cell: (view) => view.state, state: true },
    {
      title: 'SWITCH',
      cell: (view) => orDash([...new Set(view.nics.flatMap((nic) => nic.switch ?? []))].join(',')),
    },
    {
      title: 'NETWORKS',
      cell: (view) => orDash([...new Set(view.nics.map((nic) => nic.network))].join(',')),
    },
    { title: 'IPS', cell: (view) => orDash(view.nics.flatMap((nic) => nic.ips).join(',')) },
    { title: 'MACS', cell: (view) => orDash(view.nics.map((nic) => nic.mac).join(',')), wide: true },
    {
      title: 'PORTS',
      cell: (view) => orDash(view.nics.flatMap((nic) => nic.port ?? []).join(',')),
      wide: true,
    },
    {
      title: 'IFACES',
      cell: (view) => orDash(view.nics.flatMap((nic) => nic.iface ?? []).join(',')),
      wide: true,
    },
  ],
}

const moves: Resource<MoveView> = {
  name: 'moves',
  singular: 'move',
  summary: 'Moves of virtual machines between hypervisors, under way or over',
  view: MoveSchema,
  list: (controller) => controller.moves(),
  key: (view) => view.id,
  names: (view) => [view.id, ...view.vms],
  columns: [
    { title: 'ID', cell: (view) => view.id },
    { title: 'VMS', cell: (view) => view.vms.join(',') },
    { title: 'FROM', cell: (view) => view.from },
    { title: 'TO', cell: (view) => view.to },
    { title: 'METHOD', cell: (view) => view.method },
    { title: 'PHASE', cell: (view) => view.phase, state: true },
    { title: 'READY', cell: (view) => yesNo(view.flowsReady) },
    { title: 'SINCE', cell: (view) => view.timeline.at(-1)?.time ?? '-' },
    { title: 'LATE', cell: (view) => orDash(view.report?.lateFrames.toString()) },
    {
      title: 'GAP MS',
      cell: ({ report }) => orDash(report?.gapMs === undefined ? undefined : report.gapMs.toFixed(1)),
    },
    { title: 'WHY', cell: (view) => orDash(view.reason ?? view.timeline.at(-1)?.detail) },
    { title: 'ORIGIN', cell: (view) => view.origin, wide: true },
  ],
}

/** Forgets the view's type; sound because a resource's functions are only ever given views of its own list. */
const anyResource = <View>(resource: Resource<View>): Resource => resource as Resource

export const resources: Readonly<Record<Resource['name'], Resource>> = {
  switches: anyResource(switches),
  links: anyResource(links),
  teams: anyResource(teams),
  classes: anyResource(classes),
  hosts: anyResource(hosts),
  interfaces: anyResource(interfaces),
  networks: anyResource(networks),
  vms: anyResource(vms),
  moves: anyResource(moves),
}

export type DeclaredName = Extract<Change, { kind: 'put' }>['resource']

/** The resources that users declare, and what a declaration of one looks like. */
export const declared: Readonly<Record<DeclaredName, TSchema>> = {
  networks: NetworkSpec,
  vms: VmSpec,
  switches: SwitchSpec,
}

/** The views that go by `name`; a switch may be named by any spelling of its datapath id. */
export function named(resource: Resource, controller: Controller, name: string): readonly unknown[] {
  const views = resource.list(controller)
  const exact = views.filter((view) => resource.names(view).includes(name))
  const datapathId = exact.length === 0 ? parseDatapathId(name) : undefined
  if (datapathId === undefined) return exact
  return views.filter((view) => resource.names(view).includes(datapathId))
}
