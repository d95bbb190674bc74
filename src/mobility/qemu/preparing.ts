/** What QEMU is told before a transfer, at either end. */
import type { Ends } from './looking.ts'

export interface TransferSettings {
  /** For how long the guest may stand still while the last of its memory is sent. */
  readonly downtimeLimitMs: number
  /**
   * A guest that writes faster than memory is sent would be sent for ever. QEMU then takes processor time from it, but only
   * after passes that sent no more than was written anew: others never notice.
   */
  readonly autoConverge: boolean
  /** The guest is stopped by us when so little is left that it fits the limit, and what is for it is led away before. */
  readonly stopsAhead: boolean
}

export const defaultTransferSettings: TransferSettings = {
  downtimeLimitMs: 100,
  autoConverge: true,
  stopsAhead: true,
}

const capabilities = (states: Readonly<Record<string, boolean>>) => ({
  capabilities: Object.entries(states).map(([capability, state]) => ({ capability, state })),
})

export async function prepare(
  { source, destination }: Ends,
  { downtimeLimitMs, autoConverge, stopsAhead }: TransferSettings,
): Promise<void> {
  await destination.execute('migrate-set-capabilities', capabilities({ events: true }))
  // The first announcement comes as the guest starts; this controller repeats it, so a few are enough.
  await destination.execute('migrate-set-parameters', {
    'announce-initial': 20,
    'announce-step': 50,
    'announce-max': 200,
    'announce-rounds': 3,
  })
  await source.execute(
    'migrate-set-capabilities',
    // By the return path the destination confirms that it has taken everything in; without it the source counts as
    // completed what it has sent, and a guest that could not be loaded there would run nowhere.
    capabilities({ events: true, 'return-path': true, 'auto-converge': autoConverge }),
  )
  await source.execute('migrate-set-parameters', {
    'downtime-limit': stopsAhead ? neverByItselfMs : downtimeLimitMs,
  })
}

/** Less than is ever left of a guest that does anything. */
const neverByItselfMs = 1
