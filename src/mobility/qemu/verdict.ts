/**
 * Where a guest is, from what both ends of its transfer say, and what follows from that. Pure. One rule above all: it is
 * never started at one end unless the other surely does not run it, and never will by itself.
 */
import type { MigrationFacts } from './progress.ts'

export type End<Told> =
  | ({ readonly reach: 'up' } & Told)
  /** Nobody listens there any more: the process has ended. */
  | { readonly reach: 'absent' }
  /** It does not answer, which says nothing about the guest. */
  | { readonly reach: 'unknown' }

export interface Facts {
  /** Must have been asked after the destination: a guest that ran there by then had stopped here before. */
  readonly source: End<{ readonly run: string; readonly migration: MigrationFacts }>
  readonly destination: End<{ readonly run: string; readonly migration: string }>
  /** The destination has been seen to run it. */
  readonly resumed: boolean
  /** The destination has confirmed that it will not start the guest by itself, and had not until then. */
  readonly held: boolean
  /** We told the guest to stop at the source, or may have. */
  readonly stops: boolean
  /** All that the destination's process had to tell until now was heard. */
  readonly heardAll: boolean
}

export type Verdict =
  | { readonly is: 'sending' }
  /** It runs nowhere, as it must for a moment. */
  | { readonly is: 'switching' }
  /** It runs at the destination, and the source has not yet finished with it. */
  | { readonly is: 'arrived' }
  | { readonly is: 'completed' }
  | { readonly is: 'failed'; readonly reason: string }
  /** What is to be done before more can be said: start it there, make the destination wait, give the transfer up. */
  | { readonly is: 'wake'; readonly end: 'source' | 'destination' }
  | { readonly is: 'hold' }
  | { readonly is: 'give-up'; readonly reason: string }
  /** It runs at both ends. */
  | { readonly is: 'doubled' }
  /** Nothing is sure. */
  | { readonly is: 'unclear' }

const overStates = ['none', 'completed', 'failed', 'cancelled']
/** A guest that a migration has stopped, and nothing else. */
const stoppedByMigration = ['finish-migrate', 'postmigrate']

const failed = (reason: string): Verdict => ({ is: 'failed', reason })
const wake = (end: 'source' | 'destination'): Verdict => ({ is: 'wake', end })

export function judge(facts: Facts): Verdict {
  const { source, destination, resumed } = facts
  const runsThere = destination.reach === 'up' && destination.run === 'running'
  if (source.reach === 'up' && source.run === 'running') {
    if (runsThere) return { is: 'doubled' }
    return overStates.includes(source.migration.status)
      ? failed(whyOver(source.migration))
      : { is: 'sending' }
  }
  if (runsThere || resumed) {
    const isFinished = source.reach !== 'up' || overStates.includes(source.migration.status)
    return { is: isFinished ? 'completed' : 'arrived' }
  }
  return source.reach === 'up' ? stoppedHere(source, facts) : sourceless(facts)
}

function stoppedHere(
  { run, migration }: { readonly run: string; readonly migration: MigrationFacts },
  facts: Facts,
): Verdict {
  const byOthers = !stoppedByMigration.includes(run) && !(facts.stops && run === 'paused')
  switch (migration.status) {
    case 'completed':
      return handedOver(facts)
    case 'none':
    case 'failed':
    case 'cancelled':
      // Whoever stopped it there decides when it runs.
      return byOthers ? failed(`${whyOver(migration)}; the guest is ${run} at its source`) : notTaken(facts)
    case 'cancelling':
      return { is: 'switching' }
    default:
      if (!byOthers) return { is: 'switching' }
      return { is: 'give-up', reason: `something else stopped the guest at its source (${run})` }
  }
}

/** The source is done with it, and it has not been seen at the destination. */
function handedOver({ destination, heardAll }: Facts): Verdict {
  switch (destination.reach) {
    case 'absent':
      return heardAll ? wake('source') : { is: 'completed' }
    case 'unknown':
      return { is: 'switching' }
    case 'up':
      if (destination.run === 'inmigrate') return { is: 'switching' }
      // Paused: it was told to wait, or was begun so. Any other state is one that a guest comes to by running.
      return destination.run === 'paused' ? wake('destination') : { is: 'completed' }
  }
}

/** The transfer failed after the source had stopped. QEMU starts it again by itself, mostly. */
function notTaken({ destination, held }: Facts): Verdict {
  if (destination.reach === 'absent' || held) return wake('source')
  return destination.reach === 'up' ? { is: 'hold' } : { is: 'unclear' }
}

/** The source cannot be asked, and the destination does not run it. */
function sourceless({ source, destination }: Facts): Verdict {
  if (source.reach === 'unknown') return { is: 'unclear' }
  if (destination.reach === 'absent') return failed('QEMU has ended at both ends: the guest is lost')
  if (destination.reach === 'unknown') return { is: 'unclear' }
  if (destination.run === 'paused') return wake('destination')
  // While its stream is open the source lives, even if its monitor does not; when it breaks, the destination says so.
  if (destination.migration === 'active') return { is: 'unclear' }
  return failed('QEMU has ended at the source, and the destination has not got the guest: it is lost')
}

function whyOver({ status, error }: MigrationFacts): string {
  // Its connection breaks then, which QEMU may call an error.
  if (status === 'cancelled') return 'the transfer was cancelled'
  if (error !== undefined) return `QEMU gave the transfer up: ${error}`
  if (status === 'completed') return 'the guest runs at its source, although it had been sent'
  return status === 'failed' ? 'QEMU gave the transfer up' : 'the transfer had not begun'
}
