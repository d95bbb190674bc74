/** Who is due when: a priority queue of keys, each at one time, for work that must be spread over time. */

interface Entry {
  readonly key: string
  readonly atMs: number
}

/** A binary heap; an entry that was moved or removed stays in it until its time and is then passed over. */
export class Schedule {
  readonly #at = new Map<string, number>()
  readonly #heap: Entry[] = []

  get size(): number {
    return this.#at.size
  }

  set(key: string, atMs: number): void {
    if (this.#at.get(key) === atMs) return
    this.#at.set(key, atMs)
    this.#push({ key, atMs })
  }

  remove(key: string): void {
    this.#at.delete(key)
  }

  /** When the next key is due. */
  next(): number | undefined {
    let first = this.#heap[0]
    while (first !== undefined && this.#at.get(first.key) !== first.atMs) {
      this.#pop()
      first = this.#heap[0]
    }
    return first?.atMs
  }

  /** At most `count` keys that are due, the longest due first; they are no longer scheduled. */
  take(nowMs: number, count: number): string[] {
    const taken: string[] = []
    while (taken.length < count) {
      const next = this.next()
      const first = this.#heap[0]
      if (next === undefined || next > nowMs || first === undefined) break
      this.#pop()
      this.#at.delete(first.key)
      taken.push(first.key)
    }
    return taken
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || above.atMs <= entry.atMs) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const goRight = right !== undefined && left !== undefined && right.atMs < left.atMs
      const lesser = goRight ? right : left
      if (lesser === undefined || lesser.atMs >= last.atMs) break
      heap[at] = lesser
      at = 2 * at + (goRight ? 2 : 1)
    }
    heap[at] = last
  }
}
