/** `npm run demo` as a newcomer runs it: what it shows, how it ends, and that nothing of it stays, however it is ended. */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { leftovers } from './support/leftovers.ts'
import { realTest } from './support/real.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

class Demo {
  output = ''
  readonly id: string
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<unknown[]>

  constructor(id: string, args: readonly string[], command = ['sh', 'mininet/demo.sh']) {
    this.id = id
    const [program = '', ...before] = command
    this.#child = spawn(program, [...before, '--id', id, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#ended = once(this.#child, 'exit')
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text))
  }

  /** The exit code; a demo that hangs is killed, and its code is null. */
  async end(timeoutMs = 90_000): Promise<unknown> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs)
    const [code] = await this.#ended
    clearTimeout(timer)
    return code
  }

  async shows(text: RegExp, timeoutMs = 60_000): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!text.test(this.output)) {
      if (performance.now() > deadline || this.#child.exitCode !== null)
        assert.fail(`no ${String(text)} in:\n${this.output}`)
      await sleep(20)
    }
  }

  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal)
  }
}

async function freePorts(): Promise<string[]> {
  return ['--listen', `127.0.0.1:${await freePort()}`, '--api', `127.0.0.1:${await freePort()}`]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

/** Nothing of the demo is left, at once or after a while when it could not clean up itself. */
async function nothingLeft(id: string, withinMs = 0): Promise<void> {
  const deadline = performance.now() + withinMs
  while (leftovers(id).length > 0 && performance.now() < deadline) await sleep(50)
  assert.deepEqual(leftovers(id), [])
}

realTest('the whole show holds what it checks, tells why not, and cleans up', async (context) => {
  const started = performance.now()
  const demo = new Demo('demoshow', [...(await freePorts()), '--once'])
  assert.equal(await demo.end(), 0, demo.output)
  context.diagnostic(`${((performance.now() - started) / 1000).toFixed(1)} s`)
  const expected = [
    /┌─ hv1 ─+┐ ┌─ hv2 ─+┐/, // the picture
    /●─+●/, // its cable
    /^ {2}blue1 +● +● +│ +· +· /m, // the matrix
    /inside a network: (\d+) of \1 probes answered/,
    /blue and green: 0 of \d+ probes came through\n +different networks/,
    /lab-a is internal to hv1: nothing leads out of it/,
    /internal networks of different switches, which even use the same addresses/,
    /(\d+) such frames sent; \1 dropped: \1 unknown-unicast/,
    /20 spoofed-mac +0\n/,
    /20 tagged-from-vm +0\n/,
    /the captures saw 0 frames of lab-a, and missed 0/,
    /✓ blue1 from hv1 to hv2: done +counted [\d,]+ /,
    /✓ blue1 from hv2 to hv1: done +counted [\d,]+ /,
    /([\d,]+) of \1 numbers came back in order over the one connection/,
    /0 of [\d,]{4,} pings lost/,
    /0 rules sent by the new controller/,
    /All as declared/,
  ]
  for (const text of expected) assert.match(demo.output, text)
  assert.ok(
    !demo.output.includes('\u001b') && !demo.output.includes('\r'),
    'plain lines when not on a terminal',
  )
  assert.ok(!demo.output.includes('✗'))
  await nothingLeft('demoshow')
})

realTest('interrupted in the middle it cleans up and calls it a success', async () => {
  const demo = new Demo('demoint', await freePorts())
  await demo.shows(/What reaches what/)
  demo.kill('SIGINT')
  demo.kill('SIGINT') // as a terminal and npm both do
  assert.equal(await demo.end(), 0, demo.output)
  assert.match(demo.output, /Nothing is left running/)
  await nothingLeft('demoint')
})

realTest('left running it names the next commands; terminated it cleans up', async () => {
  const ports = await freePorts()
  const demo = new Demo('demoterm', ports)
  await demo.shows(/Ctrl-C ends the demo/)
  assert.match(demo.output, new RegExp(`export THROWBAR_SERVER=http://${ports[3]}`))
  assert.equal((await fetch(`http://${ports[3]}/healthz`)).status, 200)
  demo.kill('SIGTERM')
  assert.equal(await demo.end(), 0)
  await nothingLeft('demoterm')
})

realTest('killed, or left alone by an npm that was terminated, it is cleaned up', async () => {
  const killed = new Demo('demokill', await freePorts())
  await killed.shows(/Killing the controller/)
  killed.kill('SIGKILL')
  assert.equal(await killed.end(), null)
  await nothingLeft('demokill', 20_000)
  const left = new Demo('demonpm', await freePorts(), ['npm', 'run', 'demo', '--'])
  await left.shows(/What reaches what/)
  left.kill('SIGTERM')
  await left.end()
  await nothingLeft('demonpm', 20_000)
})

realTest('a network that does less than was declared makes it fail and say what', async () => {
  const demo = new Demo('demofail', [...(await freePorts()), '--once'])
  await demo.shows(/lab: 2 Open vSwitches/)
  const foreign = ['-O', 'OpenFlow15', 'add-flow', 'br0', 'priority=65000,icmp,actions=drop']
  const env = { ...process.env, OVS_RUNDIR: '/run/throwbar-lab/demofail/hv1' }
  execFileSync('ovs-ofctl', foreign, { env })
  assert.equal(await demo.end(), 1, demo.output)
  assert.match(demo.output, /✗ inside a network: \d+ of \d+ probes answered/)
  assert.match(demo.output, /things? not as (it|they) should be/)
  await nothingLeft('demofail')
})

realTest('what cannot work is said before anything is started', async () => {
  const [listen, port, ...api] = await freePorts()
  const taken = createServer().listen(Number(port?.split(':')[1]), '127.0.0.1')
  await once(taken, 'listening')
  try {
    const demo = new Demo('demobusy', [listen ?? '', port ?? '', ...api, '--once'])
    assert.equal(await demo.end(), 1)
    assert.match(demo.output, new RegExp(`${port} is in use by .* \\(pid ${process.pid}\\)`))
    assert.match(demo.output, /npm run demo -- --listen/)
  } finally {
    taken.close()
  }
  const invalid = new Demo('demobad', [...(await freePorts()), '--once', 'package.json'])
  assert.equal(await invalid.end(), 1)
  assert.match(invalid.output, /package\.json:\d+:\d+/)
  for (const id of ['demobusy', 'demobad']) await nothingLeft(id)
})
