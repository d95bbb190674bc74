/** `parseGroup`: one group in ovs-ofctl's syntax as a group-mod. */
import { allGroups, reservedPort } from '../../common/names.ts'
import type { ActionInput } from '../../actions/actions.ts'
import type { MessageInputOf } from '../../message.ts'
import { actionsOf } from './instructions.ts'
import { number, port, unsigned } from './number.ts'
import { type Pair, type Piece, pairsOf, piece, slice, syntaxError } from './scan.ts'
import { selectionFields } from './selection-fields.ts'

export type GroupCommand = 'add' | 'modify' | 'delete' | 'add_or_modify' | 'insert_bucket' | 'remove_bucket'

export interface ParseGroupOptions {
  /** Wire version; 4, OpenFlow 1.3, unless said otherwise. */
  readonly version?: number
  /** Without it the text may begin with a command, as the lines of `ovs-ofctl bundle` do; `add` if it does not. */
  readonly command?: GroupCommand
}

/** A group-mod but for version and xid. */
export type ParsedGroup = Omit<MessageInputOf<'group_mod'>, 'version' | 'xid'>

type GroupType = 'all' | 'select' | 'indirect' | 'ff'
type Property = NonNullable<ParsedGroup['properties']>[number]

interface Bucket {
  readonly bucketId?: number
  readonly weight?: number
  readonly watchPort?: number
  readonly watchGroup?: number
  readonly actions: readonly ActionInput[]
}

interface Draft {
  groupId?: number
  groupType?: GroupType
  commandBucketId?: number
  method?: string
  param?: bigint
  fields?: Piece
}

/** The words that a text may begin with; their beginning is enough. */
const words: readonly (readonly [string, GroupCommand])[] = [
  ['add', 'add'],
  ['delete', 'delete'],
  ['modify', 'modify'],
  ['add_or_mod', 'add_or_modify'],
  ['insert_bucket', 'insert_bucket'],
  ['remove_bucket', 'remove_bucket'],
]

const bucketPlaces: ReadonlyMap<string, number> = new Map([
  ['first', 0xffff_fffd],
  ['last', 0xffff_fffe],
  ['all', 0xffff_ffff],
])

/** Of buckets too. */
const maxGroup = 0xffff_ff00
/** Ports from here on are reserved. */
const firstReserved = 0xffff_ff00

function commandOf(whole: Piece): readonly [GroupCommand, Piece] {
  const start = /^[ \t\r\n]*/.exec(whole.text)?.[0].length ?? 0
  const word = /^[^, \t\r\n]*/.exec(whole.text.slice(start))?.[0] ?? ''
  const found = word === '' ? undefined : words.find(([name]) => name.startsWith(word))
  return found === undefined ? ['add', whole] : [found[1], slice(whole, start + word.length)]
}

/** The text before the first `bucket=`, and what follows each. */
function splitBuckets(whole: Piece): readonly [Piece, readonly Piece[]] {
  const marks = [...whole.text.matchAll(/bucket=/g)].map(({ index }) => index)
  const buckets = marks.map((at, index) => slice(whole, at + 'bucket='.length, marks[index + 1]))
  return [slice(whole, 0, marks[0]), buckets]
}

/**
 * The group-mod that a text says, without version and xid.
 * @throws EncodeError with `at`, the offset in the text
 */
export function parseGroup(
  text: string,
  { version = 4, command: given }: ParseGroupOptions = {},
): ParsedGroup {
  const [command, rest] = given === undefined ? commandOf(piece(text)) : ([given, piece(text)] as const)
  if (command === 'delete' && rest.text.trim() === '')
    return { type: 'group_mod', command, groupId: allGroups }
  const [head, bucketTexts] = splitBuckets(rest)
  const draft: Draft = {}
  for (const pair of pairsOf(head)) keyword(draft, pair, command)
  const { groupId, commandBucketId } = draft
  if (groupId === undefined) throw syntaxError(head, 'a group needs group_id=')
  const defines = command === 'add' || command === 'modify' || command === 'add_or_modify'
  if (defines && draft.groupType === undefined)
    throw syntaxError(head, 'a group needs type=: all, select, indirect or ff')
  check(command, draft, bucketTexts, head)
  const groupType = draft.groupType ?? 'all'
  const buckets = bucketTexts.map((one) => bucket(one, { version, groupType, command }))
  if (groupType === 'indirect' && buckets.length > 1)
    throw syntaxError(head, 'an indirect group has one bucket')
  return {
    type: 'group_mod',
    command,
    groupType,
    groupId,
    ...(commandBucketId === undefined ? {} : { commandBucketId }),
    buckets: carriesBucketIds(version) ? numbered(buckets) : buckets,
    ...properties(draft),
  }
}

/** Nicira's group-mod of 1.0 is that of 1.5. */
const carriesBucketIds = (version: number): boolean => version >= 6 || version === 1

function check(command: GroupCommand, draft: Draft, buckets: readonly Piece[], at: Piece): void {
  if ((command === 'delete' || command === 'remove_bucket') && buckets.length > 0)
    throw syntaxError(buckets[0] ?? at, `${command} has no bucket`)
  if (draft.fields !== undefined && draft.method !== 'hash')
    throw syntaxError(draft.fields, 'fields need selection_method=hash')
  if (draft.param !== undefined && draft.param !== 0n && draft.method === undefined)
    throw syntaxError(at, 'selection_method_param needs selection_method')
  if (command === 'insert_bucket' && draft.commandBucketId === undefined)
    throw syntaxError(at, 'insert_bucket needs command_bucket_id')
}

function keyword(draft: Draft, { key, value }: Pair, command: GroupCommand): void {
  const defines = command === 'add' || command === 'modify' || command === 'add_or_modify'
  const only = (allowed: boolean): void => {
    if (!allowed) throw syntaxError(key, `${command} has no ${key.text}`)
  }
  switch (key.text) {
    case 'group_id':
      draft.groupId = value.text === 'all' ? allGroups : number(value, 32, 'a group')
      if (draft.groupId > maxGroup && draft.groupId !== allGroups)
        throw syntaxError(value, `${value.text} is above the last group, ${maxGroup}`)
      return
    case 'command_bucket_id':
      only(command === 'insert_bucket' || command === 'remove_bucket')
      draft.commandBucketId = commandBucket(value, command)
      return
    case 'type':
      only(defines)
      draft.groupType = groupType(value)
      return
    case 'selection_method':
      only(defines)
      if (value.text.length > 15) throw syntaxError(value, 'a selection method has 15 letters at most')
      if (value.text !== '') draft.method = value.text
      return
    case 'selection_method_param':
      only(defines)
      draft.param = unsigned(value, 64, 'a parameter')
      return
    case 'fields':
      only(defines)
      draft.fields = value
      return
    default:
      throw syntaxError(key, `unknown keyword ${key.text}`)
  }
}

function commandBucket(word: Piece, command: GroupCommand): number {
  const id = bucketPlaces.get(word.text) ?? number(word, 32, 'a bucket')
  if (id > maxGroup && ![...bucketPlaces.values()].includes(id))
    throw syntaxError(word, `${word.text} is above the last bucket, ${maxGroup}`)
  if (id === 0xffff_ffff && command === 'insert_bucket')
    throw syntaxError(word, 'a bucket is inserted first, last, or after one, not at all')
  return id
}

function groupType(word: Piece): GroupType {
  const { text } = word
  if (text === 'fast_failover') return 'ff'
  if (text === 'all' || text === 'select' || text === 'indirect' || text === 'ff') return text
  throw syntaxError(word, `a type is all, select, indirect or ff, not "${text}"`)
}

interface BucketContext {
  readonly version: number
  readonly groupType: GroupType
  readonly command: GroupCommand
}

/** A port that can go down, or that says that none is watched. */
function watchable(word: Piece): number {
  const watched = port(word)
  if (watched >= firstReserved && watched !== reservedPort.any && watched !== reservedPort.controller)
    throw syntaxError(word, `port ${word.text} cannot be watched`)
  return watched
}

function upToLast(word: Piece, what: string): number {
  const id = number(word, 32, what)
  if (id > maxGroup) throw syntaxError(word, `${word.text} is no number for ${what}: the last is ${maxGroup}`)
  return id
}

function bucket(whole: Piece, { version, groupType: type, command }: BucketContext): Bucket {
  const draft: { -readonly [K in Exclude<keyof Bucket, 'actions'>]?: number } = {}
  const actions: ActionInput[] = []
  let any = false
  for (const pair of pairsOf(whole)) {
    const { key, value } = pair
    const word = key.text.toLowerCase()
    if (word === 'weight') draft.weight = number(value, 16, 'a weight')
    else if (word === 'watch_port') draft.watchPort = watchable(value)
    else if (word === 'watch_group') draft.watchGroup = upToLast(value, 'a group')
    else if (word === 'bucket_id') draft.bucketId = upToLast(value, 'a bucket')
    else {
      // An action, or the word before the first of them.
      const isWord = word === 'action' || word === 'actions'
      const one = isWord ? value : slice(whole, key.at - whole.at, value.at - whole.at + value.text.length)
      const closed =
        !isWord && pair.by === '('
          ? { ...one, text: `${one.text}${value.text.includes(')->') ? '' : ')'}` }
          : one
      actions.push(...actionsOf(closed, { version }))
      any = true
    }
  }
  if (!any) throw syntaxError(whole, 'a bucket needs actions=, "drop" for none')
  if (type === 'ff' && draft.watchPort === undefined && draft.watchGroup === undefined)
    throw syntaxError(whole, 'a bucket of a failover group needs watch_port or watch_group')
  if (type !== 'select' && command !== 'insert_bucket' && (draft.weight ?? 0) !== 0)
    throw syntaxError(whole, 'only select groups have weights')
  // What is the default anyway is no property of the bucket.
  if (draft.watchPort === reservedPort.any) delete draft.watchPort
  if (type !== 'select' && draft.weight === 0) delete draft.weight
  return { ...(type === 'select' ? { weight: 1 } : {}), ...draft, actions }
}

/** Buckets without a number get the lowest that none before them has. */
function numbered(buckets: readonly Bucket[]): readonly Bucket[] {
  const done: Bucket[] = []
  const used = new Set<number>()
  let given: Set<number> | undefined
  buckets.forEach((one, index) => {
    if (one.bucketId !== undefined) {
      done.push(one)
      return
    }
    // Numbers that later buckets name are taken from the first unnumbered bucket on.
    given ??= new Set(buckets.slice(index + 1).flatMap(({ bucketId }) => bucketId ?? []))
    let bucketId = 0
    while (used.has(bucketId) || given.has(bucketId)) bucketId++
    used.add(bucketId)
    done.push({ ...one, bucketId })
  })
  return done
}

function properties({ method, param = 0n, fields }: Draft): { properties?: readonly Property[] } {
  if (method === undefined) return {}
  const chosen = fields === undefined ? [] : selectionFields(fields)
  return { properties: [{ type: 'selection_method', method, param, fields: chosen }] }
}
