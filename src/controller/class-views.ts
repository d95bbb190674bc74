/** What REST and the command line show of classes of traffic: what each may send by each uplink, and what it sends. Pure. */
import type { ClassView } from '../api/controller.ts'
import type { Sharing, SharedUplink } from '../compiler/features/egress.ts'
import type { Program } from '../compiler/program.ts'
import { type Ledger, useOf } from './lent-rates.ts'
import { classNumber } from '../model/classes.ts'
import type { Intent, TrafficClass } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'
import { classMeters } from '../pipeline/shares.ts'
import { standing } from '../qos/allocate.ts'

export interface Lent {
  readonly ledger: (id: DatapathId) => Ledger | undefined
  readonly connected: (id: DatapathId) => boolean
}

export function classViews({ switches }: Intent, program: Program, lent: Lent): ClassView[] {
  return [...switches.values()].flatMap(({ name, datapathId }) => {
    const sharing = program.switches.get(datapathId)?.sharing
    if (!sharing) return []
    const ledger = lent.ledger(datapathId)
    const isConnected = lent.connected(datapathId)
    return sharing.uplinks.flatMap((uplink) =>
      viewsOf(sharing, uplink, ledger).map((view) => ({
        switch: name,
        datapathId,
        ...view,
        ...(!isConnected && { state: 'disconnected' as const }),
      })),
    )
  })
}

function viewsOf(
  { classes, by }: Sharing,
  { name: uplink, index, bandwidthBps }: SharedUplink,
  ledger: Ledger | undefined,
): Omit<ClassView, 'switch' | 'datapathId'>[] {
  const held = by === 'meters' && bandwidthBps !== undefined ? standing(bandwidthBps, classes) : undefined
  const state = by === 'queues' ? 'queued' : !held ? 'unlimited' : ledger?.lent ? 'lent' : 'held'
  return classes.map(({ name, shares, reservationBps, limitBps }: TrafficClass) => {
    const heldBps = held?.get(name)
    const use = ledger && useOf(ledger, uplink, name)
    const lentBps =
      state === 'lent' ? ledger?.rates.get(classMeters(index, classNumber(name)).lent) : undefined
    const rateBps = lentBps ?? heldBps
    return {
      uplink,
      class: name,
      state,
      shares,
      reservationBps,
      ...(limitBps !== undefined && { limitBps }),
      ...(bandwidthBps !== undefined && { bandwidthBps }),
      ...(heldBps !== undefined && { heldBps }),
      ...(rateBps !== undefined && { rateBps }),
      ...(use && { useBps: use.useBps, droppedBps: use.droppedBps }),
    }
  })
}
