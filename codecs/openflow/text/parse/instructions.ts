/** Everything after `actions=`: actions, and the instructions among them, in the form that the version has for them. */
import type { ActionInput } from '../../actions/actions.ts'
import type { InstructionInput } from '../../actions/instructions.ts'
import { allTables, reservedPort } from '../../common/names.ts'
import { choiceActions } from './actions/choice.ts'
import { conntrack, nat } from './actions/conntrack.ts'
import { type ActionContext, type ActionParser, within } from './actions/context.ts'
import { checkPort, lacking } from './actions/fitness.ts'
import { headerActions, metadataOf } from './actions/headers.ts'
import { learn } from './actions/learn.ts'
import { outputActions } from './actions/output.ts'
import { setActions } from './actions/set.ts'
import type { MatchDraft } from './match.ts'
import { number, portOf, table } from './number.ts'
import { packetOf } from './packet-state.ts'
import { type Pair, pairsOf, type Piece, syntaxError } from './scan.ts'

const actions: Readonly<Record<string, ActionParser>> = {
  ...outputActions,
  ...setActions,
  ...headerActions,
  ...choiceActions,
  learn,
  ct: conntrack(actionsIn),
  nat: (arg, context) => [nat(arg, context)],
  clone: (arg, context) => [{ type: 'nx_clone', actions: actionsIn(arg, within(context, 'clone')) }],
  meter: (arg, context) => [{ type: 'meter', meterId: meterNumber(arg, context) }],
}

/** The meters of the switch itself measure no flows. */
const lastMeter = 0xffff_0000

function meterNumber(arg: Piece, { packet }: ActionContext): number {
  const meterId = number(arg, 32, 'a meter')
  if (packet !== undefined && (meterId === 0 || meterId > lastMeter))
    throw syntaxError(arg, `a meter is 1 to ${lastMeter}, not ${arg.text}`)
  return meterId
}

/** Inside of ct, connections are changed and nothing else. */
const ofConnections = new Set(['set_field', 'load', 'move', 'nat'])

/** One action; undefined if the word is none. */
function actionOf({ key, value, by }: Pair, context: ActionContext): readonly ActionInput[] | undefined {
  const word = key.text.toLowerCase()
  const parse = Object.hasOwn(actions, word) ? actions[word] : undefined
  if (context.inside === 'ct' && !ofConnections.has(word))
    throw syntaxError(key, `ct cannot ${key.text}, only change ct_mark and ct_label`)
  if (parse === undefined) return toPort(key, by, context)
  const lacks = lacking(word, context)
  const found = parse(value, context)
  if (lacks !== undefined) throw syntaxError(key, `${key.text} needs a match on ${lacks}`)
  return found
}

/** A port alone is output. */
function toPort(key: Piece, by: Pair['by'], context: ActionContext): readonly ActionInput[] | undefined {
  const port = by === '' ? portOf(key.text) : undefined
  if (port === undefined) return undefined
  checkPort(port, context, key)
  return [{ type: 'output', port, maxLen: 0 }]
}

const deepest = 100

function actionsIn(text: Piece, context: ActionContext): readonly ActionInput[] {
  if (context.depth >= deepest) throw syntaxError(text, `actions are nested ${deepest} deep at most`)
  const pairs = pairsOf(text)
  if (isDrop(pairs)) return []
  checkOrder(pairs, context)
  return pairs.flatMap((pair) => applyOf(pair, context))
}

/** Nothing, or the one word that says so. */
function isDrop(pairs: readonly Pair[]): boolean {
  const drop = pairs.find(({ key }) => key.text.toLowerCase() === 'drop')
  if (drop === undefined) return false
  if (pairs.some(({ key }) => key.text.toLowerCase() !== 'drop'))
    throw syntaxError(drop.key, 'drop stands alone')
  return true
}

/** A list of actions by themselves, as buckets have it. */
export const actionsOf = (text: Piece, { version }: { readonly version: number }): readonly ActionInput[] =>
  actionsIn(text, { version, packet: undefined, depth: 0, form: { wantsNxm: false } })

interface FlowContext {
  readonly match: MatchDraft
  /** 255 if the flow is in no table for certain. */
  readonly tableId: number
}

/** In the order in which a switch performs them, and ovs-ofctl sends them. */
const order = [
  'meter',
  'apply_actions',
  'clear_actions',
  'write_actions',
  'write_metadata',
  'goto_table',
] as const

/** The instructions of a flow; in 1.0, which has none, the actions that mean the same. */
export function instructionsOf(text: Piece, { match, tableId }: FlowContext): readonly InstructionInput[] {
  const { version, slots } = match
  const context: ActionContext = { version, packet: packetOf(slots), depth: 0, form: match }
  const applied: ActionInput[] = []
  const others: InstructionInput[] = []
  const pairs = pairsOf(text)
  if (isDrop(pairs)) return []
  checkOrder(pairs, context)
  for (const pair of pairs) {
    const other = instructionOf(pair, context)
    if (other === undefined) applied.push(...applyOf(pair, context))
    else if (version === 1 && has10(other)) applied.push(...actionsFor(other))
    else if (!isEmpty(other)) others.push(other)
    if (other?.type === 'goto_table' && tableId !== allTables && other.tableId <= tableId)
      throw syntaxError(pair.value, `table ${tableId} comes after table ${other.tableId}`)
    if (other?.type === 'write_metadata') match.wantsNxm = true
  }
  const all: readonly InstructionInput[] =
    applied.length === 0 ? others : [{ type: 'apply_actions', actions: applied }, ...others]
  return order.flatMap((type) => all.filter((one) => one.type === type))
}

function applyOf(pair: Pair, context: ActionContext): readonly ActionInput[] {
  const found = actionOf(pair, context)
  if (found === undefined) throw syntaxError(pair.key, `unknown action ${pair.key.text}`)
  return found
}

const rankOf = ({ key }: Pair): number => {
  const rank = (order as readonly string[]).indexOf(key.text.toLowerCase())
  return rank < 0 ? order.indexOf('apply_actions') : rank
}

/** Open vSwitch wants instructions in the order in which they are performed, and a conjunction alone. */
function checkOrder(pairs: readonly Pair[], { inside }: ActionContext): void {
  const words = pairs.map(({ key }) => key.text.toLowerCase())
  const other = pairs.find((_, at) => words[at] !== 'conjunction' && words[at] !== 'note')
  if (other !== undefined && words.includes('conjunction'))
    throw syntaxError(other.key, 'only notes stand beside a conjunction')
  if (inside !== undefined && words.includes('meter'))
    throw syntaxError(pairs[words.indexOf('meter')]?.key ?? { at: 0 }, `${inside} has no meter`)
  pairs.slice(1).forEach((pair, at) => {
    const [before, rank] = [rankOf(pairs[at] as Pair), rankOf(pair)]
    if (rank > before || (rank === before && order[rank] === 'apply_actions')) return
    const reason = rank === before ? 'stands twice' : `comes before ${pairs[at]?.key.text}`
    throw syntaxError(pair.key, `${pair.key.text} ${reason}`)
  })
}

/** Nothing to write is no instruction, as ovs-ofctl has it. */
const isEmpty = (one: InstructionInput): boolean => one.type === 'write_actions' && one.actions.length === 0

function instructionOf({ key, value }: Pair, context: ActionContext): InstructionInput | undefined {
  switch (key.text.toLowerCase()) {
    case 'goto_table':
      return { type: 'goto_table', tableId: table(value) }
    case 'write_metadata':
      return { type: 'write_metadata', ...metadataOf(value) }
    case 'write_actions':
      return { type: 'write_actions', actions: actionsIn(value, within(context, 'write_actions')) }
    case 'clear_actions':
      return { type: 'clear_actions' }
    case 'apply_actions':
      throw syntaxError(key, 'what stands by itself is applied; apply_actions is no word')
    case 'meter':
      return context.version >= 6 ? undefined : { type: 'meter', meterId: meterNumber(value, context) }
    default:
      return undefined
  }
}

type Has10 = Extract<InstructionInput, { readonly type: 'goto_table' | 'write_metadata' }>

/** The instructions that 1.0 has actions for. The rest is left for encoding to refuse. */
const has10 = (one: InstructionInput): one is Has10 =>
  one.type === 'goto_table' || one.type === 'write_metadata'

function actionsFor(one: Has10): readonly ActionInput[] {
  if (one.type === 'goto_table')
    return [{ type: 'nx_resubmit_table', port: reservedPort.inPort, tableId: one.tableId }]
  const { metadata, metadataMask = 0xffff_ffff_ffff_ffffn } = one
  return [{ type: 'nx_write_metadata', metadata, metadataMask }]
}
