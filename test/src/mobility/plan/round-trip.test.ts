/** The round trip from flights of probes and echoes: what the ways to the controller add is taken off, whichever is slower. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roundTrip, type Stopwatch } from '../../../../src/mobility/plan/round-trip.ts'
import type { Link } from '../../../../src/model/observation.ts'

const link = (from: string, to: string): Link => ({
  from: { datapathId: from, port: to },
  to: { datapathId: to, port: from },
})

/** Milliseconds from the controller to each switch and back from it, and over each cable. */
const control: Readonly<Record<string, readonly [number, number]>> = { a: [1, 2], f: [0.25, 9], b: [7, 0.5] }
const cables: Readonly<Record<string, number>> = { af: 2, fa: 3, fb: 0.125, bf: 0.25 }

/** Each sample is delayed by the next of these; the first and so on again. */
function watchOf(noise: readonly number[]): Stopwatch {
  let at = 0
  const late = (ms: number) => Promise.resolve(ms + (noise[at++ % noise.length] ?? 0))
  const way = (id: string) => control[id] ?? assert.fail(id)
  return {
    flightMs: ({ from, to }) =>
      late(
        way(from.datapathId)[0] + (cables[from.datapathId + to.datapathId] ?? NaN) + way(to.datapathId)[1],
      ),
    echoMs: (id) => late(way(id)[0] + way(id)[1]),
  }
}

test('it is that of the cables, to the last digit where nothing is late', async () => {
  const found = await roundTrip([link('a', 'f'), link('f', 'b')], watchOf([0]))
  assert.deepEqual(found, { ms: 5.375, errorMs: 0 })
})

test('what is late now and then does not count, but for the error', async () => {
  const found = await roundTrip([link('a', 'f'), link('f', 'b')], watchOf([4, 0, 0, 1, 30]))
  assert.equal(found?.ms, 5.375)
  assert.ok(found.errorMs > 0)
})

test('it is not measured where a probe is lost or a switch does not answer', async () => {
  const lost = { ...watchOf([0]), flightMs: () => Promise.resolve(undefined) }
  const mute = { ...watchOf([0]), echoMs: () => Promise.resolve(undefined) }
  for (const watch of [lost, mute]) assert.equal(await roundTrip([link('a', 'f')], watch), undefined)
})
