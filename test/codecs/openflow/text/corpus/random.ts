/** A seeded source of choices that prefers what it has chosen least, so that a few hundred texts meet every option once. */

export interface Option<Context> {
  /** Names it in coverage reports; options that mean the same carry the same name. */
  readonly name: string
  readonly make: (context: Context) => string
  readonly when?: (context: Context) => boolean
}

export class Random {
  readonly seed: number
  #state: number
  readonly #chosen = new Map<string, number>()
  #named = new Set<string>()

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed | 0
  }

  /** The next 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let word = this.#state ^ (this.#state >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return (word ^ (word >>> 15)) >>> 0
  }

  below(limit: number): number {
    return this.next() % limit
  }

  /** Both ends are possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32
  }

  pick<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)]
    if (one === undefined) throw new Error('nothing to pick from')
    return one
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list]
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      const [one, two] = [shuffled[at], shuffled[other]]
      if (one !== undefined && two !== undefined) {
        shuffled[at] = two
        shuffled[other] = one
      }
    }
    return shuffled
  }

  /** Often 0, 1, the highest, or a single bit: where codecs break. */
  bits(width: number): bigint {
    const all = (1n << BigInt(width)) - 1n
    switch (this.below(8)) {
      case 0:
        return 0n
      case 1:
        return 1n
      case 2:
        return all
      case 3:
        return 1n << BigInt(this.below(width))
      case 4:
        return BigInt(this.below(100)) & all
      default: {
        let value = 0n
        for (let have = 0; have < width; have += 32) value = (value << 32n) | BigInt(this.next())
        return value & all
      }
    }
  }

  /** Notes that the text being made has this, and that it was chosen once more. */
  name(feature: string): void {
    this.#named.add(feature)
    this.#chosen.set(feature, (this.#chosen.get(feature) ?? 0) + 1)
  }

  /** What was named since the last call. */
  takeNames(): readonly string[] {
    const names = [...this.#named]
    this.#named = new Set()
    return names
  }

  /** Half of the time the option chosen least so far, otherwise any. */
  least<T>(list: readonly T[], nameOf: (one: T) => string): T {
    if (this.chance(0.5)) return this.pick(list)
    let fewest = Number.POSITIVE_INFINITY
    let found: T[] = []
    for (const one of list) {
      const count = this.#chosen.get(nameOf(one)) ?? 0
      if (count < fewest) {
        fewest = count
        found = []
      }
      if (count === fewest) found.push(one)
    }
    return this.pick(found)
  }

  option<Context>(context: Context, options: readonly Option<Context>[]): string {
    const possible = options.filter((one) => one.when?.(context) ?? true)
    const option = this.least(possible, (one) => one.name)
    this.name(option.name)
    return option.make(context)
  }
}
