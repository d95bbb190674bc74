/** Messages, operations and results: what is sent, typed by its columns, and what comes back, with each error under its own name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  echoReply,
  isStale,
  mapOf,
  OvsdbError,
  operationsOn,
  optional,
  type RowOf,
  readMessage,
  readOutcome,
  setOf,
  writeRequest,
} from '../../../codecs/ovsdb/index.ts'

const selection = {
  Bridge: { name: 'string', ports: setOf('uuid'), other_config: mapOf('string', 'string') },
  Interface: { name: 'string', ofport: optional('integer'), up: 'boolean' },
} as const
const on = operationsOn(selection)
const uuid = '6b1c2e4a-0000-4000-8000-00000000000a'

test('row types follow from the selection', () => {
  const row: RowOf<typeof selection.Interface> = { _uuid: uuid, name: 'a', ofport: undefined, up: true }
  // @ts-expect-error: an ofport is a number or absent
  const wrong: RowOf<typeof selection.Interface> = { ...row, ofport: '1' }
  // @ts-expect-error: no such column
  const strange = () => on.insert('Interface', { nonsense: 1 })
  // @ts-expect-error: a string has no order
  const disorder = () => on.delete('Interface', [['name', '<', 'a']])
  // @ts-expect-error: a set takes no numbers
  const mutation = () => on.mutate('Bridge', [], [['ports', 'insert', [1]]])
  assert.ok(wrong)
  assert.throws(strange, { code: 'VALUE', path: 'Interface.nonsense' })
  assert.throws(mutation, { code: 'VALUE', path: 'Bridge.ports' })
  assert.ok(disorder())
})

test('operations are the JSON of RFC 7047', () => {
  const operations = [
    on.insert('Interface', { name: 'vif', ofport: undefined }, { named: 'vif' }),
    on.mutate(
      'Bridge',
      [['name', '==', 'br']],
      [
        ['ports', 'insert', [{ named: 'vif' }]],
        ['other_config', 'delete keys', ['a']],
        ['other_config', 'insert', [['a', 'b']]],
      ],
    ),
    on.update('Interface', [['ofport', '>', 3]], { up: false }),
    on.delete('Interface', [['_uuid', '==', uuid]]),
    on.unchanged('Bridge', {
      row: { _uuid: uuid, name: 'br', ports: new Set(), other_config: new Map([['k', 'v']]) },
      columns: ['name', 'other_config'],
    }),
    on.wait('Bridge', [['name', '==', 'x']], { columns: ['name'], rows: [] }),
    on.comment('why'),
    on.assert('lock'),
  ]
  assert.deepEqual(operations, [
    { op: 'insert', table: 'Interface', row: { name: 'vif', ofport: ['set', []] }, 'uuid-name': 'vif' },
    {
      op: 'mutate',
      table: 'Bridge',
      where: [['name', '==', 'br']],
      mutations: [
        ['ports', 'insert', ['set', [['named-uuid', 'vif']]]],
        ['other_config', 'delete', ['set', ['a']]],
        ['other_config', 'insert', ['map', [['a', 'b']]]],
      ],
    },
    { op: 'update', table: 'Interface', where: [['ofport', '>', 3]], row: { up: false } },
    { op: 'delete', table: 'Interface', where: [['_uuid', '==', ['uuid', uuid]]] },
    {
      op: 'wait',
      table: 'Bridge',
      where: [['_uuid', '==', ['uuid', uuid]]],
      columns: ['name', 'other_config'],
      rows: [{ name: 'br', other_config: ['map', [['k', 'v']]] }],
      until: '==',
      timeout: 0,
    },
    {
      op: 'wait',
      table: 'Bridge',
      where: [['name', '==', 'x']],
      columns: ['name'],
      rows: [],
      until: '==',
      timeout: 0,
    },
    { op: 'comment', comment: 'why' },
    { op: 'assert', lock: 'lock' },
  ])
})

test('results are told by operation, errors by their own names', () => {
  const operations = [
    on.wait('Bridge', [['name', '==', 'x']], { columns: ['name'], rows: [] }),
    on.insert('Interface', { name: 'a' }),
  ]
  const outcome = (result: unknown, error: unknown = null) => readOutcome(operations, { result, error })
  assert.deepEqual(outcome([{}, { uuid: ['uuid', uuid] }]), { ok: true, results: [{}, { uuid }] })
  const stale = outcome([{ error: 'timed out', details: '"wait" timed out' }, null])
  assert.deepEqual(stale, { ok: false, error: 'timed out', details: '"wait" timed out', operation: 0 })
  assert.ok(isStale(stale, operations))
  const atCommit = outcome([
    {},
    { uuid: ['uuid', uuid] },
    { error: 'constraint violation', details: 'two rows' },
  ])
  assert.deepEqual(atCommit, {
    ok: false,
    error: 'constraint violation',
    details: 'two rows',
    operation: undefined,
  })
  assert.ok(!isStale(atCommit, operations))
  assert.deepEqual(outcome(null, { error: 'not owner' }), {
    ok: false,
    error: 'not owner',
    details: '',
    operation: undefined,
  })
  assert.deepEqual(outcome(null, 'unknown database'), {
    ok: false,
    error: 'unknown database',
    details: '',
    operation: undefined,
  })
  for (const bad of [null, {}, [], [{}], [{}, 1], [{}, { uuid: 'x' }]]) {
    assert.throws(() => outcome(bad), { name: 'OvsdbError', code: 'VALUE' })
  }
})

test('messages are requests, notifications or replies, and an echo is answered', () => {
  const request = readMessage(JSON.parse(writeRequest(7, 'transact', ['db'])))
  assert.deepEqual(request, { type: 'request', id: 7, method: 'transact', params: ['db'] })
  assert.equal(echoReply(request), undefined)
  const echo = readMessage({ id: 'echo', method: 'echo', params: ['x'] })
  assert.deepEqual(JSON.parse(echoReply(echo) ?? ''), { id: 'echo', result: ['x'], error: null })
  assert.deepEqual(readMessage({ id: null, method: 'update3', params: [1] }), {
    type: 'notification',
    method: 'update3',
    params: [1],
  })
  assert.deepEqual(readMessage({ id: 3, result: {}, error: null }), {
    type: 'reply',
    id: 3,
    result: {},
    error: null,
  })
  for (const bad of [
    1,
    null,
    [],
    {},
    { id: 1 },
    { method: 3, id: 1 },
    { method: 'a', params: {} },
    { result: 1 },
  ]) {
    assert.throws(() => readMessage(bad), { name: 'OvsdbError', code: 'MESSAGE' })
  }
  const run = fc.property(fc.jsonValue(), (json) => {
    try {
      readMessage(json)
    } catch (error) {
      assert.ok(error instanceof OvsdbError)
    }
  })
  fc.assert(run)
})
