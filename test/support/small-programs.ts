/** Small programs for the reconciler's tests, without a compiler: rules that deliver or forward, by number. */
import type { Program, SwitchProgram } from '../../src/compiler/program.ts'
import { rule } from '../../src/pipeline/make-rule.ts'
import type { Rule } from '../../src/pipeline/rule.ts'

/** A rule that delivers MAC `mac` to a port. */
export function delivers(mac: number, port = mac): Rule {
  return rule({
    table: 'local',
    priority: 100,
    match: [{ field: 'eth_dst', value: mac }],
    actions: [{ type: 'output', port }],
    owner: `nic/vm${mac}/0`,
  })
}

/** A rule that sends toward another switch. */
export function sends(mac: number, port = mac): Rule {
  return rule({
    table: 'remote',
    priority: 100,
    match: [{ field: 'eth_dst', value: mac }],
    actions: [{ type: 'output', port }],
    owner: `nic/vm${mac}/0`,
    phase: 'send',
  })
}

/** The same one every time: other meters would make the reconciler read the switch again. */
const noFixtures = { meters: [], spreads: false } as const

export function switchProgram(datapathId: string, rules: readonly Rule[]): SwitchProgram {
  const chunks = rules.map((one) => ({ owner: one.owner, rules: [one] }))
  return { datapathId, fixtures: noFixtures, groups: [{ key: 'all', chunks }], slots: [] }
}

/** One switch's rules by datapath id. */
export function program(rules: Readonly<Record<string, readonly Rule[]>>): Program {
  const switches = Object.entries(rules).map(([id, own]) => [id, switchProgram(id, own)] as const)
  return { switches: new Map(switches), obstacles: [] }
}
