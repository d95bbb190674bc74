/** Actions and instructions in ovs-ofctl syntax. */
import type { Action } from '../actions/actions.ts'
import type { Instruction } from '../actions/instructions.ts'
import { reservedPort } from '../common/names.ts'
import type { OxmField } from '../fields/oxm.ts'
import { hexBytes, showFields } from './generic.ts'
import { bitRange, portName, setName } from './names.ts'
import { setValue } from './value.ts'

export interface TextOptions {
  /** Names to show instead of table numbers. */
  readonly tableNames?: ReadonlyMap<number, string>
}

const allBits = 0xffff_ffff_ffff_ffffn
const hex = (value: number | bigint): string => `0x${value.toString(16)}`

export const tableName = (id: number, { tableNames }: TextOptions): string =>
  tableNames?.get(id) ?? String(id)

function output(port: number, maxLen: number): string {
  if (port === reservedPort.controller) return `CONTROLLER:${maxLen}`
  return port >= reservedPort.inPort ? portName(port) : `output:${port}`
}

const reasonNames = ['no_match', 'action', 'invalid_ttl', 'action_set', 'group', 'packet_out']

function controller({
  reason,
  maxLen,
  controllerId,
}: {
  reason: number
  maxLen: number
  controllerId: number
}): string {
  if (reason === 1 && controllerId === 0) return `CONTROLLER:${maxLen}`
  const parts = [
    reason === 1 ? '' : `reason=${reasonNames[reason] ?? reason}`,
    maxLen === 0xffff ? '' : `max_len=${maxLen}`,
    controllerId === 0 ? '' : `id=${controllerId}`,
  ]
  return `controller(${parts.filter((part) => part !== '').join(',')})`
}

function setField(field: OxmField): string {
  if (field.field === 'unknown')
    return `set_field:${hex(field.value)}->oxm_${field.oxmClass.toString(16)}_${field.oxmField}`
  return `set_field:${setValue(field)}->${setName(field.field)}`
}

type CopyAction = Extract<Action, { type: 'nx_reg_move' | 'copy_field' }>

const move = ({ src, dst, srcOffset, dstOffset, nBits }: CopyAction): string =>
  `move:${bitRange(src, srcOffset, nBits)}->${bitRange(dst, dstOffset, nBits)}`

function showAction(one: Action, options: TextOptions): string {
  switch (one.type) {
    case 'output':
      return output(one.port, one.maxLen)
    case 'group':
      return `group:${one.groupId}`
    case 'set_field':
      return setField(one.field)
    case 'nx_reg_move':
    case 'copy_field':
      return move(one)
    case 'nx_reg_load':
      return `load:${one.value === 0n ? '0' : hex(one.value)}->${bitRange(one.dst, one.bits.offset, one.bits.nBits)}`
    case 'nx_resubmit':
      return `resubmit:${portName(one.port)}`
    case 'nx_resubmit_table':
      return `resubmit(${one.port === reservedPort.inPort ? '' : portName(one.port)},${tableName(one.tableId, options)})`
    case 'nx_controller':
      return controller(one)
    case 'set_queue':
      return `set_queue:${one.queueId}`
    case 'meter':
      return `meter:${one.meterId}`
    case 'experimenter':
      return `experimenter(${hex(one.experimenter)},${hexBytes(one.body)})`
    case 'unknown':
      return `action(${one.code},${hexBytes(one.body)})`
    default:
      return isPlain(one) ? showPlain(one) : `${one.type}(${showFields(one, ['type'])})`
  }
}

type PlainType = 'pop_vlan' | 'pop_pbb' | 'copy_ttl_in' | 'copy_ttl_out' | 'dec_mpls_ttl' | 'dec_nw_ttl'
type PlainAction = Extract<
  Action,
  { type: PlainType | 'set_nw_ttl' | 'set_mpls_ttl' | 'push_vlan' | 'push_mpls' | 'pop_mpls' | 'push_pbb' }
>

const plainTypes: ReadonlySet<string> = new Set<PlainAction['type']>([
  'pop_vlan',
  'pop_pbb',
  'copy_ttl_in',
  'copy_ttl_out',
  'dec_mpls_ttl',
  'dec_nw_ttl',
  'set_nw_ttl',
  'set_mpls_ttl',
  'push_vlan',
  'push_mpls',
  'pop_mpls',
  'push_pbb',
])
const isPlain = (one: Action): one is PlainAction => plainTypes.has(one.type)

function showPlain(one: PlainAction): string {
  switch (one.type) {
    case 'dec_nw_ttl':
      return 'dec_ttl'
    case 'set_nw_ttl':
      return `mod_nw_ttl:${one.ttl}`
    case 'set_mpls_ttl':
      return `set_mpls_ttl(${one.ttl})`
    case 'push_vlan':
    case 'push_mpls':
    case 'pop_mpls':
    case 'push_pbb':
      return `${one.type}:0x${one.ethertype.toString(16).padStart(4, '0')}`
    default:
      return one.type
  }
}

export function showActions(list: readonly Action[], options: TextOptions = {}): string {
  return list.length === 0 ? 'drop' : list.map((one) => showAction(one, options)).join(',')
}

/** In the order in which a switch performs them. */
const order: readonly Instruction['type'][] = [
  'meter',
  'apply_actions',
  'clear_actions',
  'write_actions',
  'write_metadata',
  'goto_table',
]

function showInstruction(one: Instruction, options: TextOptions): string {
  switch (one.type) {
    case 'meter':
      return `meter:${one.meterId}`
    case 'apply_actions':
      return one.actions.length === 0 ? '' : showActions(one.actions, options)
    case 'write_actions':
      return `write_actions(${showActions(one.actions, options)})`
    case 'write_metadata':
      return `write_metadata:${hex(one.metadata)}${one.metadataMask === allBits ? '' : `/${hex(one.metadataMask)}`}`
    case 'goto_table':
      return `goto_table:${tableName(one.tableId, options)}`
    case 'experimenter':
      return `experimenter(${hex(one.experimenter)},${hexBytes(one.body)})`
    case 'unknown':
      return `instruction(${one.code},${hexBytes(one.body)})`
    case 'stat_trigger':
      return `stat_trigger(${showFields(one, ['type'])})`
    default:
      return one.type
  }
}

export function showInstructions(list: readonly Instruction[], options: TextOptions = {}): string {
  const rank = ({ type }: Instruction): number => (order.includes(type) ? order.indexOf(type) : order.length)
  const parts = [...list].sort((a, b) => rank(a) - rank(b)).map((one) => showInstruction(one, options))
  const shown = parts.filter((part) => part !== '')
  return shown.length === 0 ? 'drop' : shown.join(',')
}
