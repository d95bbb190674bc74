/** What `query-migrate` of a source tells, in this controller's terms. */
import type { TransferProgress, TransferReport } from '../driver.ts'
import { type Fields, fieldsOf, numberIn, textIn } from './messages.ts'

export interface MigrationFacts {
  /** QEMU's word for it, `none` when there has been no migration. */
  readonly status: string
  readonly error?: string
  /** Absent before the first pass over memory. */
  readonly progress?: TransferProgress
  /** Over its memory, so far: the one under way counts. */
  readonly passes: number
  readonly totalMs: number
  readonly downtimeMs: number
}

export function readMigration(answer: unknown): MigrationFacts {
  const fields = fieldsOf(answer)
  const error = textIn(fields, 'error-desc')
  const progress = readRam(fields['ram'])
  return {
    status: textIn(fields, 'status') ?? 'none',
    ...(error !== undefined && { error }),
    ...(progress && { progress }),
    passes: numberIn(fieldsOf(fields['ram']), 'dirty-sync-count') ?? 0,
    totalMs: numberIn(fields, 'total-time') ?? 0,
    downtimeMs: numberIn(fields, 'downtime') ?? 0,
  }
}

function readRam(value: unknown): TransferProgress | undefined {
  if (value === undefined) return undefined
  const ram: Fields = fieldsOf(value)
  const pageBytes = numberIn(ram, 'page-size') ?? 4096
  const dirtyPagesPerS = numberIn(ram, 'dirty-pages-rate')
  const mbps = numberIn(ram, 'mbps')
  return {
    transferredBytes: numberIn(ram, 'transferred') ?? 0,
    remainingBytes: numberIn(ram, 'remaining') ?? 0,
    totalBytes: numberIn(ram, 'total') ?? 0,
    ...(dirtyPagesPerS !== undefined && { dirtyBytesPerS: dirtyPagesPerS * pageBytes }),
    ...(mbps !== undefined && { throughputBps: Math.round(mbps * 1e6) }),
  }
}

const nothingSent: TransferProgress = { transferredBytes: 0, remainingBytes: 0, totalBytes: 0 }

/** `last`: what was known before, for a source that cannot be asked any more. */
export function reportOf(
  migration: MigrationFacts | undefined,
  last: TransferProgress = nothingSent,
): TransferReport {
  const { totalMs = 0, downtimeMs = 0, progress = last } = migration ?? {}
  return { ...progress, totalMs, downtimeMs }
}

/** That much is left to send that the guest cannot be on the point of running at the destination. */
export function isFarFromSwitch({ progress }: MigrationFacts): boolean {
  if (!progress) return true
  const { remainingBytes, throughputBps = 0 } = progress
  return remainingBytes * 8 > throughputBps * farS && remainingBytes > 0
}
/** Of sending. */
const farS = 0.5
