/** Programs made ready for what may be observed next: used for just that, and never for anything else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { Loop } from '../../../src/controller/loop.ts'
import { Rehearsals } from '../../../src/controller/rehearsals.ts'
import { emptyIntent } from '../../../src/model/intent.ts'
import type { Observation, Passage } from '../../../src/model/observation.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { steppedReconciler } from '../../support/stepped-reconciler.ts'

const spec: IntentSpec = {
  name: 'rehearsed',
  switches: {
    hv1: { datapath: '0000000000000001', role: 'hypervisor', uplinks: ['eth0'] },
    hv2: { datapath: '0000000000000002', role: 'hypervisor', uplinks: ['eth0'] },
  },
  networks: { blue: { kind: 'vm', vlan: 101, subnets: ['10.0.1.0/24'] } },
  vms: {
    web1: { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.1'] }] },
    web2: { host: 'hv2', nics: [{ network: 'blue', mac: '02:00:00:00:01:02', ips: ['10.0.1.2'] }] },
  },
}

const [from, to] = [
  { switch: 'hv1', port: 'web1-0' },
  { switch: 'hv2', port: 'web1-0' },
]

function passing(arrived: boolean): ReadonlyMap<string, Passage> {
  return new Map([['web1/0', { from, to, stage: arrived ? 'arrived' : 'awaited' }]])
}

const ends = [
  { datapathId: '0000000000000001', port: 'eth0' },
  { datapathId: '0000000000000002', port: 'eth0' },
] as const

const world: Observation = {
  switches: new Map(
    ends.map(({ datapathId }) => {
      const ports = ['eth0', 'web1-0', 'web2-0'].map((name, at) => ({ no: at + 1, name, mac: at, up: true }))
      return [datapathId, { datapathId, ports: new Map(ports.map((port) => [port.name, port])) }]
    }),
  ),
  links: [
    { from: ends[0], to: ends[1] },
    { from: ends[1], to: ends[0] },
  ],
}

async function setup() {
  const seen = { observation: { ...world, passages: passing(false) } as Observation }
  const loop = new Loop({
    store: await memoryStore(),
    reconciler: steppedReconciler().reconciler,
    observation: () => seen.observation,
    clockMs: () => 0,
    now: () => new Date(0),
    onProgram: () => undefined,
    onUnproved: () => assert.fail('unproved'),
    onFailed: (error) => assert.fail(String(error)),
  })
  await loop.open()
  await loop.apply({ kind: 'replace', spec }, { timeoutMs: 1_000, by: 'test' })
  const observe = async (observation: Observation) => {
    seen.observation = observation
    loop.observed()
    await loop.idle()
    assert.deepEqual(loop.program, compile(loop.declaration.intent, observation))
    return loop.program
  }
  return { loop, seen, observe }
}

test('what was rehearsed is adopted as it is when just that is observed, and only then', async () => {
  const { loop, seen, observe } = await setup()
  const before = loop.program
  const next = () => ({ ...world, passages: passing(true) })
  await loop.rehearse('web1-1', next())
  assert.deepEqual(loop.program, before, 'a rehearsal changes nothing')
  assert.notDeepEqual(before, compile(loop.declaration.intent, next()))
  const adopted = await observe(next())
  assert.equal(loop.located.vms.get('web1')?.nics[0]?.switch, 'hv2')
  // The compiler gives what changes back and forth a new identity: the same object was made once.
  await observe(seen.observation)
  assert.equal(await observe(next()), adopted)
  await loop.rehearse('web1-1', undefined)
  assert.notEqual(await observe(next()), adopted)
  await observe({ ...world, passages: passing(false) })
})

test('anything else that changed is compiled', async () => {
  const { loop, observe } = await setup()
  await loop.rehearse('web1-1', { ...world, passages: passing(true) })
  await observe({ ...world, links: [], passages: passing(true) })
  await observe({ ...world, passages: new Map() })
  await loop.apply({ kind: 'delete', resource: 'vms', name: 'web2' }, { timeoutMs: 1_000, by: 'test' })
  await observe({ ...world, passages: passing(true) })
})

test('an observation is found by its parts, passages by what they say', () => {
  const rehearsals = new Rehearsals()
  const program = { switches: new Map(), obstacles: [] }
  const observation = { ...world, passages: passing(true) }
  rehearsals.keep('one', { intent: emptyIntent, observation, program, located: emptyIntent })
  const found = (other: Observation, intent = emptyIntent) =>
    rehearsals.find(intent, other)?.program === program
  assert.ok(found({ ...world, passages: passing(true) }))
  assert.equal(found({ ...world, passages: passing(true) }, { ...emptyIntent }), false)
  assert.equal(found({ ...world, passages: passing(false) }), false)
  assert.equal(found(world), false)
  assert.equal(found({ ...world, links: [...world.links], passages: passing(true) }), false)
  assert.equal(found({ ...world, mtus: new Map(), passages: passing(true) }), false)
  const more = new Map(passing(true)).set('web2/0', { from, to, stage: 'arrived' })
  assert.equal(found({ ...world, passages: more }), false)
  rehearsals.forget('one')
  assert.equal(found({ ...world, passages: passing(true) }), false)
})
