/** A flow as `ovs-ofctl dump-flows --no-names` shows it. */
import type { Instruction } from '../actions/instructions.ts'
import type { Match } from '../fields/oxm.ts'
import { showInstructions, tableName, type TextOptions } from './actions.ts'
import { showMatch } from './match.ts'
import { durationText } from './print/words.ts'

/** A flow entry of a reply, or a flow that is only planned: without counters it is shown as `--no-stats` would. */
export interface PrintableFlow {
  readonly tableId: number
  readonly priority: number
  readonly match: Match
  readonly instructions: readonly Instruction[]
  readonly cookie?: bigint
  readonly idleTimeoutS?: number
  readonly hardTimeoutS?: number
  readonly flags?: readonly string[]
  readonly importance?: number
  readonly packetCount?: bigint
  readonly byteCount?: bigint
  readonly durationS?: number
  readonly durationNs?: number
  readonly idleS?: number
  /** As Nicira's flow statistics of 1.0 have them. */
  readonly idleAgeS?: number
  readonly hardAgeS?: number
}

export const defaultPriority = 0x8000

/** ovs-ofctl's words for the flags of a flow. */
const flagWords: Readonly<Record<string, string>> = {
  no_pkt_counts: 'no_packet_counts',
  no_byt_counts: 'no_byte_counts',
}

export const flagText = (flags: readonly string[]): string =>
  flags.map((flag) => `${flagWords[flag] ?? flag} `).join('')

/** Priority and match together: `priority=200,ip,nw_dst=10.0.0.1`; the default priority is left out. */
export function ruleText(priority: number, match: Match, options: TextOptions = {}): string {
  const fields = showMatch(match, options)
  if (priority === defaultPriority) return fields
  return fields === '' ? `priority=${priority}` : `priority=${priority},${fields}`
}

/** One line, without a newline. */
export function printFlow(flow: PrintableFlow, options: TextOptions = {}): string {
  const { tableId, cookie = 0n, packetCount, byteCount, durationS, durationNs = 0 } = flow
  const idleAgeS = flow.idleS ?? flow.idleAgeS
  const counted = packetCount !== undefined && byteCount !== undefined
  const named = options.tableNames?.has(tableId) === true
  const parts = [
    counted || cookie !== 0n ? `cookie=0x${cookie.toString(16)}, ` : '',
    durationS === undefined ? '' : `duration=${durationText(durationS, durationNs)}, `,
    counted || tableId !== 0 || named ? `table=${tableName(tableId, options)}, ` : '',
    counted ? `n_packets=${packetCount}, n_bytes=${byteCount}, ` : '',
    flow.idleTimeoutS ? `idle_timeout=${flow.idleTimeoutS}, ` : '',
    flow.hardTimeoutS ? `hard_timeout=${flow.hardTimeoutS}, ` : '',
    flagText(flow.flags ?? []),
    flow.importance ? `importance=${flow.importance}, ` : '',
    idleAgeS === undefined ? '' : `idle_age=${idleAgeS}, `,
    flow.hardAgeS === undefined || flow.hardAgeS === durationS ? '' : `hard_age=${flow.hardAgeS}, `,
  ]
  const rule = ruleText(flow.priority, flow.match)
  return `${parts.join('')}${rule}${rule === '' ? '' : ' '}actions=${showInstructions(flow.instructions, options)}`
}
