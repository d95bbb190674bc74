/** POST /v1/moves/plan: the plan as documented, and what is wrong with a request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { components } from '../../../src/api/schemas.ts'
import { api } from '../../support/api.ts'
import { web1Plan } from '../../support/samples.ts'

const request = { vms: ['web1'], to: 'hv2', memoryBytes: 2 ** 30, rttMs: 5 }

test('a request is planned, and the answer is as documented', async (t) => {
  const { app, fake } = api(t)
  const answer = await app.inject({ method: 'POST', url: '/v1/moves/plan', payload: request })
  assert.equal(answer.statusCode, 200)
  assert.deepEqual(fake.planRequests, [request])
  assert.deepEqual(answer.json(), web1Plan)
  const ajv = new Ajv({ strict: false })
  assert.ok(ajv.validate(components.MovePlan, answer.json()), JSON.stringify(ajv.errors))
})

test('what is wrong with a request is said, all of it, and nothing is asked', async (t) => {
  const { app, fake } = api(t)
  const payload = { vms: [], to: 'HV 2', memoryBytes: '4GiB', rttMs: -1, method: 'live' }
  const answer = await app.inject({ method: 'POST', url: '/v1/moves/plan', payload })
  assert.equal(answer.statusCode, 400)
  const { type, errors } = answer.json<{ type: string; errors: { pointer: string; message: string }[] }>()
  assert.equal(type, 'urn:throwbar:problem:invalid-request')
  assert.deepEqual(errors.map(({ pointer }) => pointer).toSorted(), [
    '',
    '/memoryBytes',
    '/rttMs',
    '/to',
    '/vms',
  ])
  assert.match(errors.find(({ pointer }) => pointer === '')?.message ?? '', /\(method\)/)
  for (const body of ['null', '[]', '"web1"', '{"vms":["web1"]}']) {
    const options = {
      method: 'POST',
      url: '/v1/moves/plan',
      headers: { 'content-type': 'application/json' },
    } as const
    assert.equal((await app.inject({ ...options, payload: body })).statusCode, 400, body)
  }
  assert.deepEqual(fake.planRequests, [])
})

test('what the controller knows better is a problem as well', async (t) => {
  const { app, fake } = api(t)
  fake.nextMovePlan = {
    status: 'invalid',
    problems: [{ pointer: '/vms', message: 'VM web1 is not declared' }],
  }
  const answer = await app.inject({ method: 'POST', url: '/v1/moves/plan', payload: request })
  assert.equal(answer.statusCode, 400)
  assert.match(answer.json<{ detail: string }>().detail, /VM web1 is not declared/)
})
