/** The order behind each slot's port: even by weight whichever ports are left. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deal } from '../../../src/pipeline/deal.ts'
import { slotCount, slotCounts, slotOrders } from '../../../src/pipeline/slots.ts'

const equal = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `eth${index}`, weight: 1 }))

/** How many slots each port has while those ports are up. */
function shares(
  orders: readonly (readonly string[])[],
  up: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const order of orders) {
    const port = order.find((one) => up.has(one))
    if (port !== undefined) counts.set(port, (counts.get(port) ?? 0) + 1)
  }
  return counts
}

/** The largest share against the mean. */
function unevenness(counts: ReadonlyMap<string, number>): number {
  const values = [...counts.values()]
  return (Math.max(...values) * values.length) / values.reduce((sum, one) => sum + one, 0)
}

const names = (count: number) => new Set(equal(count).map(({ name }) => name))

for (const count of [2, 3, 4, 5, 6, 8]) {
  test(`${count} ports have even shares, and so have the rest when one or two are down`, () => {
    const orders = slotOrders(deal(equal(count), count))
    assert.equal(orders.length, slotCount)
    const all = names(count)
    assert.ok(orders.every((order) => new Set(order).size === count))
    assert.ok(unevenness(shares(orders, all)) < 1.05)
    for (const first of all) {
      const without = new Set([...all].filter((port) => port !== first))
      assert.equal(shares(orders, without).size, count - 1)
      assert.ok(unevenness(shares(orders, without)) < 1.08, `without ${first}`)
    }
  })

  test(`${count} ports of which one was removed, or one more added, fail over evenly`, () => {
    const before = deal(equal(count), count)
    for (const now of [count - 1, count + 1]) {
      const orders = slotOrders(deal(equal(now), count, [before]))
      for (const first of names(now)) {
        const without = new Set([...names(now)].filter((port) => port !== first))
        if (without.size > 0) assert.ok(unevenness(shares(orders, without)) < 1.08, `${now} without ${first}`)
      }
    }
  })
}

test('shares follow weights, and so do those that follow', () => {
  const ports = [
    { name: 'c', weight: 1 },
    { name: 'a', weight: 2 },
    { name: 'b', weight: 1 },
  ]
  const table = deal(ports, 5)
  assert.deepEqual(
    table.ports.map(({ name }) => name),
    ['a', 'b', 'c'],
  )
  assert.deepEqual(slotCounts(table), [128, 64, 64])
  const without = shares(slotOrders(table), new Set(['a', 'c']))
  assert.ok(Math.abs((without.get('a') ?? 0) - (256 * 2) / 3) < 2)
})

test('a port that goes moves the slots that were its own, and gets them back', () => {
  for (const order of slotOrders(deal(equal(4), 1))) {
    const [first] = order
    const left = order.filter((port) => port !== 'eth3')
    if (first !== 'eth3') assert.equal(left[0], first)
  }
})

test('the choices of two switches are independent: behind either choice of one, the other uses all its ports', () => {
  for (const [near, far] of [
    [2, 2],
    [2, 4],
    [4, 2],
  ] as const) {
    const first = slotOrders(deal(equal(near), 0x11))
    const second = slotOrders(deal(equal(far), 0x22))
    for (const { name } of equal(near)) {
      const behind = second.filter((_, slot) => first[slot]?.[0] === name)
      const counts = shares(behind, names(far))
      assert.equal(counts.size, far)
      assert.ok(unevenness(counts) < 1.4, `${near} then ${far}: ${[...counts.values()].join()}`)
    }
  }
})
