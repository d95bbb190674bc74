/**
 * Makes rules, and refuses those that their table's declaration does not allow: a mistake in a feature fails
 * where the rule is made and not on a switch.
 */
import type { OxmField } from 'ts-openflow'
import { dropReasons, type DropReason } from './drop-reasons.ts'
import { sortMatch } from './fields.ts'
import type { FieldName, Rule, RuleAction } from './rule.ts'
import { tables, type DeclaredTableName } from './tables.ts'

export interface RuleInput extends Omit<Rule, 'table' | 'goto' | 'match' | 'actions' | 'phase'> {
  readonly table: DeclaredTableName
  readonly match: readonly OxmField[]
  /** None by default. */
  readonly actions?: readonly RuleAction[]
  readonly goto?: DeclaredTableName
  /** `receive` by default. */
  readonly phase?: Rule['phase']
}

/** A rule that its table does not allow: a mistake of the program, not of its user. */
export class RuleError extends Error {
  override readonly name = 'RuleError'
}

interface Allowed {
  readonly match: ReadonlySet<FieldName>
  readonly actions: ReadonlySet<string>
  readonly writes: ReadonlySet<FieldName>
  readonly goto: ReadonlySet<string>
}

const allowed: ReadonlyMap<string, Allowed> = new Map(
  Object.entries(tables).map(([name, table]) => [
    name,
    {
      match: new Set(table.match),
      actions: new Set<string>(table.actions),
      writes: new Set(table.writes),
      goto: new Set(table.goto),
    },
  ]),
)

const maxPriority = 0xffff
const noActions: readonly RuleAction[] = []

/** Throws `RuleError` when the table's declaration does not allow the rule. */
export function rule(input: RuleInput): Rule {
  const problem = problemWith(input)
  if (problem !== undefined) throw new RuleError(`rule of ${input.owner} in table ${input.table}: ${problem}`)
  const { table, priority, meter, actions = noActions, setNetwork, owner, phase = 'receive' } = input
  return {
    table,
    priority,
    match: sortMatch(input.match),
    ...(meter === undefined ? {} : { meter }),
    actions,
    ...(setNetwork === undefined ? {} : { setNetwork }),
    ...(input.goto === undefined ? {} : { goto: input.goto }),
    owner,
    ...(input.network === undefined ? {} : { network: input.network }),
    phase,
  }
}

/** A rule that gives the reason of the drop and leads to the table that counts it. */
export function dropRule(input: Omit<RuleInput, 'goto' | 'setNetwork'>, reason: DropReason): Rule {
  return rule({ ...input, actions: [setDropReason[reason], ...(input.actions ?? [])], goto: 'drop' })
}

const setDropReason = Object.fromEntries(
  Object.entries(dropReasons).map(([name, { number }]) => [
    name,
    { type: 'set_field', field: { field: 'reg15', value: number } },
  ]),
) as unknown as Readonly<Record<DropReason, RuleAction>>

function problemWith({ table, priority, match, actions, setNetwork, goto }: RuleInput): string | undefined {
  const may = allowed.get(table)
  if (!may) return 'there is no such table'
  if (!Number.isInteger(priority) || priority < 0 || priority > maxPriority) return `priority ${priority}`
  if (goto !== undefined && !may.goto.has(goto)) return `may not lead to ${goto}`
  if (setNetwork !== undefined && !tables[table].setsNetwork) return 'may not choose the network'
  return problemWithMatch(match, may) ?? (actions && problemWithActions(actions, may))
}

function problemWithMatch(match: readonly OxmField[], may: Allowed): string | undefined {
  for (const [index, { field, mask }] of match.entries()) {
    if (!may.match.has(field)) return `may not match ${field}`
    if (mask !== undefined && Number(mask) === 0) return `empty mask of ${field}`
    for (let other = 0; other < index; other++) {
      if (match[other]?.field === field) return `matches ${field} twice`
    }
  }
  return undefined
}

function problemWithActions(actions: readonly RuleAction[], may: Allowed): string | undefined {
  for (const action of actions) {
    if (!may.actions.has(action.type)) return `may not ${action.type}`
    if (action.type === 'copy' && !may.goto.has(action.table)) return `may not copy to ${action.table}`
    const written =
      action.type === 'set_field' ? action.field.field : action.type === 'move' ? action.to : undefined
    if (written !== undefined && !may.writes.has(written)) return `may not write ${written}`
  }
  return undefined
}
