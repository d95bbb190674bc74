/** Moves whose guests a hypervisor driver transfers: its events, its failures, and what was foretold of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MovePrediction } from '../../../src/mobility/prediction.ts'
import { asked, until, web1 } from './asking.ts'
import { driver, Hypervisor, transfer } from './hypervisor.ts'
import { SimulatedWorld } from './simulated-world.ts'

const prediction: MovePrediction = {
  totalS: 1.25,
  downtimeMs: 40,
  downtimeMostMs: 140,
  bytes: 2 ** 28,
  memoryBytes: 2 ** 28,
  dirtyBytesPerS: 0,
  throughputBps: 1e9,
}
test('a hypervisor transfers the guest: its stop is the signal, its last word ends the wait', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  const id = await asked(world, { ...web1, driver })
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  void hypervisor.listener?.onStopped()
  await until(world, id, 'switched')
  await sleep(50)
  assert.equal(world.moves.get(id)?.phase, 'switched', 'it may still fail')
  hypervisor.listener?.onResumed()
  hypervisor.listener?.onCompleted(transfer)
  const { report } = await until(world, id, 'done')
  assert.deepEqual(report?.transfer, { totalMs: 7, downtimeMs: 2, bytes: 5 })
  assert.ok((report.gapMs ?? 0) > 0)
  assert.deepEqual(hypervisor.limits, [1e9])
})

test('what a plan says of a transfer is kept with it; one that is being foretold can be called off', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  world.prediction = Promise.resolve(prediction)
  const id = await asked(world, { ...web1, driver })
  world.plug('hv2', 'web1-0')
  assert.deepEqual((await until(world, id, 'transferring')).prediction, prediction)
  hypervisor.listener?.onResumed()
  hypervisor.listener?.onCompleted(transfer)
  assert.deepEqual((await until(world, id, 'done')).prediction, prediction)

  const waits = new SimulatedWorld(undefined, new Hypervisor())
  waits.prediction = new Promise(() => undefined)
  const other = await asked(waits, { ...web1, driver })
  waits.plug('hv2', 'web1-0')
  await until(waits, other, 'prepared')
  await waits.moves.abort(other, 'asked for')
  assert.equal((await until(waits, other, 'aborted')).reason, 'asked for')
})

test('a transfer that fails after the stop is taken back: frames go to the source again', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  const id = await asked(world, { ...web1, driver })
  world.plug('hv2', 'web1-0')
  await until(world, id, 'transferring')
  void hypervisor.listener?.onStopped()
  await until(world, id, 'switched')
  hypervisor.listener?.onFailed('the destination died')
  assert.equal((await until(world, id, 'aborted')).reason, 'the destination died')
  assert.equal(world.observation.passages?.size, 0)
  assert.equal(world.log.at(-2), 'announced at hv1: web1/0')
})

test('a hypervisor that cannot begin is asked before anything is changed; one under way is told to stop', async () => {
  const hypervisor = new Hypervisor()
  const world = new SimulatedWorld(undefined, hypervisor)
  hypervisor.refusal = new Error('nobody answers at unix:/a')
  const id = await asked(world, { ...web1, driver })
  assert.equal((await until(world, id, 'aborted')).reason, 'nobody answers at unix:/a')
  hypervisor.refusal = undefined
  const again = await asked(world, { ...web1, driver })
  world.plug('hv2', 'web1-0')
  await until(world, again, 'transferring')
  await world.moves.abort(again, 'asked for')
  await until(world, again, 'aborted')
  assert.ok(hypervisor.cancelled)
})
