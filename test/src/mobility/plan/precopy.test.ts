/** The pre-copy model against figures computed by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { precopy, windowBps } from '../../../../src/mobility/plan/precopy.ts'

const megabyte = 1e6
/** 100 MB/s: a second for 100 MB. */
const usual = { throughputBps: 800e6, downtimeLimitMs: 100, restartMs: 40 }

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * expected, `${actual} is not ${expected}`)

test('a guest that writes a quarter of what is sent', () => {
  // 1600 MB take 16 s, then 400 MB 4 s, 100 MB 1 s, 25 MB 0.25 s; the next 6.25 MB fit 100 ms.
  const found = precopy({ ...usual, memoryBytes: 1600 * megabyte, dirtyBytesPerS: 25 * megabyte })
  assert.ok(found.converges)
  assert.equal(found.rounds, 4)
  near(found.totalS, 21.3125)
  near(found.bytes, 2131.25 * megabyte)
  near(found.downtimeMs, 62.5 + 40)
  near(found.downtimeMostMs, 100 + 40)
})

test('one that writes nothing is sent once, and one that fits the limit is sent while it stands still', () => {
  const idle = precopy({ ...usual, memoryBytes: 500 * megabyte, dirtyBytesPerS: 0 })
  assert.deepEqual(idle, {
    converges: true,
    dirtyRatio: 0,
    rounds: 1,
    totalS: 5,
    downtimeMs: 40,
    downtimeMostMs: 140,
    bytes: 500 * megabyte,
  })
  const small = precopy({ ...usual, memoryBytes: 5 * megabyte, dirtyBytesPerS: 90 * megabyte })
  assert.ok(small.converges)
  assert.deepEqual([small.rounds, small.downtimeMs, small.downtimeMostMs], [0, 90, 90])
})

test('one that writes as fast as it is sent, or hardly less, is never sent', () => {
  const found = precopy({ ...usual, memoryBytes: 1e9, dirtyBytesPerS: 100 * megabyte })
  assert.deepEqual(found, { converges: false, dirtyRatio: 1, slowedTo: 0.5 })
  const twice = precopy({ ...usual, memoryBytes: 1e9, dirtyBytesPerS: 200 * megabyte })
  assert.deepEqual(twice, { converges: false, dirtyRatio: 2, slowedTo: 0.25 })
  assert.equal(precopy({ ...usual, memoryBytes: 1e9, dirtyBytesPerS: 99 * megabyte }).converges, false)
  assert.equal(precopy({ ...usual, memoryBytes: 1e9, dirtyBytesPerS: 90 * megabyte }).converges, true)
})

test('a window of 4.6875 MB gives 250 Mbit/s over 150 ms, and no distance no limit', () => {
  near(windowBps(4_687_500, 150), 250e6)
  assert.equal(windowBps(1, 0), Infinity)
})
