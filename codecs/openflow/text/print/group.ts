/** Lines of groups: how they change, what they are, what went through them, what the switch can do with them. */
import type { Action } from '../../actions/actions.ts'
import { allGroups, anyGroup, reservedPort } from '../../common/names.ts'
import type { OxmField } from '../../fields/oxm.ts'
import { fieldRow } from '../../fields/table.ts'
import { showActions } from '../actions.ts'
import { portName, setName } from '../names.ts'
import { maskValue } from './mask.ts'
import { actionWords } from './action-words.ts'
import { durationText, hexOrZero } from './words.ts'

export const groupName = (groupId: number): string =>
  groupId === allGroups ? 'ALL' : groupId === anyGroup ? 'ANY' : String(groupId)

interface Bucket {
  readonly bucketId?: number
  readonly weight?: number
  readonly watchPort?: number
  readonly watchGroup?: number
  readonly actions: readonly Action[]
}

interface Property {
  readonly type: string
  readonly method?: string
  readonly param?: bigint
  readonly fields?: readonly OxmField[]
}

interface Group {
  readonly groupId: number
  readonly groupType: string | number
  readonly buckets: readonly Bucket[]
  readonly properties?: readonly Property[]
}

const bucketPlaces: ReadonlyMap<number, string> = new Map([
  [0xffff_fffd, 'first'],
  [0xffff_fffe, 'last'],
  [0xffff_ffff, 'all'],
])

/** Numbers above this are places, not buckets. */
const lastBucketId = 0xffff_ff00

interface Line {
  readonly isSelect: boolean
  readonly version: number
}

function bucketText(one: Bucket, { isSelect, version }: Line): string {
  const { bucketId, weight = isSelect ? 1 : 0, watchPort = reservedPort.any, watchGroup = anyGroup } = one
  const parts = [
    bucketId !== undefined && bucketId <= lastBucketId ? `bucket_id:${bucketId},` : '',
    (isSelect ? weight !== 1 : weight !== 0) ? `weight:${weight},` : '',
    watchPort === reservedPort.any ? '' : `watch_port:${portName(watchPort)},`,
    watchGroup === anyGroup ? '' : `watch_group:${watchGroup},`,
  ]
  return `bucket=${parts.join('')}actions=${showActions(one.actions, { version })}`
}

/** Of a field that is hashed whole only the name is said. */
function hashedField(one: OxmField): string {
  if (one.field === 'unknown') return `oxm_${one.oxmClass.toString(16)}_${one.oxmField}`
  const row = fieldRow(one.field)
  const name = setName(one.field)
  return row === undefined || BigInt(one.value) === (1n << BigInt(row.width * 8)) - 1n
    ? name
    : `${name}=${maskValue(one)}`
}

function selectionText(properties: readonly Property[]): string[] {
  const found = properties.find(({ type }) => type === 'selection_method')
  if (found === undefined) return []
  const { method = '', param = 0n, fields = [] } = found
  return [
    `selection_method=${method}`,
    ...(param === 0n ? [] : [`selection_method_param=${param}`]),
    ...(fields.length === 0 ? [] : [`fields(${fields.map(hashedField).join(',')})`]),
  ]
}

function groupText({ groupId, groupType, buckets, properties = [] }: Group, version: number): string {
  const isSelect = groupType === 'select'
  return [
    `group_id=${groupId}`,
    `type=${groupType}`,
    ...selectionText(properties),
    ...buckets.map((one) => bucketText(one, { isSelect, version })),
  ].join(',')
}

const commandWords: Readonly<Record<string, string>> = {
  add: 'ADD',
  modify: 'MOD',
  delete: 'DEL',
  add_or_modify: 'ADD_OR_MOD',
  insert_bucket: 'INSERT_BUCKET',
  remove_bucket: 'REMOVE_BUCKET',
}

export interface GroupMod extends Group {
  readonly command: string
  readonly version: number
  readonly commandBucketId?: number
}

export function groupMod(message: GroupMod): string {
  const { command, commandBucketId, groupId, buckets, properties = [], version } = message
  const word = commandWords[command] ?? command
  if (command !== 'insert_bucket' && command !== 'remove_bucket')
    return `\n ${word} ${groupText(message, version)}`
  const place = bucketPlaces.get(commandBucketId ?? 0) ?? String(commandBucketId)
  return `\n ${word} ${[
    `command_bucket_id:${place}`,
    `group_id=${groupName(groupId)}`,
    ...selectionText(properties),
    ...buckets.map((one) => bucketText(one, { isSelect: false, version })),
  ].join(',')}`
}

interface Groups {
  readonly entries: readonly Group[]
  readonly version: number
}

export const groupDescriptions = ({ entries, version }: Groups): string =>
  entries.map((one) => `\n ${groupText(one, version)}`).join('')

interface GroupStats {
  readonly groupId: number
  readonly refCount: number
  readonly packetCount: bigint
  readonly byteCount: bigint
  readonly durationS?: number
  readonly durationNs?: number
  readonly buckets: readonly { readonly packetCount: bigint; readonly byteCount: bigint }[]
}

const unknownDuration = 0xffff_ffff

function statsText({ groupId, refCount, packetCount, byteCount, buckets, ...one }: GroupStats): string {
  const { durationS = unknownDuration, durationNs = 0 } = one
  return [
    `group_id=${groupId}`,
    ...(durationS === unknownDuration ? [] : [`duration=${durationText(durationS, durationNs)}`]),
    `ref_count=${refCount}`,
    `packet_count=${packetCount}`,
    `byte_count=${byteCount}`,
    ...buckets.map(
      (bucket, index) => `bucket${index}:packet_count=${bucket.packetCount},byte_count=${bucket.byteCount}`,
    ),
  ].join(',')
}

export const groupStats = ({ entries }: { readonly entries: readonly GroupStats[] }): string =>
  entries.map((one) => `\n ${statsText(one)}`).join('')

type ByType<T> = Readonly<Record<'all' | 'select' | 'indirect' | 'ff', T>>

interface GroupFeatures {
  readonly types: readonly string[]
  readonly capabilities: readonly string[]
  readonly maxGroups: ByType<number>
  readonly actions: ByType<readonly string[]>
}

const bitsOf = (flags: readonly string[], names: readonly string[]): number =>
  flags.reduce(
    (sum, flag) => sum + 2 ** (names.includes(flag) ? names.indexOf(flag) : Number(flag.slice(4))),
    0,
  )

const typeNames = ['all', 'select', 'indirect', 'ff'] as const
const capabilityNames = ['select_weight', 'select_liveness', 'chaining', 'chaining_checks']

export function groupFeatures({ types, capabilities, maxGroups, actions }: GroupFeatures): string {
  const lines = [
    ' Group table:',
    `    Types:  ${hexOrZero(bitsOf(types, typeNames))}`,
    `    Capabilities:  ${hexOrZero(bitsOf(capabilities, capabilityNames))}`,
  ]
  for (const name of typeNames) {
    if (!types.includes(name)) continue
    lines.push(
      `    ${name === 'ff' ? 'fast failover' : name} group:`,
      `       max_groups=${hexOrZero(maxGroups[name])}`,
      `       actions: ${actionWords(actions[name])}`,
    )
  }
  return `\n${lines.join('\n')}`
}
