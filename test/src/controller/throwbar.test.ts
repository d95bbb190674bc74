/** The wired loop on a simulated switch: what a request does, what it answers, and what a failing store costs. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { pino } from 'pino'
import { Throwbar } from '../../../src/controller/throwbar.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { type Store, StoreError } from '../../../src/store/store.ts'
import { SimulatedSwitch, simulatedPort } from '../../support/simulated-switch.ts'

const datapathId = '0000000000000001'

const spec: IntentSpec = {
  name: 'one',
  switches: { hv1: { datapath: datapathId, role: 'hypervisor' } },
  networks: { blue: { kind: 'vm', vlan: 101, subnets: ['10.0.1.0/24'] } },
  vms: { web1: vm(1), web2: vm(2) },
}

function vm(n: number) {
  return {
    host: 'hv1',
    nics: [{ network: 'blue', mac: `02:00:00:00:01:0${n}`, ips: [`10.0.1.1${n}`], port: `p${n}` }],
  }
}

async function setup(context: TestContext, store?: Store) {
  const kept = store ?? (await memoryStore())
  const throwbar = await Throwbar.open({
    store: kept,
    log: pino({ level: 'silent' }),
    probeKey: Buffer.alloc(32, 7),
  })
  const listener = await throwbar.registry.listen({ host: '127.0.0.1', port: 0 })
  const ports = [simulatedPort(1, 'p1'), simulatedPort(2, 'p2')]
  const simulated = await SimulatedSwitch.connect({
    port: listener.address.port,
    datapathId,
    version: 6,
    ports,
  })
  context.after(async () => {
    await simulated.close()
    await throwbar.close()
  })
  await until(() => throwbar.controller.switches()[0]?.connected === true)
  return { controller: throwbar.controller, simulated, throwbar, port: listener.address.port }
}

test('an applied document is on the switch when the answer comes, and a second time nothing is sent', async (context) => {
  const { controller, simulated } = await setup(context)
  const first = await controller.apply({ kind: 'replace', spec })
  assert.ok(first.status === 'applied' && first.receipt.complete)
  assert.equal(first.receipt.switches[0]?.added, simulated.flows.all.length)
  assert.ok(controller.vms().every(({ state }) => state === 'active'))
  const sent = simulated.received.get('flow_mod') ?? 0
  const again = await controller.apply({ kind: 'replace', spec })
  assert.ok(again.status === 'applied' && again.receipt.complete)
  assert.equal(again.receipt.revision, first.receipt.revision)
  assert.equal(simulated.received.get('flow_mod') ?? 0, sent)
})

test('one more VM touches its own rules and the broadcast rule; a VM whose port is absent says so', async (context) => {
  const { controller, simulated } = await setup(context)
  await controller.apply({ kind: 'replace', spec })
  const rules = simulated.flows.all.length
  const outcome = await controller.apply({ kind: 'put', resource: 'vms', name: 'late', spec: { ...vm(3) } })
  assert.ok(outcome.status === 'applied')
  assert.deepEqual(
    outcome.receipt.obstacles.map(({ owner, code }) => [owner, code]),
    [['nic/late/0', 'port-absent']],
  )
  assert.equal(simulated.flows.all.length, rules)
  assert.equal(controller.vms().find(({ name }) => name === 'late')?.state, 'port-absent')
  simulated.portStatus('add', simulatedPort(3, 'p3'))
  await until(() => controller.vms().every(({ state }) => state === 'active'))
  const removed = await controller.apply({ kind: 'delete', resource: 'vms', name: 'late' })
  assert.ok(removed.status === 'applied')
  const [answer] = removed.receipt.switches
  assert.equal(simulated.flows.all.length, rules)
  assert.deepEqual([answer?.added, answer?.modified], [0, 1])
})

test('a plan shows the difference and changes nothing', async (context) => {
  const { controller, simulated } = await setup(context)
  await controller.apply({ kind: 'replace', spec })
  const rules = JSON.stringify(controller.intent())
  const sent = simulated.received.get('bundle_add') ?? 0
  const outcome = await controller.plan({ kind: 'delete', resource: 'vms', name: 'web2' })
  assert.ok(outcome.status === 'planned')
  assert.deepEqual(outcome.plan.objects, [{ change: 'delete', object: 'vms/web2' }])
  const operations = outcome.plan.switches[0]?.operations ?? []
  assert.ok(operations.some(({ op, owner }) => op === 'delete' && owner === 'nic/web2/0'))
  assert.equal(JSON.stringify(controller.intent()), rules)
  const applied = await controller.apply({ kind: 'replace', spec })
  assert.ok(applied.status === 'applied' && applied.receipt.switches[0]?.deleted === 0)
  assert.equal(simulated.received.get('bundle_add') ?? 0, sent)
})

test('refusals name the object, conflicts and absent objects change nothing', async (context) => {
  const { controller, simulated } = await setup(context)
  simulated.refuse(({ tableId, match }) =>
    tableId === 60 && match.some(({ value }) => value === 0x020000000102) ? 'OFPFMFC_TABLE_FULL' : undefined,
  )
  const outcome = await controller.apply({ kind: 'replace', spec })
  assert.ok(outcome.status === 'applied' && !outcome.receipt.complete)
  assert.deepEqual(
    outcome.receipt.switches[0]?.refused.map(({ owner, error }) => [owner, error]),
    [['nic/web2/0', 'OFPFMFC_TABLE_FULL']],
  )
  assert.equal(controller.vms().find(({ name }) => name === 'web2')?.state, 'refused')
  assert.equal(controller.vms().find(({ name }) => name === 'web1')?.state, 'active')
  const stale = await controller.apply({ kind: 'delete', resource: 'vms', name: 'web1' }, { ifRevision: 77 })
  assert.deepEqual(stale, { status: 'conflict', revision: 1 })
  assert.deepEqual(await controller.apply({ kind: 'delete', resource: 'vms', name: 'ghost' }), {
    status: 'absent',
  })
})

test('when the store fails the change is not made, what was stays, and the next one goes through', async (context) => {
  const store = await memoryStore()
  let broken = false
  const flaky: Store = {
    load: () => store.load(),
    commit: (commit) =>
      broken ? Promise.reject(new StoreError('IO', 'the disk is full; make room')) : store.commit(commit),
    log: (limit) => store.log(limit),
    remember: (key, value) => store.remember(key, value),
    recall: (key) => store.recall(key),
    close: () => store.close(),
  }
  const { controller, simulated } = await setup(context, flaky)
  await controller.apply({ kind: 'replace', spec })
  const rules = simulated.flows.all.length
  broken = true
  await assert.rejects(controller.apply({ kind: 'delete', resource: 'vms', name: 'web2' }), /disk is full/)
  assert.equal(controller.healthy().ok, false)
  assert.equal(simulated.flows.all.length, rules)
  assert.equal(controller.vms().length, 2)
  broken = false
  const outcome = await controller.apply({ kind: 'delete', resource: 'vms', name: 'web2' })
  assert.ok(outcome.status === 'applied' && outcome.receipt.complete)
  assert.equal(controller.healthy().ok, true)
})

test('a controller that starts again on the same store sends nothing to a switch that has its rules', async (context) => {
  const store = await memoryStore()
  const { controller, simulated, throwbar, port } = await setup(context, store)
  await controller.apply({ kind: 'replace', spec })
  const changes = () =>
    simulated.count('bundle_add') + simulated.count('flow_mod') + simulated.count('meter_mod')
  const before = changes()
  assert.ok(before > 0)
  await throwbar.close()
  const again = await Throwbar.open({ store, log: pino({ level: 'silent' }), probeKey: Buffer.alloc(32, 8) })
  context.after(() => again.close())
  assert.equal(again.controller.intent().revision, 1)
  await again.registry.listen({ host: '127.0.0.1', port })
  await simulated.reconnect()
  await until(() => again.controller.switches()[0]?.state === 'converged')
  assert.equal(changes(), before)
})

/** Waits for what happens over a socket; the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
