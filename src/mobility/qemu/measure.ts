/** What a guest would cost to move: how much memory it has, and how much of that it writes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { GuestMeasure } from '../driver.ts'
import { type EndpointLimits, QmpEndpoint } from './endpoint.ts'
import { fieldsOf, numberIn, textIn } from './messages.ts'

export interface MeasureOptions {
  /** 1 to 60: for how long it is watched. */
  readonly seconds?: number
  readonly limits?: Partial<EndpointLimits>
}

const mebibyte = 1024 * 1024
const askAgainMs = 100
/** Memory blocks below that are passed over. */
const leastSampledBytes = 128 * mebibyte
/** Of each gibibyte, the most that QEMU takes. Its other way, by a bitmap, ends QEMU 7.2 where it emulates the processor. */
const samplePages = 4096

/** Asks the guest's QEMU at `address`; rejects when that cannot tell. */
export async function measureGuest(
  address: string,
  { seconds, limits }: MeasureOptions = {},
): Promise<GuestMeasure> {
  const end = new QmpEndpoint(address, limits)
  try {
    return await measureAt(end, seconds)
  } finally {
    end.close()
  }
}

/** By a session that is there: QEMU speaks with one at a time on each of its monitors. */
export async function measureAt(end: QmpEndpoint, seconds = 1): Promise<GuestMeasure> {
  const memory = fieldsOf(await end.execute('query-memory-size-summary'))
  const memoryBytes = (numberIn(memory, 'base-memory') ?? 0) + (numberIn(memory, 'plugged-memory') ?? 0)
  if (memoryBytes < leastSampledBytes) return { memoryBytes }
  await end.execute('calc-dirty-rate', { 'calc-time': seconds, 'sample-pages': samplePages })
  return { memoryBytes, dirtyBytesPerS: await counted(end, seconds) }
}

async function counted(end: QmpEndpoint, seconds: number): Promise<number> {
  for (let waitedMs = 0; waitedMs < 2 * seconds * 1_000 + 2_000; waitedMs += askAgainMs) {
    await sleep(askAgainMs)
    const rate = fieldsOf(await end.execute('query-dirty-rate'))
    const mebibytesPerS = numberIn(rate, 'dirty-rate')
    if (textIn(rate, 'status') === 'measured' && mebibytesPerS !== undefined) return mebibytesPerS * mebibyte
  }
  throw new Error(`QEMU at ${end.address} did not count what its guest writes`)
}
