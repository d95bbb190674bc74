/**
 * How flows are spread over paths: a hash puts each flow in one of 256 slots, and each slot has its paths in an order of
 * preference. The table of slots is ours and stays as it is when a path fails: the switch itself takes the next one of
 * the slot, so a flow moves only if its own path failed, and back when that path is there again.
 */

/** Every count of paths that a switch has in practice divides this, or nearly. */
export const slotCount = 256

/** The group that spreads in OpenFlow 1.5 (`spread-group.ts`). Begins as our cookies do: nobody else's has this number. */
export const spreadGroupId = 0x5a00_0001

export interface WeightedPort {
  readonly port: number
  /** A small integer: how many times its fair share a port gets. */
  readonly weight: number
}

/**
 * For each slot the ports in the order in which it prefers them. First places go round by weight; so do second places
 * among the slots of each first, and so on, so that whichever ports fail, the rest share evenly.
 */
export function slotOrders(ports: readonly WeightedPort[]): readonly (readonly number[])[] {
  const places = ports.flatMap(({ port, weight }) => Array.from({ length: weight }, () => port))
  return Array.from({ length: slotCount }, (_, slot) => [...new Set(permutation(places, slot))])
}

/** The permutation of that number in the factorial number system, its least digit choosing the first place. */
function permutation(places: readonly number[], number: number): number[] {
  const left = [...places]
  const order: number[] = []
  let rest = number
  while (left.length > 0) {
    order.push(...left.splice(rest % left.length, 1))
    rest = Math.floor(rest / (left.length + 1))
  }
  return order
}
