import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Memo } from '../../../src/compiler/memo.ts'

test('a query runs again only when something that it read changed', () => {
  const memo = new Memo()
  const cells = memo.cells<number>()
  cells.set('a', '', 1)
  cells.set('b', '', 2)
  const runs: string[] = []
  const double = memo.query({
    compute: (name) => {
      runs.push(name)
      return 2 * (cells.read(name) ?? 0)
    },
  })
  assert.equal(double('a'), 2)
  assert.equal(double('b'), 4)
  cells.set('a', '', 5)
  assert.equal(double('a'), 10)
  assert.equal(double('b'), 4)
  assert.deepEqual(runs, ['a', 'b', 'a'])
})

test('an equal result stops the change', () => {
  const memo = new Memo()
  const cells = memo.cells<number>()
  cells.set('n', '', 1)
  let runs = 0
  const parity = memo.query({ compute: () => (cells.read('n') ?? 0) % 2 })
  const text = memo.query({
    compute: () => {
      runs++
      return parity('') === 0 ? 'even' : 'odd'
    },
  })
  assert.equal(text(''), 'odd')
  cells.set('n', '', 3)
  assert.equal(text(''), 'odd')
  assert.equal(runs, 1)
  cells.set('n', '', 4)
  assert.equal(text(''), 'even')
  assert.equal(runs, 2)
})

test('a query that reads itself fails instead of hanging', () => {
  const memo = new Memo()
  const loop: (a: string) => number = memo.query({ compute: (a): number => loop(a) + 1 })
  assert.throws(() => loop('x'), /depends on itself/)
})

test('a value that another query stopped reading stays alive for the one that reads it now', () => {
  const memo = new Memo()
  const cells = memo.cells<number>()
  cells.set('choice', '', 1)
  cells.set('x', '', 10)
  const leaf = memo.query({ compute: () => cells.read('x') ?? 0 })
  const inner = memo.query({ compute: () => (cells.read('choice') === 1 ? leaf('') : 0) })
  const outer = memo.query({ compute: () => (cells.read('choice') === 1 ? 0 : leaf('')) + inner('') })
  assert.equal(outer(''), 10)
  cells.set('choice', '', 2)
  assert.equal(outer(''), 10)
  cells.set('x', '', 11)
  assert.equal(outer(''), 11)
})

test('random graphs give what computing from nothing gives', () => {
  // Layer k, query j sums the values that cell (k, j) selects from the layer below: reads change with the data.
  const width = 4
  const layers = 3
  const change = fc.tuple(fc.nat(layers - 1), fc.nat(width - 1), fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const memo = new Memo()
      const cells = memo.cells<number>()
      const query = memo.query<number>({
        compute: (layer, index) => {
          const own = cells.read(layer, index) ?? 0
          if (layer === '0') return own % 3
          let sum = own >> 6
          for (let below = 0; below < width; below++) {
            if (own & (1 << below)) sum += query(String(Number(layer) - 1), String(below))
          }
          return sum % 5
        },
      })
      const values = new Map<string, number>()
      const fresh = (layer: number, index: number): number => {
        const own = values.get(`${layer},${index}`) ?? 0
        if (layer === 0) return own % 3
        let sum = own >> 6
        for (let below = 0; below < width; below++) if (own & (1 << below)) sum += fresh(layer - 1, below)
        return sum % 5
      }
      for (const [layer, index, value] of changes) {
        cells.set(String(layer), String(index), value)
        values.set(`${layer},${index}`, value)
        for (let top = 0; top < width; top++) {
          assert.equal(query(String(layers - 1), String(top)), fresh(layers - 1, top))
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('a cached read computes nothing, however often it is read', (context) => {
  const memo = new Memo()
  const cells = memo.cells<number>()
  for (let index = 0; index < 1000; index++) cells.set('c', String(index), index)
  const keys = Array.from({ length: 1000 }, (_, index) => String(index))
  let computed = 0
  const one = memo.query<number>({
    compute: (_, b) => {
      computed++
      return cells.read('c', b) ?? 0
    },
  })
  for (const key of keys) one('q', key)
  const startedAt = performance.now()
  for (let round = 0; round < 100; round++) for (const key of keys) one('q', key)
  context.diagnostic(`${(((performance.now() - startedAt) * 1e6) / 100_000).toFixed(0)} ns a read`)
  assert.equal(computed, 1000)
})

test('after an eager query has thrown, its readers still follow its inputs', () => {
  const memo = new Memo()
  const cells = memo.cells<number>()
  const even = memo.query({
    compute: () => {
      const value = cells.read('n') ?? 0
      if (value < 0) throw new Error('negative')
      return value % 2 === 0
    },
    eager: true,
  })
  const text = memo.query({ compute: () => (even('') ? 'even' : 'odd') })
  cells.set('n', '', 2)
  assert.equal(text(''), 'even')
  cells.set('n', '', -1)
  assert.throws(() => text(''), /negative/)
  cells.set('n', '', 3)
  assert.equal(text(''), 'odd')
})
