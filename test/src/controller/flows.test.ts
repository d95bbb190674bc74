/** Rules made by hand on a simulated switch, through the wired loop: confirmed, listed, proved or marked, and left alone. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { Controller, FlowChange } from '../../../src/api/controller.ts'
import { Throwbar } from '../../../src/controller/throwbar.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { SimulatedSwitch, simulatedPort } from '../../support/simulated-switch.ts'

const datapathId = '0000000000000001'
const spec: IntentSpec = {
  name: 'one',
  switches: { hv1: { datapath: datapathId, role: 'hypervisor' } },
  networks: { blue: { kind: 'vm', vlan: 101, subnets: ['10.0.1.0/24'] } },
  vms: {
    web1: {
      host: 'hv1',
      nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.11'], port: 'p1' }],
    },
  },
}

const add = (flows: readonly string[], unproved = false): FlowChange => ({ kind: 'add', flows, unproved })
const del = (match: string, strict = false): FlowChange => ({ kind: 'delete', match, strict })

async function setup(context: TestContext) {
  const throwbar = await Throwbar.open({
    store: await memoryStore(),
    log: pino({ level: 'silent' }),
    probeKey: Buffer.alloc(32, 7),
  })
  const { address } = await throwbar.registry.listen({ host: '127.0.0.1', port: 0 })
  const ports = [simulatedPort(1, 'p1')]
  const simulated = await SimulatedSwitch.connect({ port: address.port, datapathId, version: 6, ports })
  context.after(async () => {
    await simulated.close()
    await throwbar.close()
  })
  const { controller } = throwbar
  await until(() => controller.switches()[0]?.connected === true)
  await controller.apply({ kind: 'replace', spec })
  return { controller, simulated }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

const ofOperator = async (controller: Controller) =>
  ((await controller.flows('hv1')) ?? []).filter(({ owner }) => owner === 'operator')

test('added, listed as the operator’s, left alone by changes, and deleted; nothing else is', async (context) => {
  const { controller, simulated } = await setup(context)
  const ours = simulated.flows.size
  const drop = 'table=local,priority=900,dl_dst=02:00:00:00:01:01,actions=drop'
  const outcome = await controller.changeFlows('hv1', add([drop, 'table=20,ip,actions=drop']))
  assert.ok(outcome?.status === 'confirmed')
  const { added, deleted, switch: name } = outcome.receipt
  assert.deepEqual([name, added.length, deleted.length], ['hv1', 2, 0])
  assert.match(added[1]?.text ?? '', /table=local, .*priority=900,dl_dst=02:00:00:00:01:01 actions=drop/)
  assert.ok(added.every(({ foreign, unproved }) => !foreign && unproved === undefined))
  assert.equal((await ofOperator(controller)).length, 2)
  assert.equal(controller.switches()[0]?.operatorRules, 2)
  assert.match(await controller.metrics(), /throwbar_rules_operator\{switch="hv1"\} 2/)
  await controller.apply({ kind: 'delete', resource: 'vms', name: 'web1' })
  await controller.apply({ kind: 'replace', spec })
  assert.equal(simulated.flows.size, ours + 2)
  const removed = await controller.changeFlows('hv1', del('ip'))
  assert.ok(removed?.status === 'confirmed')
  assert.deepEqual(
    removed.receipt.deleted.map(({ text }) => /table=20/.test(text)),
    [true],
  )
  await controller.changeFlows('hv1', del(''))
  assert.equal(simulated.flows.size, ours)
  const told = controller.events.since(0).events.filter(({ type }) => type === 'rule.by-hand')
  assert.deepEqual(
    told.map(({ data }) => (data['deleted'] as unknown[]).length),
    [0, 1, 1],
  )
})

test('what is more than a drop needs a word, and is marked', async (context) => {
  const { controller, simulated } = await setup(context)
  const ours = simulated.flows.size
  const flows = ['table=20,actions=drop', 'table=20,priority=5,in_port=1,actions=output:1']
  const refused = await controller.changeFlows('hv1', add(flows))
  assert.ok(refused?.status === 'unproved')
  assert.deepEqual(
    refused.violations.map(({ rule }) => /output:1$/.test(rule)),
    [true],
  )
  assert.equal(simulated.flows.size, ours)
  assert.equal((await controller.changeFlows('hv1', add(flows, true)))?.status, 'confirmed')
  const marks = (await ofOperator(controller)).map(({ text, unproved }) => [/output/.test(text), unproved])
  assert.deepEqual(marks.toSorted(), [
    [false, undefined],
    [true, true],
  ])
})

test('mistakes have their place, refusals their name, and both change nothing', async (context) => {
  const { controller, simulated } = await setup(context)
  const ours = simulated.flows.size
  const good = 'table=20,actions=drop'
  const invalid = await controller.changeFlows('hv1', add([good, 'ip,x=1,actions=drop']))
  assert.ok(invalid?.status === 'invalid')
  assert.deepEqual(
    invalid.problems.map(({ pointer, line, column }) => [pointer, line, column]),
    [['/flows/1', 1, 4]],
  )
  simulated.refuse(({ priority }) => (priority === 3 ? 'OFPFMFC_TABLE_FULL' : undefined))
  const refused = await controller.changeFlows('hv1', add([good, 'table=20,priority=3,ip,actions=drop']))
  assert.ok(refused?.status === 'refused')
  assert.deepEqual(
    refused.refused.map(({ error, rule }) => [error, /priority=3,ip/.test(rule)]),
    [['OFPFMFC_TABLE_FULL', true]],
  )
  const listed = (await controller.flows('hv1')) ?? []
  const one = listed.find(({ owner, text }) => owner === 'nic/web1/0' && /table=local/.test(text))
  const match = /(priority=[^ ]*) actions/.exec(one?.text ?? '')?.[1] ?? ''
  const taken = await controller.changeFlows('hv1', add([`table=local,${match},actions=drop`]))
  assert.ok(taken?.status === 'taken')
  assert.equal(taken.owner, 'nic/web1/0')
  assert.equal(simulated.flows.size, ours)
  assert.equal(await controller.changeFlows('hv9', add([good])), undefined)
})
