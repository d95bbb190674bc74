/** Actions and instructions in ovs-ofctl syntax. */
import type { Action } from '../actions/actions.ts'
import type { Instruction } from '../actions/instructions.ts'
import { fieldTexts, headerTexts, writeMetadata } from './actions/headers.ts'
import { learnTexts } from './actions/learn.ts'
import { niciraTexts } from './actions/nicira.ts'
import { outputTexts } from './actions/output.ts'
import { tableName, type TextOptions, type Texts } from './actions/words.ts'
import { hexBytes, showFields } from './generic.ts'
import { hex } from './value.ts'

export { tableName, type TextOptions } from './actions/words.ts'

const texts: Texts<Action['type']> = {
  ...outputTexts,
  ...headerTexts,
  ...fieldTexts,
  ...niciraTexts,
  ...learnTexts,
  experimenter: ({ experimenter, body }) => `experimenter(${hex(experimenter)},${hexBytes(body)})`,
  unknown: ({ code, body }) => `action(${code},${hexBytes(body)})`,
}

type ShowAny = (one: Action, options: TextOptions, nested: (list: readonly Action[]) => string) => string

/** `drop` for none. */
export function showActions(list: readonly Action[], options: TextOptions = {}): string {
  const nested = (inner: readonly Action[]): string => showActions(inner, options)
  const shown = list.map((one) => (texts[one.type] as ShowAny)(one, options, nested))
  return shown.length === 0 ? 'drop' : shown.join(',')
}

/** In the order in which a switch performs them. */
const order: readonly Instruction['type'][] = [
  'meter',
  'apply_actions',
  'clear_actions',
  'write_actions',
  'write_metadata',
  'stat_trigger',
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
      return writeMetadata(one)
    case 'goto_table':
      return `goto_table:${tableName(one.tableId, options)}`
    case 'clear_actions':
      return one.type
    case 'stat_trigger':
      return `stat_trigger(${showFields(one, ['type'])})`
    case 'experimenter':
      return `experimenter(${hex(one.experimenter)},${hexBytes(one.body)})`
    case 'unknown':
      return `instruction(${one.code},${hexBytes(one.body)})`
  }
}

export function showInstructions(list: readonly Instruction[], options: TextOptions = {}): string {
  const rank = ({ type }: Instruction): number => (order.includes(type) ? order.indexOf(type) : order.length)
  const parts = [...list].sort((a, b) => rank(a) - rank(b)).map((one) => showInstruction(one, options))
  const shown = parts.filter((part) => part !== '')
  return shown.length === 0 ? 'drop' : shown.join(',')
}
