import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changedKeys, withChanges } from '../../../src/model/map-changes.ts'

const entries = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(3)), { selector: ([key]) => key })
const edits = fc.uniqueArray(fc.tuple(fc.nat(9), fc.option(fc.nat(3), { nil: undefined })), {
  selector: ([key]) => key,
})

const differing = (before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>) =>
  new Set([...before.keys(), ...after.keys()].filter((key) => before.get(key) !== after.get(key)))

test('keys that differ are found, whether the second map was made from the first or not', () => {
  fc.assert(
    fc.property(entries, entries, edits, (one, other, changes) => {
      const [before, unrelated] = [new Map(one), new Map(other)]
      for (let asked = 0; asked < 2; asked++)
        assert.deepEqual(new Set(changedKeys(before, unrelated)), differing(before, unrelated))
      const after = withChanges(before, changes)
      const known = new Set(changedKeys(before, after))
      for (const key of differing(before, after)) assert.ok(known.has(key))
      // What was noted of one map before it says nothing of another.
      assert.deepEqual(new Set(changedKeys(unrelated, after)), differing(unrelated, after))
      assert.deepEqual(changedKeys(after, after), [])
    }),
  )
})

test('a copy has the changes, and the original stays as it is', () => {
  const before = new Map([
    ['a', 1],
    ['b', 2],
  ])
  const after = withChanges(before, [
    ['a', undefined],
    ['c', 3],
  ])
  assert.deepEqual(
    [...after],
    [
      ['b', 2],
      ['c', 3],
    ],
  )
  assert.deepEqual(
    [...before],
    [
      ['a', 1],
      ['b', 2],
    ],
  )
})
