/** The TCP sessions that switches have noted of VMs under way: read for the report of a move, and taken away after it. */
import type { Loop } from './loop.ts'
import type { Address } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'
import type { Move } from '../mobility/move.ts'
import { noted, sessionOf, unnote } from '../pipeline/sessions.ts'
import type { Reconciler } from '../reconciler/reconciler.ts'
import type { LiveSwitch } from '../switches/live-switch.ts'

export interface SessionParts {
  readonly loop: Loop
  readonly live: (id: DatapathId) => LiveSwitch | undefined
}

/** At one end; undefined where that does not answer. */
export async function notedSessions(
  parts: SessionParts,
  move: Move,
  at: 'from' | 'to',
): Promise<ReadonlySet<string> | undefined> {
  const own = new Set(addressesOf(parts, move).map(({ value }) => value))
  const entries = await liveAt(parts, move[at])
    ?.readFlows(noted)
    .catch(() => undefined)
  const keys = entries?.flatMap((entry) => {
    const session = sessionOf(entry)
    return session && own.has(session.address) ? session.key : []
  })
  return keys && new Set(keys)
}

/** At both ends; what a switch does not hear of runs out by itself. */
export async function forgetSessions(
  { reconciler, ...parts }: SessionParts & { readonly reconciler: Reconciler },
  move: Move,
): Promise<void> {
  const addresses = addressesOf(parts, move)
  const ends = [move.from, move.to].flatMap((name) => liveAt(parts, name) ?? [])
  await Promise.all(
    ends.map(({ datapathId, version }) =>
      reconciler.aside(
        datapathId,
        addresses.map((address) => unnote(address, version)),
      ),
    ),
  )
}

function addressesOf({ loop }: SessionParts, { vms }: Move): readonly Address[] {
  const { intent } = loop.declaration
  return vms.flatMap((vm) => (intent.vms.get(vm)?.nics ?? []).flatMap(({ addresses }) => addresses))
}

const liveAt = ({ live, loop }: SessionParts, name: string): LiveSwitch | undefined =>
  live(loop.declaration.intent.switches.get(name)?.datapathId ?? '')
