/** Which NICs that hypervisors plug in have come, gone or moved between two intents with their places. Pure. */
import type { Intent, Nic, Vm } from '../model/intent.ts'
import { changedKeys } from '../model/map-changes.ts'

export interface PlugChange {
  readonly nic: string
  readonly iface: string
  /** Where it is now; absent for one that is nowhere. */
  readonly at?: { readonly switch: string; readonly port: string }
  readonly was?: { readonly switch: string; readonly port: string }
}

export function plugChanges(before: Intent, after: Intent): PlugChange[] {
  return changedKeys(before.vms, after.vms).flatMap((name) =>
    changesOf(before.vms.get(name), after.vms.get(name)),
  )
}

function changesOf(before: Vm | undefined, after: Vm | undefined): PlugChange[] {
  const [old, now] = [followedOf(before), followedOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
    const [was, at] = [old.get(id), now.get(id)]
    if (was?.switch === at?.switch && was?.port === at?.port) return []
    const iface = (at ?? was)?.iface ?? ''
    return { nic: id, iface, ...(at && { at: placeOf(at) }), ...(was && { was: placeOf(was) }) }
  })
}

const followedOf = (vm: Vm | undefined): ReadonlyMap<string, Nic> =>
  new Map(vm?.nics.filter(({ iface }) => iface !== undefined).map((nic) => [nic.id, nic]))

const placeOf = ({ switch: name, port }: Nic) => ({ switch: name, port })
