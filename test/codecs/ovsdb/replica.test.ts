/** Replicas: whatever way the updates come, the tables are what a fresh dump of the server says, and changes tell the way there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bindSchema, mapOf, optional, Replica, setOf, zeroUuid } from '../../../codecs/ovsdb/index.ts'
import type { Row } from '../../../codecs/ovsdb/columns.ts'
import { dump, update1, update2, uuids, valueOf } from './support/arbitrary.ts'

const columns = {
  name: 'string',
  cur_cfg: 'integer',
  up: 'boolean',
  ofport: optional('integer'),
  qos: optional('uuid'),
  ports: setOf('uuid'),
  protocols: setOf('string'),
  external_ids: mapOf('string', 'string'),
  queues: mapOf('integer', 'uuid'),
} as const
const selection = { T: columns }

const set = (key: string) => ({ type: { key, min: 0, max: 'unlimited' } })
const schema = {
  name: 'test',
  version: '1.2.3',
  tables: {
    T: {
      columns: {
        name: { type: 'string' },
        cur_cfg: { type: 'integer' },
        up: { type: { key: 'boolean' } },
        ofport: { type: { key: { type: 'integer', minInteger: -1 }, min: 0, max: 1 } },
        qos: { type: { key: { type: 'uuid', refTable: 'T' }, min: 0, max: 1 } },
        ports: set('uuid'),
        protocols: set('string'),
        external_ids: { type: { key: 'string', value: 'string', min: 0, max: 'unlimited' } },
        queues: { type: { key: 'integer', value: { type: 'uuid' }, min: 0, max: 'unlimited' } },
        other: { type: 'string' },
      },
    },
  },
}
const bound = bindSchema(selection, schema)

function fresh(): Replica<typeof selection> {
  const replica = new Replica(selection)
  replica.bind(bound)
  return replica
}

const pool = fc.sample(uuids, { numRuns: 6, seed: 4 })
const rowArbitrary = fc.record(
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, valueOf(column)])),
)
const table = fc
  .dictionary(fc.constantFrom(...pool), rowArbitrary, { maxKeys: 6 })
  .map(
    (rows) =>
      new Map(Object.entries(rows).map(([uuid, row]): [string, Row] => [uuid, { _uuid: uuid, ...row }])),
  )
const overWire = (json: unknown): unknown => JSON.parse(JSON.stringify(json))

test('updates of each kind lead where a fresh dump leads, and changes tell the way', () => {
  const run = fc.property(fc.array(table, { minLength: 1, maxLength: 5 }), (states) => {
    const [first = new Map<string, Row>()] = states
    const [one, two] = [fresh(), fresh()]
    one.reset('update', overWire({ T: dump(columns, first, 'new') }))
    two.reset('update2', overWire({ T: dump(columns, first, 'initial') }))
    let before = first
    const followed = new Map(two.tables.T)
    for (const after of states.slice(1)) {
      one.update('update', overWire({ T: update1(columns, before, after) }))
      const { T } = two.update('update3', overWire({ T: update2(columns, before, after) }))
      for (const row of T?.deleted ?? []) assert.ok(followed.delete(row._uuid))
      for (const { old, new: row } of T?.modified ?? []) {
        assert.equal(followed.get(row._uuid), old)
        assert.notDeepEqual(old, row)
        followed.set(row._uuid, row)
      }
      for (const row of T?.inserted ?? []) {
        assert.ok(!followed.has(row._uuid))
        followed.set(row._uuid, row)
      }
      before = after
    }
    assert.deepEqual(one.tables.T, before)
    assert.deepEqual(two.tables.T, before)
    assert.deepEqual(followed, before)
  })
  fc.assert(run, { numRuns: 300 })
})

test('a whole dump in the middle tells only what differs, and equal rows keep their identity', () => {
  const run = fc.property(table, table, (before, after) => {
    const replica = fresh()
    replica.reset('update2', overWire({ T: dump(columns, before, 'initial') }))
    const held = new Map(replica.tables.T)
    const { T } = replica.reset('update3', overWire({ T: dump(columns, after, 'initial') }), pool[0])
    assert.deepEqual(replica.tables.T, after)
    assert.equal(replica.lastTransactionId, pool[0])
    const touched = new Set(
      [...(T?.inserted ?? []), ...(T?.modified ?? []).map((change) => change.new)].map(({ _uuid }) => _uuid),
    )
    for (const [uuid, row] of replica.tables.T) if (!touched.has(uuid)) assert.equal(row, held.get(uuid))
    assert.deepEqual(
      (T?.deleted ?? []).map(({ _uuid }) => _uuid).sort(),
      [...before.keys()].filter((uuid) => !after.has(uuid)).sort(),
    )
  })
  fc.assert(run, { numRuns: 200 })
})

const [a = '', b = ''] = pool

test('an update with anything wrong in it has no effect, and says where it is wrong', () => {
  const wrong: readonly (readonly [unknown, { code: string; path: string }])[] = [
    [{ T: { [b]: { insert: { ofport: 'x' } } } }, { code: 'VALUE', path: `T.${b}.ofport` }],
    [{ T: { [a]: { insert: {} } } }, { code: 'ROW', path: `T.${a}` }],
    [{ T: { [b]: { modify: {} } } }, { code: 'ROW', path: `T.${b}` }],
    [{ T: { [b]: { delete: null } } }, { code: 'ROW', path: `T.${b}` }],
    [{ T: { [b]: {} } }, { code: 'ROW', path: `T.${b}` }],
    [{ T: { [a]: {} } }, { code: 'VALUE', path: `T.${a}` }],
    [{ T: { [a]: { modify: [] } } }, { code: 'VALUE', path: `T.${a}` }],
    [{ T: { nonsense: { insert: {} } } }, { code: 'VALUE', path: 'T.nonsense' }],
    [{ T: [] }, { code: 'VALUE', path: 'T' }],
    [{ Other: {} }, { code: 'VALUE', path: '' }],
    [null, { code: 'VALUE', path: '' }],
  ]
  for (const [update, error] of wrong) {
    const replica = fresh()
    replica.reset('update2', { T: { [a]: { initial: { name: 'one' } } } })
    const before = new Map(replica.tables.T)
    // A good part first: it must not be taken either.
    const mixed =
      typeof update === 'object' && update !== null && 'T' in update && !Array.isArray(update.T)
        ? { T: { ...(pool[2] !== undefined && { [pool[2]]: { insert: {} } }), ...(update.T as object) } }
        : update
    assert.throws(
      () => replica.update('update2', mixed),
      (thrown: unknown) => {
        assert.deepEqual(
          { code: (thrown as { code: string }).code, path: (thrown as { path: string }).path },
          error,
        )
        return true
      },
    )
    assert.deepEqual(replica.tables.T, before)
    assert.equal(replica.tables.T.get(a), before.get(a))
  }
})

test('the number of rows is bounded', () => {
  const replica = new Replica(selection, { maxRows: 2 })
  replica.bind(bound)
  replica.reset('update2', { T: { [a]: { initial: {} }, [b]: { initial: {} } } })
  assert.throws(() => replica.update('update2', { T: { [pool[2] ?? '']: { insert: {} } } }), {
    code: 'TOO_LONG',
  })
  assert.equal(replica.tables.T.size, 2)
})

test('a selection is held against the schema', () => {
  assert.deepEqual(fresh().monitorRequests(), { T: [{ columns: Object.keys(columns) }] })
  const old = bindSchema({ T: { name: 'string', bfd: 'string' }, U: { x: 'string' } }, schema)
  assert.deepEqual(old.missing, ['T.bfd', 'U'])
  const replica = new Replica({ T: { name: 'string', bfd: optional('string') } })
  replica.bind(bindSchema(replica.selection, schema))
  replica.reset('update2', { T: { [a]: { initial: { name: 'x', _version: ['uuid', zeroUuid] } } } })
  assert.deepEqual([...replica.tables.T.values()], [{ _uuid: a, name: 'x' }])
  for (const column of ['integer', optional('string'), setOf('string')] as const) {
    assert.throws(() => bindSchema({ T: { name: column } }, schema), { code: 'SCHEMA', path: 'T.name' })
  }
  assert.throws(() => bindSchema({ T: { ports: optional('uuid') } }, schema), { code: 'SCHEMA' })
  assert.throws(() => bindSchema({ T: { queues: mapOf('integer', 'string') } }, schema), { code: 'SCHEMA' })
  assert.throws(() => bindSchema(selection, null), { code: 'SCHEMA' })
})
