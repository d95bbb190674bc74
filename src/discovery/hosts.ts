/**
 * Hosts, as a value: which declared NICs were heard, by their counters, and which other MACs were seen where, by the
 * packets that switches punted. Nothing is forwarded by what is learned here; it is for people to compare with what
 * they declared. So a flood may not push anything out: what is known stays until it is old, and new MACs wait.
 */
import { formatMac, isMulticastMac } from '../../codecs/packet/address.ts'
import type { Endpoint } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'
import type { Declared } from './declared.ts'

/** A MAC that was not expected where it was seen. */
export interface Sighting {
  readonly datapathId: DatapathId
  readonly port: string
  /** 48 bits. */
  readonly mac: number
  /** Canonical text, as the host claims them. */
  readonly ips: readonly string[]
  readonly atMs: number
}

interface HeardNic {
  readonly datapathId: DatapathId
  readonly port: string
  readonly atMs: number
}

export interface HostState {
  /** By NIC id. */
  readonly heard: ReadonlyMap<string, HeardNic>
  /** By place and MAC. */
  readonly sightings: ReadonlyMap<string, Sighting>
  /** Sightings that may be taken now: a token bucket. */
  readonly tokens: number
  readonly refilledMs: number
}

export interface HostLimits {
  readonly maxSightings: number
  readonly maxSightingsPerPort: number
  readonly maxIpsPerHost: number
  readonly sightingsPerSecond: number
  readonly sightingsBurst: number
  /** A sighting not repeated for so long is forgotten. */
  readonly maxAgeMs: number
}

export const hostLimits: HostLimits = {
  maxSightings: 1024,
  maxSightingsPerPort: 256,
  maxIpsPerHost: 8,
  sightingsPerSecond: 100,
  sightingsBurst: 200,
  maxAgeMs: 600_000,
}

export const noHosts: HostState = { heard: new Map(), sightings: new Map(), tokens: 0, refilledMs: -Infinity }

/** What was not known before. */
export type Found = { readonly nic: Endpoint } | { readonly sighting: Sighting }

export interface HostStep {
  readonly state: HostState
  readonly found: readonly Found[]
  readonly refused?: 'not-a-host' | 'rate' | 'full'
}

/** NICs whose counters grew since the last look, so that they sent something from where they are declared. */
export function hearNics(
  state: HostState,
  nicIds: Iterable<string>,
  atMs: number,
  declared: Declared,
): HostStep {
  const heard = new Map(state.heard)
  const found: Found[] = []
  for (const nicId of nicIds) {
    const nic = declared.nicById(nicId)
    const datapathId = nic && declared.datapathOf(nic)
    if (nic === undefined || datapathId === undefined) continue
    const before = heard.get(nicId)
    if (before === undefined || !isPlaceOf(nicId, before, declared)) found.push({ nic })
    heard.set(nicId, { datapathId, port: nic.port, atMs })
  }
  return { state: { ...state, heard }, found }
}

/** A punted packet's source: a declared NIC at its place counts as heard, anything else as a sighting. */
export function sight(state: HostState, seen: Sighting, declared: Declared, limits = hostLimits): HostStep {
  if (seen.mac === 0 || isMulticastMac(seen.mac)) return { state, found: [], refused: 'not-a-host' }
  const refilled = refill(state, seen.atMs, limits)
  if (refilled.tokens < 1) return { state: refilled, found: [], refused: 'rate' }
  const paid = { ...refilled, tokens: refilled.tokens - 1 }
  const nic = declared.nicAt(seen.datapathId, seen.port)
  if (nic?.mac === seen.mac) return hearNics(paid, [nic.id], seen.atMs, declared)
  const key = `${seen.datapathId}/${seen.port} ${seen.mac}`
  const before = paid.sightings.get(key)
  if (before === undefined && isFull(paid, seen, limits)) return { state: paid, found: [], refused: 'full' }
  const ips = [...new Set([...(before?.ips ?? []), ...seen.ips])].slice(0, limits.maxIpsPerHost)
  const sighting = { ...seen, ips }
  const sightings = new Map(paid.sightings).set(key, sighting)
  return { state: { ...paid, sightings }, found: before === undefined ? [{ sighting }] : [] }
}

function refill(state: HostState, nowMs: number, limits: HostLimits): HostState {
  const earned = (Math.max(0, nowMs - state.refilledMs) * limits.sightingsPerSecond) / 1000
  return { ...state, tokens: Math.min(limits.sightingsBurst, state.tokens + earned), refilledMs: nowMs }
}

function isFull(state: HostState, { datapathId, port }: Sighting, limits: HostLimits): boolean {
  if (state.sightings.size >= limits.maxSightings) return true
  let here = 0
  for (const each of state.sightings.values()) {
    if (each.datapathId === datapathId && each.port === port) here++
  }
  return here >= limits.maxSightingsPerPort
}

/** Forgets the sightings for which `gone` says so. */
export function forgetSightings(state: HostState, gone: (sighting: Sighting) => boolean): HostState {
  const sightings = new Map([...state.sightings].filter(([, sighting]) => !gone(sighting)))
  return sightings.size === state.sightings.size ? state : { ...state, sightings }
}

/** Forgets NICs that are no longer declared where they were heard. */
export function forgetNics(state: HostState, declared: Declared): HostState {
  const heard = new Map([...state.heard].filter(([id, at]) => isPlaceOf(id, at, declared)))
  return heard.size === state.heard.size ? state : { ...state, heard }
}

function isPlaceOf(nicId: string, { datapathId, port }: HeardNic, declared: Declared): boolean {
  const nic = declared.nicById(nicId)
  return nic?.port === port && declared.datapathOf(nic) === datapathId
}

/** One row of `get hosts`; the same shape as the API's view. */
export interface Host {
  readonly mac: string
  readonly ips: readonly string[]
  /** Declared name, or the datapath id. */
  readonly switch: string
  readonly datapathId: DatapathId
  readonly port: string
  /** 0 while the switch has no such port or is away. */
  readonly portNo: number
  readonly vm?: string
  /** Of a hypervisor's own: `hv1:stor-a`. */
  readonly interface?: string
  readonly state: 'as-declared' | 'misplaced' | 'undeclared' | 'silent'
  /** ISO 8601. */
  readonly lastSeen?: string
}

export type PortNoOf = (datapathId: DatapathId, port: string) => number | undefined

/** Declared NICs, heard or silent, and then everything that was seen where nobody declared it. */
export function hostViews(state: HostState, declared: Declared, portNoOf: PortNoOf): Host[] {
  const all: Found[] = []
  for (const nic of declared.nics()) all.push({ nic })
  for (const sighting of state.sightings.values()) {
    // Seen before it was declared where it is: the declaration's own row tells of it now.
    if (declared.nicAt(sighting.datapathId, sighting.port)?.mac !== sighting.mac) all.push({ sighting })
  }
  return all.map((each) => hostView(each, state, { declared, portNoOf }))
}

interface Names {
  readonly declared: Declared
  readonly portNoOf: PortNoOf
}

export function hostView(found: Found, state: HostState, names: Names): Host {
  return 'nic' in found ? nicView(found.nic, state, names) : sightingView(found.sighting, names)
}

function nicView(nic: Endpoint, state: HostState, { declared, portNoOf }: Names): Host {
  const datapathId = declared.datapathOf(nic) ?? ''
  const at = state.heard.get(nic.id)
  const heard = at !== undefined && isPlaceOf(nic.id, at, declared)
  return {
    mac: formatMac(nic.mac),
    ips: nic.addresses.map((address) => address.text),
    switch: nic.switch,
    datapathId,
    port: nic.port,
    portNo: portNoOf(datapathId, nic.port) ?? 0,
    ...nameOf(nic),
    ...(heard ? { state: 'as-declared', lastSeen: isoTime(at.atMs) } : { state: 'silent' }),
  }
}

function sightingView(sighting: Sighting, { declared, portNoOf }: Names): Host {
  const { datapathId, port, mac, ips, atMs } = sighting
  const [nic] = declared.nicsWithMac(mac)
  return {
    mac: formatMac(mac),
    ips,
    switch: declared.switchOf(datapathId)?.name ?? datapathId,
    datapathId,
    port,
    portNo: portNoOf(datapathId, port) ?? 0,
    ...(nic ? { ...nameOf(nic), state: 'misplaced' } : { state: 'undeclared' }),
    lastSeen: isoTime(atMs),
  }
}

const nameOf = ({ vm, id }: Endpoint): Pick<Host, 'vm' | 'interface'> =>
  vm === undefined ? { interface: id } : { vm }

const isoTime = (timeMs: number) => new Date(timeMs).toISOString()
