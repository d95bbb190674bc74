/** Ways in which a compiler could go wrong: each spoils one rule of a program so that networks could leak. */
import type { OxmField } from 'ts-openflow'
import type { Program } from '../../../src/compiler/program.ts'
import type { Rule, RuleAction } from '../../../src/pipeline/rule.ts'

export interface Mutation {
  readonly name: string
  /** The spoiled rule, or undefined where this mutation does not apply. */
  readonly spoil: (rule: Rule, stranger: Stranger) => Rule | undefined
}

/** Something that belongs to another network. */
export interface Stranger {
  readonly key: number
  readonly vlan: number | undefined
  /** On the same switch. */
  readonly port: number
}

const replaceField = (rule: Rule, name: OxmField['field'], value: number | bigint): Rule | undefined =>
  rule.match.some(({ field }) => field === name)
    ? {
        ...rule,
        match: rule.match.map((one) => (one.field === name ? ({ field: name, value } as OxmField) : one)),
      }
    : undefined

const without = (rule: Rule, name: OxmField['field']): Rule => ({
  ...rule,
  match: rule.match.filter(({ field }) => field !== name),
})

const act = (rule: Rule, change: (action: RuleAction) => RuleAction | undefined): Rule => ({
  ...rule,
  actions: rule.actions.map(change).filter((action) => action !== undefined),
})

const has = (rule: Rule, type: RuleAction['type']) => rule.actions.some((action) => action.type === type)
const lets = (rule: Rule) => has(rule, 'output') || has(rule, 'output_in_port')

export const mutations: readonly Mutation[] = [
  {
    name: 'notes sessions of frames that no port security has seen',
    spoil: (rule) =>
      lets(rule) && rule.network !== undefined
        ? { ...rule, actions: [...rule.actions, { type: 'note_session', family: 4 }] }
        : undefined,
  },
  {
    name: 'sends to a port of another network',
    spoil: (rule, { port }) =>
      has(rule, 'output') ? act(rule, (one) => (one.type === 'output' ? { ...one, port } : one)) : undefined,
  },
  {
    name: 'sends one more copy to a port of another network',
    spoil: (rule, { port }) =>
      rule.table === 'local' && has(rule, 'output')
        ? { ...rule, actions: [...rule.actions, { type: 'output', port }] }
        : undefined,
  },
  {
    name: 'matches another network',
    spoil: (rule, { key }) => (lets(rule) ? replaceField(rule, 'metadata', BigInt(key)) : undefined),
  },
  {
    name: 'matches every network',
    spoil: (rule) =>
      lets(rule) && rule.match.some(({ field }) => field === 'metadata')
        ? without(rule, 'metadata')
        : undefined,
  },
  {
    name: 'gives packets another network',
    spoil: (rule, { key }) => (rule.setNetwork === undefined ? undefined : { ...rule, setNetwork: key }),
  },
  {
    name: 'gives packets another network and says so',
    spoil: (rule, { key }) =>
      rule.setNetwork === undefined ? undefined : { ...rule, setNetwork: key, network: key },
  },
  {
    name: 'takes in packets of another port',
    spoil: (rule, { port }) =>
      rule.setNetwork === undefined ? undefined : replaceField(rule, 'in_port', port),
  },
  {
    name: 'takes in packets of every port',
    spoil: (rule) => (rule.setNetwork === undefined ? undefined : without(rule, 'in_port')),
  },
  {
    name: 'takes in another VLAN',
    spoil: (rule, { vlan }) =>
      rule.setNetwork === undefined || vlan === undefined
        ? undefined
        : replaceField(rule, 'vlan_vid', 0x1000 | vlan),
  },
  {
    name: 'takes in every VLAN',
    spoil: (rule) =>
      rule.setNetwork === undefined || !has(rule, 'pop_vlan') ? undefined : without(rule, 'vlan_vid'),
  },
  {
    name: 'tags with another VLAN',
    spoil: (rule, { vlan }) =>
      has(rule, 'push_vlan') && vlan !== undefined
        ? act(rule, (one) =>
            one.type === 'set_field'
              ? { type: 'set_field', field: { field: 'vlan_vid', value: 0x1000 | vlan } }
              : one,
          )
        : undefined,
  },
  {
    name: 'does not tag',
    spoil: (rule) =>
      has(rule, 'push_vlan')
        ? act(rule, (one) => (one.type === 'output' || one.type === 'failover' ? one : undefined))
        : undefined,
  },
  {
    name: 'moves packets to another network on the way',
    spoil: (rule, { key }) =>
      rule.goto === undefined
        ? undefined
        : {
            ...rule,
            actions: [
              ...rule.actions,
              { type: 'set_field', field: { field: 'metadata', value: BigInt(key) } },
            ],
          },
  },
  {
    name: 'sends frames of every network to a VM',
    spoil: (rule, { port }) =>
      has(rule, 'failover') &&
      (rule.table === 'remote' || rule.match.some(({ field, value }) => field === 'reg14' && value === 0))
        ? act(rule, (one) => (one.type === 'failover' ? { ...one, ports: [...one.ports, port] } : one))
        : undefined,
  },
  {
    name: 'sends what came by a cable on while it looks for the uplink in use',
    spoil: (rule, { port }) =>
      has(rule, 'first_up') ? { ...rule, actions: [...rule.actions, { type: 'output', port }] } : undefined,
  },
  {
    name: 'sends out again what came by the uplink in use',
    spoil: (rule) =>
      rule.table === 'uplink' && rule.goto === 'local' ? { ...rule, goto: 'remote' } : undefined,
  },
  {
    name: 'leaves by any port',
    spoil: (rule) => (rule.table === 'egress' && has(rule, 'output') ? without(rule, 'reg11') : undefined),
  },
  {
    name: 'changes the VLAN on the way out',
    spoil: (rule) =>
      rule.table === 'egress' && has(rule, 'output')
        ? {
            ...rule,
            actions: [{ type: 'set_field', field: { field: 'vlan_vid', value: 0x1001 } }, ...rule.actions],
          }
        : undefined,
  },
  {
    name: 'leaves by a port that was chosen before',
    spoil: (rule) =>
      rule.goto === 'lease'
        ? act(rule, (one) =>
            one.type === 'first_up' || (one.type === 'set_field' && one.field.field === 'reg11')
              ? undefined
              : one,
          )
        : undefined,
  },
  {
    name: 'chooses a port of a VM to leave by',
    spoil: (rule, { port }) =>
      rule.goto === 'lease' && rule.table === 'remote' && !has(rule, 'first_up')
        ? act(rule, (one) =>
            one.type === 'set_field' && one.field.field === 'reg11'
              ? { type: 'set_field', field: { field: 'reg11', value: port } }
              : one,
          )
        : undefined,
  },
  {
    name: 'delivers tagged copies',
    spoil: (rule) =>
      has(rule, 'copy')
        ? { ...rule, actions: [...rule.actions, { type: 'copy', table: 'local' }] }
        : undefined,
  },
  {
    name: 'spreads what it does not tag',
    spoil: (rule) =>
      has(rule, 'spread') ? act(rule, (one) => (one.type === 'push_vlan' ? undefined : one)) : undefined,
  },
  {
    name: 'passes frames of no network on to the paths',
    spoil: (rule) =>
      rule.table === 'remote' && rule.network === undefined ? { ...rule, goto: 'path' } : undefined,
  },
  {
    name: 'lets VMs past port security',
    spoil: (rule) => (rule.goto === 'l2_security' ? { ...rule, goto: 'local' } : undefined),
  },
  {
    name: 'returns packets to where they came from',
    spoil: (rule) => (rule.goto === 'l2_security' ? { ...rule, goto: 'respond' } : undefined),
  },
  {
    name: 'sends packets that came by a cable out again',
    spoil: (rule) =>
      has(rule, 'pop_vlan') && rule.table === 'classify' && rule.goto !== 'remote'
        ? { ...rule, goto: 'remote' }
        : undefined,
  },
]

/** The program with one rule of one switch in place of another; only the chunk around it gets a new identity. */
export function replaceRule(program: Program, datapathId: string, old: Rule, next: Rule): Program {
  const before = program.switches.get(datapathId)
  if (!before) return program
  const groups = before.groups.map((group) => {
    if (!group.chunks.some(({ rules }) => rules.includes(old))) return group
    const chunks = group.chunks.map((chunk) =>
      chunk.rules.includes(old)
        ? { ...chunk, rules: chunk.rules.map((rule) => (rule === old ? next : rule)) }
        : chunk,
    )
    return { ...group, chunks }
  })
  return { ...program, switches: new Map(program.switches).set(datapathId, { ...before, groups }) }
}
