/**
 * Which links are up, as a value: what each port hears, and from that the links that were heard in both directions.
 *
 * A port hears one neighbour at most. A link is up while each end's port hears the other. What a port hears is forgotten
 * when either port goes down, when another neighbour is heard, or when proofs stay away for the timeout while the
 * switches of both ends are connected: not being able to look is no evidence.
 */
import type { DatapathId, Link } from '../model/observation.ts'
import { endKey, isByLesserEnd, type LinkEnd, relink } from './relink.ts'

/** What one port hears. */
export interface Heard {
  readonly from: LinkEnd
  /** Last proof, or when it was loaded. */
  readonly atMs: number
  /** False until the first proof after it was loaded from the store. */
  readonly proved: boolean
}

export interface SwitchState {
  /** Since when we can look; undefined while the switch is away. */
  readonly connectedSinceMs: number | undefined
  /** Names of the ports that are up; absent until the switch has connected once. */
  readonly up?: ReadonlySet<string>
  /** By port name. */
  readonly heard: ReadonlyMap<string, Heard>
}

export interface LinkState {
  readonly switches: ReadonlyMap<DatapathId, SwitchState>
  /** Sorted; each link once per direction; the same array while nothing changed. */
  readonly links: readonly Link[]
  /** How many ports hear something. */
  readonly size: number
}

export interface LinkLimits {
  /** Without proof for so long, a link is down. */
  readonly timeoutMs: number
  /** The same for a link loaded from the store. */
  readonly graceMs: number
  /** How long a link of a switch that nobody declared outlives the switch's session. */
  readonly forgetMs: number
  /** Links, those with only one direction proved among them. */
  readonly maxLinks: number
}

export type DownReason = 'port-down' | 'timeout' | 'neighbour-changed' | 'not-allowed' | 'forgotten'

export type LinkEvent =
  /** Links proved before a restart. */
  | { readonly type: 'remember'; readonly links: readonly Link[]; readonly nowMs: number }
  /** A session began, with the names of the ports that are up. */
  | {
      readonly type: 'switch_up'
      readonly datapathId: DatapathId
      readonly up: ReadonlySet<string>
      readonly nowMs: number
    }
  | { readonly type: 'ports'; readonly datapathId: DatapathId; readonly up: ReadonlySet<string> }
  | { readonly type: 'switch_down'; readonly datapathId: DatapathId }
  /** A probe that `from` sent was received at `to`. */
  | { readonly type: 'proved'; readonly from: LinkEnd; readonly to: LinkEnd; readonly nowMs: number }
  /** Links may no longer end where `allowed` says no. */
  | { readonly type: 'allow'; readonly allowed: (end: LinkEnd) => boolean }
  /** Nobody looked for a while: the process stood still, or packets of this one switch were dropped unseen. */
  | { readonly type: 'resumed'; readonly datapathId?: DatapathId; readonly nowMs: number }
  | { readonly type: 'tick'; readonly nowMs: number; readonly declared: (datapathId: DatapathId) => boolean }

export type LinkChange =
  | { readonly type: 'up'; readonly link: Link }
  | { readonly type: 'down'; readonly link: Link; readonly reason: DownReason }

export interface LinkStep {
  readonly state: LinkState
  /** Each link once, by its lesser end. */
  readonly changes: readonly LinkChange[]
  /** Why a proof was not taken. */
  readonly refused?: 'port-down' | 'too-many-links'
}

export const noLinks: LinkState = { switches: new Map(), links: [], size: 0 }

const unknownSwitch: SwitchState = { connectedSinceMs: undefined, heard: new Map() }

export function stepLinks(state: LinkState, event: LinkEvent, limits: LinkLimits): LinkStep {
  switch (event.type) {
    case 'remember':
      return remember(state, event.links, event.nowMs, limits)
    case 'switch_up': {
      const known = state.switches.get(event.datapathId) ?? unknownSwitch
      const next = { ...known, up: event.up, connectedSinceMs: event.nowMs }
      return dropDown(withSwitch(state, event.datapathId, next), event.datapathId, event.up)
    }
    case 'ports': {
      const known = state.switches.get(event.datapathId) ?? unknownSwitch
      const before = known.up ?? new Set()
      const lost = [...before].some((port) => !event.up.has(port))
      if (!lost && before.size === event.up.size) return { state, changes: [] }
      const next = withSwitch(state, event.datapathId, { ...known, up: event.up })
      return lost ? dropDown(next, event.datapathId, event.up) : { state: next, changes: [] }
    }
    case 'switch_down':
      return { state: disconnected(state, event.datapathId), changes: [] }
    case 'proved':
      return prove(state, event, limits)
    case 'allow':
      return drop(state, 'not-allowed', (to, { from }) => !event.allowed(to) || !event.allowed(from))
    case 'resumed':
      return { state: resumed(state, event), changes: [] }
    case 'tick':
      return expire(state, event, limits)
  }
}

function withSwitch(state: LinkState, datapathId: DatapathId, next: SwitchState): LinkState {
  return { ...state, switches: new Map(state.switches).set(datapathId, next) }
}

function disconnected(state: LinkState, datapathId: DatapathId): LinkState {
  const known = state.switches.get(datapathId)
  if (known === undefined) return state
  if (known.heard.size > 0) return withSwitch(state, datapathId, { ...known, connectedSinceMs: undefined })
  const switches = new Map(state.switches)
  switches.delete(datapathId)
  return { ...state, switches }
}

function resumed(
  state: LinkState,
  { datapathId, nowMs }: Extract<LinkEvent, { type: 'resumed' }>,
): LinkState {
  const switches = new Map(state.switches)
  for (const id of datapathId === undefined ? switches.keys() : [datapathId]) {
    const known = switches.get(id)
    if (known?.connectedSinceMs !== undefined) switches.set(id, { ...known, connectedSinceMs: nowMs })
  }
  return { ...state, switches }
}

/** A change of what one port hears. */
interface Edit {
  readonly to: LinkEnd
  /** Absent when it is forgotten. */
  readonly heard?: Heard
}

function commit(state: LinkState, edits: readonly Edit[], reason: DownReason): LinkStep {
  if (edits.length === 0) return { state, changes: [] }
  const switches = new Map(state.switches)
  const copied = new Map<DatapathId, Map<string, Heard>>()
  const touched = new Map<string, LinkEnd>()
  let size = state.size
  for (const { to, heard } of edits) {
    const known = switches.get(to.datapathId) ?? unknownSwitch
    const ports = copied.get(to.datapathId) ?? new Map(known.heard)
    copied.set(to.datapathId, ports)
    const before = ports.get(to.port)
    if (heard === undefined) ports.delete(to.port)
    else ports.set(to.port, heard)
    switches.set(to.datapathId, { ...known, heard: ports })
    size += (heard === undefined ? 0 : 1) - (before === undefined ? 0 : 1)
    if (before === undefined || heard === undefined || endKey(before.from) !== endKey(heard.from)) {
      touched.set(endKey(to), to)
    }
  }
  const next = { ...state, switches, size }
  if (touched.size === 0) return { state: next, changes: [] }
  const { links, gone, come } = relink(state.links, touched, (end) => heardAt(next, end)?.from)
  const changes = [
    ...gone.map((link) => ({ type: 'down', link, reason }) as const),
    ...come.map((link) => ({ type: 'up', link }) as const),
  ]
  return { state: { ...next, links }, changes }
}

function heardAt(state: Pick<LinkState, 'switches'>, end: LinkEnd): Heard | undefined {
  return state.switches.get(end.datapathId)?.heard.get(end.port)
}

function* everything(state: LinkState): Generator<[LinkEnd, Heard]> {
  for (const [datapathId, { heard }] of state.switches) {
    for (const [port, each] of heard) yield [{ datapathId, port }, each]
  }
}

function drop(state: LinkState, reason: DownReason, gone: (to: LinkEnd, heard: Heard) => boolean): LinkStep {
  const edits = [...everything(state)].filter(([to, heard]) => gone(to, heard)).map(([to]) => ({ to }))
  return commit(state, edits, reason)
}

function dropDown(state: LinkState, datapathId: DatapathId, up: ReadonlySet<string>): LinkStep {
  const isDown = (end: LinkEnd) => end.datapathId === datapathId && !up.has(end.port)
  return drop(state, 'port-down', (to, { from }) => isDown(to) || isDown(from))
}

function remember(state: LinkState, links: readonly Link[], nowMs: number, limits: LinkLimits): LinkStep {
  const whole = links.filter((link) => isByLesserEnd(link)).slice(0, limits.maxLinks)
  const edits = whole.flatMap(({ from, to }) => [
    { to, heard: { from, atMs: nowMs, proved: false } },
    { to: from, heard: { from: to, atMs: nowMs, proved: false } },
  ])
  return commit(state, edits, 'forgotten')
}

function prove(
  state: LinkState,
  event: Extract<LinkEvent, { type: 'proved' }>,
  limits: LinkLimits,
): LinkStep {
  const { from, to, nowMs } = event
  const isUp = (end: LinkEnd) => state.switches.get(end.datapathId)?.up?.has(end.port) === true
  if (!isUp(from) || !isUp(to)) return { state, changes: [], refused: 'port-down' }
  if (heardAt(state, to) === undefined && heardAt(state, from) === undefined) {
    // Every link has one such first proof, so this bounds links; the second half of one is always welcome.
    const begun = state.size - state.links.length / 2
    if (begun >= limits.maxLinks) return { state, changes: [], refused: 'too-many-links' }
  }
  return commit(state, [{ to, heard: { from, atMs: nowMs, proved: true } }], 'neighbour-changed')
}

function expire(state: LinkState, event: Extract<LinkEvent, { type: 'tick' }>, limits: LinkLimits): LinkStep {
  const { nowMs, declared } = event
  const away = (end: LinkEnd) => state.switches.get(end.datapathId)?.connectedSinceMs === undefined
  const timedOut = drop(state, 'timeout', (to, { from, atMs, proved }) => {
    const since = state.switches.get(to.datapathId)?.connectedSinceMs
    const otherSince = state.switches.get(from.datapathId)?.connectedSinceMs
    if (since === undefined || otherSince === undefined) return false
    return nowMs - Math.max(atMs, since, otherSince) > (proved ? limits.timeoutMs : limits.graceMs)
  })
  const forgotten = drop(timedOut.state, 'forgotten', (to, { from, atMs }) =>
    [to, from].some((end) => away(end) && !declared(end.datapathId) && nowMs - atMs > limits.forgetMs),
  )
  return { state: forgotten.state, changes: [...timedOut.changes, ...forgotten.changes] }
}

/** Every link that is up, once per direction, and whether it was proved since the start. */
export function linkViews(state: LinkState): { readonly link: Link; readonly state: 'up' | 'remembered' }[] {
  return state.links.map((link) => {
    const proved = heardAt(state, link.to)?.proved === true && heardAt(state, link.from)?.proved === true
    return { link, state: proved ? 'up' : 'remembered' }
  })
}
