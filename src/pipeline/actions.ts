/** The pipeline's actions as OpenFlow actions and back. */
import type { Action } from 'ts-openflow'
import type { RuleAction } from './rule.ts'
import { normalizeField } from './fields.ts'

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
    case 'move': {
      if (action.from === 'unknown' || action.to === 'unknown')
        throw new TypeError('a move names known fields')
      return { type: form, nBits: action.bits, srcOffset: 0, dstOffset: 0, src: action.from, dst: action.to }
    }
  }
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
      const field = normalizeField(action.field)
      return field.mask === undefined ? { type: 'set_field', field } : undefined
    }
    case 'copy_field':
    case 'nx_reg_move':
      if (action.srcOffset !== 0 || action.dstOffset !== 0) return undefined
      return { type: 'move', from: action.src, to: action.dst, bits: action.nBits }
    default:
      return undefined
  }
}
