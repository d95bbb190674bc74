/** Rules made by hand over REST: what is asked of the controller, and what each outcome answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowOutcome } from '../../../src/api/controller.ts'
import { limits } from '../../../src/model/schema.ts'
import { api } from '../../support/api.ts'

const url = '/v1/switches/hv1/flows'
const flows = ['table=local,ip,actions=drop']

test('rules are added and deleted, by any name of the switch', async (t) => {
  const { app, fake } = api(t)
  const added = await app.inject({ method: 'POST', url: '/v1/switches/0x1/flows', payload: { flows } })
  assert.equal(added.statusCode, 200)
  assert.equal(added.json<{ added: unknown[] }>().added.length, 1)
  const removed = await app.inject({ method: 'DELETE', url: `${url}?match=table%3Dlocal,ip&strict=true` })
  assert.equal(removed.json<{ deleted: unknown[] }>().deleted.length, 1)
  await app.inject({ method: 'DELETE', url })
  await app.inject({ method: 'POST', url, payload: { flows, unproved: true } })
  assert.deepEqual(fake.flowChanges, [
    { kind: 'add', flows, unproved: false },
    { kind: 'delete', match: 'table=local,ip', strict: true },
    { kind: 'delete', match: '', strict: false },
    { kind: 'add', flows, unproved: true },
  ])
})

const bodies = [
  undefined,
  {},
  { flows: [] },
  { flows: 'ip,actions=drop' },
  { flows: [7] },
  { flows, unproved: 'yes' },
  { flows, more: 1 },
  { flows: Array.from({ length: limits.flows + 1 }, () => 'actions=drop') },
  { flows: ['x'.repeat(limits.flowText + 1)] },
]

test('a body that is none is refused, and nothing is asked', async (t) => {
  const { app, fake } = api(t)
  for (const payload of bodies) {
    const answer = await app.inject({ method: 'POST', url, ...(payload && { payload }) })
    assert.equal(answer.statusCode, 400, JSON.stringify(payload ?? null).slice(0, 60))
  }
  for (const query of ['matches=ip', 'strict=perhaps'])
    assert.equal((await app.inject({ method: 'DELETE', url: `${url}?${query}` })).statusCode, 400, query)
  assert.deepEqual(fake.flowChanges, [])
})

test('a switch that is unknown or away is 404', async (t) => {
  const { app } = api(t)
  for (const [name, detail] of [
    ['hv9', /no switch hv9/],
    ['00000000000000ab', /not connected/],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: `/v1/switches/${name}/flows`, payload: { flows } })
    assert.equal(answer.statusCode, 404)
    assert.match(answer.json<{ detail: string }>().detail, detail)
  }
})

const refused = (error: string): FlowOutcome => ({
  status: 'refused',
  refused: [{ owner: 'operator', rule: 'ip actions=drop', error }],
})

const outcomes: readonly (readonly [FlowOutcome, number, string, RegExp])[] = [
  [
    {
      status: 'invalid',
      problems: [{ pointer: '/flows/0', message: 'unknown keyword x', line: 1, column: 4 }],
    },
    400,
    'invalid-request',
    /^\/flows\/0: unknown keyword x$/,
  ],
  [
    {
      status: 'unproved',
      violations: [{ switch: 'hv1', owner: 'operator', rule: 'actions=NORMAL', reason: 'it' }],
    },
    409,
    'unproved-by-hand',
    /more than drop.*"unproved": true/,
  ],
  [
    { status: 'taken', rule: 'ip', owner: 'nic/web1/0' },
    409,
    'place-taken',
    /of nic\/web1\/0.*priority: ip$/,
  ],
  [{ status: 'taken', rule: 'ip', owner: 'foreign' }, 409, 'place-taken', /is foreign/],
  [refused('OFPFMFC_TABLE_FULL'), 422, 'flow-refused', /^hv1 says OFPFMFC_TABLE_FULL\.$/],
  [refused('OFPFMFC_OVERLAP'), 422, 'flow-refused', /OFPFMFC_OVERLAP\. A rule that was not made by hand/],
  [{ status: 'unanswered' }, 504, 'unanswered', /Nothing is known/],
]

for (const [outcome, status, type, detail] of outcomes)
  test(`${outcome.status} is ${status}: ${detail.source}`, async (t) => {
    const { app, fake } = api(t)
    fake.nextFlows = outcome
    const answer = await app.inject({ method: 'POST', url, payload: { flows } })
    assert.equal(answer.statusCode, status)
    const problem = answer.json<Record<string, unknown>>()
    assert.equal(problem['type'], `urn:throwbar:problem:${type}`)
    assert.match(String(problem['detail']), detail)
    if (outcome.status === 'invalid') assert.deepEqual(problem['errors'], outcome.problems)
    if (outcome.status === 'unproved') assert.deepEqual(problem['violations'], outcome.violations)
    if (outcome.status === 'refused') assert.deepEqual(problem['refused'], outcome.refused)
  })
