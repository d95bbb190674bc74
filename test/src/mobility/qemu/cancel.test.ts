/** Transfers that are cancelled, at every moment: the guest ends up at one end, and runs there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrives, aWhile, sending, type Stage, stage, switching } from './support/transfer.ts'

type Cancellable = Stage & { readonly transfer: { readonly cancel: (reason: string) => void } }

async function cancels(staged: Cancellable): Promise<string[]> {
  staged.transfer.cancel('changed our mind')
  await staged.tells(/^failed|^completed/)
  return staged.source.done
}

test('cancelled before it begins: it never does', async (context) => {
  const staged = await stage(context)
  const transfer = staged.driver.start(staged.listener, {})
  const done = await cancels({ ...staged, transfer })
  assert.deepEqual(staged.told, ['failed: changed our mind'])
  assert.ok(!done.includes('migrate'))
})

test('cancelled while memory is sent: the destination is told to wait before the source gives up', async (context) => {
  const staged = await sending(context)
  staged.destination.answers.set('stop', () => {
    assert.ok(!staged.source.done.includes('migrate_cancel'))
    return undefined
  })
  await cancels(staged)
  assert.deepEqual(staged.told, ['progress', 'failed: changed our mind'])
  assert.equal(staged.destination.done.at(-1), 'stop')
})

test('cancelled after the stop: the source goes on', async (context) => {
  const staged = await switching(context)
  await cancels(staged)
  assert.deepEqual(staged.told, ['progress', 'stopped', 'failed: changed our mind'])
  assert.deepEqual([staged.source.run, staged.destination.run], ['running', 'inmigrate'])
})

test('cancelled as the last of it arrives: the destination has it, and starts it', async (context) => {
  const staged = await switching(context)
  staged.destination.answers.set('stop', () => {
    // It waits, and the source finishes before it hears that it should not.
    staged.destination.run = 'paused'
    staged.source.run = 'postmigrate'
    staged.source.migrates('completed')
    return {}
  })
  await cancels(staged)
  assert.deepEqual(staged.told, ['progress', 'stopped', 'resumed', 'completed 0'])
  assert.deepEqual([staged.source.run, staged.destination.run], ['postmigrate', 'running'])
})

test('cancelled when it has arrived: completed', async (context) => {
  const staged = await switching(context)
  arrives(staged)
  const done = await cancels(staged)
  assert.deepEqual(staged.told, ['progress', 'stopped', 'resumed', 'completed 12'])
  assert.ok(!done.includes('migrate_cancel'))
})

test('cancelled with a destination that is dead, or silent and far from having all', async (context) => {
  const dead = await sending(context)
  await dead.destination.die()
  await cancels(dead)
  assert.deepEqual(dead.told, ['progress', 'failed: changed our mind'])
  const silent = await sending(context, { patienceMs: 100 })
  silent.destination.greeting = undefined
  silent.destination.drop()
  await cancels(silent)
  assert.deepEqual(silent.told, ['progress', 'failed: changed our mind'])
})

test('not cancelled while a destination that is silent may be about to start the guest', async (context) => {
  const staged = await switching(context, { patienceMs: 100 })
  staged.destination.greeting = undefined
  staged.destination.drop()
  staged.transfer.cancel('changed our mind')
  await aWhile()
  await aWhile()
  assert.ok(!staged.source.done.includes('migrate_cancel'))
  staged.destination.turn('running')
  arrives(staged)
  staged.destination.greeting = '{"QMP": {}}\r\n'
  await staged.tells('completed 12')
})
