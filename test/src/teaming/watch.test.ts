/** When load is moved: not at once, not for little, and ever less often where it does not help. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDue, newWatch, rested, watched } from '../../../src/teaming/watch.ts'

const uneven = { imbalance: 1.2, bps: 6e6 }

test('it takes two uneven readings in a row, of real traffic', () => {
  const once = watched(newWatch, uneven)
  assert.equal(isDue(once, 0), false)
  assert.equal(isDue(watched(once, uneven), 0), true)
  assert.equal(isDue(watched(watched(once, { ...uneven, imbalance: 1.019 }), uneven), 0), false)
  assert.equal(isDue(watched(once, { ...uneven, bps: 4.9e6 }), 0), false)
})

test('after a move it rests, longer each time it is needed again soon, and shorter after a calm', () => {
  const twice = (watch: typeof newWatch) => watched(watched(watch, uneven), uneven)
  let watch = rested(twice(newWatch), 1_000)
  assert.equal(isDue(twice(watch), 10_999), false)
  assert.equal(isDue(twice(watch), 11_000), true)
  const pauses: number[] = []
  for (let turn = 0; turn < 8; turn++) {
    watch = rested(watch, watch.restsUntilMs)
    pauses.push(watch.pauseMs / 1000)
  }
  assert.deepEqual(pauses, [20, 40, 80, 160, 320, 320, 320, 320])
  assert.equal(rested(watch, watch.restsUntilMs + watch.pauseMs).pauseMs, 10_000)
})
