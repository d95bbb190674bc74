/** The QEMU driver alone, on a real guest and plain learning switches: a transfer, one that is cancelled, one whose destination dies. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { HypervisorDriver, Transfer, TransferReport } from '../../src/mobility/driver.ts'
import { qemuDriver } from '../../src/mobility/qemu/driver.ts'
import { measureGuest } from '../../src/mobility/qemu/measure.ts'
import { Guest, memoryBytesOf, prepareGuests } from './support/guest.ts'
import { startCounting, startPings } from './support/guest-client.ts'
import { type Lab, startLab } from './support/lab.ts'
import { realTest } from './support/real.ts'

const mac = '02:00:00:00:01:11'
const address = '10.0.1.11'
const migrationAddress: Readonly<Record<string, string>> = { hv1: '10.9.9.1', hv2: '10.9.9.2' }

interface Followed {
  readonly transfer: Transfer
  /** What was told, in order; progress once. */
  readonly told: string[]
  readonly atMs: Map<string, number>
  readonly progressed: Promise<void>
  readonly over: Promise<TransferReport | string>
}

function follow(driver: HypervisorDriver, bandwidthBps?: number): Followed {
  const told: string[] = []
  const atMs = new Map<string, number>()
  let progressed: () => void = () => undefined
  let over: (what: TransferReport | string) => void = () => undefined
  const followed = {
    told,
    atMs,
    progressed: new Promise<void>((resolve) => (progressed = resolve)),
    over: new Promise<TransferReport | string>((resolve) => (over = resolve)),
  }
  const tell = (what: string) => {
    if (what !== 'progress' || !told.includes(what)) told.push(what)
    if (!atMs.has(what)) atMs.set(what, performance.now())
  }
  const toldThat = (what: string) => {
    tell(what)
    return Promise.resolve()
  }
  const listener = {
    onProgress: () => {
      tell('progress')
      progressed()
    },
    onStopping: () => toldThat('stopping'),
    onStopped: () => toldThat('stopped'),
    onResumed: () => tell('resumed'),
    onCompleted: (report: TransferReport) => {
      tell('completed')
      over(report)
    },
    onFailed: (reason: string) => {
      tell('failed')
      over(reason)
    },
  }
  return { ...followed, transfer: driver.start(listener, bandwidthBps === undefined ? {} : { bandwidthBps }) }
}

/** A guest that waits on the other hypervisor, and the driver between them. */
async function towards(lab: Lab, source: Guest): Promise<{ destination: Guest; driver: HypervisorDriver }> {
  const hypervisor = source.hypervisor === 'hv1' ? 'hv2' : 'hv1'
  const uri = `tcp:${migrationAddress[hypervisor] ?? ''}:4444`
  const destination = await Guest.start(lab, { hypervisor, mac, incoming: uri })
  const driver = qemuDriver({ source: source.qmp, destination: destination.qmp, uri, pollMs: 50 })
  await driver.check()
  return { destination, driver }
}

realTest('a guest is sent to another hypervisor and back, or stays where it is', async (context) => {
  prepareGuests()
  const file = fileURLToPath(new URL('support/guests.yaml', import.meta.url))
  const lab = await startLab(file, { id: 'guests', controller: 'none', failMode: 'standalone' })
  try {
    const first = await Guest.start(lab, { hypervisor: 'hv1', mac, addresses: [`${address}/24`] })
    const namespace = lab.description.nics.find(({ vm }) => vm === 'client1')?.namespace ?? ''
    const measured = await measureGuest(first.qmp)
    context.diagnostic(`measured: ${JSON.stringify(measured)}`)
    assert.deepEqual(measured, { memoryBytes: memoryBytesOf({}) })
    const pings = await startPings(namespace, address)
    const counting = await startCounting(namespace, address)
    const moved = await completes(lab, first, context)
    await cancelled(lab, moved)
    await destinationDies(lab, moved)
    const [seen, counted] = [await pings.stop(), await counting.stop()]
    await moved.stop()
    context.diagnostic(`pings ${JSON.stringify(seen)}, counter ${JSON.stringify(counted)}`)
    assert.equal(counted.broken, undefined)
    assert.equal(seen.answeredTwice, 0)
  } finally {
    await lab.stop()
  }
})

async function completes(lab: Lab, source: Guest, context: TestContext): Promise<Guest> {
  const { destination, driver } = await towards(lab, source)
  try {
    const { transfer, told, atMs, progressed, over } = follow(driver, 20e6)
    await progressed
    transfer.limit(2e9)
    const report = await over
    // QEMU may be quicker than we are to stop a guest that hardly writes.
    const order = ['progress', 'stopping', 'stopped', 'resumed', 'completed']
    assert.deepEqual(
      told,
      order.filter((what) => what !== 'stopping' || told.includes(what)),
    )
    assert.ok(typeof report === 'object' && report.transferredBytes > 1e6, JSON.stringify(report))
    const stillMs = (atMs.get('resumed') ?? 0) - (atMs.get('stopped') ?? 0)
    context.diagnostic(`stopped to resumed ${stillMs.toFixed(1)} ms, ${JSON.stringify(report)}`)
    return destination
  } finally {
    driver.close()
    await source.stop()
  }
}

async function cancelled(lab: Lab, source: Guest): Promise<void> {
  const { destination, driver } = await towards(lab, source)
  try {
    const { transfer, told, progressed, over } = follow(driver, 20e6)
    await progressed
    transfer.cancel('the operator thought better of it')
    assert.equal(await over, 'the operator thought better of it')
    assert.deepEqual(told, ['progress', 'failed'])
  } finally {
    driver.close()
    await destination.stop()
  }
}

async function destinationDies(lab: Lab, source: Guest): Promise<void> {
  const { destination, driver } = await towards(lab, source)
  try {
    const { told, progressed, over } = follow(driver, 20e6)
    await progressed
    await destination.kill()
    assert.match(JSON.stringify(await over), /QEMU gave the transfer up/)
    assert.deepEqual(told, ['progress', 'failed'])
  } finally {
    driver.close()
    await destination.stop()
  }
}
