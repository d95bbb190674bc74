/** The pipeline's actions as OpenFlow actions and back. */
import { isDeepStrictEqual } from 'node:util'
import type { Action } from 'ts-openflow'
import type { HashFields, RuleAction } from './rule.ts'
import { normalizeField } from './fields.ts'
import { noteSession } from './sessions.ts'
import { slotCount, spreadGroupId } from './slots.ts'
import { tableIdOf, tableNameOf } from './tables.ts'

/** What a version has for copying a field. */
export type VersionForm = 'copy_field' | 'nx_reg_move'

const portInPort = 0xfffffff8
const portController = 0xfffffffd
const ethertypeVlan = 0x8100

export function actionTo(action: RuleAction, form: VersionForm): Action {
  switch (action.type) {
    case 'output':
      return { type: 'output', port: action.port, maxLen: 0 }
    case 'output_in_port':
      return { type: 'output', port: portInPort, maxLen: 0 }
    case 'controller':
      return { type: 'output', port: portController, maxLen: action.maxLen }
    case 'push_vlan':
      return { type: 'push_vlan', ethertype: ethertypeVlan }
    case 'pop_vlan':
      return action
    case 'set_field':
      return action
    case 'spread':
      // Only 1.5 can say how a group hashes; the others have nothing that tells UDP flows apart both ways but this.
      return action.over === 'l3l4' && form === 'copy_field'
        ? { type: 'group', groupId: spreadGroupId }
        : multipath(action.over)
    case 'failover':
      return {
        type: 'nx_bundle',
        algorithm: 'active_backup',
        fields: 'eth_src',
        basis: 0,
        members: action.ports,
      }
    case 'copy':
      return copy(tableIdOf(action.table))
    case 'set_queue':
      return { type: 'set_queue', queueId: action.queue }
    case 'first_up':
      return firstUp(action.ports)
    case 'note_session':
      return noteSession(action.family)
    case 'allow_return':
      return form === 'copy_field' ? setNoPort : forgetInPort
    case 'move': {
      if (action.from === 'unknown' || action.to === 'unknown')
        throw new TypeError('a move names known fields')
      return { type: form, nBits: action.bits, srcOffset: 0, dstOffset: 0, src: action.from, dst: action.to }
    }
  }
}

const hashed = { l2: 'eth_src', l3: 'symmetric_l3', l3l4: 'symmetric_l3l4+udp' } as const

const multipath = (over: HashFields) =>
  ({
    type: 'nx_multipath',
    fields: hashed[over],
    basis: 0,
    algorithm: 'modulo_n',
    maxLink: slotCount - 1,
    arg: 0,
    bits: { offset: 0, nBits: 32 },
    dst: 'reg14',
  }) as const

/**
 * A switch sends nothing back to the port that `in_port` names. From 1.5 on there are no loads; Open vSwitch 3.1 lets the
 * field be set to 0 only as the one of 16 bits that Nicira's class has.
 */
const setNoPort = { type: 'set_field', field: { field: 'in_port', oxmClass: 0, value: 0 } } as const
const forgetInPort = {
  type: 'nx_reg_load',
  bits: { offset: 0, nBits: 16 },
  dst: 'in_port',
  value: 0n,
} as const

const copy = (tableId: number) => ({ type: 'nx_resubmit_table', port: portInPort, tableId }) as const

const firstUp = (members: readonly number[]) =>
  ({
    type: 'nx_bundle_load',
    algorithm: 'active_backup',
    fields: 'eth_src',
    basis: 0,
    bits: { offset: 0, nBits: 32 },
    dst: 'reg11',
    members,
  }) as const

const families = [4, 6] as const

function spreadFrom(action: Extract<Action, { type: 'nx_multipath' }>): RuleAction | undefined {
  const over = (['l2', 'l3', 'l3l4'] as const).find((one) => hashed[one] === action.fields)
  return over !== undefined && isDeepStrictEqual(action, multipath(over))
    ? { type: 'spread', over }
    : undefined
}

/** Undefined for an action that the pipeline does not use. */
export function actionFrom(action: Action): RuleAction | undefined {
  switch (action.type) {
    case 'output':
      if (action.port === portInPort) return { type: 'output_in_port' }
      if (action.port === portController) return { type: 'controller', maxLen: action.maxLen }
      return { type: 'output', port: action.port }
    case 'push_vlan':
      return action.ethertype === ethertypeVlan ? { type: 'push_vlan' } : undefined
    case 'pop_vlan':
      return { type: 'pop_vlan' }
    case 'set_field': {
      if (isDeepStrictEqual(action, setNoPort)) return { type: 'allow_return' }
      const field = normalizeField(action.field)
      return field.mask === undefined ? { type: 'set_field', field } : undefined
    }
    case 'group':
      return action.groupId === spreadGroupId ? { type: 'spread', over: 'l3l4' } : undefined
    case 'nx_multipath':
      return spreadFrom(action)
    case 'nx_bundle':
      return action.algorithm === 'active_backup' ? { type: 'failover', ports: action.members } : undefined
    case 'nx_resubmit_table':
      return isDeepStrictEqual(action, copy(action.tableId))
        ? { type: 'copy', table: tableNameOf(action.tableId) }
        : undefined
    case 'set_queue':
      return { type: 'set_queue', queue: action.queueId }
    case 'nx_bundle_load':
      return isDeepStrictEqual(action, firstUp(action.members))
        ? { type: 'first_up', ports: action.members }
        : undefined
    case 'nx_learn2':
      return families.flatMap((family): RuleAction[] =>
        isDeepStrictEqual(action, noteSession(family)) ? [{ type: 'note_session', family }] : [],
      )[0]
    case 'nx_reg_load':
      return isDeepStrictEqual(action, forgetInPort) ? { type: 'allow_return' } : undefined
    case 'copy_field':
    case 'nx_reg_move':
      if (action.srcOffset !== 0 || action.dstOffset !== 0) return undefined
      return { type: 'move', from: action.src, to: action.dst, bits: action.nBits }
    default:
      return undefined
  }
}
