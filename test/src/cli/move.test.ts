/** `throwbar move`: moves followed to their end, and plans with amounts as people write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBitRate, readByteRate, readBytes, readDurationMs } from '../../../src/cli/amounts.ts'
import { CliError } from '../../../src/cli/io.ts'
import { served } from '../../support/command-line.ts'
import { web1Move, web1Plan } from '../../support/samples.ts'

const move = ['move', 'web1', '--to', 'hv2', '--plan']

test('amounts are read with their units, and nothing else', () => {
  assert.equal(readBytes('--memory', '4GiB'), 4 * 2 ** 30)
  assert.equal(readBytes('--memory', '1.5 MB'), 1.5e6)
  assert.equal(readBytes('--memory', '0B'), 0)
  assert.equal(readByteRate('--dirty', '50MiB/s'), 50 * 2 ** 20)
  assert.equal(readBitRate('--bandwidth', '1Gbit/s'), 1e9)
  assert.equal(readBitRate('--bandwidth', '2.5G'), 2.5e9)
  assert.equal(readDurationMs('--rtt', '5ms'), 5)
  assert.equal(readDurationMs('--rtt', '250us'), 0.25)
  assert.equal(readDurationMs('--rtt', '0.1s'), 100)
  for (const text of ['', '4', 'GiB', '-1GiB', '1.2.3GiB', '4Gb', '4 gib', '1e3B'])
    assert.throws(() => readBytes('--memory', text), CliError, text)
  for (const text of ['50MiB', '50Mbit/s']) assert.throws(() => readByteRate('--dirty', text), CliError, text)
  assert.throws(() => readBitRate('--bandwidth', '1GB/s'), CliError)
  assert.throws(() => readDurationMs('--rtt', '5'), CliError)
})

test('what is given goes along, and the plan is a table with its reasons', async (t) => {
  const { cli, fake } = await served(t)
  const given = ['--memory', '4GiB', '--dirty', '50MiB/s', '--rtt', '5ms', '--bandwidth', '1Gbit/s']
  const { exitCode, out, err } = await cli([...move, ...given, '--window', '16MiB', '--qmp', 'unix:/run/a'])
  assert.deepEqual([exitCode, err], [0, ''])
  assert.deepEqual(fake.planRequests, [
    {
      vms: ['web1'],
      to: 'hv2',
      memoryBytes: 4 * 2 ** 30,
      dirtyBytesPerS: 50 * 2 ** 20,
      rttMs: 5,
      bandwidthBps: 1e9,
      windowBytes: 16 * 2 ** 20,
      qmp: 'unix:/run/a',
    },
  ])
  assert.match(out, /^web1 from hv1 to hv2, over the fabric, by hv1:eth0 hv2:eth0\nrecommended: live\n/)
  assert.match(out, /\nround trip +0\.4 ms ± 0\.05 ms +measured +by probes/)
  assert.match(out, /\nlive +good +yes +9\.53 s +126 ms to 140 ms +1\.11 GiB\n/)
  assert.match(out, /\nrouted +unwise +no +- +- +-\n/)
  assert.match(out, /\n\nlive: .*open sessions live\n {2}good: 0\.4 ms of round trip are within the 10 ms/)
})

test('as JSON and YAML it is whole', async (t) => {
  const { cli } = await served(t)
  assert.deepEqual(JSON.parse((await cli([...move, '-o', 'json'])).out), web1Plan)
  assert.match((await cli([...move, '-o', 'yaml'])).out, /^vms:\n {2}- web1\nfrom: hv1\n/)
})

test('bad input is refused before anything is asked', async (t) => {
  const { cli, fake } = await served(t)
  const wrong = [
    ['move', 'web1', '--plan'],
    ['move', '--to', 'hv2', '--plan'],
    ['move', 'web1', '--to', 'hv2', '--port', 'web1/0'],
    ['move', 'web1', '--to', 'hv2', '--settle', 'long'],
    ['move', 'web1', '--to', 'hv2', '--qemu', 'unix:/a'],
    ['move', 'web1'],
    ['move', '--to', 'hv2'],
    [...move, '--memory', 'much'],
    [...move, '--rtt', '5'],
  ]
  for (const argv of wrong) assert.equal((await cli(argv)).exitCode, 2, argv.join(' '))
  assert.match(
    (await cli([...move, '--memory', 'much'])).err,
    /--memory cannot be "much"\n +write it as --memory 4GiB/,
  )
  assert.deepEqual([fake.planRequests, fake.moveRequests], [[], []])
})

test('what the controller refuses is shown', async (t) => {
  const { cli, fake } = await served(t)
  fake.nextMovePlan = { status: 'invalid', problems: [{ pointer: '/to', message: 'it is on hv2 already' }] }
  const { exitCode, err } = await cli(move)
  assert.equal(exitCode, 1)
  assert.match(err, /it is on hv2 already/)
})

test('a move is followed to its end, step by step, and what came of it is told', async (t) => {
  const { cli, fake } = await served(t)
  const done = {
    ...web1Move,
    phase: 'done',
    report: {
      signal: 'unplugged',
      switchedAfterMs: 4.26,
      gapMs: 50,
      lateFrames: 3,
      sourceFrames: 0,
    },
  } as const
  fake.views.moves = [done]
  const asked = ['move', 'web1', '--to', 'hv2', '--port', 'web1/0=tap7', '--settle', '2', '--id', 'night']
  const { exitCode, out, err } = await cli(asked)
  assert.equal(exitCode, 0)
  assert.match(err, /00:00:00.100 {2}prepared {6}, confirmed by 1 of 1 switches\n/)
  assert.match(
    out,
    /move web1-1: web1 from hv1 to hv2 is done\nswitched 4.3 ms after it was plugged in there/,
  )
  assert.deepEqual(fake.moveRequests[0]?.request, {
    vms: ['web1'],
    to: 'hv2',
    method: 'live',
    id: 'night',
    ports: { 'web1/0': 'tap7' },
    settleS: 2,
  })
  fake.views.moves = [{ ...web1Move, phase: 'aborted', reason: 'hv2 refused' }]
  const aborted = await cli(['move', 'web1', '--to', 'hv2'])
  assert.equal(aborted.exitCode, 1)
  assert.match(aborted.err, /move web1-1 was aborted: hv2 refused/)
})

test('what came of a transfer stands beside what was predicted', async (t) => {
  const { cli, fake } = await served(t)
  const seen = { switchedAfterMs: 4.26, aheadMs: 6.31, lateFrames: 0, sourceFrames: 0 }
  const report = { signal: 'hypervisor', ...seen } as const
  const transfer = { totalMs: 590, downtimeMs: 47, bytes: 81e6 }
  const known = { memoryBytes: 2 ** 28, dirtyBytesPerS: 0, throughputBps: 1e9 }
  const prediction = { totalS: 1.25, downtimeMs: 40, downtimeMostMs: 140, bytes: 160 * 2 ** 20, ...known }
  const [step = assert.fail()] = web1Move.timeline
  const timeline = [
    ...web1Move.timeline,
    { ...step, phase: 'transferring', stopping: { led: true } } as const,
  ]
  fake.views.moves = [{ ...web1Move, phase: 'done', timeline, prediction, report: { ...report, transfer } }]
  const { out, err } = await cli(['move', 'web1', '--to', 'hv2'])
  assert.match(err, /transferring {2}the guest is about to be stopped, and led\n/)
  assert.match(out, /what is for it waited there since 6.3 ms before it stopped\n/)
  assert.match(out, /77.2 MiB were sent in 0.59 s, and the guest stood still for 47 ms\n/)
  assert.match(out, /predicted: at most 160 MiB in 1.25 s, standing still for 40 ms to 140 ms\n/)
})

test('a move is waited for only so long, hurried and called off', async (t) => {
  const { cli } = await served(t)
  const ready = await cli(['move', 'web1', '--to', 'hv2', '--until', 'prepared'])
  assert.match(ready.out, /the switches are ready: the guest may run there/)
  assert.match((await cli(['move', '--switch', 'web1-1'])).out, /move web1-1 is transferring/)
  assert.equal((await cli(['move', '--abort', 'web1-1'])).exitCode, 0)
  assert.equal((await cli(['move', '--abort', 'web1-7'])).exitCode, 1)
  assert.match((await cli(['get', 'moves'])).out, /web1-1 .*hv1 .*hv2 .*live .*transferring .*yes/)
})
