/** Both ends of a transfer as scripted QEMUs, a driver between them, and what its listener was told. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HypervisorDriver, Transfer, TransferListener } from '../../../../../src/mobility/driver.ts'
import { qemuDriver } from '../../../../../src/mobility/qemu/driver.ts'
import { ScriptedQemu } from './scripted-qemu.ts'

export interface Stage {
  readonly source: ScriptedQemu
  readonly destination: ScriptedQemu
  readonly driver: HypervisorDriver
  readonly listener: TransferListener
  /** In order; progress once. */
  readonly told: string[]
  /** Waits until this was told. */
  readonly tells: (what: string | RegExp) => Promise<void>
}

export interface StageOptions {
  /** How long the driver waits for an answer. */
  readonly patienceMs?: number
  /** Resolves when the guest may run at the destination. */
  readonly opened?: Promise<void>
}

export const uri = 'tcp:10.9.9.2:4444'

export async function stage(
  context: TestContext,
  { patienceMs = 5_000, opened = Promise.resolve() }: StageOptions = {},
): Promise<Stage> {
  const source = await ScriptedQemu.start(context, 'running')
  const destination = await ScriptedQemu.start(context, 'inmigrate')
  const driver = qemuDriver({
    source: source.address,
    destination: destination.address,
    uri,
    pollMs: 5,
    limits: { backoffMinMs: 5, backoffMaxMs: 20, answerMs: patienceMs, greetingMs: patienceMs },
  })
  context.after(() => driver.close())
  const told: string[] = []
  const heard = (what: string) => {
    told.push(what)
    return what === 'stopped' ? opened : Promise.resolve()
  }
  const listener: TransferListener = {
    onProgress: () => {
      if (!told.includes('progress')) told.push('progress')
    },
    onStopping: () => heard('stopping'),
    onStopped: () => heard('stopped'),
    onResumed: () => told.push('resumed'),
    onCompleted: ({ downtimeMs }) => told.push(`completed ${downtimeMs}`),
    onFailed: (reason) => told.push(`failed: ${reason}`),
  }
  const tells = (what: string | RegExp) =>
    until(
      () => told.some((one) => (typeof what === 'string' ? one === what : what.test(one))),
      () => `${String(what)} of ${told.join(', ')}`,
    )
  return { source, destination, driver, listener, told, tells }
}

/** A transfer that is sending. */
export async function sending(
  context: TestContext,
  options: StageOptions = {},
): Promise<Stage & { readonly transfer: Transfer }> {
  const staged = await stage(context, options)
  const transfer = staged.driver.start(staged.listener, { bandwidthBps: 8e8 })
  await staged.tells('progress')
  return { ...staged, transfer }
}

/** And one whose guest the source has stopped, for the last of its memory. */
export async function switching(
  context: TestContext,
  options: StageOptions = {},
): Promise<Stage & { readonly transfer: Transfer }> {
  const staged = await sending(context, options)
  staged.source.turn('finish-migrate')
  await staged.tells('stopped')
  return staged
}

/** As QEMU ends a transfer that goes well. */
export function arrives({ source, destination }: Stage): void {
  destination.turn('running')
  source.run = 'postmigrate'
  source.migrates('completed', { downtime: 12, 'total-time': 500 })
}

export async function until(condition: () => boolean, what: () => string): Promise<void> {
  for (let round = 0; round < 2_000; round++) {
    if (condition()) return
    await sleep(5)
  }
  assert.fail(`not in time: ${what()}`)
}

/** Several looks at both ends later. */
export const aWhile = () => sleep(60)
