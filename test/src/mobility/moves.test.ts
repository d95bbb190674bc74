/** Moves step by step, on simulated switches: in order, called off, refused, after a crash, and with bad requests. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MoveRequest } from '../../../src/mobility/move.ts'
import { asked, until, web1 } from './asking.ts'
import { SimulatedWorld } from './simulated-world.ts'

const problemsOf = async (world: SimulatedWorld, request: MoveRequest): Promise<readonly string[]> => {
  const outcome = await world.moves.ask(request)
  assert.equal(outcome.status, 'invalid')
  return outcome.problems.map(({ message }) => message)
}

const frameOf = (last: number): Uint8Array => {
  const frame = new Uint8Array(60)
  frame.set([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 1, last])
  return frame
}

test('a guest that is plugged in elsewhere: ready, switched, announced, settled, declared there', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world)
  const waiting = await until(world, id, 'planned')
  assert.equal(waiting.flowsReady, false)
  world.plug('hv2', 'web1-0')
  assert.equal((await until(world, id, 'transferring')).flowsReady, true)
  world.unplug('hv1', 'web1-0')
  const { report } = await until(world, id, 'done')
  assert.equal(report?.signal, 'unplugged')
  assert.equal(report.lateFrames, 3)
  assert.deepEqual(
    world.log.filter((line) => line !== 'planned'),
    [
      'passages: web1/0 awaited',
      'prepared',
      'passages: web1/0 awaited',
      'transferring',
      'passages: web1/0 arrived',
      'switched',
      'switched',
      'passages: web1/0 arrived',
      'passages: web1/0 returning',
      'announced at hv2: web1/0',
      'settling',
      'passages: web1/0 returning',
      'declared at hv2',
      'passages: ',
      'done',
    ],
  )
  assert.equal(world.intent.vms.get('web1')?.host, 'hv2')
})

test('its sessions are noted before it goes and while it settles: the report tells how many went on', async () => {
  const world = new SimulatedWorld()
  world.sessions.from = new Set(['a', 'b', 'c'])
  world.sessions.to = new Set(['b', 'c', 'd'])
  const id = await asked(world, { ...web1, countSessions: true })
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  await sleep(400)
  assert.equal(world.log.at(-1), 'sessions forgotten', 'what was noted at first')
  world.unplug('hv1', 'web1-0')
  const { report } = await until(world, id, 'done')
  assert.deepEqual(report?.sessions, { before: 3, carried: 2 })
  assert.deepEqual(world.log.slice(-2), ['sessions forgotten', 'done'])
  const passages = world.log.filter((line) => line.startsWith('passages: web1'))
  assert.deepEqual(passages, [
    'passages: web1/0 awaited noted',
    'passages: web1/0 awaited noted',
    'passages: web1/0 arrived',
    'passages: web1/0 arrived',
    'passages: web1/0 returning',
    'passages: web1/0 returning',
    'passages: web1/0 returning noted',
  ])
})

test('a switch that cannot be asked for sessions leaves them out of the report', async () => {
  for (const end of ['from', 'to'] as const) {
    const world = new SimulatedWorld()
    world.sessions[end] = undefined
    const id = await asked(world, { ...web1, countSessions: true })
    world.plug('hv2', 'web1-0')
    world.unplug('hv1', 'web1-0')
    const { report } = await until(world, id, 'done')
    assert.ok(report && !report.sessions, end)
  }
})

test('what switches are to be told when the guest has gone is made ready before, and forgotten after', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world)
  world.plug('hv2', 'web1-0')
  const { nics } = await until(world, id, 'transferring')
  for (let tries = 0; tries < 100 && world.rehearsed.size === 0; tries++) await sleep(5)
  const [{ from, to } = assert.fail()] = nics
  const then = (['arrived', 'returning'] as const).map(
    (stage) => [`${id}, ${stage}`, new Map([['web1/0', { from, to, stage }]])] as const,
  )
  assert.deepEqual(world.rehearsed, new Map(then))
  world.unplug('hv1', 'web1-0')
  await until(world, id, 'done')
  await sleep(50)
  assert.equal(world.rehearsed.size, 0)
})

test('the first frame of the guest tells that it is there, and is put back on its way', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world)
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  const other = { switch: 'hv2', port: 'web1-0', frame: frameOf(9) }
  world.moves.frameShown(other)
  await sleep(50)
  assert.equal(world.moves.get(id)?.phase, 'transferring', 'a frame of somebody else says nothing')
  const held = { switch: 'hv2', port: 'web1-0', frame: frameOf(1) }
  world.moves.frameShown(held)
  await until(world, id, 'switched', 'settling')
  world.moves.frameShown({ ...held, switch: 'hv1' })
  const { report } = await until(world, id, 'done')
  assert.deepEqual(world.reinjected, [held])
  assert.deepEqual([report?.signal, report?.sourceFrames], ['frame', 1])
  assert.deepEqual(world.incidents, ['moved-vm-at-source'])
})

test('called off before it switched, nothing is left of it', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world)
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  assert.equal(await world.moves.abort(id, 'asked for'), true)
  assert.equal((await until(world, id, 'aborted')).reason, 'asked for')
  assert.equal(world.observation.passages?.size, 0)
  assert.equal(world.intent.vms.get('web1')?.host, 'hv1')
  // And may be asked for again.
  await asked(world)
})

test('a destination that refuses, and one that is away', async () => {
  const world = new SimulatedWorld()
  world.states.set('hv2', 'disconnected')
  const id = await asked(world)
  world.plug('hv2', 'web1-0')
  await sleep(100)
  assert.match(world.moves.get(id)?.timeline.at(-1)?.detail ?? '', /waits for hv2, which is disconnected/)
  world.errors = ['OFPFMFC_TABLE_FULL']
  const { reason } = await until(world, id, 'aborted')
  assert.equal(reason, 'hv2 refused: OFPFMFC_TABLE_FULL')
})

test('a guest that does not come in time stays where it was', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world, { ...web1, timeoutS: 0.05 })
  assert.match((await until(world, id, 'aborted')).reason ?? '', /did not arrive within 0.05 s/)
})

test('nothing is sent after the guest where a switch has not confirmed', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world)
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  world.states.set('leaf', 'disconnected')
  world.moves.switchNow(id)
  await until(world, id, 'done')
  assert.ok(!world.log.some((line) => line.includes('returning')))
})

test('a full disk holds up what is declared, and nothing else', async () => {
  const world = new SimulatedWorld()
  const id = await asked(world)
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  world.full = true
  world.moves.switchNow(id)
  await until(world, id, 'settling')
  for (let tries = 0; tries < 200 && !world.incidents.includes('move'); tries++) await sleep(5)
  assert.ok(world.incidents.includes('move'))
  assert.equal(world.observation.passages?.get('web1/0')?.stage, 'returning')
  await world.moves.close()
})

for (const [stop, goesOn] of [
  ['planned', 'transferring'],
  ['transferring', 'transferring'],
  ['settling', 'done'],
] as const)
  test(`a controller that died while it was ${stop} goes on`, async () => {
    const world = new SimulatedWorld()
    const id = await asked(world, { ...web1, settleS: stop === 'settling' ? 60 : 0.01 })
    if (stop !== 'planned') {
      world.plug('hv2', 'web1-0')
      await until(world, id, 'transferring')
    }
    if (stop === 'settling') {
      world.moves.switchNow(id)
      await until(world, id, 'settling')
      const kept = world.kept as { moves: { settleS: number }[] }
      for (const move of kept.moves) move.settleS = 0.01
    }
    const kept = structuredClone(world.kept)
    await world.moves.close()
    world.kept = kept
    const next = world.restarted()
    await next.moves.open()
    const stage = next.moves.passages.get('web1/0')?.stage
    assert.equal(stage, { planned: undefined, transferring: 'awaited', settling: 'arrived' }[stop])
    next.moves.resume()
    if (stop === 'planned') next.plug('hv2', 'web1-0')
    await until(next, id, goesOn)
    await next.moves.close()
  })

test('the same id is the same move; another request with it is refused', async () => {
  const world = new SimulatedWorld()
  await asked(world, { ...web1, id: 'night' })
  const again = await world.moves.ask({ ...web1, id: 'night' })
  assert.ok(again.status === 'accepted' && !again.created)
  assert.equal((await world.moves.ask({ vms: ['web2'], to: 'hv1', id: 'night' })).status, 'conflict')
})

test('what cannot be moved is refused with the reason', async () => {
  const world = new SimulatedWorld()
  assert.deepEqual(await problemsOf(world, { vms: ['nobody'], to: 'leaf' }), [
    'leaf is no hypervisor that is declared',
    'VM nobody is not declared',
  ])
  assert.deepEqual(await problemsOf(world, { vms: ['web1'], to: 'hv1' }), ['it is on hv1 already'])
  assert.deepEqual(await problemsOf(world, { vms: ['web1', 'web2'], to: 'hv2' }), [
    'they are on several hypervisors: hv1 and hv2',
  ])
  assert.deepEqual(await problemsOf(world, { vms: ['lab1'], to: 'hv2' }), [
    'internal network lab never leaves its switch, and lab2 would stay behind',
  ])
  await asked(world)
  assert.deepEqual(await problemsOf(world, web1), ['VM web1 is being moved already'])
})

test('an internal network goes with all of its VMs', async () => {
  const world = new SimulatedWorld()
  for (const port of ['lab1-0', 'lab2-0']) {
    world.plug('hv1', port)
    world.plug('hv2', port)
  }
  const id = await asked(world, { vms: ['lab1', 'lab2'], to: 'hv2', settleS: 0.01 })
  await until(world, id, 'transferring')
  world.moves.switchNow(id)
  await until(world, id, 'done')
  assert.equal(world.intent.networks.get('lab')?.switch, 'hv2')
  assert.deepEqual(
    ['lab1', 'lab2'].map((name) => world.intent.vms.get(name)?.host),
    ['hv2', 'hv2'],
  )
})

test('more than may go on at once wait for their turn', async () => {
  const world = new SimulatedWorld()
  for (const port of ['lab1-0', 'lab2-0']) world.plug('hv1', port)
  const first = await asked(world)
  const second = await asked(world, { vms: ['web2'], to: 'hv1' })
  const third = await asked(world, { vms: ['lab1', 'lab2'], to: 'hv2' })
  await sleep(50)
  assert.equal(world.moves.get(third)?.timeline.length, 1)
  await world.moves.abort(first, 'asked for')
  await world.moves.abort(second, 'asked for')
  await until(world, first, 'aborted')
  await sleep(100)
  assert.ok((world.moves.get(third)?.timeline.length ?? 0) > 1)
  await world.moves.close()
})
