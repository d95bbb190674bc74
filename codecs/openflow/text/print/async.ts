/** Lines of what a controller is sent without asking, by its role. */
import type { AsyncProperty } from '../../common/async.ts'

/** In the order of ovs-ofctl's lines. */
const kinds: readonly (readonly [string, string])[] = [
  ['PACKET_IN', 'packet_in'],
  ['PORT_STATUS', 'port_status'],
  ['FLOW_REMOVED', 'flow_removed'],
  ['ROLE_STATUS', 'role_status'],
  ['TABLE_STATUS', 'table_status'],
  ['REQUESTFORWARD', 'requestforward'],
]

const reasonWords: Readonly<Record<string, string>> = {
  idle_timeout: 'idle',
  hard_timeout: 'hard',
  master_request: 'primary_request',
  config: 'configuration_changed',
  experimenter: 'experimenter_data_changed',
  group_mod: 'group_mod_request',
  meter_mod: 'meter_mod_request',
}

function lineOf(
  properties: readonly AsyncProperty[],
  [title, kind]: readonly [string, string],
  role: string,
): string {
  const found = properties.findLast(({ type }) => type === `${kind}_${role}`) as
    | { readonly reasons?: readonly string[] }
    | undefined
  const reasons = (found?.reasons ?? []).filter((reason) => !reason.startsWith('bit_'))
  const words =
    reasons.length === 0 ? '(off)' : reasons.map((reason) => reasonWords[reason] ?? reason).join(' ')
  return `${title.padStart(16)}: ${words}`
}

export function asyncConfig({ properties }: { readonly properties: readonly AsyncProperty[] }): string {
  const part = (title: string, role: string): string =>
    [` ${title}:`, ...kinds.map((kind) => lineOf(properties, kind, role))].join('\n')
  return `\n${part('primary', 'master')}\n\n${part('secondary', 'slave')}`
}
