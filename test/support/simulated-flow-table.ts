/** The flow tables of a simulated switch: what OpenFlow's add, modify and delete do to them (OF 1.3.5 6.4). */
import type { FlowEntry, FlowModInput, Match, MessageInputOf } from 'ts-openflow'
import { allTables, anyGroup, reservedPort } from 'ts-openflow'

type Unversioned<T> = T extends unknown ? Omit<T, 'version' | 'xid' | 'type'> : never
/** A flow-mod without its header; fields with a default may be left out. */
export type Mod = Unversioned<FlowModInput>
/** As a switch tells it in a multipart reply. */
export type SimulatedFlow = FlowEntry

type Bits = (value: number | bigint | undefined) => bigint
const bits: Bits = (value) => (value === undefined ? -1n : BigInt(value))

const fieldName = (one: Match[number]): string =>
  one.field === 'unknown' ? `${one.oxmClass}:${one.oxmField}` : one.field

const matchText = (match: Match): string =>
  match
    .map((one) => `${fieldName(one)}=${one.value}/${one.mask ?? ''}`)
    .sort()
    .join(',')

const keyOf = (tableId: number, priority: number, match: Match): string =>
  `${tableId},${priority},${matchText(match)}`

/** True when every packet that `narrow` matches is matched by `wide` too. */
function covers(wide: Match, narrow: Match): boolean {
  return wide.every((one) => {
    const other = narrow.find((field) => fieldName(field) === fieldName(one))
    if (!other) return bits(one.mask) === 0n
    const mask = bits(one.mask)
    return (bits(other.mask) & mask) === mask && ((bits(other.value) ^ bits(one.value)) & mask) === 0n
  })
}

function sendsTo(
  flow: SimulatedFlow,
  { outPort = reservedPort.any, outGroup = anyGroup }: Pick<Mod, 'outPort' | 'outGroup'>,
): boolean {
  const actions = flow.instructions.flatMap((one) => ('actions' in one ? one.actions : []))
  const toPort = actions.some((action) => action.type === 'output' && action.port === outPort)
  const toGroup = actions.some((action) => action.type === 'group' && action.groupId === outGroup)
  return (outPort === reservedPort.any || toPort) && (outGroup === anyGroup || toGroup)
}

type FlowQuery = Extract<MessageInputOf<'multipart_request'>['body'], { type: 'flow' }>

export class SimulatedFlowTable {
  #flows = new Map<string, SimulatedFlow>()
  readonly #limitPerTable: number

  constructor(limitPerTable = Number.POSITIVE_INFINITY) {
    this.#limitPerTable = limitPerTable
  }

  /** By table, then priority from high to low. */
  get all(): readonly SimulatedFlow[] {
    return [...this.#flows.values()].sort((a, b) => a.tableId - b.tableId || b.priority - a.priority)
  }

  get size(): number {
    return this.#flows.size
  }

  clear(): void {
    this.#flows.clear()
  }

  /** The flow with exactly this place, if there is one. */
  find(tableId: number, priority: number, match: Match): SimulatedFlow | undefined {
    return this.#flows.get(keyOf(tableId, priority, match))
  }

  /** What is in the tables now, to be put back by `restore`. */
  snapshot(): ReadonlyMap<string, SimulatedFlow> {
    return new Map(this.#flows)
  }

  restore(snapshot: ReadonlyMap<string, SimulatedFlow>): void {
    this.#flows = new Map(snapshot)
  }

  /** Applies one flow-mod; gives the error's name instead when it cannot be. */
  apply(mod: Mod): string | undefined {
    if (mod.command === 'add') return this.#add(mod)
    const tableId = mod.tableId ?? 0
    const strict = mod.command.endsWith('_strict')
    for (const [key, flow] of this.#flows) {
      if (!this.#selects(flow, mod, { tableId, strict })) continue
      if (mod.command.startsWith('delete')) {
        if (sendsTo(flow, mod)) this.#flows.delete(key)
      } else this.#flows.set(key, { ...flow, instructions: mod.instructions ?? [] } as SimulatedFlow)
    }
    return undefined
  }

  select(query: FlowQuery): readonly SimulatedFlow[] {
    return this.all.filter(
      (flow) =>
        this.#selects(flow, query, { tableId: query.tableId ?? allTables, strict: false }) &&
        sendsTo(flow, query),
    )
  }

  #add(mod: Mod): string | undefined {
    const { tableId = 0, priority = 0x8000, match = [], cookie = 0n, instructions = [], flags = [] } = mod
    if (tableId === allTables) return 'OFPFMFC_BAD_TABLE_ID'
    const key = keyOf(tableId, priority, match)
    if (!this.#flows.has(key) && this.#isFull(tableId)) return 'OFPFMFC_TABLE_FULL'
    const { idleTimeoutS = 0, hardTimeoutS = 0, importance = 0 } = mod
    const counters = { durationS: 0, durationNs: 0, packetCount: 0n, byteCount: 0n }
    const flow = {
      tableId,
      priority,
      match,
      cookie,
      instructions,
      flags,
      idleTimeoutS,
      hardTimeoutS,
      importance,
      ...counters,
    }
    this.#flows.set(key, flow as SimulatedFlow)
    return undefined
  }

  #isFull(tableId: number): boolean {
    if (this.#flows.size < this.#limitPerTable) return false
    return [...this.#flows.values()].filter((flow) => flow.tableId === tableId).length >= this.#limitPerTable
  }

  #selects(
    flow: SimulatedFlow,
    {
      priority = 0x8000,
      match = [],
      cookie = 0n,
      cookieMask = 0n,
    }: Pick<Mod, 'priority' | 'match' | 'cookie' | 'cookieMask'>,
    { tableId, strict }: { tableId: number; strict: boolean },
  ): boolean {
    if (tableId !== allTables && flow.tableId !== tableId) return false
    if ((flow.cookie & cookieMask) !== (cookie & cookieMask)) return false
    if (!strict) return covers(match, flow.match)
    return flow.priority === priority && matchText(flow.match) === matchText(match)
  }
}
