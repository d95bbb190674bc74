/** The two programs in the package's README, run word for word: the controller with a real Open vSwitch, the packet tool on its bytes. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { decode, encode, Framer, versionBitmap } from 'ts-openflow'
import { type RealSwitch, startSwitch, whyNoSwitch } from '../codecs/openflow/support/ovs.ts'

const reason = whyNoSwitch()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? { timeout: 60_000 } : { skip: reason }

const name = 'rdm0'
const source = fileURLToPath(new URL('../../codecs/openflow', import.meta.url))
const readme = readFileSync(join(source, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/```js\n(import .*?)```/gs)].map(([, text]) => text ?? '')

let folder = ''
let ovs: RealSwitch
let controller: ChildProcess | undefined
let said = ''

before(async () => {
  if (reason !== undefined) return
  folder = mkdtempSync(join(tmpdir(), 'ts-openflow-readme-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(source, join(folder, 'node_modules', 'ts-openflow'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  programs.forEach((text, index) => writeFileSync(join(folder, `program${index}.js`), text))
  ovs = await startSwitch(name)
  ip('link', 'set', 'lo', 'up')
  ip('link', 'set', `${name}p1`, 'up')
  ip('addr', 'add', '10.77.0.1/24', 'dev', `${name}p1`)
})

after(async () => {
  if (reason !== undefined) return
  if (controller?.kill('SIGTERM') === true) await once(controller, 'exit')
  await ovs.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ip = (...args: readonly string[]) => execFileSync('ip', ['-n', name, ...args])

/** As `node FILE` would, from the sources. */
const node = (file: string) => ['--conditions=source', '--import', import.meta.resolve('tsx'), file]

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 1000, `${what}: not within 20 s; the controller said: ${said}`)
    await sleep(20)
  }
}

/** An ARP request for this address goes into port 1 of the switch. */
function askFor(address: string): void {
  const quietly = { stdio: 'ignore' } as const
  // Nobody answers, and ping says so with its exit code.
  spawn('ip', ['netns', 'exec', name, 'ping', '-c', '1', '-W', '1', address], quietly)
}

test('the controller: the switch gets its flow, and what it says is printed', options, async () => {
  const [program] = programs
  assert.ok(program)
  controller = spawn('ip', ['netns', 'exec', name, process.execPath, ...node('program0.js')], { cwd: folder })
  for (const stream of [controller.stdout, controller.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const database = `--db=unix:${join(dirname(ovs.socketPath), 'db.sock')}`
  const target = ['set-controller', `${name}br`, 'tcp:127.0.0.1:6653']
  const fast = ['--', 'set', 'controller', `${name}br`, 'max_backoff=1000']
  execFileSync('ovs-vsctl', [database, '--timeout=10', ...target, ...fast])
  const flows = () => ovs.ofctl(4, 'dump-flows', '--no-stats', '@').trim()
  await until('the flow', () => flows().includes('actions='))
  assert.match(flows(), /^(?:OFPST.*\n)? *priority=0 actions=CONTROLLER:128$/)
  askFor('10.77.0.2')
  await until('the packet-in', () => said.includes('arp_tpa=10.77.0.2'))
  assert.match(said, /^OFPT_PACKET_IN \(OF1\.5\).*in_port=1/m)
})

test('the packet tool: what the packets hold that a real switch sent', options, async () => {
  const bytes = await record('10.77.0.3')
  writeFileSync(join(folder, 'stream.bin'), bytes)
  const shown = execFileSync(process.execPath, node('program1.js'), { cwd: folder, encoding: 'utf8' })
  assert.match(shown, /^no_match arp,.*arp_spa=10\.77\.0\.1,arp_tpa=10\.77\.0\.3,arp_op=1/m)
})

/** What the switch sends on a connection, until it has sent the packet that asks for an address. */
async function record(address: string): Promise<Buffer> {
  const socket = createConnection(ovs.socketPath)
  const chunks: Buffer[] = []
  const framer = new Framer()
  let ready = false
  let found = false
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    const asked = Buffer.from(address.split('.').map(Number))
    for (const bytes of framer.push(chunk)) {
      const message = decode(bytes)
      ready ||= message.type === 'barrier_reply'
      found ||= message.type === 'packet_in' && Buffer.from(message.data).includes(asked)
    }
  })
  try {
    socket.write(encode({ type: 'hello', version: 4, xid: 1, elements: [versionBitmap([4])] }))
    // A connection like this one is sent no packets before it has said that it wants some.
    socket.write(encode({ type: 'set_config', version: 4, xid: 2, missSendLen: 0xffff }))
    socket.write(encode({ type: 'barrier_request', version: 4, xid: 3 }))
    await until('the barrier', () => ready)
    askFor(address)
    await until('the packet', () => found)
  } finally {
    socket.destroy()
  }
  return Buffer.concat(chunks)
}
