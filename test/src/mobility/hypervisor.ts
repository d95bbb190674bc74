/** A hypervisor whose driver does what a test says, and what it says of a transfer that went well. */
import type {
  HypervisorDriver,
  ResumeOptions,
  Transfer,
  TransferListener,
} from '../../../src/mobility/driver.ts'

export class Hypervisor implements HypervisorDriver {
  listener: TransferListener | undefined
  refusal: Error | undefined
  readonly limits: (number | undefined)[] = []
  /** As told with the last that was taken up again. */
  resumed: ResumeOptions | undefined
  cancelled = false
  check = () => (this.refusal ? Promise.reject(this.refusal) : Promise.resolve())
  measure = () => Promise.resolve({ memoryBytes: 2 ** 28 })
  start: HypervisorDriver['start'] = (listener, { bandwidthBps }) => {
    this.limits.push(bandwidthBps)
    return this.#follow(listener)
  }
  resume: HypervisorDriver['resume'] = (listener, options) => {
    this.resumed = options
    return this.#follow(listener)
  }
  close = () => undefined

  #follow(listener: TransferListener): Transfer {
    this.listener = listener
    return {
      limit: (bandwidthBps) => this.limits.push(bandwidthBps),
      cancel: () => {
        this.cancelled = true
        listener.onFailed('cancelled')
      },
    }
  }
}

export const driver = {
  kind: 'qemu',
  source: 'unix:/a',
  destination: 'unix:/b',
  uri: 'tcp:10.0.0.1:1',
} as const
export const transfer = { transferredBytes: 5, remainingBytes: 0, totalBytes: 5, totalMs: 7, downtimeMs: 2 }
