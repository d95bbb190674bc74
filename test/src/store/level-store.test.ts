import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { Level } from 'level'
import { openLevelStore } from '../../../src/store/level-store.ts'
import { StoreError } from '../../../src/store/store.ts'
import { commitOf, storeContract, vm } from './contract.ts'

const root = await mkdtemp(join(tmpdir(), 'throwbar-store-'))
after(() => rm(root, { recursive: true }))

let count = 0
const fresh = () => join(root, `db${++count}`)

storeContract({
  name: 'level',
  open: async () => {
    const directory = fresh()
    const store = await openLevelStore(directory)
    return {
      store,
      reopen: async () => {
        await store.close()
        return openLevelStore(directory)
      },
    }
  },
})

const rejectsWith = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreError)
  assert.equal(error.code, code)
  assert.match(error.message, words)
  return true
}

/** Runs the writer until `stop` has seen enough of its output; returns the lines. */
async function write(
  directory: string,
  { limitKiB, padding = 0, enough }: { limitKiB?: number; padding?: number; enough?: number },
): Promise<readonly string[]> {
  const node = [
    process.execPath,
    '--conditions=source',
    '--import',
    'tsx',
    join(import.meta.dirname, 'writer.ts'),
  ]
  const args = [...node, directory, String(padding)]
  const limit = limitKiB === undefined ? '' : `ulimit -f ${limitKiB}; `
  // bash counts `ulimit -f` in KiB; node leaves SIGXFSZ ignored, so that a write beyond it fails with EFBIG.
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let output = ''
  child.stdout.setEncoding('utf8')
  for await (const chunk of child.stdout) {
    output += String(chunk)
    if (enough !== undefined && output.split('\n').length > enough) child.kill('SIGKILL')
  }
  await exited
  return output.split('\n').slice(0, -1)
}

test('kill -9 during writes loses no acknowledged revision', async () => {
  const directory = fresh()
  let before = 0
  for (let round = 0; round < 3; round++) {
    const lines = await write(directory, { enough: 40 })
    const acknowledged = Number(lines.at(-1))
    assert.ok(acknowledged > before)
    const store = await openLevelStore(directory)
    const stored = await store.load()
    assert.ok(stored !== undefined && stored.revision >= acknowledged)
    const names = Object.keys(stored.spec.vms ?? {})
    assert.equal(names.length, stored.revision + 1)
    assert.equal(stored.spec.vms?.['newest']?.host, `hv${stored.revision}`)
    assert.equal((await store.log())[0]?.revision, stored.revision)
    before = stored.revision
    await store.close()
  }
})

test('a failed write rejects with IO, the old revision stays readable, and nothing acknowledged is lost', async () => {
  const directory = fresh()
  const lines = await write(directory, { limitKiB: 256, padding: 5_000 })
  const failure = JSON.parse(lines.at(-1) ?? '') as { code: string; message: string; readable: number }
  const acknowledged = Number(lines.at(-2))
  assert.equal(failure.code, 'IO')
  assert.match(failure.message, /What was acknowledged is still there; free space/)
  assert.equal(failure.readable, acknowledged)
  const store = await openLevelStore(directory)
  const revision = (await store.load())?.revision ?? 0
  assert.ok(revision === acknowledged || revision === acknowledged + 1)
  assert.equal((await store.commit(commitOf(revision, []))).status, 'committed')
  await store.close()
})

test('a directory in use is LOCKED, and usable once the other is done', async () => {
  const directory = fresh()
  const store = await openLevelStore(directory)
  await assert.rejects(openLevelStore(directory), rejectsWith('LOCKED', /in use by another controller/))
  await store.close()
  await (await openLevelStore(directory)).close()
})

test('a directory that cannot be made is IO', async () => {
  const file = fresh()
  await writeFile(file, '')
  await assert.rejects(openLevelStore(join(file, 'db')), rejectsWith('IO', /cannot be used: .*ENOTDIR/))
})

async function filled(): Promise<string> {
  const directory = fresh()
  const store = await openLevelStore(directory)
  for (let i = 0; i < 20; i++) {
    await store.commit(commitOf(i, [{ change: 'add', object: `vms/vm${i}`, value: vm(`hv${i}`) }]))
  }
  await store.close()
  return directory
}

test('a damaged directory is CORRUPT, says what to do, and is left as it is', async () => {
  const directory = await filled()
  await unlink(join(directory, 'CURRENT'))
  const names = await readdir(directory)
  await writeFile(join(directory, '000123.ldb'), 'a table')
  await assert.rejects(
    openLevelStore(directory),
    rejectsWith('CORRUPT', /CURRENT is missing.*apply your topology file/),
  )
  assert.deepEqual((await readdir(directory)).sort(), [...names, '000123.ldb'].sort())
})

test('a broken manifest is CORRUPT', async () => {
  const directory = await filled()
  const manifest = (await readdir(directory)).find((name) => name.startsWith('MANIFEST-')) ?? ''
  const bytes = await readFile(join(directory, manifest))
  await writeFile(join(directory, manifest), bytes.fill(0x55))
  await assert.rejects(openLevelStore(directory), rejectsWith('CORRUPT', /is damaged/))
})

test('an object that went missing or changed is noticed', async () => {
  for (const harm of [
    (level: Level) => level.del('object/vms/vm3'),
    (level: Level) => level.put('object/vms/vm3', JSON.stringify(vm('hv9'))),
    (level: Level) => level.put('object/vms/vm99', JSON.stringify(vm('hv9'))),
    (level: Level) => level.put('head', 'not JSON'),
  ]) {
    const directory = await filled()
    const level = new Level(directory)
    await harm(level)
    await level.close()
    await assert.rejects(openLevelStore(directory), rejectsWith('CORRUPT', /does not hold what was written/))
  }
})

async function logOf(directory: string): Promise<string> {
  const log = (await readdir(directory)).find((name) => name.endsWith('.log')) ?? ''
  return join(directory, log)
}

test('damage inside the write-ahead log is CORRUPT, wherever it is, and the log is kept', async () => {
  const directory = await filled()
  const path = await logOf(directory)
  const whole = await readFile(path)
  for (let at = 0; at < whole.length - 400; at += 37) {
    const bytes = Buffer.from(whole)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at)
    await writeFile(path, bytes)
    await assert.rejects(openLevelStore(directory), rejectsWith('CORRUPT', /not as it was written/))
    assert.deepEqual(await readFile(path), bytes)
  }
  await writeFile(path, whole)
  const store = await openLevelStore(directory)
  assert.equal((await store.load())?.revision, 20)
  await store.close()
})

test('a record cut short at the end of the log is a write that was never acknowledged', async () => {
  const directory = await filled()
  const path = await logOf(directory)
  const whole = await readFile(path)
  await writeFile(path, whole.subarray(0, whole.length - 5))
  const store = await openLevelStore(directory)
  assert.equal((await store.load())?.revision, 19)
  await store.close()
})

test('a log of many blocks is whole', async () => {
  const directory = fresh()
  const store = await openLevelStore(directory)
  for (let i = 0; i < 40; i++) await store.remember(`key${i}`, 'x'.repeat(i * 317))
  await store.close()
  const again = await openLevelStore(directory)
  assert.equal(await again.recall('key39'), 'x'.repeat(39 * 317))
  await again.close()
})

test('a store of a newer format is not touched', async () => {
  const directory = await filled()
  const level = new Level(directory)
  await level.put('head', JSON.stringify({ format: 2 }))
  await level.close()
  await assert.rejects(openLevelStore(directory), rejectsWith('FORMAT', /newer version/))
})

test('committing one VM among a thousand writes one object', async () => {
  const directory = fresh()
  const store = await openLevelStore(directory)
  const edits = Array.from(
    { length: 1_000 },
    (_, i) => ({ change: 'add', object: `vms/vm${i}`, value: vm('hv1') }) as const,
  )
  await store.commit(commitOf(0, edits))
  const size = async () => {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.log'))
    const files = await Promise.all(names.map((name) => readFile(join(directory, name))))
    return files.reduce((sum, bytes) => sum + bytes.length, 0)
  }
  const before = await size()
  await store.commit(commitOf(1, [{ change: 'add', object: 'vms/one-more', value: vm('hv1') }]))
  const written = (await size()) - before
  assert.ok(written > 0 && written < 1_000, `${written} bytes`)
  await store.close()
})
