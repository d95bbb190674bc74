/**
 * Rules that an operator makes by hand, in ovs-ofctl's syntax: read, marked as the operator's by their cookie, and judged.
 * They are outside the program: nothing restores them, and nothing but a drop can be shown to keep networks isolated.
 */
import {
  type Action,
  decode,
  encode,
  EncodeError,
  type FlowMod,
  type Instruction,
  parseFlow,
} from 'ts-openflow'
import { operatorCookies } from './cookies.ts'
import { isDeclaredTable, tableIdOf } from './tables.ts'

/** Whom listings name as the owner of such rules. */
export const operator = 'operator'

/** A delete is given without actions. Throws `EncodeError`, `at` an offset in the text. */
export function operatorFlow(text: string, version: number, command: OperatorCommand): FlowMod {
  const parsed = parseFlow(numbered(text), { version, command })
  const { cookie = 0n, cookieMask = 0n } = 'cookieMask' in parsed ? parsed : { cookie: parsed.cookie }
  if (ownerBits(cookie) !== 0n && ownerBits(cookie) !== operatorCookies.cookie)
    throw new EncodeError(
      'INVALID',
      'the first 8 bits of the cookie say whose rule it is; give one of up to 56 bits',
      Math.max(0, text.indexOf('cookie')),
    )
  const whose =
    command === 'add'
      ? { cookie: cookie | operatorCookies.cookie }
      : { cookie: cookie | operatorCookies.cookie, cookieMask: cookieMask | operatorCookies.cookieMask }
  // Through the bytes, so that what this version cannot say is refused here and every default is filled in.
  const flow = decode(encode({ ...parsed, type: 'flow_mod', ...whose, version, xid: 0 }))
  if (flow.type !== 'flow_mod') throw new Error(`a flow-mod was read as ${flow.type}`)
  if (flow.instructions.some((one) => 'actions' in one && learns(one.actions)))
    throw new EncodeError('INVALID', 'learn makes rules that nobody owns', Math.max(0, text.indexOf('learn')))
  return flow
}

/** In actions, and in those that they hold. */
const learns = (actions: readonly Action[]): boolean =>
  actions.some((one) => one.type === 'nx_learn' || ('actions' in one && learns(one.actions)))

export type OperatorCommand = 'add' | 'delete' | 'delete_strict'

const ownerBits = (cookie: bigint): bigint => cookie & operatorCookies.cookieMask

/**
 * Whether a rule keeps networks isolated whatever is declared, now and later: it must let nothing pass, change nothing
 * and send nothing. Of anything else that would have to be shown anew at every change of intent.
 */
export function isSafe({ instructions }: { readonly instructions: readonly Instruction[] }): boolean {
  return instructions.every(
    (one) => one.type === 'clear_actions' || (one.type === 'apply_actions' && one.actions.length === 0),
  )
}

/** The names of our tables as numbers, each as long as the name was, so that errors point to the right place. */
function numbered(text: string): string {
  return text.replace(/(\btable=|\bgoto_table:)([a-z][a-z0-9_]*)/g, (whole, before: string, name: string) =>
    isDeclaredTable(name) ? before + String(tableIdOf(name)).padEnd(name.length) : whole,
  )
}
