/** Uplinks that come and go: which are held back, for how long, in which order, and after a restart. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settleMs, Steadiness } from '../../../src/controller/steadiness.ts'
import type { Observation, ObservedSwitch, Unsteady } from '../../../src/model/observation.ts'
import { ManualTimers } from '../../support/manual-timers.ts'
import { build, datapathOf, type WorldSpec } from '../compiler/world.ts'
import { team } from '../compiler/teamed.ts'

const lan = (upDelayMs: number): WorldSpec => ({
  switches: [
    {
      name: 'hv0',
      uplinks: ['u0', 'u1', 'u2', 'alone'].map((port) => ({ port, segment: 'lan' })),
      teams: [{ ...team('active-backup', ['u0', 1], ['u1', 1], ['u2', 1]), upDelayMs }],
    },
  ],
  networks: [],
  nics: [],
})
const id = datapathOf(lan(0), 'hv0')

function setup({
  upDelayMs = 1_000,
  down = [] as string[],
  restored = undefined as Observation | undefined,
}) {
  const timers = new ManualTimers()
  let unsteady: Unsteady | undefined
  let told = 0
  const steadiness = new Steadiness({
    timers,
    onChange: (now) => {
      unsteady = now.get(id)
      told++
    },
  })
  const spec = lan(upDelayMs)
  const seen = (...ports: readonly string[]): ObservedSwitch => {
    const observed = build({ ...spec, down: new Set(ports.map((port) => `hv0/${port}`)) }).observation
    return observed.switches.get(id) as ObservedSwitch
  }
  if (restored) steadiness.restore(restored)
  const { intent, observation } = build(spec)
  steadiness.follow(intent, restored ?? { ...observation, switches: new Map([[id, seen(...down)]]) })
  return {
    timers,
    downNow: (...ports: readonly string[]) => {
      steadiness.seen(seen(...ports))
    },
    forgetTeams: () => {
      steadiness.follow({ ...intent, switches: new Map() }, observation)
    },
    state: () => ({ held: unsteady?.held ?? [], settling: unsteady?.settling ?? [] }),
    told: () => told,
  }
}

const steady = { held: [], settling: [] }

test('an uplink that failed is held until it was up for the delay, then settles', () => {
  const { timers, downNow, state } = setup({})
  downNow('u0')
  assert.deepEqual(state(), { held: ['u0'], settling: [] })
  timers.pass(60_000)
  assert.deepEqual(state(), { held: ['u0'], settling: [] })
  downNow()
  timers.pass(999)
  assert.deepEqual(state(), { held: ['u0'], settling: [] })
  timers.pass(1)
  assert.deepEqual(state(), { held: [], settling: ['u0'] })
  timers.pass(settleMs)
  assert.deepEqual(state(), steady)
})

test('one that flaps is held the whole time, and nobody is told anything in between', () => {
  const { timers, downNow, state, told } = setup({})
  downNow('u0')
  const before = told()
  for (let flap = 0; flap < 20; flap++) {
    downNow()
    timers.pass(900)
    downNow('u0')
    timers.pass(50)
  }
  assert.deepEqual(state(), { held: ['u0'], settling: [] })
  assert.equal(told(), before)
})

test('of several held ones the last that changed comes last', () => {
  const { downNow, state } = setup({})
  downNow('u0')
  downNow('u0', 'u1')
  assert.deepEqual(state().held, ['u0', 'u1'])
  downNow('u1')
  assert.deepEqual(state().held, ['u1', 'u0'])
})

test('without a delay nothing is held, and what returned settles all the same', () => {
  const { timers, downNow, state } = setup({ upDelayMs: 0 })
  downNow('u0')
  assert.deepEqual(state(), { held: [], settling: ['u0'] })
  timers.pass(60_000)
  downNow()
  assert.deepEqual(state(), { held: [], settling: ['u0'] })
  timers.pass(settleMs)
  assert.deepEqual(state(), steady)
})

test('one that fails again while it settles is held again', () => {
  const { timers, downNow, state } = setup({})
  downNow('u0')
  downNow()
  timers.pass(1_500)
  downNow('u0')
  timers.pass(60_000)
  assert.deepEqual(state(), { held: ['u0'], settling: [] })
})

test('one that comes up for the first time has not failed; uplinks in no team are of no interest', () => {
  const { downNow, state, told } = setup({ down: ['u0', 'alone'] })
  downNow()
  downNow('alone')
  assert.deepEqual(state(), steady)
  assert.equal(told(), 0)
})

test('after a restart what was held is held on, and waits its delay anew', () => {
  const { observation } = build(lan(0))
  const restored = { ...observation, unsteady: new Map([[id, { held: ['u1'], settling: [] }]]) }
  const { timers, downNow, told, state } = setup({ restored })
  downNow()
  assert.equal(told(), 0)
  timers.pass(1_000)
  assert.deepEqual(state(), { held: [], settling: ['u1'] })
})

test('who leaves the teams is forgotten', () => {
  const { timers, downNow, forgetTeams, state, told } = setup({})
  downNow('u0')
  downNow()
  forgetTeams()
  assert.deepEqual(state(), steady)
  const before = told()
  timers.pass(60_000)
  assert.equal(told(), before)
})
