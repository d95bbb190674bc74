/** What keeps a transfer from beginning, each told with what to do; and what a guest is measured to be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qemuDriver } from '../../../../src/mobility/qemu/driver.ts'
import { measureGuest } from '../../../../src/mobility/qemu/measure.ts'
import { ScriptedQemu } from './support/scripted-qemu.ts'
import { stage, type Stage, uri } from './support/transfer.ts'

test('two ends that are as they should be', async (context) => {
  const { source, destination, driver } = await stage(context)
  await driver.check()
  await driver.check()
  assert.deepEqual([source.done, destination.done], [[], []])
  assert.deepEqual([source.sessions, destination.sessions], [1, 1])
})

const refusals: readonly (readonly [string, (staged: Stage) => unknown, RegExp])[] = [
  ['a source that is not there', ({ source }) => source.die(), /QEMU at unix:.*nobody listens/],
  [
    'a destination that is not there',
    ({ destination }) => destination.die(),
    /QEMU at unix:.*nobody listens/,
  ],
  [
    'a paused guest',
    ({ source }) => (source.run = 'paused'),
    /does not run at its source \(paused\): start it/,
  ],
  ['exchanged ends', ({ source }) => (source.run = 'inmigrate'), /exchanged/],
  [
    'a transfer under way',
    ({ source }) => (source.migration = { status: 'active' }),
    /sends its guest already \(active\)/,
  ],
  [
    'a guest that cannot be sent',
    ({ source }) => (source.migration = { 'blocked-reasons': ['VFIO device does not support migration'] }),
    /cannot send its guest: VFIO device/,
  ],
  [
    'a destination that runs another',
    ({ destination }) => (destination.run = 'running'),
    /does not wait for a guest \(running\): start it with -incoming/,
  ],
]
for (const [what, prepare, expected] of refusals)
  test(`refused: ${what}`, async (context) => {
    const staged = await stage(context)
    await prepare(staged)
    await assert.rejects(staged.driver.check(), expected)
  })

test('refused: addresses that cannot be right', async () => {
  const ends = { source: 'unix:/a', destination: 'unix:/b', uri }
  const check = (options: Partial<typeof ends>) => qemuDriver({ ...ends, ...options }).check()
  await assert.rejects(check({ uri: 'exec:sh' }), /cannot be sent there: exec:sh is not tcp:HOST:PORT/)
  await assert.rejects(check({ uri: 'tcp:0.0.0.0:4444' }), /is where a destination listens/)
  await assert.rejects(check({ destination: 'unix:/a' }), /are the same QEMU/)
  await assert.rejects(check({ source: 'qmp.sock' }), /qmp.sock is not tcp:HOST:PORT/)
})

test('who asks often does not dial often', async (context) => {
  const { source, driver } = await stage(context)
  source.greeting = undefined
  const driven = qemuDriver({
    source: source.address,
    destination: 'unix:/nowhere',
    uri,
    limits: { greetingMs: 20, backoffMinMs: 60_000, backoffMaxMs: 60_000 },
  })
  for (let round = 0; round < 20; round++) await assert.rejects(driven.check(), /may have another/)
  assert.equal(source.sessions, 1)
  driver.close()
  await assert.rejects(driver.check(), /closed here/)
})

test('a guest is measured: its memory, and what it writes', async (context) => {
  const qemu = await ScriptedQemu.start(context, 'running')
  let asked = 0
  qemu.answers.set('query-memory-size-summary', () => ({ 'base-memory': 2 ** 30, 'plugged-memory': 2 ** 29 }))
  qemu.answers.set('query-dirty-rate', () =>
    ++asked < 3 ? { status: 'measuring' } : { status: 'measured', 'dirty-rate': 12 },
  )
  assert.deepEqual(await measureGuest(qemu.address), {
    memoryBytes: 1.5 * 2 ** 30,
    dirtyBytesPerS: 12 * 2 ** 20,
  })
  assert.deepEqual(qemu.done, ['calc-dirty-rate'])
  qemu.answers.set('query-memory-size-summary', () => ({ 'base-memory': 2 ** 26 }))
  assert.deepEqual(await measureGuest(qemu.address), { memoryBytes: 2 ** 26 })
})
