/** The table of slots: even by weight whichever ports are left, and nothing moves that need not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotCount, slotOrders } from '../../../src/pipeline/slots.ts'

const equal = (count: number) => Array.from({ length: count }, (_, index) => ({ port: index + 1, weight: 1 }))

/** How many slots each port has while those ports are up. */
function shares(
  orders: readonly (readonly number[])[],
  up: ReadonlySet<number>,
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const order of orders) {
    const port = order.find((one) => up.has(one))
    if (port !== undefined) counts.set(port, (counts.get(port) ?? 0) + 1)
  }
  return counts
}

/** The largest share against the mean. */
function unevenness(counts: ReadonlyMap<number, number>): number {
  const values = [...counts.values()]
  return (Math.max(...values) * values.length) / values.reduce((sum, one) => sum + one, 0)
}

for (const count of [2, 3, 4, 5, 6, 8]) {
  test(`${count} ports have even shares, and so have the rest when one or two are down`, () => {
    const orders = slotOrders(equal(count), count)
    assert.equal(orders.length, slotCount)
    const all = new Set(equal(count).map(({ port }) => port))
    assert.ok(orders.every((order) => new Set(order).size === count))
    assert.ok(unevenness(shares(orders, all)) < 1.05)
    for (const first of all) {
      const without = new Set([...all].filter((port) => port !== first))
      assert.equal(shares(orders, without).size, count - 1)
      assert.ok(unevenness(shares(orders, without)) < 1.08, `without ${first}`)
    }
  })
}

test('shares follow weights', () => {
  const orders = slotOrders(
    [
      { port: 7, weight: 2 },
      { port: 3, weight: 1 },
      { port: 9, weight: 1 },
    ],
    5,
  )
  const counts = shares(orders, new Set([7, 3, 9]))
  assert.deepEqual([counts.get(7), counts.get(3), counts.get(9)], [128, 64, 64])
})

test('a port that goes moves the slots that were its own, and gets them back', () => {
  const orders = slotOrders(equal(4), 1)
  for (const order of orders) {
    const [first] = order
    const left = order.filter((port) => port !== 3)
    if (first !== 3) assert.equal(left[0], first)
  }
})

test('the choices of two switches are independent: behind either choice of one, the other uses all its ports', () => {
  for (const [near, far] of [
    [2, 2],
    [2, 4],
    [4, 2],
  ] as const) {
    const first = slotOrders(equal(near), 0x11)
    const second = slotOrders(equal(far), 0x22)
    for (const { port } of equal(near)) {
      const behind = second.filter((_, slot) => first[slot]?.[0] === port)
      const counts = shares(behind, new Set(equal(far).map((one) => one.port)))
      assert.equal(counts.size, far)
      assert.ok(unevenness(counts) < 1.4, `${near} then ${far}: ${[...counts.values()].join()}`)
    }
  }
})
