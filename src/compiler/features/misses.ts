/** What happens to a packet that nothing else matches, in every table, and one counter per reason of a drop. */
import { dropReasonNames, dropReasons } from '../../pipeline/drop-reasons.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import { isDeclaredTable, tables, type DeclaredTableName } from '../../pipeline/tables.ts'
import { hostMeter, puntBytes } from './meters.ts'

const hypervisorTables: readonly DeclaredTableName[] = [
  ...([
    'classify',
    'uplink',
    'l2_security',
    'address_security',
    'nd_security',
    'respond',
    'respond_nd',
  ] as const),
  ...(['remote', 'path', 'local', 'drop'] as const),
]
const sharingTables: readonly DeclaredTableName[] = ['lease', 'egress']
const fabricTables: readonly DeclaredTableName[] = ['classify', 'remote', 'path', 'local', 'drop']

/** `shared`: whether uplinks are, by classes of traffic. */
export function missRules(
  owner: Owner,
  { role, shared = false }: { readonly role: 'hypervisor' | 'fabric'; readonly shared?: boolean },
): Rule[] {
  const own = role === 'hypervisor' ? hypervisorTables : fabricTables
  const used = shared ? [...own, ...sharingTables] : own
  return used.map((table) => missRule(owner, table, role === 'hypervisor'))
}

/** Strangers on a hypervisor are shown to the controller: they may be VMs that somebody forgot to declare. */
function missRule(owner: Owner, table: DeclaredTableName, mayPunt: boolean): Rule {
  const input = { table, priority: 0, match: [], owner } as const
  const { miss } = tables[table]
  if ('end' in miss) return rule(input)
  if ('goto' in miss) {
    if (!isDeclaredTable(miss.goto)) throw new TypeError(`no table ${miss.goto}`)
    return rule({ ...input, goto: miss.goto })
  }
  if (!miss.punt || !mayPunt) return dropRule(input, miss.drop)
  return dropRule(
    { ...input, meter: hostMeter, actions: [{ type: 'controller', maxLen: puntBytes }] },
    miss.drop,
  )
}

/** The sums that `drops` shows. */
export function dropCounters(owner: Owner): Rule[] {
  return dropReasonNames.map((name) =>
    rule({
      table: 'drop',
      priority: 100,
      match: [{ field: 'reg15', value: dropReasons[name].number }],
      owner,
    }),
  )
}
