/** Moves over REST: asked for, shown, hurried, called off; and what is wrong with a request. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { web1Move } from '../../support/samples.ts'
import { api } from '../../support/api.ts'

const request = { vms: ['web1'], to: 'hv2' }

test('a move is asked for and shown', async (t) => {
  const { app, fake: controller } = api(t)
  const asked = await app.inject({
    method: 'POST',
    url: '/v1/moves?until=prepared&timeoutMs=5',
    payload: request,
  })
  assert.equal(asked.statusCode, 201)
  assert.equal(asked.headers['location'], '/v1/moves/web1-1')
  assert.deepEqual(asked.json(), web1Move)
  assert.deepEqual(JSON.parse(JSON.stringify(controller.moveRequests)), [
    { request, wait: { until: 'prepared', timeoutMs: 5 } },
  ])
  assert.deepEqual((await app.inject('/v1/moves')).json(), [web1Move])
  assert.deepEqual((await app.inject('/v1/moves/web1-1')).json(), web1Move)
  assert.equal((await app.inject('/v1/moves/web1-2')).statusCode, 404)
})

test('what is wrong with a request is told by its place', async (t) => {
  const { app, fake: controller } = api(t)
  for (const [payload, pointer] of [
    [{ vms: ['web1'] }, ''],
    [{ ...request, vms: [] }, '/vms'],
    [{ ...request, vms: 'web1' }, '/vms'],
    [{ ...request, settleS: -1 }, '/settleS'],
    [{ ...request, method: 'warm' }, '/method'],
    [{ ...request, driver: { kind: 'qemu', source: 'unix:/a' } }, '/driver'],
    [{ ...request, when: 'now' }, ''],
    [[], ''],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: '/v1/moves', payload })
    assert.equal(answer.statusCode, 400, JSON.stringify(payload))
    const { errors } = answer.json<{ errors: { pointer: string }[] }>()
    assert.ok(
      errors.some((one) => one.pointer === pointer),
      JSON.stringify(errors),
    )
  }
  assert.equal(
    (await app.inject({ method: 'POST', url: '/v1/moves?until=never', payload: request })).statusCode,
    400,
  )
  assert.deepEqual(controller.moveRequests, [])
  controller.nextMove = { status: 'invalid', problems: [{ pointer: '/to', message: 'it is on hv2 already' }] }
  assert.match(
    (await app.inject({ method: 'POST', url: '/v1/moves', payload: request })).body,
    /on hv2 already/,
  )
  controller.nextMove = { status: 'conflict', move: web1Move }
  assert.equal((await app.inject({ method: 'POST', url: '/v1/moves', payload: request })).statusCode, 409)
})

test('a move is hurried and called off, unless it is over', async (t) => {
  const { app, fake: controller } = api(t)
  for (const change of ['switch', 'abort']) {
    const post = (id: string) => app.inject({ method: 'POST', url: `/v1/moves/${id}/${change}` })
    controller.views.moves = [web1Move]
    assert.equal((await post('web1-1')).statusCode, 200)
    assert.equal((await post('web1-9')).statusCode, 404)
    controller.views.moves = [{ ...web1Move, phase: 'done' }]
    assert.match((await post('web1-1')).body, /Move web1-1 is done/)
  }
})
