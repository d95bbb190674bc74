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
 * among the slots of each first, and so on, so that whichever ports fail, the rest share evenly. `seed` is the switch's
 * own: a flow has the same slot everywhere, and switches that all chose alike would leave paths behind them unused.
 */
export function slotOrders(ports: readonly WeightedPort[], seed: number): readonly (readonly number[])[] {
  const places = ports.flatMap(({ port, weight }) => Array.from({ length: weight }, () => port))
  return shuffled(seed).map((number) => [...new Set(permutation(places, number))])
}

/** The numbers of the slots in an order that looks random (Fisher and Yates; Marsaglia's xorshift of 32 bits). */
function shuffled(seed: number): number[] {
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
