/** The rules on a switch: every one with its owner, and those that an operator adds and deletes by hand. */
import { EncodeError, type FlowEntry, type FlowMod } from 'ts-openflow'
import type { FlowChange, FlowOutcome, FlowView } from '../api/controller.ts'
import type { EventLog } from './events.ts'
import type { Loop } from './loop.ts'
import type { Problem } from '../model/problem.ts'
import { namesOf } from './names.ts'
import { isOperators, isOurs } from '../pipeline/cookies.ts'
import { rawFlowText } from '../pipeline/flow-text.ts'
import { isLease } from '../pipeline/lease.ts'
import { fromFlow, ruleKey } from '../pipeline/openflow.ts'
import { isSession } from '../pipeline/sessions.ts'
import { isSafe, operator, operatorFlow } from '../pipeline/operator-rules.ts'
import type { OperatorOutcome } from '../reconciler/operator.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'
import type { SwitchRegistry } from '../switches/registry.ts'

export interface FlowParts {
  readonly loop: Loop
  readonly reconciler: Reconciler
  readonly registry: SwitchRegistry
  readonly events: EventLog
}

export async function flows(parts: FlowParts, name: string): Promise<readonly FlowView[] | undefined> {
  const live = liveNamed(parts, name)
  if (!live) return undefined
  const entries = await live.readFlows()
  return entries.map((entry) => viewOf(entry, ownerOf(parts, live, entry)))
}

function ownerOf({ loop, reconciler }: FlowParts, { datapathId }: LiveSwitch, entry: FlowEntry): string {
  if (isOperators(entry.cookie)) return operator
  if (isLease(entry.cookie) || isSession(entry.cookie))
    return `switch/${namesOf(loop.declaration.intent).of(datapathId)}`
  if (!isOurs(entry.cookie)) return 'foreign'
  return reconciler.ownerOf(datapathId, ruleKey(fromFlow(entry))) ?? 'withdrawn'
}

function viewOf(entry: FlowEntry, owner: string): FlowView {
  const { packetCount, byteCount } = entry
  return {
    text: rawFlowText(entry),
    owner,
    foreign: owner === 'foreign',
    ...(owner === operator && !isSafe(entry) && { unproved: true }),
    packets: Number(packetCount),
    bytes: Number(byteCount),
  }
}

/** The rules go out between the reconciler's rounds; nothing of them is stored. */
export async function changeFlows(
  parts: FlowParts,
  name: string,
  change: FlowChange,
): Promise<FlowOutcome | undefined> {
  const live = liveNamed(parts, name)
  if (!live) return undefined
  const { datapathId } = live
  const shown = namesOf(parts.loop.declaration.intent).of(datapathId)
  const read = flowsOf(change, live.version)
  if ('problems' in read) return { status: 'invalid', problems: read.problems }
  if (change.kind === 'add' && !change.unproved) {
    const violations = read.flows
      .filter((flow) => !isSafe(flow))
      .map((flow) => ({ switch: shown, owner: operator, rule: rawFlowText(flow), reason: onlyDrops }))
    if (violations.length > 0) return { status: 'unproved', violations }
  }
  const outcome = await parts.reconciler.operate(datapathId, read.flows)
  if (outcome?.status !== 'confirmed') return notDone(outcome, read.flows)
  const added = outcome.added.map((entry) => viewOf(entry, operator))
  const deleted = outcome.deleted.map((entry) => viewOf(entry, operator))
  if (added.length + deleted.length > 0)
    parts.events.append('rule.by-hand', {
      switch: shown,
      added: added.map(({ text }) => text),
      deleted: deleted.map(({ text }) => text),
      unproved: added.filter(({ unproved }) => unproved).length,
    })
  return { status: 'confirmed', receipt: { switch: shown, datapathId, added, deleted } }
}

const onlyDrops = 'it does more than drop, so it could carry frames from one network to another'

function notDone(
  outcome: Exclude<OperatorOutcome, { status: 'confirmed' }> | undefined,
  sent: readonly FlowMod[],
): FlowOutcome {
  if (outcome === undefined) return { status: 'unanswered' }
  const textAt = (index: number): string => {
    const flow = sent[index]
    return flow === undefined ? '' : rawFlowText(flow)
  }
  if (outcome.status === 'taken')
    return { status: 'taken', rule: textAt(outcome.index), owner: outcome.owner }
  const refused = outcome.refused.map(({ index, error }) => ({ owner: operator, rule: textAt(index), error }))
  if (refused.length > 0 || outcome.failure === undefined) return { status: 'refused', refused }
  return { status: 'refused', refused: [{ owner: operator, rule: textAt(0), error: outcome.failure }] }
}

/** The flow-mods of a change, or what is wrong with its texts. */
function flowsOf(
  change: FlowChange,
  version: number,
): { readonly flows: readonly FlowMod[] } | { readonly problems: readonly Problem[] } {
  const texts =
    change.kind === 'add'
      ? change.flows.map((text, index) => ({ text, pointer: `/flows/${index}` }))
      : [{ text: change.match, pointer: '/match' }]
  const command = change.kind === 'add' ? 'add' : change.strict ? 'delete_strict' : 'delete'
  const flows: FlowMod[] = []
  const problems: Problem[] = []
  for (const { text, pointer } of texts) {
    try {
      flows.push(operatorFlow(text, version, command))
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      problems.push({ pointer, ...describe(error) })
    }
  }
  return problems.length > 0 ? { problems } : { flows }
}

/** What the text says that this version cannot carry has a path in the message, and no place in the text. */
function describe({ path, reason, at }: EncodeError): Pick<Problem, 'message' | 'line' | 'column'> {
  return path === '' ? { message: reason, line: 1, column: at + 1 } : { message: `${path}: ${reason}` }
}

function liveNamed({ loop, registry }: FlowParts, name: string): LiveSwitch | undefined {
  return registry.live(loop.declaration.intent.switches.get(name)?.datapathId ?? name)
}
