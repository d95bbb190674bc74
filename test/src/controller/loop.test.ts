/** The loop without sockets: whose word a change waits for, and what a store that is ahead of us does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Loop } from '../../../src/controller/loop.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { type Store, StoreError } from '../../../src/store/store.ts'
import { FakeTarget } from '../../support/fake-target.ts'
import { second, steppedReconciler } from '../../support/stepped-reconciler.ts'

const [first, other] = ['0000000000000001', '0000000000000002'] as const
const network = { kind: 'internal', switch: 'hv1', subnets: ['10.0.1.0/24'] } as const
const hv1 = { datapath: first, role: 'hypervisor' } as const
const hv2 = { datapath: other, role: 'hypervisor' } as const
const one: IntentSpec = { name: 'one', switches: { hv1 }, networks: { blue: network }, vms: { web1: vm(1) } }

function vm(n: number, address = `10.0.1.1${n}`) {
  return {
    host: 'hv1',
    nics: [{ network: 'blue', mac: `02:00:00:00:01:0${n}`, ips: [address], port: `p${n}` }],
  }
}

function observing(...ids: readonly string[]): Observation {
  const ports = ['p1', 'p2'].map((name, index) => ({ no: index + 1, name, mac: 0, up: true }))
  const named = new Map(ports.map((port) => [port.name, port]))
  return { switches: new Map(ids.map((id) => [id, { datapathId: id, ports: named }])), links: [] }
}

async function setup(store?: Store) {
  const { reconciler, elapse } = steppedReconciler()
  const seen = { observation: observing(first) }
  const loop = new Loop({
    store: store ?? (await memoryStore()),
    reconciler,
    observation: () => seen.observation,
    clockMs: () => 0,
    now: () => new Date(0),
    onProgram: () => undefined,
    onUnproved: () => assert.fail('unproved'),
    onFailed: (error) => assert.fail(String(error)),
  })
  await loop.open()
  const target = new FakeTarget(first)
  reconciler.switchUp(target)
  const options = { timeoutMs: 10 * second, by: 'test' }
  const states = async (change: Parameters<Loop['apply']>[0]) => {
    const applied = await loop.apply(change, options)
    assert.ok(applied.status === 'applied', applied.status)
    return (await applied.answers).map(({ datapathId, state }) => `${datapathId} ${state}`)
  }
  return { loop, reconciler, elapse, seen, target, options, states }
}

const inPort = (target: FakeTarget, port: number) =>
  [...target.table.values()].filter(({ match }) =>
    match.some(({ field, value }) => field === 'in_port' && value === port),
  ).length

test('a VM that was changed and then deleted leaves no rule behind', async () => {
  const { target, states } = await setup()
  await states({ kind: 'replace', spec: { ...one, vms: {} } })
  const before = [...target.table.keys()].sort()
  await states({ kind: 'put', resource: 'vms', name: 'web1', spec: vm(1) })
  await states({ kind: 'put', resource: 'vms', name: 'web1', spec: vm(1, '10.0.1.77') })
  assert.ok(inPort(target, 1) > 0)
  await states({ kind: 'delete', resource: 'vms', name: 'web1' })
  assert.deepEqual([...target.table.keys()].sort(), before)
})

test('an object that is put again unchanged is complete only when its rules are', async () => {
  const { target, states } = await setup()
  target.refuses = ({ match }) => (match.some(({ value }) => value === 0x0a00010b) ? 'EPERM' : undefined)
  await states({ kind: 'replace', spec: one })
  const again = { kind: 'put', resource: 'vms', name: 'web1', spec: vm(1) } as const
  assert.deepEqual(await states(again), [`${first} refused`])
  assert.deepEqual(await states({ kind: 'put', resource: 'vms', name: 'web2', spec: vm(2) }), [
    `${first} confirmed`,
  ])
})

test('a plan leaves nothing that a later change has to answer for', async () => {
  const { loop, seen, states } = await setup()
  seen.observation = observing(first, other)
  await states({ kind: 'replace', spec: { ...one, switches: { hv1, hv2 } } })
  const elsewhere = { kind: 'internal', switch: 'hv2' } as const
  await loop.plan({ kind: 'put', resource: 'switches', name: 'hv2', spec: { ...hv2, uplinks: ['eth0'] } })
  await loop.plan({ kind: 'put', resource: 'networks', name: 'red', spec: elsewhere })
  assert.deepEqual(await states({ kind: 'put', resource: 'vms', name: 'web2', spec: vm(2) }), [
    `${first} confirmed`,
  ])
})

test('a switch that is declared no more loses its rules, and the answer waits for that while it is connected', async () => {
  const { reconciler, loop, seen, states } = await setup()
  const second = new FakeTarget(other)
  seen.observation = observing(first, other)
  reconciler.switchUp(second)
  await states({ kind: 'replace', spec: { ...one, switches: { hv1, hv2 } } })
  const full = second.table.size
  assert.deepEqual(await states({ kind: 'replace', spec: one }), [`${first} confirmed`, `${other} confirmed`])
  assert.ok(second.table.size < full)
  assert.equal(second.table.size, 2, 'probes and the canary stay')
  await states({ kind: 'replace', spec: { ...one, switches: { hv1, hv2 } } })
  reconciler.switchDown(other, second)
  assert.deepEqual(await states({ kind: 'replace', spec: one }), [`${first} confirmed`])
  assert.equal(loop.program.switches.size, 2)
})

test('a switch that gets another datapath id hands over: the old one is emptied, the new one programmed', async () => {
  const { reconciler, seen, target, states } = await setup()
  await states({ kind: 'replace', spec: one })
  const full = target.table.size
  const replacement = new FakeTarget(other)
  seen.observation = observing(first, other)
  reconciler.switchUp(replacement)
  const spec = { ...hv1, datapath: other }
  assert.deepEqual(await states({ kind: 'put', resource: 'switches', name: 'hv1', spec }), [
    `${first} confirmed`,
    `${other} confirmed`,
  ])
  assert.equal(target.table.size, 2)
  assert.equal(replacement.table.size, full)
})

test('a write that failed and was made all the same is found, and later changes go through', async () => {
  const store = await memoryStore()
  let lying = false
  const { loop, target, options, states } = await setup({
    ...methods(store),
    commit: async (commit) => {
      const outcome = await store.commit(commit)
      if (lying) throw new StoreError('IO', 'no answer from the disk')
      return outcome
    },
  })
  await states({ kind: 'replace', spec: one })
  lying = true
  const put = { kind: 'put', resource: 'vms', name: 'web2', spec: vm(2) } as const
  await assert.rejects(loop.apply(put, options), /no answer/)
  lying = false
  const stale = await loop.apply(
    { kind: 'delete', resource: 'vms', name: 'web1' },
    { ...options, ifRevision: 1 },
  )
  assert.deepEqual(stale, { status: 'conflict', revision: 2 })
  assert.deepEqual(await states({ kind: 'delete', resource: 'vms', name: 'web1' }), [`${first} confirmed`])
  assert.equal(loop.revision, 3)
  assert.deepEqual([...loop.declaration.intent.vms.keys()], ['web2'])
  assert.equal(inPort(target, 1), 0)
  assert.ok(inPort(target, 2) > 0)
})

test('what is observed while a change waits for the store is in force after it', async () => {
  const store = await memoryStore()
  const gate = { wait: Promise.resolve() }
  const { loop, seen, target, options } = await setup({
    ...methods(store),
    commit: async (commit) => {
      await gate.wait
      return store.commit(commit)
    },
  })
  let open = (): void => undefined
  gate.wait = new Promise((resolve) => (open = resolve))
  const applying = loop.apply({ kind: 'replace', spec: one }, options)
  await new Promise((resolve) => setImmediate(resolve))
  const port = { no: 9, name: 'p1', mac: 0, up: true }
  seen.observation = {
    switches: new Map([[first, { datapathId: first, ports: new Map([['p1', port]]) }]]),
    links: [],
  }
  loop.observed()
  open()
  const applied = await applying
  assert.ok(applied.status === 'applied')
  await applied.answers
  await loop.idle()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(inPort(target, 1), 0)
  assert.ok(inPort(target, 9) > 0)
})

function methods(store: Store): Store {
  return {
    load: () => store.load(),
    commit: (commit) => store.commit(commit),
    log: (limit) => store.log(limit),
    remember: (key, value) => store.remember(key, value),
    recall: (key) => store.recall(key),
    close: () => store.close(),
  }
}
