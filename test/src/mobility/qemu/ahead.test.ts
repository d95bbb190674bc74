/** Guests that are stopped by us once little is left to send: when that is, what QEMU is told, and what comes of it. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { qemuDriver } from '../../../../src/mobility/qemu/driver.ts'
import { deferred } from '../../../../src/mobility/deferred.ts'
import { wayToStop } from '../../../../src/mobility/qemu/ahead.ts'
import { heldBytesPerS } from '../../../../src/mobility/qemu/bandwidth.ts'
import type { ScriptedQemu } from './support/scripted-qemu.ts'
import { aWhile, sending, type Stage, until } from './support/transfer.ts'

const ram = (remaining: number) => ({ transferred: 1e6, remaining, total: 1e8, mbps: 800 })
/** What is sent in 100 ms at that rate. */
const limitBytes = 10e6

for (const [what, remainingBytes, passMs, expected] of [
  ['more than fits the limit', limitBytes + 1, 10_000, 'not-yet'],
  ['written so fast that it would not fit any more after a while', limitBytes / 2, 100, 'now'],
  ['written slowly', limitBytes / 10, 400, 'hold'],
  ['nothing', 0, 400, 'hold'],
] as const)
  test(`what is left is ${what}: ${expected}`, () => {
    const progress = { remainingBytes, throughputBps: 8e8, transferredBytes: 0, totalBytes: 1e9 }
    assert.equal(wayToStop(progress, { passMs, downtimeLimitMs: 100 }), expected)
  })

test('before anything was measured it is sent on', () => {
  const limits = { passMs: 1, downtimeLimitMs: 100 }
  assert.equal(wayToStop(undefined, limits), 'not-yet')
  assert.equal(wayToStop({ remainingBytes: 0, transferredBytes: 0, totalBytes: 1e9 }, limits), 'not-yet')
})

/** The bandwidths that the source was told. */
function bandwidths(source: ScriptedQemu): number[] {
  const told: number[] = []
  source.answers.set('migrate-set-parameters', (args) => {
    const bytesPerS = args['max-bandwidth']
    if (typeof bytesPerS === 'number') told.push(bytesPerS)
    return undefined
  })
  source.answers.set('query-migrate-parameters', () => ({ 'max-bandwidth': 1e8 }))
  return told
}

function passes(source: ScriptedQemu, count: number, remaining: number): void {
  source.migration = { ...source.migration, ram: { ...ram(remaining), 'dirty-sync-count': count } }
  source.event('MIGRATION_PASS', { pass: count })
}

/** As QEMU ends the transfer of a guest that is stopped already. */
function arrivesStopped({ source, destination }: Stage): void {
  destination.run = 'paused'
  destination.migrates('completed')
  source.run = 'postmigrate'
  source.migrates('completed', { downtime: 1, 'total-time': 500 })
}

test('a guest that writes is led and stopped after a pass that left little; it starts there once that is open', async (context) => {
  const open = deferred<undefined>()
  const staged = await sending(context, { opened: open.promise })
  const { source, destination, told, tells } = staged
  const limits = bandwidths(source)
  passes(source, 2, limitBytes + 1)
  await aWhile()
  assert.deepEqual(told, ['progress'], 'too much is left')
  passes(source, 3, limitBytes - 1)
  await tells('stopped')
  assert.deepEqual(told, ['progress', 'stopping', 'stopped'])
  assert.equal(source.run, 'paused')
  assert.deepEqual(limits, [0], 'as fast as it goes')
  arrivesStopped(staged)
  await aWhile()
  assert.equal(destination.run, 'paused', 'its switches are not ready')
  open.resolve(undefined)
  await tells(/^completed/)
  assert.deepEqual(told.slice(0, 4), ['progress', 'stopping', 'stopped', 'resumed'])
  assert.equal(destination.run, 'running')
  assert.deepEqual(
    destination.done.filter((command) => command === 'cont'),
    ['cont'],
  )
})

test('it is not kept waiting for long by switches that do not answer', async (context) => {
  const staged = await sending(context, { opened: new Promise(() => undefined) })
  bandwidths(staged.source)
  passes(staged.source, 2, limitBytes - 1)
  await staged.tells('stopped')
  arrivesStopped(staged)
  await staged.tells(/^completed/)
  assert.equal(staged.destination.run, 'running')
})

/** One that writes little and is held for now, and the bandwidths that its QEMU was told. */
async function held(context: TestContext) {
  const staged = await sending(context)
  const limits = bandwidths(staged.source)
  // So that the pass lasted.
  await aWhile()
  passes(staged.source, 2, 100_000)
  await until(
    () => limits.length > 0,
    () => 'held',
  )
  return { ...staged, limits }
}

test('a guest that writes little is held until a window of QEMU begins', async (context) => {
  const { source, limits, tells } = await held(context)
  assert.deepEqual(limits, [heldBytesPerS])
  assert.equal(source.run, 'running')
  await tells('stopped')
  assert.deepEqual(limits, [heldBytesPerS, 0])
})

test('one that is called off while it is held goes on, as fast as before', async (context) => {
  const { source, limits, transfer, told, tells } = await held(context)
  transfer.cancel('changed our mind')
  await tells('failed: changed our mind')
  await until(
    () => limits.length > 1,
    () => 'restored',
  )
  assert.deepEqual(limits, [heldBytesPerS, 1e8])
  assert.ok(!source.done.includes('stop'))
  assert.ok(!told.includes('stopping'))
})

test('a transfer that fails once we stopped the guest: started again at its source', async (context) => {
  const staged = await sending(context)
  const { source, destination, tells } = staged
  bandwidths(source)
  passes(source, 2, limitBytes - 1)
  await tells('stopped')
  await destination.die()
  source.migrates('failed', { 'error-desc': 'Broken pipe' })
  await tells('failed: QEMU gave the transfer up: Broken pipe')
  assert.equal(source.run, 'running')
})

test('called off once we stopped it: it runs at one end', async (context) => {
  const { source, destination, transfer, tells } = await sending(context)
  bandwidths(source)
  passes(source, 2, limitBytes - 1)
  await tells('stopped')
  transfer.cancel('changed our mind')
  await tells('failed: changed our mind')
  assert.deepEqual([source.run, destination.run], ['running', 'inmigrate'])
})

for (const [mayHaveStopped, expected] of [
  [true, /^completed/],
  [false, 'failed: something else stopped the guest at its source (paused)'],
] as const)
  test(`taken up when it is stopped, ${mayHaveStopped ? 'perhaps' : 'not'} by us`, async (context) => {
    const staged = await sending(context)
    staged.driver.close()
    const { source } = staged
    source.run = 'paused'
    source.answers.set('migrate_cancel', () => {
      source.migrates('cancelled')
      return {}
    })
    const next = qemuDriver({
      source: source.address,
      destination: staged.destination.address,
      uri: 'tcp:10.9.9.2:4444',
      pollMs: 5,
    })
    context.after(() => next.close())
    next.resume(staged.listener, { mayHaveStopped })
    if (mayHaveStopped) {
      await staged.tells('stopped')
      arrivesStopped(staged)
    }
    await staged.tells(expected)
  })

test('a bandwidth that an earlier controller had left behind is not kept', async (context) => {
  const staged = await sending(context)
  staged.driver.close()
  const limits = bandwidths(staged.source)
  staged.source.answers.set('query-migrate-parameters', () => ({ 'max-bandwidth': heldBytesPerS }))
  const { source, destination } = staged
  const next = qemuDriver({
    source: source.address,
    destination: destination.address,
    uri: 'tcp:10.9.9.2:4444',
  })
  context.after(() => next.close())
  next.resume(staged.listener, { mayHaveStopped: false })
  await until(
    () => limits.length > 0,
    () => 'restored',
  )
  assert.deepEqual(limits, [128 * 1024 * 1024])
})
