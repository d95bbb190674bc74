/**
 * Counts peers that have connected and not yet told their features, per listener and per remote address, so that a flood
 * of silent connections cannot keep switches out.
 */
export interface HalfOpenLimits {
  readonly perListener: number
  readonly perAddress: number
}

export class HalfOpen {
  readonly #limits: HalfOpenLimits
  readonly #byAddress = new Map<string, number>()
  #total = 0

  constructor(limits: HalfOpenLimits) {
    this.#limits = limits
  }

  get total(): number {
    return this.#total
  }

  /** Takes a place, or says which limit forbids it. The returned function gives the place back, once. */
  enter(address: string): { readonly leave: () => void } | { readonly refused: string } {
    const here = this.#byAddress.get(address) ?? 0
    if (this.#total >= this.#limits.perListener) return { refused: `${this.#total} half-open sessions` }
    if (here >= this.#limits.perAddress) return { refused: `${here} half-open sessions from ${address}` }
    this.#total += 1
    this.#byAddress.set(address, here + 1)
    let inside = true
    const leave = () => {
      if (!inside) return
      inside = false
      this.#total -= 1
      const left = (this.#byAddress.get(address) ?? 1) - 1
      if (left === 0) this.#byAddress.delete(address)
      else this.#byAddress.set(address, left)
    }
    return { leave }
  }
}
