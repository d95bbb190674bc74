/**
 * A round: flow-mods that a switch takes together, and the errors it gives, told by the position of the message that
 * caused each (bundles of OF 1.4 7.3.9; on 1.3 the ONF extension with the same meaning). What a switch refuses to add is
 * left out of the bundle and the rest can still be committed. So `all` closes the bundle and looks at the errors before it
 * commits, two answers of the switch; `accepted` sends the commit at once, one answer.
 */
import {
  type Connection,
  EncodeError,
  type ErrorMessage,
  errorName,
  SwitchError,
  type Unsent,
} from 'ts-openflow'

export type FlowMod = Extract<Unsent, { type: 'flow_mod' }>
export type MeterMod = Extract<Unsent, { type: 'meter_mod' }>
export type GroupMod = Extract<Unsent, { type: 'group_mod' }>

/** A message that the switch refused. */
export interface Refusal {
  /** Position in the list that was given. */
  readonly index: number
  /** OpenFlow's name, such as `OFPFMFC_TABLE_FULL`; for what this version cannot even say, why not. */
  readonly error: string
}

export type CommitOutcome =
  | { readonly ok: true; readonly bundles: number }
  | {
      readonly ok: false
      readonly refused: readonly Refusal[]
      /** How many messages, from the first on, are in effect but for those refused: all of the bundles that were committed. */
      readonly applied: number
      /** The switch's error when it names no message: it has no bundles, or refused the commit as a whole. */
      readonly failure?: string
    }

export interface RoundOptions {
  readonly timeoutMs: number
  /** Messages are split into several bundles only when one would be longer than this on the wire. */
  readonly maxBundleBytes: number
}

/** `all`: every message or none. `accepted`: those that the switch takes when they are added, together or none of them. */
export type CommitScope = 'all' | 'accepted'

/** Collects the errors of one round by xid. */
export class Round {
  readonly #indexes = new Map<number, number>()
  readonly refused: Refusal[] = []

  /** Sends one message of the round; what this version of OpenFlow cannot carry counts as refused. */
  send(connection: Connection, index: number, messageOf: (xid: number) => Unsent): void {
    const xid = connection.newXid()
    this.#indexes.set(xid, index)
    try {
      connection.send(messageOf(xid), xid)
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      this.refused.push({ index, error: error.message })
    }
  }

  /** True when the error belongs to this round. */
  take(error: ErrorMessage): boolean {
    const index = this.#indexes.get(error.xid)
    if (index === undefined) return false
    this.refused.push({ index, error: errorName(error) })
    return true
  }
}

/** Resolves with the error instead of rejecting, so that requests can be in flight together. */
const settle = (request: Promise<unknown>): Promise<Error | undefined> =>
  request.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )

/** The switch's own refusal, if there is one; anything else that went wrong is thrown. */
function refusalIn(outcomes: readonly (Error | undefined)[]): string | undefined {
  const errors = outcomes.filter((error) => error !== undefined)
  const other = errors.find((error) => !(error instanceof SwitchError))
  if (other) throw other
  return errors.find((error) => error instanceof SwitchError)?.code
}

/** Messages that are sent between two looks at how much waits to be read. */
const STRIDE = 64

interface Bundle {
  readonly connection: Connection
  readonly round: Round
  readonly mods: readonly FlowMod[]
  /** Position of the first message of this bundle. */
  readonly from: number
  readonly id: number
  readonly scope: CommitScope
  readonly options: RoundOptions
}

/** Adds messages until the list or the bundle's bytes are used up; gives the position after the last. */
async function addMessages({ connection, round, mods, from, id, options }: Bundle): Promise<number> {
  const begun = connection.sentBytes
  let next = from
  for (const mod of mods.slice(from)) {
    if (next > from && connection.sentBytes - begun > options.maxBundleBytes) break
    if ((next - from) % STRIDE === STRIDE - 1) await connection.drained()
    // The member's own header must repeat the xid and the version of the message around it.
    round.send(connection, next, (xid) => ({
      type: 'bundle_add',
      bundleId: id,
      flags: ['atomic', 'ordered'],
      message: { ...mod, version: connection.version, xid },
    }))
    next += 1
  }
  return next
}

type BundleOutcome = { readonly next: number } | { readonly failure: string | undefined }

async function commitBundle(bundle: Bundle): Promise<BundleOutcome> {
  const { connection, round, id: bundleId, scope, options } = bundle
  const request = (control: 'open_request' | 'close_request' | 'commit_request' | 'discard_request') =>
    settle(
      connection.request(
        { type: 'bundle_control', bundleId, control, flags: ['atomic', 'ordered'] },
        { timeoutMs: options.timeoutMs },
      ),
    )
  const opened = request('open_request')
  const next = await addMessages(bundle)
  const answers = [opened, request('close_request')]
  if (scope === 'all') {
    const failure = refusalIn(await Promise.all(answers))
    if (failure !== undefined || round.refused.length > 0) {
      await request('discard_request')
      return { failure }
    }
  }
  answers.push(request('commit_request'), settle(connection.barrier({ timeoutMs: options.timeoutMs })))
  const failure = refusalIn(await Promise.all(answers))
  return failure === undefined ? { next } : { failure }
}

/** A failure that names no message; when a message is named, the bundle's own failure says nothing more. */
function refused(round: Round, applied: number, failure: string | undefined): CommitOutcome {
  const refusals = [...round.refused]
  return refusals.length > 0 || failure === undefined
    ? { ok: false, refused: refusals, applied }
    : { ok: false, refused: refusals, applied, failure }
}

interface RoundParts {
  readonly connection: Connection
  readonly round: Round
  readonly options: RoundOptions
  readonly scope: CommitScope
  readonly newBundleId: () => number
}

/** Applies flow-mods in order. One alone needs no bundle: a flow-mod is atomic by itself. */
export async function commitRound(
  mods: readonly FlowMod[],
  { connection, round, options, scope, newBundleId }: RoundParts,
): Promise<CommitOutcome> {
  const [only] = mods
  if (only && mods.length === 1) {
    const refusals = await sendRound([only], { connection, round, options })
    return refusals.length === 0 ? { ok: true, bundles: 0 } : { ok: false, refused: refusals, applied: 0 }
  }
  let from = 0
  let bundles = 0
  while (from < mods.length) {
    const outcome = await commitBundle({ connection, round, mods, from, id: newBundleId(), scope, options })
    if ('failure' in outcome) return refused(round, from, outcome.failure)
    from = outcome.next
    bundles += 1
  }
  return round.refused.length === 0 ? { ok: true, bundles } : refused(round, from, undefined)
}

/** Sends messages that no bundle can carry, or one alone, and waits for a barrier; gives those that failed. */
export async function sendRound(
  mods: readonly (FlowMod | MeterMod | GroupMod)[],
  { connection, round, options }: Pick<RoundParts, 'connection' | 'round' | 'options'>,
): Promise<readonly Refusal[]> {
  for (const [index, mod] of mods.entries()) {
    if (index % STRIDE === STRIDE - 1) await connection.drained()
    round.send(connection, index, () => mod)
  }
  await connection.barrier({ timeoutMs: options.timeoutMs })
  return [...round.refused]
}
