/** The link's table: every state takes every event, waits double up to their limit, and chance spreads them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  defaultLinkSettings as settings,
  type LinkEvent,
  type LinkState,
  startLink,
  step,
  wakeAt,
} from '../../../../src/switches/ovsdb/link.ts'

const tick: LinkEvent = { type: 'tick' }
const lost: LinkEvent = { type: 'lost', code: 'peer-closed', detail: '' }

/** Plays events at their times; gives the last state and all actions' names. */
function play(events: readonly (readonly [number, LinkEvent])[], chance = 1): [LinkState, string[]] {
  let state = startLink(0)
  const done: string[] = []
  for (const [nowMs, event] of events) {
    const [next, actions] = step(state, event, { nowMs, chance, settings })
    state = next
    done.push(...actions.map((action) => (action.do === 'cut' ? `cut ${action.code}` : action.do)))
  }
  return [state, done]
}

const up: readonly (readonly [number, LinkEvent])[] = [
  [0, tick],
  [1, { type: 'connected' }],
  [2, { type: 'synchronised' }],
]

test('up, silent, probed, silent, down, and up again', () => {
  const [state, actions] = play([
    ...up,
    [5001, tick],
    [5002, tick],
    [5003, { type: 'heard' }],
    [10_002, tick],
    [10_003, tick],
    [15_002, tick],
    [15_003, tick],
    [15_103, tick],
  ])
  assert.deepEqual(actions, ['connect', 'open', 'probe', 'probe', 'cut echo-timeout', 'connect'])
  assert.equal(state.phase, 'connecting')
})

test('waits double up to the longest, and half of each is chance', () => {
  for (const [chance, factor] of [
    [0, 0.5],
    [0.999_999, 1],
  ] as const) {
    let state = startLink(0)
    const waits: number[] = []
    for (let round = 0; round < 9; round++) {
      state = { phase: 'connecting', failures: state.phase === 'waiting' ? state.failures : 0, sinceMs: 0 }
      ;[state] = step(state, lost, { nowMs: 0, chance, settings })
      waits.push(wakeAt(state, settings) ?? -1)
    }
    const whole = [100, 200, 400, 800, 1600, 3200, 6400, 8000, 8000]
    assert.deepEqual(
      waits.map(Math.round),
      whole.map((wait) => wait * factor),
    )
  }
})

test('a link that was up for long begins with the shortest wait, one that falls at once does not', () => {
  const state = (upMs: number): LinkState => ({
    phase: 'up',
    failures: 5,
    upMs,
    heardMs: 0,
    probedMs: undefined,
  })
  const wait = (upMs: number) =>
    wakeAt(step(state(upMs), lost, { nowMs: 9000, chance: 1, settings })[0], settings)
  assert.equal(wait(0), 9100)
  assert.equal(wait(8999), 9000 + 3200)
})

test('a server that does not answer, or stops telling, is given up', () => {
  assert.deepEqual(
    play([
      [0, tick],
      [4999, tick],
      [5000, tick],
    ])[1],
    ['connect', 'cut connect-timeout'],
  )
  const opening: readonly (readonly [number, LinkEvent])[] = [
    [0, tick],
    [0, { type: 'connected' }],
  ]
  assert.deepEqual(play([...opening, [9000, { type: 'heard' }], [18_999, tick]])[1], ['connect', 'open'])
  assert.deepEqual(play([...opening, [9000, { type: 'heard' }], [19_000, tick]])[1], [
    'connect',
    'open',
    'cut setup-timeout',
  ])
})

test('closed is for good, from every state', () => {
  const states: readonly LinkState[] = [
    startLink(0),
    { phase: 'connecting', failures: 0, sinceMs: 0 },
    { phase: 'opening', failures: 0, heardMs: 0 },
    { phase: 'up', failures: 0, upMs: 0, heardMs: 0, probedMs: undefined },
  ]
  const events: readonly LinkEvent[] = [
    tick,
    lost,
    { type: 'connected' },
    { type: 'heard' },
    { type: 'synchronised' },
    { type: 'close' },
  ]
  const moment = { nowMs: 1e9, chance: 0, settings }
  for (const state of states) {
    for (const event of events) assert.ok(step(state, event, moment)[0].phase)
    const [closed, actions] = step(state, { type: 'close' }, moment)
    assert.deepEqual([closed.phase, actions.length], ['closed', 1])
    for (const event of events) assert.deepEqual(step(closed, event, moment), [closed, []])
    assert.equal(wakeAt(closed, settings), undefined)
  }
})
