/** The package as npm would publish it: packed, installed in an empty folder, used from JavaScript and strict TypeScript. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const source = join(root, 'codecs', 'openflow')

/** The caller's own npm may be told things by the run that we are in; a user's is not. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'NODE_OPTIONS'),
)

let folder = ''
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', env: environment })

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-openflow-'))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: source,
      encoding: 'utf8',
      env: environment,
    }),
  ) as { filename: string }[]
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }')
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${packed?.filename ?? ''}`)
})

after(() => rmSync(folder, { recursive: true, force: true }))

test('it brings nothing with it', () => {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: object }
  assert.deepEqual(Object.keys(lock.packages), ['', 'node_modules/ts-openflow'])
})

test('plain JavaScript uses it', () => {
  writeFileSync(
    join(folder, 'plain.js'),
    `import { decode, encode, parseFlow, print } from 'ts-openflow'
    const bytes = encode({ ...parseFlow('priority=5,ip,nw_dst=10.0.0.0/8,actions=dec_ttl,output:2'), version: 4, xid: 1 })
    console.log(print(decode(bytes)))`,
  )
  assert.equal(
    run(process.execPath, 'plain.js'),
    'OFPT_FLOW_MOD (OF1.3) (xid=0x1): ADD priority=5,ip,nw_dst=10.0.0.0/8 actions=dec_ttl,output:2\n',
  )
})

test('strict TypeScript knows its types', () => {
  // A user has these from npm; here they are the project's own.
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  writeFileSync(
    join(folder, 'strict.ts'),
    `import { decode, type FlowModInput, listen, type Message } from 'ts-openflow'
    const message: Message = decode(new Uint8Array(8))
    if (message.type === 'packet_in') {
      const reason: string | number = message.reason
      // @ts-expect-error a packet-in has no priority
      console.log(reason, message.priority)
    }
    // @ts-expect-error a flow-mod has a command
    const flow: FlowModInput = { type: 'flow_mod', version: 4, xid: 1 }
    void listen({ port: 0, onUp: (connection) => ({ onMessage: (one) => console.log(one.type, connection.version, flow) }) })
    `,
  )
  checkTypes('strict.ts')
})

function checkTypes(...files: readonly string[]): void {
  const options = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit']
  const modules = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node']
  run(
    process.execPath,
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...options,
    ...modules,
    ...files,
  )
}

test('the programs of the README are right', () => {
  const readme = readFileSync(join(source, 'README.md'), 'utf8')
  const programs = [...readme.matchAll(/```js\n(import .*?)```/gs)].map(([, text]) => text ?? '')
  assert.equal(programs.length, 2)
  programs.forEach((text, index) => {
    assert.ok(text.trim().split('\n').length <= 12, 'ten lines or so')
    writeFileSync(join(folder, `program${index}.ts`), text)
  })
  checkTypes('program0.ts', 'program1.ts')
})

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: source, strict: true, pack: 'npm' })
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  )
})
