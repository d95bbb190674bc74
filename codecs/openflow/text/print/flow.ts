/** Lines of flows: how they change, how they end, what is there. */
import { allTables, anyGroup, noBuffer, reservedPort } from '../../common/names.ts'
import type { Instruction } from '../../actions/instructions.ts'
import type { Match } from '../../fields/oxm.ts'
import type { FlowEntry, MessageOf } from '../../message.ts'
import { showInstructions } from '../actions.ts'
import { flagText, printFlow, ruleText } from '../flow.ts'
import { showMatch } from '../match.ts'
import { portName } from '../names.ts'
import { durationText, hex, words } from './words.ts'

const commandWords = {
  add: 'ADD',
  modify: 'MOD',
  modify_strict: 'MOD_STRICT',
  delete: 'DEL',
  delete_strict: 'DEL_STRICT',
}

/** What flow-mods of every version and form have, and what some have. */
export interface FlowModLine {
  readonly command: keyof typeof commandWords
  readonly tableId: number
  readonly priority: number
  readonly match: Match
  readonly instructions: readonly Instruction[]
  readonly flags: readonly string[]
  readonly idleTimeoutS: number
  readonly hardTimeoutS: number
  readonly bufferId: number
  readonly outPort: number
  readonly outGroup?: number
  readonly cookie: bigint
  readonly cookieMask?: bigint
  readonly cookieMatch?: { readonly cookie: bigint; readonly cookieMask: bigint }
  readonly importance?: number
  readonly version: number
  readonly type: string
}

/** All ones for a cookie leaves it as it is. */
const keptCookie = 0xffff_ffff_ffff_ffffn

/** In 1.0 the table is only said where the extension is in use: never by 0 or by all. */
function tableText({ tableId, version, type }: FlowModLine): string | false {
  if (tableId === 0) return false
  if (tableId === allTables && version >= 2 && type !== 'nx_flow_mod') return 'table:255'
  return tableId === allTables ? 'table:255' : `table:${tableId}`
}

function cookieText(line: FlowModLine): string {
  const { command, cookie, cookieMask = 0n, cookieMatch, version, type } = line
  const sets =
    command === 'add' || type === 'nx_flow_mod' || version === 1 || (version === 2 && cookieMask === 0n)
  const selected = cookieMatch ?? (sets ? undefined : { cookie, cookieMask })
  return words(
    sets && cookie !== 0n && cookie !== keptCookie && `cookie:${hex(cookie)}`,
    selected !== undefined &&
      selected.cookieMask !== 0n &&
      `cookie:${hex(selected.cookie)}/${hex(selected.cookieMask)}`,
  )
}

export function flowMod(line: FlowModLine): string {
  const { command, priority, match, importance = 0 } = line
  return ` ${words(
    commandWords[command],
    tableText(line),
    ruleText(priority, match, line),
    cookieText(line),
    line.idleTimeoutS > 0 && `idle:${line.idleTimeoutS}`,
    line.hardTimeoutS > 0 && `hard:${line.hardTimeoutS}`,
    importance > 0 && `importance:${importance}`,
    // 1.0 has no other commands that heed the priority and this one.
    line.bufferId !== noBuffer && `buf:${hex(line.bufferId)}`,
    line.outPort !== reservedPort.any &&
      (line.version > 1 || line.outPort !== 0) &&
      `out_port:${portName(line.outPort)}`,
    line.outGroup !== undefined && line.outGroup !== anyGroup && `out_group:${line.outGroup}`,
    flagText(line.flags).trimEnd(),
    `actions=${showInstructions(line.instructions, { version: line.version })}`,
  )}`
}

const reasonWords: Readonly<Record<string, string>> = { idle_timeout: 'idle', hard_timeout: 'hard' }

type FlowRemoved = MessageOf<'flow_removed' | 'nx_flow_removed'>

export function flowRemoved(message: FlowRemoved): string {
  const { reason, cookie, durationS, durationNs, priority, match, idleTimeoutS } = message
  const { tableId, hardTimeoutS = 0 } = message as { tableId?: number; hardTimeoutS?: number }
  return ` ${words(
    ruleText(priority, match),
    `reason=${reasonWords[reason] ?? reason}`,
    tableId !== undefined && `table_id=${tableId}`,
    cookie !== 0n && `cookie:${hex(cookie)}`,
    `duration${durationText(durationS, durationNs)}`,
    `idle${idleTimeoutS}`,
    hardTimeoutS !== 0 && `hard${hardTimeoutS}`,
    `pkts${message.packetCount}`,
    `bytes${message.byteCount}`,
  )}`
}

export interface Selection {
  readonly tableId: number
  readonly outPort: number
  readonly outGroup?: number
  readonly match: Match
}

/** ovs-ofctl leaves out which cookies are meant. */
export function selection({ tableId, outPort, outGroup = anyGroup, match }: Selection): string {
  const line = words(
    tableId !== allTables && `table=${tableId}`,
    outPort !== reservedPort.any && `out_port=${portName(outPort)}`,
    outGroup !== anyGroup && `out_group=${outGroup}`,
    showMatch(match),
  )
  return line === '' ? '' : ` ${line}`
}

export interface Flows {
  readonly entries: readonly FlowEntry[]
  readonly version: number
}

export const flows = ({ entries, version }: Flows): string =>
  entries.map((flow) => `\n ${printFlow(flow, { version })}`).join('')

interface Totals {
  readonly packetCount: bigint
  readonly byteCount: bigint
  readonly flowCount: number
}

export const aggregate = ({ packetCount, byteCount, flowCount }: Totals): string =>
  ` packet_count=${packetCount} byte_count=${byteCount} flow_count=${flowCount}`
