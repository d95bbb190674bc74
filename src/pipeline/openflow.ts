/**
 * Rules as OpenFlow: to a flow-mod of a version, and back from an entry of a flow dump to a value that compares with
 * rules. What switches change on the way (Open vSwitch 1.5 returns registers as masked 64-bit ones) is undone here.
 */
import { splitXregs, type Action, type FlowMod, type Instruction, type OxmField } from 'ts-openflow'
import { actionFrom, actionTo, type VersionForm } from './actions.ts'
import { cookieOf, ownCookies } from './cookies.ts'
import { fieldText, normalizeField, sortMatch } from './fields.ts'
import type { Owner, Rule, RuleAction } from './rule.ts'
import { tableIdOf, tableNameOf } from './tables.ts'

/**
 * A rule as read from a switch. It compares with rules by `ruleKey` and `sameRule` and can be deleted like one;
 * its owner is known by hash only: `switch/#1a2b3c4d`.
 */
export interface InstalledRule extends Rule {
  readonly cookie: bigint
  /** Set when it does something that no rule of this pipeline does: it equals none of ours. */
  readonly opaque?: true
}

/** What `fromFlow` needs of a flow dump's entry. */
export interface DumpedFlow {
  readonly tableId: number
  readonly priority: number
  readonly cookie: bigint
  readonly idleTimeoutS?: number
  readonly hardTimeoutS?: number
  readonly match: readonly OxmField[]
  readonly instructions: readonly Instruction[]
}

/** OpenFlow 1.5, the first version with meters as actions and with copy_field. */
const version15 = 6
const any = 0xffffffff
const noBuffer = 0xffffffff
const allBits = 0xffff_ffff_ffff_ffffn

const formOf = (version: number): VersionForm => (version >= version15 ? 'copy_field' : 'nx_reg_move')

/** `add` replaces a rule with the same key, cookie included. A delete takes a rule with the same key only if it is ours. */
export function toFlowMod(rule: Rule, version: number, command: FlowMod['command']): FlowMod {
  const deletes = command === 'delete' || command === 'delete_strict'
  return {
    type: 'flow_mod',
    version,
    xid: 0,
    ...(deletes ? ownCookies : { cookie: cookie(rule), cookieMask: 0n }),
    tableId: tableIdOf(rule.table),
    command,
    idleTimeoutS: 0,
    hardTimeoutS: 0,
    priority: rule.priority,
    bufferId: noBuffer,
    outPort: any,
    outGroup: any,
    flags: [],
    importance: 0,
    match: rule.match,
    instructions: deletes ? [] : instructionsOf(rule, version),
  }
}

/** What a rule does, in the form of a version. */
export function instructionsOf(rule: Rule, version: number): Instruction[] {
  const form = formOf(version)
  const instructions: Instruction[] = []
  const actions: Action[] = rule.actions.map((action) => actionTo(action, form))
  if (rule.meter !== undefined) {
    if (version >= version15) actions.unshift({ type: 'meter', meterId: rule.meter })
    else instructions.push({ type: 'meter', meterId: rule.meter })
  }
  if (actions.length > 0) instructions.push({ type: 'apply_actions', actions })
  if (rule.setNetwork !== undefined) {
    instructions.push({ type: 'write_metadata', metadata: BigInt(rule.setNetwork), metadataMask: allBits })
  }
  // The group that spreads goes on by itself.
  if (rule.goto !== undefined && !actions.some(({ type }) => type === 'group'))
    instructions.push({ type: 'goto_table', tableId: tableIdOf(rule.goto) })
  return instructions
}

/** The inverse of `toFlowMod`, for any flow that a switch reports. */
export function fromFlow(flow: DumpedFlow): InstalledRule {
  const read: Body = { actions: [], opaque: (flow.idleTimeoutS ?? 0) + (flow.hardTimeoutS ?? 0) > 0 }
  for (const instruction of flow.instructions) readInstruction(instruction, read)
  const { meter, actions, setNetwork, goto, opaque } = read
  return {
    table: tableNameOf(flow.tableId),
    priority: flow.priority,
    match: sortMatch(splitXregs(flow.match).map(normalizeField)),
    ...(meter === undefined ? {} : { meter }),
    actions,
    ...(setNetwork === undefined ? {} : { setNetwork }),
    ...(goto === undefined ? {} : { goto: tableNameOf(goto) }),
    owner: `switch/#${(flow.cookie & 0xffffffffn).toString(16).padStart(8, '0')}` satisfies Owner,
    phase: 'receive',
    cookie: flow.cookie,
    ...(opaque ? { opaque } : {}),
  }
}

interface Body {
  meter?: number
  readonly actions: RuleAction[]
  setNetwork?: number
  goto?: number
  opaque: boolean
}

function readInstruction(instruction: Instruction, body: Body): void {
  switch (instruction.type) {
    case 'meter':
      body.meter = instruction.meterId
      return
    case 'goto_table':
      body.goto = instruction.tableId
      return
    case 'write_metadata':
      body.setNetwork = Number(instruction.metadata)
      body.opaque ||= instruction.metadataMask !== allBits
      return
    case 'apply_actions':
      for (const [index, action] of instruction.actions.entries()) {
        const own = actionFrom(action)
        if (own) {
          body.actions.push(own)
          if (action.type === 'group') body.goto = tableIdOf('path')
        } else if (action.type === 'meter' && index === 0) body.meter = action.meterId
        else body.opaque = true
      }
      return
    default:
      body.opaque = true
  }
}

/** Table, priority and match: what identifies a rule on a switch. Remembered per rule. */
export function ruleKey(rule: Pick<Rule, 'table' | 'priority' | 'match'>): string {
  let key = keys.get(rule)
  if (key === undefined) {
    key = `${tableIdOf(rule.table)},${rule.priority}`
    for (const field of rule.match) key += `,${fieldText(field)}`
    keys.set(rule, key)
  }
  return key
}

/** A pure function's memory: rules are immutable, and their keys are asked for again and again. */
const keys = new WeakMap<object, string>()

/** Whether two rules are the same on a switch: key, cookie and everything they do. */
export function sameRule(a: Rule, b: Rule): boolean {
  if (a === b) return true
  if ('opaque' in a || 'opaque' in b) return false
  return (
    a.meter === b.meter &&
    a.setNetwork === b.setNetwork &&
    a.goto === b.goto &&
    a.actions.length === b.actions.length &&
    ruleKey(a) === ruleKey(b) &&
    cookie(a) === cookie(b) &&
    a.actions.every((action, index) => sameAction(action, b.actions[index]))
  )
}

function cookie(rule: Rule): bigint {
  return 'cookie' in rule ? (rule as InstalledRule).cookie : cookieOf(rule)
}

function sameAction(a: RuleAction, b: RuleAction | undefined): boolean {
  if (a === b) return true
  switch (a.type) {
    case 'output':
      return b?.type === 'output' && a.port === b.port
    case 'controller':
      return b?.type === 'controller' && a.maxLen === b.maxLen
    case 'set_field':
      return b?.type === 'set_field' && fieldText(a.field) === fieldText(b.field)
    case 'spread':
      return b?.type === 'spread' && a.over === b.over
    case 'copy':
      return b?.type === 'copy' && a.table === b.table
    case 'set_queue':
      return b?.type === 'set_queue' && a.queue === b.queue
    case 'failover':
    case 'first_up':
      return a.type === b?.type && a.ports.join() === b.ports.join()
    case 'move':
      return b?.type === 'move' && a.from === b.from && a.to === b.to && a.bits === b.bits
    default:
      return a.type === b?.type
  }
}
