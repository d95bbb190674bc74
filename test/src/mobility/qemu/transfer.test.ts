/** Transfers between two scripted QEMUs: the ways they go well, and the ways they fail without the guest running twice or nowhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silence } from './support/scripted-qemu.ts'
import { arrives, aWhile, sending, stage, switching, until } from './support/transfer.ts'

const settings = ['migrate-set-capabilities', 'migrate-set-parameters']

test('a guest is sent: what both ends are told, and what the listener is', async (context) => {
  const staged = await stage(context)
  const { source, destination, driver, listener, told, tells } = staged
  const asked = new Map<string, unknown[]>()
  for (const qemu of [source, destination])
    for (const command of [...settings, 'migrate'])
      qemu.answers.set(command, (args) => {
        const who = qemu === source ? 'source' : 'destination'
        asked.set(`${who} ${command}`, [...(asked.get(`${who} ${command}`) ?? []), args])
        return undefined
      })
  driver.start(listener, { bandwidthBps: 8e8 })
  await tells('progress')
  source.turn('finish-migrate')
  await tells('stopped')
  arrives(staged)
  await tells('completed 12')
  assert.deepEqual(told, ['progress', 'stopped', 'resumed', 'completed 12'])
  assert.deepEqual(asked.get('source migrate'), [{ uri: 'tcp:10.9.9.2:4444' }])
  assert.deepEqual(asked.get('source migrate-set-parameters'), [
    { 'downtime-limit': 1 },
    { 'max-bandwidth': 1e8 },
  ])
  const capabilities = (states: Record<string, boolean>) => [
    { capabilities: Object.entries(states).map(([capability, state]) => ({ capability, state })) },
  ]
  assert.deepEqual(
    asked.get('source migrate-set-capabilities'),
    capabilities({ events: true, 'return-path': true, 'auto-converge': true }),
  )
  assert.deepEqual(asked.get('destination migrate-set-capabilities'), capabilities({ events: true }))
  await aWhile()
  assert.equal(told.length, 4)
})

test('the stop is told in the turn in which it comes, before anything is asked', async (context) => {
  const { source, destination, told, tells } = await sending(context)
  for (const qemu of [source, destination]) qemu.answers.set('query-status', () => silence)
  source.event('STOP')
  await tells('stopped')
  destination.event('RESUME')
  await tells('resumed')
  assert.deepEqual(told, ['progress', 'stopped', 'resumed'])
})

test('without a single event, looking is enough', async (context) => {
  const staged = await sending(context)
  staged.source.run = 'finish-migrate'
  await staged.tells('stopped')
  staged.destination.run = 'running'
  await staged.tells('resumed')
  staged.source.migration = { status: 'completed', downtime: 7 }
  await staged.tells('completed 7')
})

test('the bandwidth is changed while it sends', async (context) => {
  const { source, transfer } = await sending(context)
  const limits: unknown[] = []
  source.answers.set('migrate-set-parameters', (args) => limits.push(args) && undefined)
  transfer.limit(1e6)
  await until(
    () => limits.length === 1,
    () => 'limited',
  )
  assert.deepEqual(limits, [{ 'max-bandwidth': 125_000 }])
})

for (const end of ['source', 'destination'] as const)
  test(`a session with the ${end} that breaks is made again, and nothing is lost of what happened meanwhile`, async (context) => {
    const staged = await sending(context)
    const { [end]: broken, told, tells } = staged
    broken.drop()
    staged.source.turn('finish-migrate')
    arrives(staged)
    await tells('completed 12')
    assert.deepEqual(told, ['progress', 'stopped', 'resumed', 'completed 12'])
    assert.equal(broken.sessions, 2)
  })

for (const [what, command] of [
  ['the destination refuses what it is told', 'migrate-set-capabilities'],
  ['the source refuses to begin', 'migrate'],
] as const)
  test(`${what}: told, and nothing else`, async (context) => {
    const { source, destination, driver, listener, told, tells } = await stage(context)
    const refusing = command === 'migrate' ? source : destination
    refusing.answers.set(command, () => {
      throw new Error('no such thing')
    })
    driver.start(listener, {})
    await tells(/^failed: .*no such thing$/)
    assert.equal(told.length, 1)
    assert.ok(!source.done.includes('migrate') || command === 'migrate')
  })

test('it cannot connect: QEMU says why', async (context) => {
  const { source, driver, listener, tells } = await stage(context)
  source.answers.set('migrate', () => {
    source.migrates('failed', { 'error-desc': 'Failed to connect to 10.9.9.2: No route to host' })
    return {}
  })
  driver.start(listener, {})
  await tells('failed: QEMU gave the transfer up: Failed to connect to 10.9.9.2: No route to host')
})

test('the destination dies while memory is sent: the source goes on', async (context) => {
  const { source, destination, told, tells } = await sending(context)
  await destination.die()
  source.migrates('failed', { 'error-desc': 'Unable to write to socket: Broken pipe' })
  await tells('failed: QEMU gave the transfer up: Unable to write to socket: Broken pipe')
  assert.deepEqual(told.length, 2)
  assert.ok(!source.done.includes('cont'))
})

test('it fails after the stop, and QEMU starts the guest again by itself', async (context) => {
  const { source, told, tells } = await switching(context)
  source.migrates('failed')
  source.turn('running')
  await tells('failed: QEMU gave the transfer up')
  assert.deepEqual(told, ['progress', 'stopped', 'failed: QEMU gave the transfer up'])
  assert.ok(!source.done.includes('cont'))
})

test('it fails after the stop and the source stays paused: started there once the destination cannot', async (context) => {
  const { source, destination, told, tells } = await switching(context)
  source.run = 'postmigrate'
  source.migrates('failed')
  await tells('failed: QEMU gave the transfer up')
  assert.deepEqual([source.run, destination.run], ['running', 'inmigrate'])
  assert.deepEqual(destination.done.at(-1), 'stop')
  assert.ok(!told.includes('resumed'))
})

test('it fails after the stop and the destination does not answer: nothing is started until that is sure', async (context) => {
  const { source, destination, told, tells } = await switching(context, { patienceMs: 100 })
  destination.greeting = undefined
  destination.drop()
  source.run = 'postmigrate'
  source.migrates('failed')
  await aWhile()
  await aWhile()
  assert.deepEqual(told, ['progress', 'stopped'])
  assert.ok(!source.done.includes('cont'))
  await destination.die()
  await tells('failed: QEMU gave the transfer up')
  assert.equal(source.run, 'running')
})

test('the destination starts the guest although the source gave up: it is there', async (context) => {
  const { source, destination, told, tells } = await switching(context)
  source.run = 'postmigrate'
  source.migration = { status: 'failed' }
  destination.answers.set('stop', () => {
    // It was about to, when it was told to wait.
    destination.answers.delete('stop')
    destination.turn('running')
    destination.turn('paused')
    return {}
  })
  source.event('MIGRATION')
  await tells(/^completed/)
  assert.equal(destination.run, 'running')
  assert.notEqual(source.run, 'running')
  assert.ok(told.includes('resumed'))
})

test('sent, and dead before it ran there: the source starts it again', async (context) => {
  const { source, destination, tells } = await switching(context)
  await destination.die()
  source.run = 'postmigrate'
  source.migrates('completed')
  await tells(/^failed: the guest runs at its source/)
  assert.equal(source.run, 'running')
})

test('a guest that runs at both ends is stopped at the destination', async (context) => {
  const { source, destination, tells } = await switching(context)
  source.turn('running')
  destination.turn('running')
  await tells(/^failed: .*stopped at the destination$/)
  assert.equal(destination.run, 'paused')
})

test('somebody stops the guest while it is sent: given up, and it stays stopped', async (context) => {
  const { source, told, tells } = await sending(context)
  source.answers.set('migrate_cancel', () => {
    source.migrates('cancelled')
    return {}
  })
  source.turn('paused')
  await tells('failed: something else stopped the guest at its source (paused)')
  assert.equal(source.run, 'paused')
  assert.deepEqual(told.slice(0, 2), ['progress', 'stopped'])
})

test('and one that is started again at once', async (context) => {
  const { source, tells } = await sending(context)
  source.event('STOP')
  await tells('stopped')
  source.event('RESUME')
  await tells('failed: something else started the guest again at its source')
})
