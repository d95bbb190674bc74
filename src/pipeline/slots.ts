/**
 * How flows are spread over paths: a hash puts each flow in one of 256 slots, and a table says which port has each slot
 * and which others follow, in order of preference. The table is ours and stays as it is when a path fails: the switch
 * itself takes the next one of the slot, so a flow moves only if its own path failed, and back when that is there again.
 */
import type { SlotTable } from '../model/observation.ts'

/** Every count of paths that a switch has in practice divides this, or nearly. */
export const slotCount = 256

/** The group that spreads in OpenFlow 1.5 (`spread-group.ts`). Begins as our cookies do: nobody else's has this number. */
export const spreadGroupId = 0x5a00_0001

/** A port by its interface name. */
export interface WeightedPort {
  readonly name: string
  /** A small integer: how many times its fair share a port gets. */
  readonly weight: number
}

/**
 * For each slot the ports in the order in which it prefers them. Those that follow go round by weight among the slots of
 * each port, so that whichever ports fail, the rest share evenly.
 */
export function slotOrders({ ports, first, turn }: SlotTable): readonly (readonly string[])[] {
  const behind = ports.map((port) =>
    ports.filter((other) => other !== port).flatMap(({ name, weight }) => Array<string>(weight).fill(name)),
  )
  return first.map((place, slot) => {
    const order = permutation(behind[place] ?? [], turn[slot] ?? 0)
    return [...new Set([ports[place]?.name ?? '', ...order])]
  })
}

/** How many slots each port has, in the order of `ports`. */
export function slotCounts({ ports, first }: SlotTable): readonly number[] {
  const counts = ports.map(() => 0)
  for (const place of first) counts[place] = (counts[place] ?? 0) + 1
  return counts
}

/** The numbers of the slots in an order that looks random (Fisher and Yates; Marsaglia's xorshift of 32 bits). */
export function shuffledSlots(seed: number): readonly number[] {
  const numbers = Array.from({ length: slotCount }, (_, slot) => slot)
  let state = seed >>> 0 || 1
  for (let last = slotCount - 1; last > 0; last--) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const other = (state >>> 0) % (last + 1)
    const [a, b] = [numbers[last] ?? 0, numbers[other] ?? 0]
    numbers[last] = b
    numbers[other] = a
  }
  return numbers
}

/** The permutation of that number in the factorial number system, its least digit choosing the first place. */
function permutation(places: readonly string[], number: number): string[] {
  const left = [...places]
  const order: string[] = []
  let rest = number
  while (left.length > 0) {
    order.push(...left.splice(rest % left.length, 1))
    rest = Math.floor(rest / (left.length + 1))
  }
  return order
}
