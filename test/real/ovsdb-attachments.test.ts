/** VM NICs in OVSDB of real Open vSwitch: seen when they have their port, among 1,000 as well, with the time that takes. */
import assert from 'node:assert/strict'
import { OvsdbClient } from '../../src/switches/ovsdb/client.ts'
import type { OvsdbHost } from '../../src/switches/ovsdb/host.ts'
import { on, switchDatabase } from '../../src/switches/ovsdb/tables.ts'
import { bridge, plug, stage, wish } from './support/ovsdb-stage.ts'
import { realTest } from './support/real.ts'

const quantile = (values: readonly number[], part: number): string =>
  (
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
  ).toFixed(2)

realTest('a VM NIC is seen when it has its port, in an empty host and among 1,000', async (context) => {
  const { ovs, host, told } = await stage(context, 'ovsdbtB')
  assert.equal((await host.want(wish(bridge('brb1')))).state, 'done')
  plug(ovs, 'brb1', 'vif', '02:00:00:00:00:01')
  await told.until('the attachment', () => told.attachments.has('vif'))
  const { ofport, ...seen } = told.attachments.get('vif') ?? assert.fail()
  assert.ok(ofport >= 1)
  assert.deepEqual(seen, {
    ifaceId: 'id-vif',
    mac: 0x02_00_00_00_00_01,
    status: 'active',
    bridge: 'brb1',
    datapathId: '00000000000000b1',
    port: 'vif',
  })
  ovs.vsctl('del-port', 'vif')
  await told.until('it is gone', () => told.attachments.size === 0)

  const plugger = new OvsdbClient({
    target: { kind: 'unix', path: ovs.socket },
    database: switchDatabase,
    selection: {},
  })
  context.after(() => plugger.close())
  await told.until('a second session', () => plugger.isUp)
  const mac: [string, string] = ['attached-mac', '02:00:00:00:00:02']
  const insert = (names: readonly string[], ids?: [string, string][]) =>
    plugger.transact(
      names.flatMap((name) => [
        on.insert(
          'Interface',
          {
            name,
            type: 'dummy',
            external_ids: ids ?? [['iface-id', name], mac],
          },
          { named: `i${name}` },
        ),
        on.insert('Port', { name, interfaces: [{ named: `i${name}` }] }, { named: `p${name}` }),
        on.mutate('Bridge', [['name', '==', 'brb1']], [['ports', 'insert', [{ named: `p${name}` }]]]),
      ]),
    )
  const measure = async (
    label: string,
    names: readonly string[],
    change: (name: string) => Promise<unknown>,
  ) => {
    const fromSend: number[] = []
    const fromCommit: number[] = []
    for (const name of names) {
      const sentMs = performance.now()
      await change(name)
      const committedMs = performance.now()
      await told.until(name, () => told.attachments.has(name))
      const seenMs = told.seenMs.get(name) ?? 0
      fromSend.push(seenMs - sentMs)
      fromCommit.push(seenMs - committedMs)
    }
    const line = (values: readonly number[]) =>
      `p50 ${quantile(values, 0.5)}, p99 ${quantile(values, 0.99)} ms`
    context.diagnostic(
      `${label}, ${names.length} times: told ${line(fromSend)} after the transaction was sent, ${line(fromCommit)} after its answer`,
    )
  }
  const numbered = (prefix: string, length: number) =>
    Array.from({ length }, (_, index) => `${prefix}${index}`)
  await measure('port made with its iface-id, empty host', numbered('a', 50), (name) => insert([name]))
  const names = numbered('b', 950)
  const startMs = performance.now()
  assert.ok((await insert(names)).ok)
  await told.until('1,000 attachments', () => told.attachments.size === 1000)
  context.diagnostic(
    `950 more in one transaction: all told after ${(performance.now() - startMs).toFixed(0)} ms`,
  )
  await measure('port made with its iface-id, 1,000 interfaces', numbered('c', 5), (name) => insert([name]))
  const bare = numbered('d', 100)
  assert.ok((await insert(bare, [])).ok)
  await told.until('ports', () => bare.every((name) => (ofportOf(host, name) ?? 0) >= 1))
  await measure('iface-id set on a port that is there, 1,000 interfaces', bare, (name) =>
    plugger.transact([
      on.update('Interface', [['name', '==', name]], { external_ids: [['iface-id', name]] }),
    ]),
  )
})

const ofportOf = (host: OvsdbHost, name: string): number | undefined =>
  [...host.tables.Interface.values()].find((row) => row.name === name)?.ofport
