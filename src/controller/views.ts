/** Views: what REST and the command line show of the running controller, as plain values. Pure. */
import { formatMac } from 'ts-openflow'
import type {
  HostReceipt,
  InterfaceView,
  LinkView,
  NetworkView,
  ObjectState,
  PlanReport,
  PortView,
  Receipt,
  RefusedRule,
  SwitchReceipt,
  SwitchView,
  Violation,
  VmView,
} from '../api/controller.ts'
import { deltaOf } from '../compiler/delta.ts'
import type { Program } from '../compiler/program.ts'
import { declaredLinks } from '../compiler/declared-world.ts'
import type { Declaration } from '../model/declaration.ts'
import { type Endpoint, endpointsOf, type Intent, isReserved, ownerOf, type Switch } from '../model/intent.ts'
import type { DatapathId, Link, Observation, ObservedSwitch } from '../model/observation.ts'
import { namesOf } from './names.ts'
import type { HostStatus } from './ovsdb-hosts.ts'
import { flowText } from '../pipeline/flow-text.ts'
import { ruleKey } from '../pipeline/openflow.ts'
import type { RuleViolation } from '../prover/prover.ts'
import { operationFor } from '../reconciler/plan.ts'
import type { SwitchAnswer } from '../reconciler/receipt.ts'
import type { SwitchStatus } from '../reconciler/reconciler.ts'
import type { Refusal } from '../reconciler/switch-table.ts'
import type { Unsettled } from '../reconciler/unsettled.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'

export function refusedRule({ rule, error }: Refusal): RefusedRule {
  return { owner: rule.owner, rule: flowText(rule), error }
}

export function obstaclesOf({ obstacles }: Program): Receipt['obstacles'] {
  return obstacles.map(({ owner, code, text }) => ({ owner, code, text }))
}

export interface ReceiptParts {
  readonly revision: number
  readonly answers: readonly SwitchAnswer[]
  readonly hosts: readonly HostStatus[]
  readonly intent: Intent
  readonly program: Program
}

export function receiptOf({ revision, answers, hosts, intent, program }: ReceiptParts): Receipt {
  const { of: nameOf } = namesOf(intent)
  const switches = answers.map(
    ({ datapathId, refused, ...answer }): SwitchReceipt => ({
      switch: nameOf(datapathId),
      datapathId,
      ...answer,
      refused: refused.map(refusedRule),
    }),
  )
  const complete = [...switches, ...hosts].every(({ state }) => state === 'confirmed')
  const shown = hosts.map(hostView)
  return {
    revision,
    complete,
    switches,
    ...(shown.length > 0 && { hosts: shown }),
    obstacles: obstaclesOf(program),
  }
}

export function violationsOf(untypable: readonly RuleViolation[], intent: Intent): Violation[] {
  const { of: nameOf } = namesOf(intent)
  return untypable.map(({ datapathId, rule, reason }) => ({
    switch: nameOf(datapathId),
    owner: rule.owner,
    rule: flowText(rule),
    reason,
  }))
}

/** The difference between two programs, per switch, as it would be sent. */
export function planOf(before: Program, after: Program, intent: Intent): PlanReport['switches'] {
  const { of: nameOf } = namesOf(intent)
  return [...after.switches.values()].flatMap((program) => {
    const { added, removed } = deltaOf(before.switches.get(program.datapathId), program)
    const old = new Map(removed.map((rule) => [ruleKey(rule), rule]))
    const operations = added.flatMap((rule) => {
      const key = ruleKey(rule)
      const operation = operationFor(key, rule, old.get(key))
      old.delete(key)
      return operation ? [operation] : []
    })
    for (const [key, rule] of old) operations.push({ op: 'delete', key, rule })
    if (operations.length === 0) return []
    const shown = operations.map(({ op, rule }) => ({ op, owner: rule.owner, rule: flowText(rule) }))
    return [{ switch: nameOf(program.datapathId), datapathId: program.datapathId, operations: shown }]
  })
}

const hostView = ({ target, state, refused }: HostStatus): HostReceipt => ({ target, state, refused })

export interface SwitchParts {
  readonly datapathId: DatapathId
  readonly declared: Switch | undefined
  readonly observed: ObservedSwitch | undefined
  readonly live: LiveSwitch | undefined
  readonly status: SwitchStatus
  /** Of the database of its host, where that is declared. */
  readonly host: HostStatus | undefined
  readonly useOf: (port: string) => string
}

const versions: Readonly<Record<number, string>> = { 4: '1.3', 5: '1.4', 6: '1.5' }

export function switchView(parts: SwitchParts): SwitchView {
  const { datapathId, declared, observed, live, status, host, useOf } = parts
  const ports = [...(observed?.ports.values() ?? [])].sort((a, b) => a.no - b.no)
  return {
    name: declared?.name ?? datapathId,
    datapathId,
    declared: declared !== undefined,
    ...(declared && { role: declared.role }),
    ...(declared?.site !== undefined && { site: declared.site }),
    connected: live !== undefined,
    ...(live && {
      version: versions[live.version] ?? String(live.version),
      address: live.address,
      description: [live.description.manufacturer, live.description.software].filter(Boolean).join(' '),
    }),
    ...(host && { ovsdb: hostView(host) }),
    state: !live ? 'disconnected' : declared ? status.state : 'observed',
    rules: status.rules,
    foreignRules: status.foreignRules,
    operatorRules: status.operatorRules,
    refused: status.refusals.map(refusedRule),
    ports: ports.map(
      ({ no, name, mac, up }): PortView => ({ no, name, mac: formatMac(mac), up, use: useOf(name) }),
    ),
  }
}

/** What a port of a declared switch is for. */
export function portUse(intent: Intent): (owner: Switch | undefined, port: string) => string {
  const nics = new Map<string, Endpoint>()
  for (const nic of endpointsOf(intent)) nics.set(`${nic.switch}/${nic.port}`, nic)
  return (owner, port) => {
    const nic = owner && nics.get(`${owner.name}/${port}`)
    if (nic) return nic.vm === undefined ? `interface ${nic.network}` : `nic ${nic.id}`
    if (owner?.uplinks.some((uplink) => uplink.port === port)) return 'uplink'
    return owner?.role === 'fabric' ? 'fabric' : 'undeclared'
  }
}

type SeenLinks = readonly { readonly link: Link; readonly state: 'up' | 'remembered' }[]

/** Links that were seen, and the two directions of each declared cable that was not. */
export function linkViews(seen: SeenLinks, intent: Intent, observation: Observation): LinkView[] {
  const { of: nameOf } = namesOf(intent)
  const end = (datapathId: DatapathId, port: string): LinkView['from'] => {
    const portNo = observation.switches.get(datapathId)?.ports.get(port)?.no ?? 0
    return { switch: nameOf(datapathId), datapathId, port, portNo }
  }
  const keyOf = ({ from, to }: Link) => `${from.datapathId}/${from.port} ${to.datapathId}/${to.port}`
  const cables = new Map(declaredLinks(intent).map((link) => [keyOf(link), link]))
  const views = seen.map(({ link, state }): LinkView => {
    const declared = cables.delete(keyOf(link))
    return {
      from: end(link.from.datapathId, link.from.port),
      to: end(link.to.datapathId, link.to.port),
      state,
      declared,
    }
  })
  for (const { from, to } of cables.values()) {
    const ends = { from: end(from.datapathId, from.port), to: end(to.datapathId, to.port) }
    views.push({ ...ends, state: 'missing', declared: true })
  }
  return views
}

export interface ObjectParts {
  readonly declaration: Declaration
  /** The intent, with every NIC where it is plugged in. */
  readonly located: Intent
  readonly program: Program
  readonly unsettled: Unsettled
}

/** How each declared object stands; made once for a whole list. */
function stateOf(
  { declaration, program, unsettled }: ObjectParts,
  presence: Presence,
): (nic: Endpoint) => ObjectState {
  const blocked = new Map(program.obstacles.map(({ owner, code }) => [owner, code]))
  const { intent } = declaration
  const idOf = (name: string) => intent.switches.get(name)?.datapathId ?? ''
  return (nic) => {
    const obstacle = blocked.get(ownerOf(nic))
    if (obstacle === 'unplugged') return 'unplugged'
    if (obstacle === 'port-absent' || obstacle === 'port-duplicate') return 'port-absent'
    if (obstacle !== undefined) return 'unreachable'
    const scope = presence.get(nic.network) ?? []
    const away = [...scope].some((name) => unsettled.unknown(idOf(name)))
    return (
      unsettled.owners.get(ownerOf(nic)) ??
      unsettled.owners.get(`network/${nic.network}`) ??
      (away ? 'pending' : 'active')
    )
  }
}

/** The switches on which each network has NICs. */
type Presence = ReadonlyMap<string, ReadonlySet<string>>

function presenceOf(intent: Intent): Presence {
  const presence = new Map<string, Set<string>>()
  for (const nic of endpointsOf(intent)) {
    const hosts = presence.get(nic.network)
    if (hosts) hosts.add(nic.switch)
    else presence.set(nic.network, new Set([nic.switch]))
  }
  return presence
}

const worst: readonly ObjectState[] = [
  'refused',
  'port-absent',
  'unplugged',
  'unreachable',
  'pending',
  'active',
]
const worstOf = (states: readonly ObjectState[]): ObjectState =>
  worst.find((state) => states.includes(state)) ?? 'active'

export function vmViews(parts: ObjectParts): VmView[] {
  const { spec, intent } = parts.declaration
  const state = stateOf(parts, presenceOf(parts.located))
  return [...intent.vms.values()].map(({ name, nics }) => {
    const placed = new Map(parts.located.vms.get(name)?.nics.map((nic) => [nic.id, nic]))
    const views = nics.map((nic) => {
      const at = placed.get(nic.id)
      return {
        id: nic.id,
        network: nic.network,
        mac: formatMac(nic.mac),
        ips: nic.addresses.map(({ text }) => text),
        ...(nic.iface !== undefined && { iface: nic.iface }),
        ...(at && { switch: at.switch, port: at.port }),
        state: state(nic),
      }
    })
    return {
      name,
      spec: required(spec.vms?.[name]),
      state: worstOf(views.map((view) => view.state)),
      nics: views,
    }
  })
}

export function networkViews(parts: ObjectParts): NetworkView[] {
  const { spec, intent } = parts.declaration
  const presence = presenceOf(parts.located)
  const state = stateOf(parts, presence)
  const states = new Map<string, Set<ObjectState>>()
  const counts = new Map<string, number>()
  const { obstacles } = parts.program
  const parted = new Set(obstacles.flatMap(({ owner, code }) => (code === 'unreachable' ? owner : [])))
  const narrow = new Map(
    obstacles.flatMap(({ owner, code, text }) => (code === 'mtu' ? [[owner, text] as const] : [])),
  )
  for (const nic of endpointsOf(intent)) {
    states.set(nic.network, (states.get(nic.network) ?? new Set()).add(state(nic)))
    counts.set(nic.network, (counts.get(nic.network) ?? 0) + 1)
  }
  return [...intent.networks.values()].map(({ name, key, kind }) => ({
    name,
    spec: required(spec.networks?.[name]),
    key,
    vms: isReserved({ kind }) ? 0 : (counts.get(name) ?? 0),
    interfaces: isReserved({ kind }) ? (counts.get(name) ?? 0) : 0,
    switches: [...(presence.get(name) ?? [])].sort(),
    ...narrowness(narrow.get(`network/${name}`)),
    state: worstOf([...(states.get(name) ?? []), ...(parted.has(`network/${name}`) ? apart : [])]),
  }))
}

const narrowness = (narrow: string | undefined) => (narrow === undefined ? {} : { narrow })

/** What a network is of which not all members reach each other. */
const apart: readonly ObjectState[] = ['unreachable']

export function interfaceViews(parts: ObjectParts, { switches: seen }: Observation): InterfaceView[] {
  const { switches, networks } = parts.declaration.intent
  const state = stateOf(parts, presenceOf(parts.located))
  return [...switches.values()].flatMap(({ name: host, datapathId, interfaces }) =>
    interfaces.map((one): InterfaceView => {
      const { id, port, network, mac, addresses, uplink } = one
      const isCut = uplink !== undefined && seen.get(datapathId)?.ports.get(uplink)?.up !== true
      const own = state(one)
      return {
        id,
        switch: host,
        datapathId,
        name: port,
        network,
        kind: networks.get(network)?.kind === 'storage' ? 'storage' : 'migration',
        mac: formatMac(mac),
        ips: addresses.map(({ text }) => text),
        ...(uplink !== undefined && { uplink }),
        state: isCut ? worstOf([own, 'unreachable']) : own,
      }
    }),
  )
}

/** Spec and intent are replaced together: what one names the other has. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('spec and intent differ')
  return value
}
