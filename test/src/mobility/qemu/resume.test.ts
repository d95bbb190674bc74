/** A transfer goes on without its controller, and the next one finds out where it is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qemuDriver } from '../../../../src/mobility/qemu/driver.ts'
import { arrives, aWhile, sending, type Stage, stage } from './support/transfer.ts'

for (const [what, prepare, expected] of [
  ['nothing had begun', () => undefined, ['failed: the transfer had not begun']],
  [
    'memory is being sent',
    ({ source }: Stage) => {
      source.migration = { status: 'active', ram: { remaining: 1 } }
      setTimeout(() => {
        source.run = 'finish-migrate'
      }, 50)
    },
    ['progress', 'stopped', 'resumed', 'completed 12'],
  ],
  [
    'it is stopped',
    ({ source }: Stage) => {
      source.migration = { status: 'active' }
      source.run = 'finish-migrate'
    },
    ['stopped', 'resumed', 'completed 12'],
  ],
  ['it has arrived', (staged: Stage) => arrives(staged), ['stopped', 'resumed', 'completed 12']],
  [
    'it has arrived, and the source is gone',
    ({ source, destination }: Stage) => {
      destination.run = 'running'
      void source.die()
    },
    ['stopped', 'resumed', 'completed 0'],
  ],
  [
    'it has failed',
    ({ source }: Stage) => (source.migration = { status: 'failed', 'error-desc': 'Broken pipe' }),
    ['failed: QEMU gave the transfer up: Broken pipe'],
  ],
] as const)
  test(`taken up by a new controller when ${what}`, async (context) => {
    const staged = await stage(context)
    prepare(staged)
    staged.driver.resume(staged.listener, { mayHaveStopped: false })
    await staged.tells(expected.includes('stopped' as never) ? 'stopped' : /^failed/)
    if (!expected.includes('failed' as never) && staged.source.run === 'finish-migrate') arrives(staged)
    await staged.tells(/^failed|^completed/)
    assert.deepEqual(staged.told, expected)
    assert.ok(!staged.source.done.includes('migrate'))
  })

test('a controller that crashes leaves the transfer alone, and the next one finishes it', async (context) => {
  const staged = await sending(context)
  staged.driver.close()
  await aWhile()
  staged.source.turn('finish-migrate')
  arrives(staged)
  assert.deepEqual(staged.told, ['progress'])
  const { source, destination } = staged
  const next = qemuDriver({
    source: source.address,
    destination: destination.address,
    uri: 'tcp:10.9.9.2:4444',
    pollMs: 5,
  })
  context.after(() => next.close())
  next.resume(staged.listener, { mayHaveStopped: false })
  await staged.tells('completed 12')
  assert.deepEqual(staged.told, ['progress', 'stopped', 'resumed', 'completed 12'])
})
