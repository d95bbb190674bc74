/** Tables of slots that are dealt anew when ports come and go: even by weight, and nothing moves that need not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SlotTable } from '../../../src/model/observation.ts'
import { deal, isSlotTable, keyOfPorts, remember, withMoved } from '../../../src/pipeline/deal.ts'
import { slotCount, slotCounts, slotOrders, type WeightedPort } from '../../../src/pipeline/slots.ts'

const portLists = fc.uniqueArray(
  fc.record({ name: fc.nat(9).map(String), weight: fc.constantFrom(1, 1, 2, 3) }),
  {
    minLength: 1,
    maxLength: 7,
    selector: ({ name }) => name,
  },
)

const seed = 0x2f

/** One after another, each table fed back. */
function dealAll(lists: readonly (readonly WeightedPort[])[]): readonly SlotTable[] {
  return lists.reduce<readonly SlotTable[]>(
    (before, ports) => remember([deal(ports, seed, before)], before),
    [],
  )
}

/** By slot, the name of the port that has it. */
const owners = ({ ports, first }: SlotTable): readonly string[] =>
  first.map((place) => ports[place]?.name ?? '')

function assertBalanced(table: SlotTable): void {
  const total = table.ports.reduce((sum, { weight }) => sum + weight, 0)
  for (const [place, count] of slotCounts(table).entries()) {
    const fair = (slotCount * (table.ports[place]?.weight ?? 0)) / total
    assert.ok(Math.abs(count - fair) < 1, `${count} of ${fair}`)
  }
}

test('every table is even by weight and well-formed, whatever was remembered', () => {
  fc.assert(
    fc.property(fc.array(portLists, { maxLength: 4 }), portLists, (before, ports) => {
      const table = deal(ports, seed, dealAll(before))
      assert.ok(isSlotTable(table))
      assert.equal(keyOfPorts(table.ports), keyOfPorts(ports.toSorted((a, b) => (a.name < b.name ? -1 : 1))))
      assertBalanced(table)
      for (const order of slotOrders(table)) assert.equal(new Set(order).size, ports.length)
      // Turns are a port's own: two slots that had the same would fail over alike.
      const turns = new Set(table.first.map((place, slot) => `${place} ${table.turn[slot]}`))
      assert.equal(turns.size, slotCount)
    }),
  )
})

test('dealing again what is remembered changes nothing, in whatever order ports are named', () => {
  fc.assert(
    fc.property(fc.array(portLists, { minLength: 1, maxLength: 5 }), (lists) => {
      const remembered = dealAll(lists)
      for (const ports of lists) {
        const again = deal(ports.toReversed(), seed, remembered)
        assert.deepEqual(deal(ports, seed, remember([again], remembered)), again)
      }
    }),
  )
})

/** As few as can be: each port keeps the smaller of what it had and its new share. */
test('no more slots move than shares demand', () => {
  fc.assert(
    fc.property(portLists, portLists, (before, after) => {
      const [old] = dealAll([before])
      assert.ok(old)
      const table = deal(after, seed, [old])
      const [had, has] = [owners(old), owners(table)]
      const count = (list: readonly string[], name: string) => list.filter((one) => one === name).length
      for (const { name } of after) {
        const kept = has.filter((one, slot) => one === name && had[slot] === name).length
        assert.equal(kept, Math.min(count(had, name), count(has, name)), name)
      }
    }),
  )
})

test('a port that goes takes only its own slots, which are its again when it returns', () => {
  fc.assert(
    fc.property(portLists, fc.nat(), (ports, index) => {
      fc.pre(ports.length > 1)
      const gone = ports[index % ports.length]?.name
      const rest = ports.filter(({ name }) => name !== gone)
      const whole = deal(ports, seed)
      const without = deal(rest, seed, [whole])
      const moved = owners(whole).filter((name, slot) => name !== gone && owners(without)[slot] !== name)
      // With shares that do not divide evenly one of the rest may have to give what another may not take.
      assert.equal(moved.length, 0)
      const back = deal(ports, seed, remember([without], [whole]))
      assert.deepEqual(back, whole)
    }),
  )
})

test('what was moved because of load stays moved, also in the table that follows', () => {
  const ports = ['a', 'b', 'c', 'd'].map((name) => ({ name, weight: 1 }))
  const dealt = deal(ports, seed)
  const moves = new Map([0, 1, 2].map((slot) => [slot, ((dealt.first[slot] ?? 0) + 1) % 4]))
  const moved = withMoved(dealt, moves)
  assert.ok(isSlotTable(moved))
  for (const [slot, place] of dealt.first.entries()) assert.equal(moved.first[slot], moves.get(slot) ?? place)
  const turns = new Set(moved.first.map((place, slot) => `${place} ${moved.turn[slot]}`))
  assert.equal(turns.size, slotCount)
  const remembered = remember([moved], [dealt])
  assert.equal(remembered.length, 1)
  assert.equal(deal(ports, seed, remembered), moved)
  const three = deal(ports.slice(0, 3), seed, remembered)
  for (const [slot, name] of owners(moved).entries())
    if (name !== 'd') assert.equal(owners(three)[slot], name)
})

test('what is remembered is bounded, the last ones first', () => {
  const tables = dealAll(Array.from({ length: 40 }, (_, index) => [{ name: `eth${index}`, weight: 1 }]))
  assert.equal(tables.length, 17)
  assert.deepEqual(
    tables.slice(0, 2).map(({ ports }) => ports[0]?.name),
    ['eth39', 'eth38'],
  )
})

test('what is no table is told from one', () => {
  const table = deal([{ name: 'eth0', weight: 1 }], 1)
  const broken: readonly unknown[] = [
    undefined,
    null,
    'table',
    {},
    { ...table, ports: [] },
    { ...table, ports: [{ name: 'eth0', weight: 0 }] },
    { ...table, first: table.first.slice(1) },
    { ...table, first: table.first.with(3, 1) },
    { ...table, turn: table.turn.with(3, -1) },
    { ...table, turn: undefined },
  ]
  assert.ok(isSlotTable(JSON.parse(JSON.stringify(table))))
  for (const one of broken) assert.equal(isSlotTable(one), false, JSON.stringify(one))
})
