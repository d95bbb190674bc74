/** Limits of what a switch shows to the controller, so that a flood costs nobody anything. */
import type { Meter, Owner } from '../../pipeline/rule.ts'

/** Frames of strangers and impostors. */
export const hostMeter = 1
/** Link probes have their own: a flood of strangers must not make links seem lost. */
export const probeMeter = 2

/** Bytes of a punted frame that the controller gets. */
export const puntBytes = 128
/** Probes come whole: they carry a signature. */
export const probeBytes = 512

export function meters(owner: Owner): Meter[] {
  return [
    { id: hostMeter, unit: 'pktps', rate: 50, burst: 50, owner },
    { id: probeMeter, unit: 'pktps', rate: 500, burst: 500, owner },
  ]
}
