/**
 * Which keys of a map are not what they were in the map before it. Maps of a thousand VMs are replaced for each that moves,
 * and several parts ask what has changed: whoever made the map from the other says so, or the first who asks finds out, and
 * the others get the same answer for nothing.
 */

interface Note {
  /** Weak, or each map would keep all that there were before it. */
  readonly before: WeakRef<ReadonlyMap<unknown, unknown>>
  readonly keys: readonly unknown[]
}

const notes = new WeakMap<ReadonlyMap<unknown, unknown>, Note>()

/** A copy with other values; undefined takes a key out. */
export function withChanges<K, V>(
  before: ReadonlyMap<K, V>,
  changes: Iterable<readonly [K, V | undefined]>,
): ReadonlyMap<K, V> {
  const after = new Map(before)
  const keys: K[] = []
  for (const [key, value] of changes) {
    keys.push(key)
    if (value === undefined) after.delete(key)
    else after.set(key, value)
  }
  note(before, after, keys)
  return after
}

/** Keys that came, went, or have another value, by identity. Some may turn out to be as they were. */
export function changedKeys<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): readonly K[] {
  if (before === after) return []
  const known = notes.get(after)
  if (known?.before.deref() === before) return known.keys as readonly K[]
  const keys: K[] = []
  for (const key of before.keys()) if (!after.has(key)) keys.push(key)
  for (const [key, value] of after) if (before.get(key) !== value) keys.push(key)
  note(before, after, keys)
  return keys
}

function note(
  before: ReadonlyMap<unknown, unknown>,
  after: ReadonlyMap<unknown, unknown>,
  keys: readonly unknown[],
) {
  notes.set(after, { before: new WeakRef(before), keys })
}
