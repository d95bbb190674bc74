/** Lines of flow monitors: what is watched, and what was seen. */
import type { Instruction } from '../../actions/instructions.ts'
import type { Match } from '../../fields/oxm.ts'
import { allTables, anyGroup, reservedPort } from '../../common/names.ts'
import { showInstructions } from '../actions.ts'
import { showMatch } from '../match.ts'
import { portName } from '../names.ts'
import { hex, hexOrZero, words } from './words.ts'

interface MonitorRequest {
  readonly monitorId: number
  readonly command?: string
  readonly flags: readonly string[]
  readonly outPort: number
  readonly outGroup?: number
  readonly tableId: number
  readonly match: Match
}

/** ovs-ofctl's words: `no_abbrev` is what it calls to ask for one's own changes in full. */
const flagNames: Readonly<Record<string, string>> = {
  removed: 'delete',
  instructions: 'actions',
  no_abbrev: 'own',
  only_own: 'own',
}

function requestText({
  monitorId,
  command = 'add',
  flags,
  outPort,
  outGroup = anyGroup,
  tableId,
  match,
}: MonitorRequest): string {
  if (command !== 'add') return `id=${monitorId} command=${command}`
  const known = flags.map((flag) => flagNames[flag] ?? flag)
  return words(
    `id=${monitorId}`,
    `flags=${known.length === 0 ? 'none' : known.join(',')}`,
    outPort !== reservedPort.any && `out_port=${portName(outPort)}`,
    outGroup !== anyGroup && `out_group=${outGroup}`,
    tableId !== allTables && `table=${tableId}`,
    showMatch(match),
  )
}

export const monitorRequest = ({ entries }: { readonly entries: readonly MonitorRequest[] }): string =>
  entries.map((one) => `\n ${requestText(one)}`).join('')

interface Update {
  readonly event: string | number
  readonly xid?: number
  readonly reason?: string | number
  readonly tableId?: number
  readonly idleTimeoutS?: number
  readonly hardTimeoutS?: number
  readonly cookie?: bigint
  readonly match?: Match
  readonly instructions?: readonly Instruction[]
}

const reasonWords: Readonly<Record<string, string>> = { idle_timeout: 'idle', hard_timeout: 'hard' }

function updateText(one: Update, version: number): string {
  const event = one.event === 'removed' ? 'DELETED' : String(one.event).toUpperCase()
  if (one.event === 'abbrev') return `event=ABBREV xid=${hex(one.xid ?? 0)}`
  if (one.match === undefined) return `event=${event}`
  const { reason, idleTimeoutS = 0, hardTimeoutS = 0, cookie = 0n, match, instructions = [] } = one
  return words(
    `event=${event}`,
    one.event === 'removed' && reason !== undefined && `reason=${reasonWords[reason] ?? reason}`,
    `table=${one.tableId ?? 0}`,
    idleTimeoutS !== 0 && `idle_timeout=${idleTimeoutS}`,
    hardTimeoutS !== 0 && `hard_timeout=${hardTimeoutS}`,
    `cookie=${hexOrZero(cookie)}`,
    showMatch(match),
    instructions.length > 0 && `actions=${showInstructions(instructions, { version })}`,
  )
}

interface Updates {
  readonly entries: readonly Update[]
  readonly version: number
}

export const monitorUpdates = ({ entries, version }: Updates): string =>
  entries.map((one) => `\n ${updateText(one, version)}`).join('')
