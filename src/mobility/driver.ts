/**
 * What a move needs of the hypervisors that hold the guest: whoever implements it transfers the guest and says when it
 * stopped here and runs there. Without one, an operator or another system moves the guest, and the switches are watched.
 */

/** How far the transfer of a guest's memory is. */
export interface TransferProgress {
  readonly transferredBytes: number
  readonly remainingBytes: number
  readonly totalBytes: number
  /** What the guest writes, as last measured. */
  readonly dirtyBytesPerS?: number
  readonly throughputBps?: number
}

/** What the hypervisor says of a transfer that is over. */
export interface TransferReport extends TransferProgress {
  readonly totalMs: number
  /** As the hypervisor counts it: less than from the stop to the first instruction at the destination. */
  readonly downtimeMs: number
}

/** Called in the order in which things happen; after `completed` or `failed` nothing more comes. */
export interface TransferListener {
  readonly onProgress: (progress: TransferProgress) => void
  /** The guest is about to be stopped by the driver, which waits until this resolves: not long, or the guest is sent anew. */
  readonly onStopping: () => Promise<void>
  /**
   * The guest does not run at the source any more, nor yet at the destination. Resolves when it may run there, which the
   * driver waits for, but not long, where it starts the guest itself.
   */
  readonly onStopped: () => Promise<void>
  /** The guest runs at the destination. */
  readonly onResumed: () => void
  readonly onCompleted: (report: TransferReport) => void
  /** The guest runs at the source again, or has never stopped there; what is at the destination is not it. */
  readonly onFailed: (reason: string) => void
}

/** One transfer under way. */
export interface Transfer {
  /** The transfer may use that much from now on. */
  readonly limit: (bandwidthBps: number) => void
  /** Gives it up; `onFailed` comes when the guest is safe at the source, unless it had completed before. */
  readonly cancel: (reason: string) => void
}

/** What a guest would cost to move. */
export interface GuestMeasure {
  readonly memoryBytes: number
  /** What it writes anew; absent where the hypervisor does not count that. */
  readonly dirtyBytesPerS?: number
}

/** What is known of a transfer that is taken up again. */
export interface ResumeOptions {
  readonly bandwidthBps?: number
  /** The controller before this one may have told the guest to stop. */
  readonly mayHaveStopped: boolean
}

export interface HypervisorDriver {
  /** Both ends can be reached and are as they should be; rejects with what to do otherwise. Nothing is changed. */
  readonly check: () => Promise<void>
  /** Watches the guest for a second or so; rejects when the source cannot tell. */
  readonly measure: () => Promise<GuestMeasure>
  /** Call once the destination's switches are ready for the guest. */
  readonly start: (listener: TransferListener, options: { readonly bandwidthBps?: number }) => Transfer
  /** Takes a transfer up again after a restart of this controller, whatever has become of it meanwhile. */
  readonly resume: (listener: TransferListener, options: ResumeOptions) => Transfer
  /** Ends the sessions; a transfer under way goes on by itself. */
  readonly close: () => void
}
