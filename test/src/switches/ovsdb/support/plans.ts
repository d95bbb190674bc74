/** Wishes in short, other people's rows, and plans carried out on a database in memory. */
import assert from 'node:assert/strict'
import type { Operation, Replica } from '../../../../../codecs/ovsdb/index.ts'
import { applyPlan } from '../../../../../src/switches/ovsdb/apply.ts'
import { type BridgePlan, bridgePlan } from '../../../../../src/switches/ovsdb/plan.ts'
import { on, type SwitchRow, type switchTables } from '../../../../../src/switches/ovsdb/tables.ts'
import type { WantedBridge, WantedHost } from '../../../../../src/switches/ovsdb/wanted.ts'
import { MemoryDatabase } from './memory-database.ts'

export const host = (...bridges: WantedBridge[]): WantedHost => ({ owner: 'one', bridges })
export const bridge = (name: string, more: Partial<WantedBridge> = {}): WantedBridge => ({
  name,
  datapathId: '00000000000000A1',
  protocols: ['OpenFlow13', 'OpenFlow15'],
  controllers: [{ target: 'tcp:127.0.0.1:6653', maxBackoffMs: 1000 }],
  ...more,
})

/** Plans and applies until nothing is left; the number of rounds with something to do, and the last plan. */
export async function settle(database: MemoryDatabase, wanted: WantedHost): Promise<[number, BridgePlan]> {
  for (let rounds = 0; rounds < 4; rounds++) {
    const plan = bridgePlan(wanted, database.replica())
    if (plan.steps.length === 0) return [rounds, plan]
    const applied = await applyPlan(plan.steps, (operations) =>
      Promise.resolve(database.transact(operations)),
    )
    assert.deepEqual([applied.refused, applied.stale], [[], false], JSON.stringify(plan.steps, undefined, 1))
  }
  throw new Error('the plan does not settle')
}

/** Somebody else's bridge or port, as ovs-vsctl makes it. */
export const foreignBridge = (name: string): Operation[] => [
  on.insert('Interface', { name, type: 'internal' }, { named: 'i' }),
  on.insert('Port', { name, interfaces: [{ named: 'i' }] }, { named: 'p' }),
  on.insert('Controller', { target: `tcp:10.0.0.9:${name.length}` }, { named: 'c' }),
  on.insert('Bridge', { name, ports: [{ named: 'p' }], controller: [{ named: 'c' }] }, { named: 'b' }),
  on.mutate('Open_vSwitch', [], [['bridges', 'insert', [{ named: 'b' }]]]),
]
export const foreignPort = (name: string, into: string): Operation[] => [
  on.wait('Bridge', [['name', '==', into]], { columns: ['name'], rows: [{ name: into }] }),
  on.insert('Interface', { name, external_ids: [['iface-id', name]] }, { named: 'i' }),
  on.insert(
    'Port',
    { name, tag: 5, interfaces: [{ named: 'i' }], external_ids: [['who', 'else']] },
    { named: 'p' },
  ),
  on.mutate('Bridge', [['name', '==', into]], [['ports', 'insert', [{ named: 'p' }]]]),
]

const root = [on.insert('Open_vSwitch', {})]
export const database = (...transactions: Operation[][]): MemoryDatabase => {
  const made = new MemoryDatabase()
  for (const operations of [root, ...transactions]) assert.ok(made.transact(operations).ok)
  return made
}

export type Named = 'Bridge' | 'Port' | 'Interface'
export const named = <T extends Named>(
  { tables }: Replica<typeof switchTables>,
  table: T,
  name: string,
): SwitchRow<T> | undefined =>
  [...(tables[table] as ReadonlyMap<string, SwitchRow<T>>).values()].find((row) => row.name === name)
