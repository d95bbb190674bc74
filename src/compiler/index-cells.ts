/** Cells that hold sorted lists of names, such as the NICs of a network on a switch, kept up to date member by member. */
import type { Cells, Memo, Read } from './memo.ts'

interface Members {
  readonly a: string
  readonly b: string
  readonly names: Set<string>
  added: string[]
  deleted: Set<string>
}

const none: readonly string[] = []

export class SortedIndex {
  readonly read: Read<readonly string[]>
  readonly #cells: Cells<readonly string[]>
  readonly #members = new Map<string, Map<string, Members>>()
  readonly #changed = new Set<Members>()

  constructor(memo: Memo) {
    this.#cells = memo.cells()
    this.read = (a, b) => this.#cells.read(a, b) ?? none
  }

  add(a: string, b: string, name: string): void {
    const members = this.#at(a, b)
    if (members.names.has(name)) return
    members.names.add(name)
    if (!members.deleted.delete(name)) members.added.push(name)
    this.#changed.add(members)
  }

  delete(a: string, b: string, name: string): void {
    const members = this.#at(a, b)
    if (!members.names.delete(name)) return
    const fresh = members.added.indexOf(name)
    if (fresh >= 0) members.added.splice(fresh, 1)
    else members.deleted.add(name)
    this.#changed.add(members)
  }

  /** Adds a name that came and deletes one that went. */
  change(a: string, b: string, name: string, old: unknown, now: unknown): void {
    if (now === undefined) this.delete(a, b, name)
    else if (old === undefined) this.add(a, b, name)
  }

  count(a: string, b: string): number {
    return this.#members.get(a)?.get(b)?.names.size ?? 0
  }

  /** Makes the changes since the last time visible to readers. */
  publish(): void {
    for (const members of this.#changed) {
      const { a, b, names, added, deleted } = members
      if (added.length > 0 || deleted.size > 0) {
        this.#cells.set(
          a,
          b,
          names.size === 0 ? undefined : merged(this.#cells.peek(a, b) ?? none, added, deleted),
        )
      }
      members.added = []
      members.deleted = new Set()
      if (names.size === 0) this.#forget(a, b)
    }
    this.#changed.clear()
  }

  #at(a: string, b: string): Members {
    let row = this.#members.get(a)
    if (!row) this.#members.set(a, (row = new Map<string, Members>()))
    let members = row.get(b)
    if (!members) row.set(b, (members = { a, b, names: new Set(), added: [], deleted: new Set() }))
    return members
  }

  #forget(a: string, b: string): void {
    const row = this.#members.get(a)
    row?.delete(b)
    if (row?.size === 0) this.#members.delete(a)
  }
}

function merged(
  list: readonly string[],
  added: readonly string[],
  deleted: ReadonlySet<string>,
): readonly string[] {
  const kept = deleted.size === 0 ? list : list.filter((name) => !deleted.has(name))
  if (added.length === 0) return kept
  const sorted = added.toSorted()
  const result: string[] = []
  let next = 0
  for (const name of kept) {
    while (next < sorted.length && (sorted[next] as string) < name) result.push(sorted[next++] as string)
    result.push(name)
  }
  return result.concat(sorted.slice(next))
}
