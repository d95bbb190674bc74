/**
 * `parseFlow`: one flow in ovs-ofctl's syntax as a flow-mod. What `ovs-ofctl dump-flows` prints is taken too: counters and
 * ages in it are ignored.
 */
import { allTables } from '../../common/names.ts'
import type { FlowModInput, MessageInputOf } from '../../message.ts'
import { instructionsOf } from './instructions.ts'
import { formOf, matchOf } from './compose.ts'
import { type MatchDraft, matchPair, needsNxm } from './match.ts'
import { group, number, port, table, unsigned } from './number.ts'
import { type Pair, type Piece, pairsOf, piece, slice, syntaxError, versionError } from './scan.ts'
import { ones } from './value.ts'

export type FlowCommand = 'add' | 'modify' | 'modify_strict' | 'delete' | 'delete_strict'

export interface ParseFlowOptions {
  /** Wire version; 4, OpenFlow 1.3, unless said otherwise. */
  readonly version?: number
  /** Without it the text may begin with a command, as the lines of `ovs-ofctl bundle` do; `add` if it does not. */
  readonly command?: FlowCommand
  /** In 1.0, Nicira's form also where the standard one would do, as `ovs-ofctl -F nxm` has it. */
  readonly nxm?: boolean
}

/** A flow-mod but for version and xid. 1.0 has two forms; the second carries every match. */
export type ParsedFlow =
  | Omit<FlowModInput, 'version' | 'xid'>
  | Omit<MessageInputOf<'nx_flow_mod'>, 'version' | 'xid'>

type Draft = {
  -readonly [K in
    | 'cookie'
    | 'cookieMask'
    | 'newCookie'
    | 'tableId'
    | 'idleTimeoutS'
    | 'hardTimeoutS']?: K extends 'cookie' | 'cookieMask' | 'newCookie' ? bigint : number
} & { priority?: number; importance?: number; outPort?: number; outGroup?: number; flags: FlowFlag[] }

type FlowFlag = NonNullable<FlowModInput['flags']>[number]

const flagWords: ReadonlyMap<string, FlowFlag> = new Map([
  ['send_flow_rem', 'send_flow_rem'],
  ['check_overlap', 'check_overlap'],
  ['reset_counts', 'reset_counts'],
  ['no_packet_counts', 'no_pkt_counts'],
  ['no_byte_counts', 'no_byt_counts'],
])

/** What dump-flows prints and what ovs-ofctl takes without a meaning. */
const ignored = new Set([
  'no_readonly_table',
  'allow_hidden_fields',
  'duration',
  'n_packets',
  'n_bytes',
  'idle_age',
  'hard_age',
])

const commands: readonly FlowCommand[] = ['add', 'delete', 'delete_strict', 'modify', 'modify_strict']

const separators = /^[ \t\r\n]*/

/** The command that the text begins with (its beginning is enough), and what follows it. */
function commandOf(whole: Piece): readonly [FlowCommand, Piece] {
  const space = separators.exec(whole.text)?.[0].length ?? 0
  const word = /^[^, \t\r\n]*/.exec(whole.text.slice(space))?.[0] ?? ''
  const command = word === '' ? undefined : commands.find((one) => one.startsWith(word))
  return command === undefined ? ['add', whole] : [command, slice(whole, space + word.length)]
}

/** The text before "action", and what follows the equals sign after it. */
function splitActions(whole: Piece): readonly [Piece, Piece] {
  const start = whole.text.indexOf('action')
  const equals = start < 0 ? -1 : whole.text.indexOf('=', start)
  if (equals < 0)
    throw syntaxError({ at: whole.at + whole.text.length }, 'a flow needs actions=, "drop" for none')
  return [slice(whole, 0, start), slice(whole, equals + 1)]
}

/**
 * The flow-mod that a text says, without version and xid: `encode({ ...parseFlow(text), version: 4, xid: 1 })`.
 * @throws EncodeError with `at`, the offset in the text
 */
export function parseFlow(text: string, options: ParseFlowOptions = {}): ParsedFlow {
  const { version = 4, command: given, nxm = false } = options
  const [command, rest] = given === undefined ? commandOf(piece(text)) : ([given, piece(text)] as const)
  const deletes = command === 'delete' || command === 'delete_strict'
  const [head, actions] = deletes ? [rest, undefined] : splitActions(rest)
  const match: MatchDraft = { version, slots: new Map(), wantsNxm: nxm }
  const draft: Draft = { flags: [] }
  for (const pair of pairsOf(head)) {
    if (ignored.has(pair.key.text) || matchPair(match, pair)) continue
    if (!deletes && flag(draft, pair, version)) continue
    keyword(draft, pair, command)
  }
  const instructions =
    actions === undefined ? [] : instructionsOf(actions, { match, tableId: draft.tableId ?? allTables })
  return assemble({ command, match, draft, instructions })
}

function flag(draft: Draft, { key }: Pair, version: number): boolean {
  const name = flagWords.get(key.text)
  if (name === undefined) return false
  if (version < 4 && name.startsWith('no_')) throw versionError(key, `${key.text} came with OpenFlow 1.3`)
  if (!draft.flags.includes(name)) draft.flags.push(name)
  return true
}

/** Keys that are neither flags nor matches. */
function keyword(draft: Draft, { key, value }: Pair, command: FlowCommand): void {
  if (value.text === '') throw syntaxError(key, `${key.text} needs a value, or is not known`)
  const deletes = command === 'delete' || command === 'delete_strict'
  switch (key.text) {
    case 'table':
      draft.tableId = value.text.toLowerCase() === 'all' ? allTables : table(value)
      return
    case 'cookie':
      cookie(draft, value, command)
      return
    case 'priority':
      if (command === 'delete') break
      draft.priority = number(value, 16, 'a priority')
      return
    case 'out_port':
      if (!deletes) break
      draft.outPort = port(value)
      return
    case 'out_group':
      if (!deletes) break
      draft.outGroup = group(value)
      return
    case 'idle_timeout':
      if (deletes) break
      draft.idleTimeoutS = number(value, 16, 'a timeout')
      return
    case 'hard_timeout':
      if (deletes) break
      draft.hardTimeoutS = number(value, 16, 'a timeout')
      return
    case 'importance':
      if (command !== 'add') break
      draft.importance = number(value, 16, 'an importance')
      return
    default:
      throw syntaxError(key, `unknown keyword ${key.text}`)
  }
  throw syntaxError(key, `${command} has no ${key.text}`)
}

function cookie(draft: Draft, value: Piece, command: FlowCommand): void {
  const slash = value.text.indexOf('/')
  if (slash < 0) {
    if (command.startsWith('delete'))
      throw syntaxError(value, `to select flows by cookie say a mask: cookie=${value.text}/-1`)
    const given = unsigned(value, 64, 'a cookie')
    // All ones is Open vSwitch's word for a modify that leaves the cookie.
    draft.newCookie = given === ones(64) && command !== 'add' ? 0n : given
    return
  }
  if (command === 'add') throw syntaxError(value, 'a new flow has a cookie without a mask')
  draft.cookieMask = unsigned(slice(value, slash + 1), 64, 'the mask of a cookie')
  draft.cookie = unsigned(slice(value, 0, slash), 64, 'a cookie') & draft.cookieMask
}

interface Parts {
  readonly command: FlowCommand
  readonly match: MatchDraft
  readonly draft: Draft
  readonly instructions: NonNullable<FlowModInput['instructions']>
}

/** Only what differs from the defaults, so that what a version lacks is not mentioned. */
function assemble({ command, match, draft, instructions }: Parts): ParsedFlow {
  const { cookie, cookieMask, newCookie = 0n, tableId, flags, ...others } = draft
  const { version, slots } = match
  const form = formOf(version, (cookieMask ?? 0n) !== 0n || needsNxm(match))
  const deletes = command.startsWith('delete')
  const everyTable = deletes && version >= 3 ? { tableId: allTables } : {}
  const common = {
    command,
    ...(tableId === undefined || tableId === allTables ? everyTable : { tableId }),
    ...others,
    ...(flags.length === 0 ? {} : { flags }),
    match: matchOf(slots, version, form),
    instructions,
  }
  if (form === 'nxm') {
    const selects = (cookieMask ?? 0n) !== 0n
    const kept = selects && command.startsWith('modify') && draft.newCookie === undefined
    return {
      type: 'nx_flow_mod',
      ...common,
      cookie: kept ? ones(64) : newCookie,
      ...(selects ? { cookieMatch: { cookie: cookie ?? 0n, cookieMask: cookieMask ?? 0n } } : {}),
    }
  }
  // From 1.1 on the cookie of a modify or delete only selects; 1.1 still sets it where none is selected.
  const sets = command === 'add' || version === 1 || (version === 2 && !deletes && (cookieMask ?? 0n) === 0n)
  const cookies = sets ? { cookie: newCookie } : { cookie: cookie ?? 0n, cookieMask: cookieMask ?? 0n }
  return { type: 'flow_mod', ...common, ...cookies }
}
