/** `throwbar move --plan`: amounts as people write them, and the plan as they read it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBitRate, readByteRate, readBytes, readDurationMs } from '../../../src/cli/amounts.ts'
import { CliError } from '../../../src/cli/io.ts'
import { served } from '../../support/command-line.ts'
import { web1Plan } from '../../support/samples.ts'

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
    ['move', 'web1', '--to', 'hv2'],
    [...move, '--memory', 'much'],
    [...move, '--rtt', '5'],
  ]
  for (const argv of wrong) assert.equal((await cli(argv)).exitCode, 2, argv.join(' '))
  assert.match(
    (await cli([...move, '--memory', 'much'])).err,
    /--memory cannot be "much"\n +write it as --memory 4GiB/,
  )
  assert.deepEqual(fake.planRequests, [])
})

test('what the controller refuses is shown', async (t) => {
  const { cli, fake } = await served(t)
  fake.nextMovePlan = { status: 'invalid', problems: [{ pointer: '/to', message: 'it is on hv2 already' }] }
  const { exitCode, err } = await cli(move)
  assert.equal(exitCode, 1)
  assert.match(err, /it is on hv2 already/)
})
