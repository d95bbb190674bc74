/** What a plan is computed from: each figure with where it comes from, and what is assumed and required, with its source. */

/**
 * `measured` now; `reported` by a switch of its own port; `declared` in the intent; `given` with the request; `assumed`,
 * which the detail explains; `unknown`, without a value.
 */
export type FigureSource = 'measured' | 'reported' | 'declared' | 'given' | 'assumed' | 'unknown'

export interface Figure {
  /** Absent when unknown. */
  readonly value?: number
  readonly source: FigureSource
  /** How it was found, or how to give it. */
  readonly detail: string
  /** Of a measurement: it may be off by so much. */
  readonly error?: number
}

/** In milliseconds, bit/s, bytes and bytes a second. */
export interface Figures {
  readonly rttMs: Figure
  readonly bandwidthBps: Figure
  readonly windowBytes: Figure
  /** Of all VMs of the move together, as the next. */
  readonly memoryBytes: Figure
  readonly dirtyBytesPerS: Figure
}

/** Up to there live migration is what it is in one rack: vSphere 5.0's Metro vMotion. */
export const nearRttMs = 10
/** The longest that anybody supports: vSphere 6.0's Long Distance vMotion. */
export const farRttMs = 150
/** What vSphere asks for each guest on its way, for itself. */
export const leastBps = 250e6
/** What Linux lets a connection have on its way where nobody set more: half of a receive buffer of 6 MiB (`tcp_rmem`). */
export const linuxWindowBytes = 3 * 1024 * 1024
/** What QEMU sends at most where nobody told it otherwise: its `max-bandwidth` of 128 MiB/s. */
export const qemuDefaultBps = 128 * 1024 * 1024 * 8
/** As Throwbar's QEMU driver asks for. */
export const qemuDowntimeLimitMs = 100
/** From the last byte until the guest runs: the state of its devices, its start, and the switches' turn. */
export const assumedRestartMs = 40
/** Slower than this a guest is as good as stopped for its clients: our choice. */
export const leastSpeed = 0.25
