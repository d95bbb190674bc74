/** The command line itself: help, wrong usage, unreachable controllers, tokens, `run`, and the real process. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { RunOptions } from '../../../src/cli/options.ts'
import { served, throwbar } from '../../support/command-line.ts'

const commands = ['run', 'check', 'plan', 'apply', 'get', 'flows', 'move', 'drops', 'events']

test('help lists every command and the exit codes; every command has examples', async () => {
  const { exitCode, out } = await throwbar(['--help'])
  assert.equal(exitCode, 0)
  for (const command of commands) assert.match(out, new RegExp(`^ {2}${command} `, 'm'))
  assert.match(out, /Exit codes:\n {2}0 /)
  for (const command of commands) {
    const help = await throwbar([command, '--help'])
    assert.equal(help.exitCode, 0, command)
    assert.match(help.out, new RegExp(`Examples:\\n.*throwbar ${command}`, 's'), command)
  }
})

test('version', async () => {
  assert.deepEqual(await throwbar(['--version']), { exitCode: 0, out: '1.2.3\n', err: '' })
})

test('wrong usage is 2, with a suggestion', async () => {
  const unknown = await throwbar(['aply', 'x.yaml'])
  assert.equal(unknown.exitCode, 2)
  assert.match(unknown.err, /unknown command 'aply'\n\(Did you mean apply\?\)/)
  assert.equal((await throwbar(['get', 'vm'])).exitCode, 2)
  assert.match(
    (await throwbar(['get', 'vm'])).err,
    /Allowed choices are switches, links, teams, classes, hosts, interfaces, networks, vms/,
  )
  assert.equal((await throwbar(['apply'])).exitCode, 2)
  assert.equal((await throwbar(['apply', 'x', '--timeout', '-1'])).exitCode, 2)
  assert.equal((await throwbar(['get', 'vms', '--outputt', 'json'])).exitCode, 2)
  assert.equal((await throwbar([])).exitCode, 2)
})

test('no controller is 4, and says how to start or name one', async () => {
  const { exitCode, err } = await throwbar(['get', 'vms', '--server', 'http://127.0.0.1:1'])
  assert.equal(exitCode, 4)
  assert.match(
    err,
    /cannot reach a controller at http:\/\/127\.0\.0\.1:1: nothing listens there\n {2}start .*throwbar run.*--server/,
  )
})

test('something else that listens there is 4', async (t) => {
  const other = createServer((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>'),
  ).listen(0, '127.0.0.1')
  t.after(() => other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const { exitCode, err } = await throwbar([
    'get',
    'vms',
    '--server',
    `127.0.0.1:${(other.address() as AddressInfo).port}`,
  ])
  assert.equal(exitCode, 4)
  assert.match(err, /not a Throwbar controller/)
})

test('a wrong server address is 2', async () => {
  assert.equal((await throwbar(['get', 'vms', '--server', 'http://'])).exitCode, 2)
})

test('tokens: from the option, a file, the environment; a refusal says where to give one', async (t) => {
  const { cli } = await served(t, { auth: { token: 's3cret' } })
  assert.equal((await cli(['get', 'vms', '--token', 's3cret'])).exitCode, 0)
  assert.equal((await cli(['--token-file', 'f', 'get', 'vms'], { files: { f: 's3cret\n' } })).exitCode, 0)
  assert.equal((await cli(['get', 'vms'], { env: { THROWBAR_TOKEN: 's3cret' } })).exitCode, 0)
  const refused = await cli(['get', 'vms'])
  assert.equal(refused.exitCode, 1)
  assert.match(refused.err, /A token is required.*\n {2}.*--token-file FILE, or THROWBAR_TOKEN/)
  assert.equal((await cli(['get', 'vms'], { env: { THROWBAR_TOKEN: 'other' } })).exitCode, 1)
  assert.equal((await cli(['get', 'vms', '--token-file', 'f'], { files: { f: 'two words' } })).exitCode, 2)
})

/** What `run` would start, or what it says instead. */
async function started(
  argv: readonly string[],
  env: Record<string, string> = {},
): Promise<{ options: RunOptions | undefined; err: string }> {
  let options: RunOptions | undefined
  const startController = (given: RunOptions) => {
    options = given
    return Promise.resolve()
  }
  const settings = { env, wiring: { startController }, files: { token: 'abc' } }
  const { exitCode, err } = await throwbar(['run', ...argv], settings)
  assert.equal(exitCode, options === undefined ? 2 : 0)
  return { options, err }
}

test('a mistake in Throwbar itself shows no stack, unless asked', async () => {
  const wiring = { startController: () => Promise.reject(new Error('boom')) }
  const plain = await throwbar(['run'], { wiring })
  assert.equal(plain.exitCode, 5)
  assert.match(
    plain.err,
    /^throwbar: this should not have happened: boom\n {2}run it again with THROWBAR_TRACE=1/,
  )
  assert.doesNotMatch(plain.err, /at .*program/)
  const traced = await throwbar(['run'], { wiring, env: { THROWBAR_TRACE: '1' } })
  assert.match(traced.err, /boom\n {4}at /)
})

test('run without options', async () => {
  assert.deepEqual((await started([])).options, {
    openflow: [{ host: '127.0.0.1', port: 6653 }],
    advertise: [],
    api: { host: '127.0.0.1', port: 8080 },
    dataDir: './data',
    logLevel: 'info',
  })
})

test('run with all options', async () => {
  const argv =
    'net.yaml --listen 0.0.0.0:6653 --listen [::1]:6633 --listen 10.0.0.1 --api :9090 --data /d --token-file token --advertise 192.0.2.1'
  const tls = '--tls-key k --tls-cert c --tls-ca a --log-level debug'
  assert.deepEqual((await started(`${argv} ${tls}`.split(' '))).options, {
    topology: 'net.yaml',
    openflow: [
      { host: '0.0.0.0', port: 6653 },
      { host: '::1', port: 6633 },
      { host: '10.0.0.1', port: 6653 },
    ],
    advertise: [{ host: '192.0.2.1', port: 6653 }],
    api: { host: '0.0.0.0', port: 9090 },
    dataDir: '/d',
    token: 'abc',
    tls: { keyFile: 'k', certFile: 'c', caFile: 'a' },
    logLevel: 'debug',
  })
})

test('run refuses what cannot work, and says what to do', async () => {
  assert.match(
    (await started(['--api', '0.0.0.0:8080'])).err,
    /needs a token\n {2}.*--token-file token .*THROWBAR_TOKEN/,
  )
  assert.ok((await started(['--api', '0.0.0.0:8080'], { THROWBAR_TOKEN: 'x' })).options)
  assert.match((await started(['--tls-key', 'k'])).err, /--tls-key, --tls-cert and --tls-ca together/)
  assert.match((await started(['--listen', '1:2:3'])).err, /"1:2:3" is not HOST:PORT/)
  assert.match((await started(['--listen', 'x:99999'])).err, /is not HOST:PORT/)
  assert.match((await started(['--log-level', 'loud'])).err, /Allowed choices are trace/)
})

const main = new URL('../../../src/cli/main.ts', import.meta.url).pathname
const node = ['--conditions=source', '--import', 'tsx', main]

test('the real process: output, errors, exit code', async (t) => {
  const { server } = await served(t)
  const outcome = (argv: readonly string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
      execFile(process.execPath, [...node, ...argv], (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      )
    })
  const good = await outcome(['get', 'networks', '--server', server])
  assert.deepEqual([good.code, good.err], [0, ''])
  assert.match(good.out, /^blue {2}vm /m)
  const bad = await outcome(['get', 'networks', '--server', 'http://127.0.0.1:1'])
  assert.equal(bad.code, 4)
  assert.match(bad.err, /^throwbar: cannot reach/)
})

test('a reader that has seen enough is no failure', async (t) => {
  const { server, fake } = await served(t)
  const [vm] = fake.views.vms
  assert.ok(vm)
  fake.views.vms = Array.from({ length: 5000 }, (_, i) => ({ ...vm, name: `vm${i}` }))
  const script = `set -o pipefail; "$0" "$@" get vms -o json --server ${server} | head -n 1`
  const code = await new Promise((resolve) => {
    execFile('bash', ['-c', script, process.execPath, ...node], (error, out) => resolve(error?.code ?? out))
  })
  assert.equal(code, '[\n')
})
