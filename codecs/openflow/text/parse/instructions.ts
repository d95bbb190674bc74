/** Everything after `actions=`: actions, and the instructions among them, in the form that the version has for them. */
import type { ActionInput } from '../../actions/actions.ts'
import type { InstructionInput } from '../../actions/instructions.ts'
import { reservedPort } from '../../common/names.ts'
import { choiceActions } from './actions/choice.ts'
import { conntrack, nat } from './actions/conntrack.ts'
import type { ActionContext, ActionParser } from './actions/context.ts'
import { headerActions, metadataOf } from './actions/headers.ts'
import { learn } from './actions/learn.ts'
import { outputActions } from './actions/output.ts'
import { setActions } from './actions/set.ts'
import { number, portOf } from './number.ts'
import { type Pair, pairsOf, type Piece, syntaxError } from './scan.ts'
import { type Slots, slotOf, vlanBits } from './slots.ts'

const actions: Readonly<Record<string, ActionParser>> = {
  ...outputActions,
  ...setActions,
  ...headerActions,
  ...choiceActions,
  learn,
  ct: conntrack(actionsIn),
  nat: (arg) => [nat(arg)],
  clone: (arg, context) => [{ type: 'nx_clone', actions: actionsIn(arg, context) }],
  meter: (arg) => [{ type: 'meter', meterId: number(arg, 32, 'a meter') }],
}

/** One action; undefined if the word is none. */
function actionOf({ key, value, by }: Pair, context: ActionContext): readonly ActionInput[] | undefined {
  const word = key.text.toLowerCase()
  if (Object.hasOwn(actions, word)) return actions[word]?.(value, context)
  const port = by === '' ? portOf(key.text) : undefined
  return port === undefined ? undefined : [{ type: 'output', port, maxLen: 0 }]
}

function actionsIn(text: Piece, context: ActionContext): readonly ActionInput[] {
  const pairs = pairsOf(text)
  if (isDrop(pairs)) return []
  return pairs.flatMap((pair) => {
    const found = actionOf(pair, context)
    if (found === undefined) throw syntaxError(pair.key, `unknown action ${pair.key.text}`)
    return found
  })
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
  actionsIn(text, { version, hasVlan: false, ipProtocol: 0 })

interface FlowContext {
  readonly version: number
  /** The flow's match. */
  readonly slots: Slots
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
export function instructionsOf(text: Piece, { version, slots }: FlowContext): readonly InstructionInput[] {
  const tci = slotOf(slots, 'vlan_tci')
  const context: ActionContext = {
    version,
    hasVlan: (tci.value & tci.mask & vlanBits.present) !== 0n,
    ipProtocol: Number(slotOf(slots, 'ip_proto').value),
  }
  const applied: ActionInput[] = []
  const others: InstructionInput[] = []
  const pairs = pairsOf(text)
  if (isDrop(pairs)) return []
  for (const pair of pairs) {
    const other = instructionOf(pair, context)
    if (other === undefined) applied.push(...applyOf(pair, context))
    else if (version === 1 && has10(other)) applied.push(...actionsFor(other))
    else if (!isEmpty(other)) others.push(inOrder(others, other, pair.key))
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

/** Nothing to write is no instruction, as ovs-ofctl has it. */
const isEmpty = (one: InstructionInput): boolean => one.type === 'write_actions' && one.actions.length === 0

/** An instruction may stand once. */
function inOrder(others: readonly InstructionInput[], one: InstructionInput, at: Piece): InstructionInput {
  if (others.some(({ type }) => type === one.type)) throw syntaxError(at, `${one.type} stands twice`)
  return one
}

function instructionOf({ key, value }: Pair, context: ActionContext): InstructionInput | undefined {
  switch (key.text.toLowerCase()) {
    case 'goto_table':
      return { type: 'goto_table', tableId: number(value, 8, 'a table') }
    case 'write_metadata':
      return { type: 'write_metadata', ...metadataOf(value) }
    case 'write_actions':
      return { type: 'write_actions', actions: actionsIn(value, context) }
    case 'clear_actions':
      return { type: 'clear_actions' }
    case 'apply_actions':
      throw syntaxError(key, 'what stands by itself is applied; apply_actions is no word')
    case 'meter':
      return context.version >= 6 ? undefined : { type: 'meter', meterId: number(value, 32, 'a meter') }
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
