/** Moves of slots: the goal is reached where it can be, with few moves, and what cannot be bettered is left alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goal, imbalanceOf, loadsOf, rebalance, type SharedLoad } from '../../../src/teaming/rebalance.ts'
import { randomOf } from '../../bench/codec/random.ts'

function load(weights: readonly number[], ...slots: readonly (readonly [place: number, bytes: number])[]) {
  return {
    weights,
    places: slots.map(([place]) => place),
    bytes: slots.map(([, bytes]) => bytes),
    movable: slots.map(() => true),
  }
}

function after(shared: SharedLoad, moves: ReadonlyMap<number, number>): number {
  const places = shared.places.map((place, slot) => moves.get(slot) ?? place)
  return imbalanceOf(loadsOf({ ...shared, places }), shared.weights)
}

test('the one slot whose load is what is too much moves, and no other', () => {
  const shared = load([1, 1], [0, 50], [0, 30], [0, 20], [1, 40], [0, 1], [0, 1], [1, 2])
  const { moves, before, after: told } = rebalance(shared)
  assert.deepEqual([...moves], [[1, 1]])
  assert.ok(before > 1.4 && told === after(shared, moves))
})

test('what is even, or nothing at all, stays', () => {
  for (const shared of [load([1, 1], [0, 100], [1, 101]), load([1, 1], [0, 0], [1, 0])])
    assert.deepEqual([...rebalance(shared).moves], [])
  assert.equal(rebalance(load([2, 1, 1], [0, 50], [1, 25], [2, 25])).before, 1)
})

test('where no single slot fits, two are exchanged', () => {
  const shared = load([1, 1], [0, 5], [0, 4], [1, 3], [1, 2])
  const { moves } = rebalance(shared)
  assert.equal(moves.size, 2)
  assert.equal(after(shared, moves), 1)
})

test('an elephant has its port to itself as far as that helps, and then nothing moves to and fro', () => {
  const mice = Array.from({ length: 20 }, (_, n) => [n % 2, 1] as const)
  const shared = load([1, 1], [0, 40], ...mice)
  const { moves } = rebalance(shared)
  assert.ok(after(shared, moves) < 1.35, 'the elephant alone is 4/3 of the mean')
  assert.ok(!moves.has(0))
  const places = shared.places.map((place, slot) => moves.get(slot) ?? place)
  assert.deepEqual([...rebalance({ ...shared, places }).moves], [])
  assert.deepEqual(
    [...rebalance(load([1, 1], [0, 10], [1, 10], [1, 10])).moves],
    [],
    'three cannot be halved',
  )
  assert.deepEqual([...rebalance(load([1, 1], [0, 1000], [1, 999], [1, 1001])).moves], [])
})

test('a slot that must not move stays, and so do those of a port without a share', () => {
  const shared = load([1, 1], [0, 50], [0, 30], [0, 20])
  const { moves } = rebalance({ ...shared, movable: [false, true, true] })
  assert.deepEqual(
    [...moves.keys()].toSorted((a, b) => a - b),
    [1, 2],
  )
  const dead = rebalance(load([1, 0, 1], [0, 30], [0, 30]))
  assert.deepEqual([...dead.moves.values()], [2])
})

test('slots as the Internet has them come to the goal with a small part of them, whatever the weights', (context) => {
  const random = randomOf(5)
  const bytes = () => 64 / (0.001 + 0.999 * (random(1e6) / 1e6))
  const counts: number[] = []
  for (const weights of [
    [1, 1],
    [1, 1, 1],
    [1, 1, 1, 1],
    [2, 1, 1],
  ]) {
    const round = weights.flatMap((weight, place) => Array<number>(weight).fill(place))
    for (let run = 0; run < 25; run++) {
      const slots = Array.from({ length: 256 }, () => {
        const flows = Array.from({ length: 20 }, bytes).reduce((sum, one) => sum + one)
        return [round[random(round.length)] ?? 0, flows] as const
      })
      const shared = load(weights, ...slots)
      const { moves } = rebalance(shared)
      assert.ok(after(shared, moves) <= goal, `${after(shared, moves)} with ${moves.size} moves`)
      assert.deepEqual([...rebalance(shared).moves], [...moves], 'the same each time')
      counts.push(moves.size)
    }
  }
  counts.sort((a, b) => a - b)
  context.diagnostic(`moves: median ${counts[50]}, most ${counts.at(-1)}`)
  assert.ok((counts.at(-1) ?? 256) < 64)
})

test('in small cases it is no worse than the best of two moves, and one where one will do', () => {
  const random = randomOf(9)
  for (let run = 0; run < 300; run++) {
    const weights = run % 2 === 0 ? [1, 1] : [2, 1, 1]
    const slots = Array.from({ length: 7 }, () => [random(weights.length), 1 + random(40)] as const)
    const shared = load(weights, ...slots)
    const { moves } = rebalance(shared)
    const [one, two] = exhaustive(shared)
    const reached = after(shared, moves)
    const before = after(shared, new Map())
    if (before > goal && one <= goal) assert.equal(moves.size, 1, JSON.stringify(shared))
    if (before > goal && two <= goal) assert.ok(reached <= goal || reached < before, JSON.stringify(shared))
  }
})

/** The best that one and that two moves can do. */
function exhaustive(shared: SharedLoad): [number, number] {
  const all = shared.places.flatMap((_, slot) => shared.weights.map((_weight, to) => [slot, to] as const))
  const one = Math.min(...all.map((move) => after(shared, new Map([move]))))
  const two = Math.min(...all.flatMap((a) => all.map((b) => after(shared, new Map([a, b])))))
  return [one, two]
}
