/**
 * The ledger: who claims which unique thing (a MAC, an address in a network, a port of a switch, ...), and how many
 * NICs each network has on each switch. Immutable; an update copies one small shard, so it costs the same however
 * much is declared.
 */

/** A unique thing and the JSON pointer of the value that claims it. */
export interface Claim {
  /** Such as `mac/02:00:00:00:01:01` or `port/hv1/web1-0`. */
  readonly key: string
  readonly pointer: string
}

const SHARDS = 256

type Shard = ReadonlyMap<string, string>

export interface Ledger {
  /** Key to pointer, by a hash of the key. */
  readonly claims: readonly Shard[]
  /** By network: how many NICs it has on each switch. */
  readonly presence: ReadonlyMap<string, ReadonlyMap<string, number>>
}

const noClaims: Shard = new Map()

export const emptyLedger: Ledger = { claims: new Array<Shard>(SHARDS).fill(noClaims), presence: new Map() }

const noPresence: ReadonlyMap<string, number> = new Map()

/** An open page of a ledger: copies what it changes, once, and closes into the next ledger. */
export class LedgerPage {
  readonly #before: Ledger
  readonly #claims: Shard[]
  readonly #own = new Set<Shard>()
  readonly #presence = new Map<string, Map<string, number>>()

  constructor(before: Ledger) {
    this.#before = before
    this.#claims = [...before.claims]
  }

  /** The pointer of whoever claims `key`. */
  holder(key: string): string | undefined {
    return this.#claims[shardOf(key)]?.get(key)
  }

  claim({ key, pointer }: Claim): void {
    this.#writable(shardOf(key)).set(key, pointer)
  }

  release(key: string): void {
    this.#writable(shardOf(key)).delete(key)
  }

  /** Counts `by` more (or fewer) NICs of a network on a switch. */
  count(network: string, switchName: string, by: 1 | -1): void {
    let counts = this.#presence.get(network)
    if (!counts) {
      counts = new Map(this.#before.presence.get(network))
      this.#presence.set(network, counts)
    }
    const next = (counts.get(switchName) ?? 0) + by
    if (next > 0) counts.set(switchName, next)
    else counts.delete(switchName)
  }

  /** The switches on which a network has NICs. */
  presence(network: string): ReadonlyMap<string, number> {
    return this.#presence.get(network) ?? this.#before.presence.get(network) ?? noPresence
  }

  close(): Ledger {
    if (this.#presence.size === 0) return { claims: this.#claims, presence: this.#before.presence }
    const presence = new Map(this.#before.presence)
    for (const [network, counts] of this.#presence) {
      if (counts.size > 0) presence.set(network, counts)
      else presence.delete(network)
    }
    return { claims: this.#claims, presence }
  }

  #writable(index: number): Map<string, string> {
    const shard = this.#claims[index] ?? noClaims
    if (this.#own.has(shard)) return shard as Map<string, string>
    const copy = new Map(shard)
    this.#own.add(copy)
    this.#claims[index] = copy
    return copy
  }
}

/** FNV-1a over the key's last characters, where keys differ. */
function shardOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = Math.max(0, key.length - 12); i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  }
  return ((hash >>> 24) ^ (hash & 0xff)) & (SHARDS - 1)
}
