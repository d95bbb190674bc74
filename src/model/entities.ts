/**
 * One declared object at a time: from its spec to its entity in the intent, the unique things it claims, and what is
 * wrong with it by itself. What depends on other objects is in `checks.ts`.
 */
import { type Range, parseDatapathId, parseSubnet } from './addresses.ts'
import type { Cable, LinkEnd, ManagedBridge, Network, Nic, Switch, Team, Vm } from './intent.ts'
import { resolveIdentity, resolveInterfaces } from './interfaces.ts'
import type { Claim } from './ledger.ts'
import { formatTarget, parseTarget } from './ovsdb-target.ts'
import { pointerOf, type Report } from './report.ts'
import { resolveUplinks } from './uplinks.ts'
import type { IntentSpec, NetworkSpec, NicSpec, SwitchSpec, TeamSpec, VmSpec } from './schema.ts'

/** Undefined entity: something about it was reported. The claims are those that could be read all the same. */
export interface Resolved<T> {
  readonly entity: T | undefined
  readonly claims: readonly Claim[]
}

export const LONGEST_PORT = 15
/** As hypervisors call the bridge that VMs are plugged into. */
const defaultBridge = 'br-int'
/** A cable that carries nothing is found in three times that. */
const defaultBfdIntervalMs = 100

export function resolveSwitch(name: string, spec: SwitchSpec, report: Report): Resolved<Switch> {
  const datapathPointer = pointerOf('switches', name, 'datapath')
  const datapath = parseDatapathId(spec.datapath)
  const claims: Claim[] = []
  if (datapath.ok) claims.push({ key: `datapath/${datapath.value}`, pointer: datapathPointer })
  else report(datapathPointer, datapath.message, datapath.hint)
  const uplinks = resolveUplinks(name, spec, claims, report)
  const sorted = Object.entries(spec.teams ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const teams = sorted.map(([team, one]) => {
    for (const [index, port] of one.uplinks.entries())
      claims.push({
        key: `team/${name}/${port}`,
        pointer: pointerOf('switches', name, 'teams', team, 'uplinks', index),
      })
    return resolveTeam(team, one)
  })
  const managed = resolveBridge(name, spec, claims, report)
  const interfaces = resolveInterfaces(name, spec, claims, report)
  if (!datapath.ok || managed === 'wrong' || !interfaces) return { entity: undefined, claims }
  const site = spec.site === undefined ? {} : { site: spec.site }
  const ovsdb = managed === undefined ? {} : { ovsdb: managed }
  const bfd = spec.liveness === 'bfd' ? { bfdIntervalMs: spec.bfdIntervalMs ?? defaultBfdIntervalMs } : {}
  const { role } = spec
  const ends = { uplinks, teams, interfaces }
  return { entity: { name, datapathId: datapath.value, role, ...site, ...ovsdb, ...bfd, ...ends }, claims }
}

function resolveBridge(
  name: string,
  { ovsdb, bridge, datapathType }: SwitchSpec,
  claims: Claim[],
  report: Report,
): ManagedBridge | undefined | 'wrong' {
  if (ovsdb === undefined) {
    for (const [key, value] of Object.entries({ bridge, datapathType }))
      if (value !== undefined)
        report(
          pointerOf('switches', name, key),
          'only a bridge that Throwbar prepares has this',
          'add `ovsdb`, the address of its database, or leave it out',
        )
    return undefined
  }
  const pointer = pointerOf('switches', name, 'ovsdb')
  const parsed = parseTarget(ovsdb)
  if (!parsed.ok) {
    report(
      pointer,
      parsed.reason,
      'write tcp:10.0.0.1:6640, ssl:10.0.0.1:6640 or unix:/run/openvswitch/db.sock',
    )
    return 'wrong'
  }
  const target = formatTarget(parsed.target)
  const named = bridge ?? defaultBridge
  claims.push({ key: `bridge/${named}/${target}`, pointer })
  return { target, bridge: named, ...(datapathType !== undefined && { datapathType }) }
}

function resolveTeam(
  name: string,
  { uplinks, mode, hash = 'l3l4', weights = {}, preferred, upDelayMs }: TeamSpec,
): Team {
  const first = mode === 'active-backup' ? uplinks.filter((port) => port === preferred) : []
  const ports = [...new Set([...first, ...uplinks])]
  return {
    name,
    mode,
    hash,
    // Taking an uplink back costs an active-backup team all its flows' order, others nothing that they would not get back.
    upDelayMs: upDelayMs ?? (mode === 'active-backup' ? 1_000 : 0),
    uplinks: ports.map((port) => ({ port, weight: weights[port] ?? 1 })),
  }
}

export function resolveNetwork(name: string, spec: NetworkSpec, report: Report): Resolved<Network> {
  const at = (...path: (string | number)[]) => pointerOf('networks', name, ...path)
  const key = spec.id ?? keyOf(name)
  const claims: Claim[] = [{ key: `key/${key}`, pointer: spec.id === undefined ? at() : at('id') }]
  if (spec.vlan !== undefined) claims.push({ key: `vlan/${spec.vlan}`, pointer: at('vlan') })
  if (spec.kind !== 'internal') {
    if (spec.vlan === undefined)
      report(at(), `network ${name} spans switches and has no VLAN`, 'add `vlan`, 1 to 4094')
    if (spec.switch !== undefined) {
      report(
        at('switch'),
        `a \`${spec.kind}\` network is not confined to a switch`,
        'leave `switch` out, or make it `kind: internal`',
      )
    }
  } else {
    if (spec.switch === undefined)
      report(at(), `internal network ${name} has no switch`, 'add `switch: <hypervisor>`')
    if (spec.vlan !== undefined) {
      report(
        at('vlan'),
        'an internal network never leaves its switch',
        'leave `vlan` out, or make it `kind: vm`',
      )
    }
  }
  if (spec.kind === 'internal' && spec.class !== undefined)
    report(at('class'), 'an internal network never takes an uplink', 'leave `class` out')
  const ranges: Range[] = []
  for (const [index, text] of (spec.subnets ?? []).entries()) {
    const range = parseSubnet(text)
    if (!range.ok) {
      report(at('subnets', index), range.message, range.hint)
      continue
    }
    const other = ranges.find((one) => overlap(one, range.value))
    if (other)
      report(at('subnets', index), `${range.value.cidr} overlaps ${other.cidr}`, 'keep only one of the two')
    ranges.push(range.value)
  }
  if (ranges.length < (spec.subnets ?? []).length) return { entity: undefined, claims }
  const vlan = spec.vlan === undefined ? {} : { vlan: spec.vlan }
  const only = spec.switch === undefined ? {} : { switch: spec.switch }
  const subnets = ranges.map(({ cidr, family }) => ({ cidr, family }))
  const mtu = spec.mtu === undefined ? {} : { mtu: spec.mtu }
  const own = spec.class === undefined ? {} : { class: spec.class }
  return { entity: { name, kind: spec.kind, key, ...vlan, ...own, ...only, subnets, ...mtu }, claims }
}

/** 32-bit FNV-1a of the name, never zero. */
export function keyOf(name: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0 || 1
}

function overlap(a: Range, b: Range): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

export function resolveVm(name: string, spec: VmSpec, report: Report): Resolved<Vm> {
  const claims: Claim[] = []
  const nics = spec.nics.map((nic, index) =>
    resolveNic({ vm: name, host: spec.host, index }, nic, claims, report),
  )
  const whole = nics.filter((nic) => nic !== undefined)
  const host = spec.host === undefined ? {} : { host: spec.host }
  return { entity: whole.length < nics.length ? undefined : { name, ...host, nics: whole }, claims }
}

function resolveNic(
  { vm, host, index }: { readonly vm: string; readonly host: string | undefined; readonly index: number },
  spec: NicSpec,
  claims: Claim[],
  report: Report,
): Nic | undefined {
  const here = `/vms/${vm}/nics/${index}`
  const identity = resolveIdentity(here, spec, claims, report)
  const place = resolvePlace({ vm, host, index, here }, spec, claims, report)
  if (!identity) return undefined
  const trust = spec.trust ?? []
  return {
    id: `${vm}/${index}`,
    vm,
    index,
    network: spec.network,
    ...identity,
    ...place,
    trust,
  }
}

interface NicPlace {
  readonly vm: string
  readonly host: string | undefined
  readonly index: number
  /** JSON pointer of the NIC. */
  readonly here: string
}

/** Where a NIC is declared to be, or by what hypervisors tell it. */
function resolvePlace(
  { vm, host = '', index, here }: NicPlace,
  { port: given, iface }: NicSpec,
  claims: Claim[],
  report: Report,
): Pick<Nic, 'iface' | 'switch' | 'port'> {
  if (iface !== undefined) {
    claims.push({ key: `iface/${iface}`, pointer: `${here}/iface` })
    if (given !== undefined)
      report(
        `${here}/port`,
        'a NIC with `iface` is at whatever port the hypervisor plugs it into',
        'leave out `port` or `iface`',
      )
    return { iface, switch: host, port: '' }
  }
  if (host === '')
    report(here, 'nothing says where this NIC is', 'give the VM a `host`, or the NIC an `iface`')
  const port = given ?? `${vm}-${index}`
  claims.push({ key: `port/${host}/${port}`, pointer: given === undefined ? here : `${here}/port` })
  if (port.length > LONGEST_PORT) {
    const hint = `set \`port\` to an interface name of at most ${LONGEST_PORT} characters`
    report(here, `the interface name "${port}" has ${port.length} characters`, hint)
  }
  return { switch: host, port }
}

export function resolveCables(
  links: NonNullable<IntentSpec['links']>,
  report: Report,
): Resolved<readonly Cable[]> {
  const claims: Claim[] = []
  const cables: Cable[] = []
  for (const [index, [a = '', b = '']] of links.entries()) {
    const ends = [a, b].map((text, side): LinkEnd | undefined => {
      const end = parseLinkEnd(text)
      if (end)
        claims.push({ key: `cable/${end.switch}/${end.port}`, pointer: pointerOf('links', index, side) })
      else
        report(
          pointerOf('links', index, side),
          `"${text}" is not a link's end`,
          'write switch:port, such as hv1:eth0',
        )
      return end
    })
    const [from, to] = ends
    if (from && to && from.switch === to.switch) {
      report(
        pointerOf('links', index),
        `the link joins switch ${from.switch} to itself`,
        'a link joins two switches',
      )
    }
    if (from && to) cables.push({ ends: [from, to] })
  }
  return { entity: cables, claims }
}

/** `hv1:eth0`. */
export function parseLinkEnd(text: string): LinkEnd | undefined {
  const [, name, port] = /^([a-z0-9-]{1,40}):([A-Za-z0-9_][A-Za-z0-9_.-]{0,14})$/.exec(text) ?? []
  return name === undefined || port === undefined ? undefined : { switch: name, port }
}
