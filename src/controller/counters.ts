/** What the counters of a flow dump tell: which declared NICs were heard, and what was dropped for which reason. */
import type { FlowEntry } from 'ts-openflow'
import { endpointIdOf } from '../model/intent.ts'
import { isOurs } from '../pipeline/cookies.ts'
import { dropReasonOf, type DropReason } from '../pipeline/drop-reasons.ts'
import { fromFlow, ruleKey } from '../pipeline/openflow.ts'
import { tables } from '../pipeline/tables.ts'

/** Packets by reason, for the reasons that dropped any. */
export function dropCounts(entries: readonly FlowEntry[]): Map<DropReason, number> {
  const counts = new Map<DropReason, number>()
  for (const { tableId, cookie, match, packetCount } of entries) {
    if (tableId !== tables.drop.id || !isOurs(cookie)) continue
    const { match: fields } = fromFlow({ tableId, cookie, match, priority: 0, instructions: [] })
    const reason = dropReasonOf(Number(fields.find(({ field }) => field === 'reg15')?.value ?? 0))
    if (reason && packetCount) counts.set(reason, Number(packetCount))
  }
  return counts
}

/**
 * Remembers how many packets passed the port security of each NIC, so that growth can be told.
 * One per controller; switches that go away are forgotten.
 */
export class NicCounters {
  readonly #passed = new Map<string, Map<string, bigint>>()

  /** NICs whose counter grew since this switch was last read, by the rule that lets the NIC's own frames pass. */
  grown(
    datapathId: string,
    entries: readonly FlowEntry[],
    ownerOf: (key: string) => string | undefined,
  ): string[] {
    const before = this.#passed.get(datapathId)
    const after = new Map<string, bigint>()
    const heard: string[] = []
    for (const entry of entries) {
      const packets = entry.packetCount
      if (entry.tableId !== tables.l2_security.id || packets === 0n || !isOurs(entry.cookie)) continue
      const rule = fromFlow(entry)
      if (rule.goto !== 'address_security') continue
      const owner = ownerOf(ruleKey(rule))
      const id = owner === undefined ? undefined : endpointIdOf(owner)
      if (id === undefined) continue
      after.set(id, packets)
      if (packets > (before?.get(id) ?? 0n)) heard.push(id)
    }
    this.#passed.set(datapathId, after)
    return heard
  }

  forget(datapathId: string): void {
    this.#passed.delete(datapathId)
  }
}
