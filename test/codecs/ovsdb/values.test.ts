/** Values: what is written is read again, shorthands are understood, and what no column of the type can hold is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AtomType,
  type Column,
  mapOf,
  OvsdbError,
  optional,
  setOf,
} from '../../../codecs/ovsdb/index.ts'
import { defaultValue, readReference, readValue, writeValue } from '../../../codecs/ovsdb/values.ts'
import { atoms, valueOf } from './support/arbitrary.ts'

const types = Object.keys(atoms) as AtomType[]
const columns: readonly Column[] = types.flatMap((type): Column[] => [
  type,
  optional(type),
  setOf(type),
  mapOf(type, 'string'),
  mapOf('integer', type),
])

test('what is written is read again', () => {
  for (const column of columns) {
    fc.assert(
      fc.property(valueOf(column), (value) => {
        const wire: unknown = JSON.parse(JSON.stringify(writeValue(column, value)))
        assert.deepEqual(readValue(column, wire), value)
      }),
      { numRuns: 30 },
    )
  }
})

test('a set of one may come as its atom, and one atom as a set', () => {
  assert.deepEqual(readValue(setOf('integer'), 7), new Set([7]))
  assert.deepEqual(readValue(optional('string'), ['set', ['a']]), 'a')
  assert.deepEqual(readValue(optional('string'), 'a'), 'a')
  assert.equal(readValue(optional('string'), ['set', []]), undefined)
  assert.equal(readValue('integer', ['set', [3]]), 3)
})

const uuid = '6b1c2e4a-0000-4000-8000-00000000000a'

test('uuids and names of rows to come, both ways', () => {
  assert.deepEqual(readReference(['named-uuid', 'port_1']), { named: 'port_1' })
  assert.equal(readReference(['uuid', uuid.toUpperCase()]), uuid)
  assert.deepEqual(writeValue(setOf('uuid'), [uuid, { named: 'port_1' }]), [
    'set',
    [
      ['uuid', uuid],
      ['named-uuid', 'port_1'],
    ],
  ])
  assert.throws(() => writeValue('uuid', { named: '1-2' }), { code: 'VALUE' })
  assert.throws(() => writeValue('uuid', 'no uuid'), { code: 'VALUE' })
  assert.throws(() => readValue('uuid', ['named-uuid', 'row']), { code: 'VALUE' })
})

test('columns have the defaults of RFC 7047', () => {
  const defaults = ['string', 'integer', 'real', 'boolean', optional('string')].map((column) =>
    defaultValue(column as Column),
  )
  assert.deepEqual(defaults, ['', 0, 0, false, undefined])
  assert.deepEqual(defaultValue(setOf('uuid')), new Set())
  assert.deepEqual(defaultValue(mapOf('string', 'string')), new Map())
})

const wrong: readonly (readonly [Column, unknown])[] = [
  ['string', 1],
  ['string', ['set', ['a', 'b']]],
  ['integer', 1.5],
  ['integer', '1'],
  ['integer', 2 ** 60],
  ['boolean', 1],
  ['uuid', uuid],
  ['uuid', ['uuid', 'x']],
  [optional('string'), ['set', ['a', 'b']]],
  [setOf('string'), ['set', 'a']],
  [setOf('string'), ['set', ['a', 'a']]],
  [setOf('string'), ['map', []]],
  [mapOf('string', 'string'), {}],
  [mapOf('string', 'string'), ['map', [['a']]]],
  [mapOf('string', 'string'), ['map', [['a', 1]]]],
  [
    mapOf('string', 'string'),
    [
      'map',
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    ],
  ],
  ['string', null],
  ['string', undefined],
]

test('what no column of the type can hold is an error and nothing else', () => {
  for (const [column, json] of wrong) {
    assert.throws(() => readValue(column, json), { name: 'OvsdbError', code: 'VALUE' }, JSON.stringify(json))
  }
  const run = fc.property(fc.constantFrom(...columns), fc.jsonValue(), (column, json) => {
    try {
      readValue(column, json)
    } catch (error) {
      assert.ok(error instanceof OvsdbError)
    }
  })
  fc.assert(run, { numRuns: 500 })
})
