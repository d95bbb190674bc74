/** What changed between two programs of a switch, found by identity: costs what changed, not what exists. */
import { ruleKey, sameRule } from '../pipeline/openflow.ts'
import type { Rule } from '../pipeline/rule.ts'
import type { Chunk, ChunkGroup, SwitchDelta, SwitchProgram } from './program.ts'

/** Exactly the rules that differ: one that only moved to another chunk is in neither list. */
export function deltaOf(before: SwitchProgram | undefined, after: SwitchProgram): SwitchDelta {
  const chunks = chunkDelta(before, after)
  return { datapathId: after.datapathId, ...withoutEqual(chunks.removed, chunks.added) }
}

export interface ListDelta<T> {
  readonly removed: readonly T[]
  readonly added: readonly T[]
}

/** Chunks that left and chunks that came; a chunk with other rules is another chunk. */
export function chunkDelta(
  before: SwitchProgram | undefined,
  after: SwitchProgram | undefined,
): ListDelta<Chunk> {
  const groups = identityDelta<ChunkGroup>(before?.groups ?? [], after?.groups ?? [])
  const old = new Map(groups.removed.map((group) => [group.key, group]))
  const removed: Chunk[] = []
  const added: Chunk[] = []
  for (const group of groups.added) {
    const chunks = identityDelta(old.get(group.key)?.chunks ?? [], group.chunks)
    removed.push(...chunks.removed)
    added.push(...chunks.added)
    old.delete(group.key)
  }
  for (const group of old.values()) removed.push(...group.chunks)
  return { removed, added }
}

/** Compares from both ends, so that one insertion in a long list is found without looking anything up. */
function identityDelta<T>(before: readonly T[], after: readonly T[]): ListDelta<T> {
  if (before === after) return { removed: [], added: [] }
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let oldEnd = before.length
  let end = after.length
  while (oldEnd > start && end > start && before[oldEnd - 1] === after[end - 1]) {
    oldEnd--
    end--
  }
  const old = before.slice(start, oldEnd)
  const next = after.slice(start, end)
  if (old.length === 0 || next.length === 0) return { removed: old, added: next }
  const oldSet = new Set(old)
  const nextSet = new Set(next)
  return { removed: old.filter((one) => !nextSet.has(one)), added: next.filter((one) => !oldSet.has(one)) }
}

function withoutEqual(
  removed: readonly Chunk[],
  added: readonly Chunk[],
): { removed: Rule[]; added: Rule[] } {
  const going = removed.flatMap(({ rules }) => rules)
  const coming = added.flatMap(({ rules }) => rules)
  if (going.length === 0 || coming.length === 0) return { removed: going, added: coming }
  const byKey = new Map(going.map((rule) => [ruleKey(rule), rule]))
  const reallyAdded = coming.filter((rule) => {
    const key = ruleKey(rule)
    const old = byKey.get(key)
    if (!old || !sameRule(old, rule)) return true
    byKey.delete(key)
    return false
  })
  return { removed: [...byKey.values()], added: reallyAdded }
}

/** Every rule of a switch's program, in a stable order. */
export function rulesOf(program: SwitchProgram): Rule[] {
  return program.groups.flatMap(({ chunks }) => chunks.flatMap(({ rules }) => rules))
}
