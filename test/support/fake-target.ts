/** A switch for the reconciler's tests: a flow table in memory behind the `Target` interface, which can refuse and stall. */
import type { FlowEntry, FlowMod, GroupEntry, GroupMod, MeterEntry, MeterMod } from 'ts-openflow'
import { toFlowMod } from '../../src/pipeline/openflow.ts'
import type { Rule } from '../../src/pipeline/rule.ts'
import type { CommitOutcome, Refused, Target } from '../../src/reconciler/target.ts'

export class FakeTarget implements Target {
  readonly version = 6
  readonly datapathId: string
  /** Flow-mods by table, priority and match, as last written. */
  readonly table = new Map<string, FlowMod>()
  /** Every list that reached the switch, in order. */
  readonly bundles: (readonly FlowMod[])[] = []
  /** Returns the error for a flow-mod that this switch refuses. */
  refuses: (message: FlowMod) => string | undefined = () => undefined
  refusesFixtures = false
  /** While set, a commit waits for it. */
  stalled: Promise<void> | undefined
  readonly meters: Map<number, MeterEntry> = new Map()
  readonly groups: Map<number, GroupEntry> = new Map()

  constructor(datapathId: string) {
    this.datapathId = datapathId
  }

  readonly commit = async (messages: readonly FlowMod[]): Promise<CommitOutcome> => {
    await this.stalled
    this.bundles.push(messages)
    // As Open vSwitch does: the first bad member fails the whole bundle.
    const index = messages.findIndex((message) => this.refuses(message) !== undefined)
    const culprit = messages[index]
    if (culprit) return { ok: false, applied: 0, refused: [{ index, error: this.refuses(culprit) ?? '' }] }
    for (const message of messages) this.#apply(message)
    return { ok: true }
  }

  /** This switch sees what it refuses when it is added. */
  readonly commitAccepted = async (messages: readonly FlowMod[]): Promise<CommitOutcome> => {
    await this.stalled
    const refused = await this.commitEach(messages)
    return refused.length === 0 ? { ok: true } : { ok: false, applied: messages.length, refused }
  }

  readonly commitEach = (messages: readonly FlowMod[]): Promise<readonly Refused[]> => {
    this.bundles.push(messages)
    const refused = messages.flatMap((message, index) => {
      const error = this.refuses(message)
      if (error === undefined) this.#apply(message)
      return error === undefined ? [] : [{ index, error }]
    })
    return Promise.resolve(refused)
  }

  readonly sendFixtures = (messages: readonly (MeterMod | GroupMod)[]): Promise<readonly Refused[]> => {
    if (this.refusesFixtures)
      return Promise.resolve(messages.map((_, index) => ({ index, error: 'OFPMMFC_UNKNOWN_METER' })))
    for (const message of messages) {
      if (message.type === 'meter_mod') {
        const { command, meterId, bands, flags } = message
        if (command === 'delete') this.meters.delete(meterId)
        else this.meters.set(meterId, { flags, meterId, bands })
      } else this.groups.set(message.groupId, message)
    }
    return Promise.resolve([])
  }

  readonly readGroups = (): Promise<readonly GroupEntry[]> => Promise.resolve([...this.groups.values()])

  readonly readMeters = (): Promise<readonly MeterEntry[]> => Promise.resolve([...this.meters.values()])

  readonly readFlows = (): Promise<readonly FlowEntry[]> =>
    Promise.resolve([...this.table.values()].map((message) => entryOf(message)))

  /** Puts a rule there without the reconciler, as somebody else would. */
  put(rule: Rule, cookie?: bigint): void {
    const message = toFlowMod(rule, this.version, 'add')
    this.#apply(cookie === undefined ? message : { ...message, cookie })
  }

  get sent(): number {
    return this.bundles.reduce((sum, bundle) => sum + bundle.length, 0)
  }

  #apply(message: FlowMod): void {
    const key = JSON.stringify([message.tableId, message.priority, message.match], plain)
    const { command, cookie, cookieMask } = message
    if (command !== 'delete_strict') this.table.set(key, message)
    else if ((((this.table.get(key)?.cookie ?? 0n) ^ cookie) & cookieMask) === 0n) this.table.delete(key)
  }
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function entryOf(message: FlowMod): FlowEntry {
  const { tableId, priority, match, instructions, cookie, flags, idleTimeoutS, hardTimeoutS } = message
  const counters = { packetCount: 0n, byteCount: 0n, durationS: 0, durationNs: 0 }
  return {
    tableId,
    priority,
    match,
    instructions,
    cookie,
    flags,
    idleTimeoutS,
    hardTimeoutS,
    importance: 0,
    ...counters,
  }
}
