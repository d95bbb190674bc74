/** What is for a guest goes to the destination before the hypervisor stops it: when, when not, and across a crash. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { asked, until, web1 } from './asking.ts'
import { driver, Hypervisor, transfer } from './hypervisor.ts'
import { SimulatedWorld, spec } from './simulated-world.ts'

// Timers of the simulated world keep nobody awake.
const awake = setInterval(() => undefined, 1_000)
after(() => clearInterval(awake))

async function transferring(world: SimulatedWorld): Promise<string> {
  const id = await asked(world, { ...web1, driver })
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  return id
}

const passages = ({ log }: SimulatedWorld): string[] => [
  ...new Set(log.filter((line) => line.startsWith('passages: web1'))),
]

test('it is led, then stopped, then has arrived: nothing comes late, and the report says how long before', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  const id = await transferring(world)
  const listener = hypervisor.listener ?? assert.fail()
  await listener.onStopping()
  assert.deepEqual(passages(world).at(-1), 'passages: web1/0 led')
  assert.deepEqual(world.moves.get(id)?.timeline.at(-1)?.stopping, { led: true }, 'kept before it is stopped')
  let isOpen = false
  const opened = listener.onStopped().then(() => (isOpen = true))
  assert.equal(isOpen, false)
  await opened
  assert.deepEqual(passages(world).at(-1), 'passages: web1/0 arrived')
  listener.onResumed()
  listener.onCompleted(transfer)
  const { report } = await until(world, id, 'done')
  assert.ok((report?.aheadMs ?? 0) >= 1, `${report?.aheadMs ?? 'not'} ms ahead`)
  assert.deepEqual(passages(world), [
    'passages: web1/0 awaited',
    'passages: web1/0 led',
    'passages: web1/0 arrived',
  ])
})

test('what leads it is made ready before, like what follows', async () => {
  const world = new SimulatedWorld(undefined, new Hypervisor())
  const id = await transferring(world)
  for (let tries = 0; tries < 100 && world.rehearsed.size === 0; tries++) await sleep(5)
  assert.deepEqual(
    [...world.rehearsed.keys()],
    ['led', 'arrived', 'returning'].map((stage) => `${id}, ${stage}`),
  )
  await world.moves.abort(id, 'enough')
})

test('not over a segment, where switches that are not ours learn: it is stopped all the same', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  world.redeclare({
    ...spec,
    segments: { lan: {} },
    switches: {
      ...spec.switches,
      hv2: {
        datapath: '0000000000000002',
        role: 'hypervisor',
        uplinks: [{ port: 'eth0', segment: 'lan' }],
      },
    },
  })
  const id = await transferring(world)
  await hypervisor.listener?.onStopping()
  assert.deepEqual(passages(world), ['passages: web1/0 awaited'])
  assert.deepEqual(world.moves.get(id)?.timeline.at(-1)?.stopping, { led: false })
  await world.moves.abort(id, 'enough')
})

test('a transfer that fails once it is led: frames go to the source again', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  const id = await transferring(world)
  await hypervisor.listener?.onStopping()
  hypervisor.listener?.onFailed('the destination died')
  assert.equal((await until(world, id, 'aborted')).reason, 'the destination died')
  assert.equal(world.observation.passages?.size, 0)
})

test('a controller that died in between leads it on, and knows that the guest may have been told to stop', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  const id = await transferring(world)
  await hypervisor.listener?.onStopping()
  const kept = structuredClone(world.kept)
  await world.moves.close()
  world.kept = kept
  const next = world.restarted()
  await next.moves.open()
  assert.equal(next.moves.passages.get('web1/0')?.stage, 'led')
  next.moves.resume()
  await until(next, id, 'transferring')
  assert.equal(hypervisor.resumed?.mayHaveStopped, true)
  await hypervisor.listener?.onStopped()
  hypervisor.listener?.onResumed()
  hypervisor.listener?.onCompleted(transfer)
  await until(next, id, 'done')
})

test('one that was not told is not taken for stopped by us', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  const id = await transferring(world)
  const kept = structuredClone(world.kept)
  await world.moves.close()
  world.kept = kept
  const next = world.restarted()
  await next.moves.open()
  next.moves.resume()
  for (let tries = 0; tries < 100 && !hypervisor.resumed; tries++) await sleep(5)
  assert.equal(hypervisor.resumed?.mayHaveStopped, false)
  await next.moves.abort(id, 'enough')
})
