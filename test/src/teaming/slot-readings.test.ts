/** Counters of slots: which rules count for a table, where each slot is, and which readings cannot be compared. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowEntry } from 'ts-openflow'
import { slotRules } from '../../../src/compiler/features/paths.ts'
import type { PathSet } from '../../../src/compiler/paths.ts'
import type { SlotTable } from '../../../src/model/observation.ts'
import { deal, withMoved } from '../../../src/pipeline/deal.ts'
import { toFlowMod } from '../../../src/pipeline/openflow.ts'
import { slotCount } from '../../../src/pipeline/slots.ts'
import { portRates } from '../../../src/teaming/port-rates.ts'
import { pathRules, type PathRules, slotBytes, slotReading } from '../../../src/teaming/slot-readings.ts'

const names = ['a', 'b', 'c']
const table = deal(
  names.map((name) => ({ name, weight: 1 })),
  1,
)
const ports = (...down: readonly string[]) =>
  new Map(names.map((name, index) => [name, { no: index + 1, up: !down.includes(name) }]))

interface Rules {
  readonly id: number
  readonly slots?: SlotTable
  readonly bytes: number
  readonly usable?: readonly number[]
  readonly held?: readonly number[]
  readonly shared?: boolean
}

/** The rules of sets of paths over those ports, as a switch reports them. */
function rulesOf(...sets: readonly Rules[]): PathRules {
  const entries = sets.flatMap(
    ({ id, bytes, slots = table, usable = [1, 2, 3], held = [], shared = false }) => {
      const set: PathSet = {
        id,
        usable,
        held,
        ports: names.map((name, index) => ({ name, port: index + 1, weight: 1 })),
      }
      const rules = slotRules('switch/hv1', set, { slots, shared })
      return rules.map((rule) => ({ ...toFlowMod(rule, 6, 'add'), byteCount: BigInt(bytes) }))
    },
  )
  return pathRules(entries as unknown as FlowEntry[])
}

const readingOf = (sets: PathRules, down: readonly string[] = [], held: readonly string[] = []) =>
  slotReading(sets, { table, ports: ports(...down), held, atMs: 0 })

test('bytes of all sets that follow the table are added up, shared by classes or not', () => {
  const before = readingOf(rulesOf({ id: 1, bytes: 10 }, { id: 2, bytes: 5, shared: true }))
  const after = readingOf(rulesOf({ id: 1, bytes: 13 }, { id: 2, bytes: 9, shared: true }))
  assert.ok(before && after)
  assert.deepEqual(slotBytes(before, after), Array<number>(slotCount).fill(7))
  assert.deepEqual(before.places, table.first)
})

test('sets that cannot take all ports, or have not yet what the table says, do not count', () => {
  assert.equal(readingOf(rulesOf({ id: 1, bytes: 1, usable: [1, 2] })), undefined)
  const moved = withMoved(table, new Map([[7, ((table.first[7] ?? 0) + 1) % 3]]))
  assert.equal(readingOf(rulesOf({ id: 1, bytes: 1, slots: moved })), undefined)
  const reading = readingOf(rulesOf({ id: 1, bytes: 1, slots: moved }, { id: 2, bytes: 1 }))
  assert.deepEqual([...(reading?.bytes.keys() ?? [])], [2])
  assert.equal(readingOf(pathRules([])), undefined)
})

test('a slot is where the first port that is up has it, and those that are held come last', () => {
  const reading = readingOf(rulesOf({ id: 1, bytes: 1 }), ['b'])
  assert.ok(
    reading?.places.every(
      (place, slot) => place !== 1 && (table.first[slot] === 1 || place === table.first[slot]),
    ),
  )
  const held = readingOf(rulesOf({ id: 1, bytes: 1, held: [3] }), [], ['c'])
  assert.ok(held?.places.every((place) => place !== 2))
})

test('readings are not compared across a counter that began anew, or a slot that moved', () => {
  const [more, less, elsewhere] = [
    readingOf(rulesOf({ id: 1, bytes: 10 })),
    readingOf(rulesOf({ id: 1, bytes: 9 })),
    readingOf(rulesOf({ id: 1, bytes: 11 }), ['a']),
  ]
  assert.ok(more && less && elsewhere)
  assert.equal(slotBytes(more, less), undefined)
  assert.equal(slotBytes(more, elsewhere), undefined)
  const other = readingOf(rulesOf({ id: 2, bytes: 99 }))
  assert.ok(other)
  assert.deepEqual(new Set(slotBytes(more, other)), new Set([0]), 'a set that is new has no past')
})

test('rates of ports are per second, and of one that began anew there is none', () => {
  const at = (atMs: number, ...bytes: readonly bigint[]) => ({
    atMs,
    counters: bytes.map((txBytes, index) => ({ portNo: index, txBytes, rxBytes: 2n * txBytes })),
  })
  const rates = portRates(at(0, 0n, 100n), at(2_000, 1_000n, 99n, 5n))
  assert.deepEqual([...rates], [[0, { inBps: 8_000, outBps: 4_000 }]])
})
