/**
 * The hypervisor driver for QEMU: speaks QMP with the processes at both ends. The destination's must have been started with
 * the same machine and `-incoming`; who starts and ends processes is not this driver's business.
 */
import type { HypervisorDriver, TransferListener } from '../driver.ts'
import { check } from './check.ts'
import { type EndpointLimits, QmpEndpoint } from './endpoint.ts'
import { measureAt } from './measure.ts'
import { defaultTransferSettings, type TransferSettings } from './preparing.ts'
import { QemuTransfer } from './transfer.ts'

export interface QemuDriverOptions extends Partial<TransferSettings> {
  /** Where QMP listens: `unix:/path` or `tcp:host:port`. */
  readonly source: string
  readonly destination: string
  /** Where the source sends the guest, such as `tcp:10.9.9.2:4444`: an address of the destination on the migration network. */
  readonly uri: string
  /** Between two looks at both ends; events are followed at once. */
  readonly pollMs?: number
  readonly limits?: Partial<EndpointLimits>
}

/** Ready at once; what is wrong with the options, `check` tells. */
export function qemuDriver(options: QemuDriverOptions): HypervisorDriver {
  const { uri, pollMs = 250, limits, ...rest } = options
  const ends = {
    source: new QmpEndpoint(rest.source, limits),
    destination: new QmpEndpoint(rest.destination, limits),
  }
  let transfer: QemuTransfer | undefined
  const follow = (listener: TransferListener, bandwidthBps?: number): QemuTransfer => {
    transfer?.close()
    transfer = new QemuTransfer({
      ...defaultTransferSettings,
      ...rest,
      ends,
      uri,
      pollMs,
      listener,
      ...(bandwidthBps !== undefined && { bandwidthBps }),
    })
    return transfer
  }
  return {
    check: () => check(ends, uri),
    measure: () => measureAt(ends.source),
    start: (listener, { bandwidthBps }) => {
      const started = follow(listener, bandwidthBps)
      void started.start()
      return started
    },
    resume: (listener, { mayHaveStopped, bandwidthBps }) => {
      const resumed = follow(listener, bandwidthBps)
      void resumed.resume(mayHaveStopped)
      return resumed
    },
    close: () => {
      transfer?.close()
      ends.source.close()
      ends.destination.close()
    },
  }
}
