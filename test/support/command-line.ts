/** Runs the command line in process against an API over a fake controller, and keeps what it prints. */
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { BuildOptions } from '../../src/api/app.ts'
import type { Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/program.ts'
import type { Wiring } from '../../src/cli/wiring.ts'
import { api } from './api.ts'
import type { FakeController } from './fake-controller.ts'

export interface Ran {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface RunSettings {
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly terminal?: boolean
  readonly wiring?: Partial<Wiring>
  readonly signal?: AbortSignal
  readonly onOut?: (text: string) => void
}

export async function throwbar(argv: readonly string[], settings: RunSettings = {}): Promise<Ran> {
  const { env = {}, files = {}, terminal = false, signal = new AbortController().signal } = settings
  let out = ''
  let err = ''
  const io: Io = {
    out: (text) => {
      out += text
      settings.onOut?.(text)
    },
    err: (text) => {
      err += text
    },
    env,
    outIsTerminal: terminal,
    errIsTerminal: terminal,
    readFile: (path) => {
      const text = files[path]
      return text === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(text)
    },
    signal,
  }
  const wiring: Wiring = {
    startController: () => Promise.reject(new Error('not expected to start')),
    ...settings.wiring,
  }
  const exitCode = await run(argv, { io, wiring, version: '1.2.3' })
  return { exitCode, out, err }
}

/** An API on a free loopback port, and the command line pointed at it. */
export async function served(
  t: TestContext,
  options: Partial<BuildOptions> = {},
): Promise<{
  fake: FakeController
  server: string
  cli: (argv: readonly string[], settings?: RunSettings) => Promise<Ran>
}> {
  const { app, fake } = api(t, options)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const server = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const cli = (argv: readonly string[], settings: RunSettings = {}) =>
    throwbar(argv, { ...settings, env: { THROWBAR_SERVER: server, ...settings.env } })
  return { fake, server, cli }
}
