import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Schedule } from '../../../src/discovery/schedule.ts'

test('gives out what is due, the longest due first, at most as many as asked for', () => {
  const schedule = new Schedule()
  for (const [key, atMs] of [
    ['c', 30],
    ['a', 10],
    ['d', 40],
    ['b', 20],
  ] as const)
    schedule.set(key, atMs)
  assert.equal(schedule.next(), 10)
  assert.deepEqual(schedule.take(30, 2), ['a', 'b'])
  assert.deepEqual(schedule.take(30, 2), ['c'])
  assert.equal(schedule.next(), 40)
})

test('a key has one time: moved earlier, later, back, or removed', () => {
  const schedule = new Schedule()
  schedule.set('a', 10)
  schedule.set('a', 50)
  schedule.set('a', 10)
  schedule.set('b', 20)
  schedule.set('b', 5)
  schedule.set('c', 1)
  schedule.remove('c')
  assert.deepEqual(schedule.take(100, 9), ['b', 'a'])
  assert.deepEqual([schedule.size, schedule.next()], [0, undefined])
})

test('does what a sorted list does', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const action = fc.oneof(
    fc.record({ type: fc.constant('set' as const), key, atMs: fc.nat(50) }),
    fc.record({ type: fc.constant('remove' as const), key }),
    fc.record({ type: fc.constant('take' as const), nowMs: fc.nat(50), count: fc.nat(4) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const schedule = new Schedule()
      const model = new Map<string, number>()
      for (const each of actions) {
        if (each.type === 'set') {
          schedule.set(each.key, each.atMs)
          model.set(each.key, each.atMs)
        } else if (each.type === 'remove') {
          schedule.remove(each.key)
          model.delete(each.key)
        } else {
          const due = [...model.values()].filter((atMs) => atMs <= each.nowMs).sort((a, b) => a - b)
          const taken = schedule.take(each.nowMs, each.count)
          assert.deepEqual(
            taken.map((one) => model.get(one)),
            due.slice(0, each.count),
          )
          for (const one of taken) model.delete(one)
        }
        assert.equal(schedule.size, model.size)
        assert.equal(schedule.next(), model.size === 0 ? undefined : Math.min(...model.values()))
      }
    }),
  )
})
