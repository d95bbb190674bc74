/** Starts that fail: each says what to do, and leaves nothing open. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { RunOptions } from '../../src/cli/options.ts'
import { startController, StartError } from '../../src/main.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

function setup(context: TestContext): { directory: string; options: RunOptions } {
  const directory = mkdtempSync(join(tmpdir(), 'throwbar-main-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  const dataDir = join(directory, 'data')
  return {
    directory,
    options: { openflow: [anywhere], advertise: [], api: anywhere, dataDir, logLevel: 'silent' },
  }
}

async function refused(options: RunOptions, message: RegExp): Promise<void> {
  await assert.rejects(startController(options), (error) => {
    assert.ok(error instanceof StartError, String(error))
    assert.match(error.message, message)
    return true
  })
}

test('a second controller on the same data is refused, and the first goes on', async (context) => {
  const { options } = setup(context)
  const first = await startController(options)
  context.after(() => first.stop())
  await refused(options, /data is in use by another controller\. Stop that one, or choose another/)
  assert.equal((await fetch(`${first.url}/healthz`)).status, 200)
})

test('addresses that cannot be had, and then the data are free again', async (context) => {
  const { options } = setup(context)
  const taken = createServer().listen(0, '127.0.0.1')
  context.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const port = (taken.address() as AddressInfo).port
  const onTaken = { host: '127.0.0.1', port }
  await refused(
    { ...options, openflow: [onTaken] },
    /^OpenFlow cannot listen on 127.0.0.1:\d+: another program/,
  )
  await refused({ ...options, api: onTaken }, /^REST cannot listen on 127.0.0.1:\d+: another program does/)
  await refused({ ...options, openflow: [{ host: '192.0.2.77', port: 0 }] }, /no such address; "ip address"/)
  await (await startController(options)).stop()
})

test('files that cannot be used', async (context) => {
  const { directory, options } = setup(context)
  await refused(
    { ...options, topology: join(directory, 'none.yaml') },
    /^cannot read .*none.yaml: there is no such/,
  )
  await refused({ ...options, topology: directory }, /^cannot read .*: it is a directory$/)
  const file = join(directory, 'file')
  writeFileSync(file, 'x')
  await refused({ ...options, dataDir: file }, /cannot be used: .*ENOTDIR/)
})

test('TLS files that cannot be used are named', async (context) => {
  const { directory, options } = setup(context)
  const at = (name: string): string => join(directory, name)
  for (const name of ['a', 'b']) {
    const subject = ['-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject],
      { stdio: 'ignore' },
    )
  }
  const tls = { keyFile: at('a.key'), certFile: at('a.pem'), caFile: at('a.pem') }
  await refused(
    { ...options, tls: { ...tls, keyFile: at('none') } },
    /^cannot read --tls-key .*none: there is no/,
  )
  await refused(
    { ...options, tls: { ...tls, caFile: at('a.key') } },
    /^--tls-ca .*a.key holds no certificate/,
  )
  await refused({ ...options, tls: { ...tls, keyFile: at('b.key') } }, /do not belong together/)
  await (await startController({ ...options, tls })).stop()
})
