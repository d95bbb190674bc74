/** Rules in ovs-ofctl syntax with table names: what `plan`, `flows` and the golden tests show. */
import { printFlow, type PrintableFlow } from 'ts-openflow'
import { instructionsOf } from './openflow.ts'
import type { Rule } from './rule.ts'
import { tableIdOf, tableNames } from './tables.ts'

/** For text the version matters only where a rule has no form in older ones. */
const newestVersion = 6

const names: ReadonlyMap<number, string> = new Map(tableNames.map((name) => [tableIdOf(name), name]))

/** Such as `table=local, priority=100,metadata=0x65,dl_dst=52:54:00:00:00:01 actions=output:3`. */
export function flowText(rule: Rule): string {
  const { priority, match } = rule
  const instructions = instructionsOf(rule, newestVersion)
  return printFlow({ tableId: tableIdOf(rule.table), priority, match, instructions }, { tableNames: names })
}

/** A flow as a switch has it, or as it is sent: with its cookie, and the counters if it has any. */
export function rawFlowText(flow: PrintableFlow): string {
  return printFlow(flow, { tableNames: names })
}
