/** Lists, single resources and writes of them: answers, statuses, revisions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { api } from '../../support/api.ts'
import { pendingReceipt, refusedReceipt, sampleIntent, vmView } from '../../support/samples.ts'

const web2 = { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:02' }] }

test('lists answer every view, ordered by name', async (t) => {
  const { app, fake } = api(t)
  for (const name of [
    'switches',
    'links',
    'teams',
    'classes',
    'hosts',
    'interfaces',
    'networks',
    'vms',
  ] as const) {
    const answer = await app.inject(`/v1/${name}`)
    assert.equal(answer.statusCode, 200, name)
    assert.equal(answer.json<unknown[]>().length, fake.views[name].length, name)
  }
  const switches = (await app.inject('/v1/switches')).json<{ name: string }[]>()
  assert.deepEqual(
    switches.map(({ name }) => name),
    ['00000000000000ab', 'hv1'],
  )
  assert.deepEqual((await app.inject('/v1/vms')).json(), [vmView('web1')])
})

test('pages: limit, cursor, and a Link to the next', async (t) => {
  const { app, fake } = api(t)
  fake.views.vms = ['c', 'a', 'e', 'b', 'd'].map(vmView)
  const seen: string[] = []
  let url: string | undefined = '/v1/vms?limit=2'
  while (url !== undefined) {
    const answer: LightMyRequestResponse = await app.inject(url)
    assert.equal(answer.statusCode, 200)
    seen.push(...answer.json<{ name: string }[]>().map(({ name }) => name))
    const link: string | undefined = answer.headers['link']?.toString()
    url = link === undefined ? undefined : /^<(.*)>; rel="next"$/.exec(link)?.[1]
  }
  assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e'])
})

test('a list by name: links of a switch, a host by address', async (t) => {
  const { app } = api(t)
  assert.equal((await app.inject('/v1/links?name=hv1')).json<unknown[]>().length, 1)
  assert.equal((await app.inject('/v1/hosts?name=fd00:1::1')).json<unknown[]>().length, 1)
  assert.deepEqual((await app.inject('/v1/hosts?name=10.9.9.9')).json(), [])
})

test('an unknown or wrong query parameter is refused, not ignored', async (t) => {
  const { app } = api(t)
  for (const query of ['limt=2', 'limit=0', 'limit=x', 'limit=2&limit=3']) {
    const answer = await app.inject(`/v1/vms?${query}`)
    assert.equal(answer.statusCode, 400, query)
    assert.equal(answer.json<{ type: string }>().type, 'urn:throwbar:problem:invalid-request')
  }
})

test('one resource, with the revision as its ETag', async (t) => {
  const { app } = api(t)
  const answer = await app.inject('/v1/vms/web1')
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['etag'], '"7"')
  assert.deepEqual(answer.json(), vmView('web1'))
  for (const spelling of ['hv1', '0000000000000001', '1', '0x1', '00:00:00:00:00:00:00:01'])
    assert.equal(
      (await app.inject(`/v1/switches/${spelling}`)).json<{ name: string }>().name,
      'hv1',
      spelling,
    )
  const missing = await app.inject('/v1/vms/web9')
  assert.equal(missing.statusCode, 404)
  assert.match(missing.json<{ detail: string }>().detail, /no VM web9; GET \/v1\/vms/)
})

test('PUT creates with 201, replaces with 200, and hands over the receipt', async (t) => {
  const { app, fake } = api(t)
  const created = await app.inject({ method: 'PUT', url: '/v1/vms/web2', payload: web2 })
  assert.equal(created.statusCode, 201)
  assert.equal(created.headers['etag'], '"8"')
  assert.equal(created.headers['location'], '/v1/vms/web2')
  assert.equal(created.json<{ complete: boolean }>().complete, true)
  assert.deepEqual(fake.changes[0]?.change, { kind: 'put', resource: 'vms', name: 'web2', spec: web2 })
  const replaced = await app.inject({ method: 'PUT', url: '/v1/vms/web2', payload: web2 })
  assert.equal(replaced.statusCode, 200)
})

test('networks and switches are put and deleted alike', async (t) => {
  const { app, fake } = api(t)
  const red = { kind: 'internal', switch: 'hv1' }
  assert.equal((await app.inject({ method: 'PUT', url: '/v1/networks/red', payload: red })).statusCode, 201)
  const hv2 = { datapath: '0000000000000002', role: 'fabric' }
  assert.equal((await app.inject({ method: 'PUT', url: '/v1/switches/hv2', payload: hv2 })).statusCode, 201)
  assert.equal((await app.inject({ method: 'DELETE', url: '/v1/networks/red' })).statusCode, 200)
  assert.equal((await app.inject({ method: 'DELETE', url: '/v1/switches/hv2' })).statusCode, 200)
  assert.deepEqual(fake.intent().spec, sampleIntent)
  const again = await app.inject({ method: 'DELETE', url: '/v1/switches/hv2' })
  assert.equal(again.statusCode, 404)
  assert.equal(fake.changes.length, 4)
})

test('wait and timeoutMs reach the controller', async (t) => {
  const { app, fake } = api(t)
  const accepted = await app.inject({ method: 'PUT', url: '/v1/vms/web2?wait=false', payload: web2 })
  assert.equal(accepted.statusCode, 202)
  assert.equal(accepted.headers['location'], '/v1/vms/web2')
  assert.deepEqual(accepted.json(), { revision: 8, complete: false })
  await app.inject({ method: 'DELETE', url: '/v1/vms/web2?timeoutMs=250' })
  assert.deepEqual(
    fake.changes.map(({ options }) => options),
    [{ wait: false }, { timeoutMs: 250 }],
  )
})

test('a switch that is away or late makes it 202, one that refuses 422, each with the receipt', async (t) => {
  const { app, fake } = api(t)
  fake.nextOutcome = { status: 'applied', receipt: pendingReceipt(8) }
  const late = await app.inject({ method: 'PUT', url: '/v1/vms/web1', payload: web2 })
  assert.equal(late.statusCode, 202)
  assert.equal(late.headers['location'], '/v1/vms/web1')
  assert.deepEqual(late.json(), pendingReceipt(8))
  fake.nextOutcome = { status: 'applied', receipt: refusedReceipt(9) }
  const refused = await app.inject({ method: 'PUT', url: '/v1/vms/web1', payload: web2 })
  assert.equal(refused.statusCode, 422)
  assert.equal(refused.headers['etag'], '"9"')
  assert.match(refused.headers['content-type']?.toString() ?? '', /^application\/problem\+json/)
  const body = refused.json<Record<string, unknown>>()
  assert.equal(body['detail'], 'Revision 9 is stored; refused by hv1: OFPFMFC_TABLE_FULL.')
  for (const [key, value] of Object.entries(refusedReceipt(9))) assert.deepEqual(body[key], value, key)
})

test('invalid, unproved and absent outcomes', async (t) => {
  const { app, fake } = api(t)
  const problems = [
    { pointer: '/vms/web1/nics/0/network', message: 'there is no network bleu', hint: 'blue?' },
  ]
  fake.nextOutcome = { status: 'invalid', problems }
  const invalid = await app.inject({ method: 'PUT', url: '/v1/vms/web1', payload: web2 })
  assert.equal(invalid.statusCode, 400)
  assert.deepEqual(invalid.json<{ errors: unknown }>().errors, problems)
  const violations = [
    { switch: 'hv1', owner: 'nic/web1/0', rule: 'actions=output:3', reason: 'leads to network red' },
  ]
  fake.nextOutcome = { status: 'unproved', violations }
  const unproved = await app.inject({ method: 'PUT', url: '/v1/vms/web1', payload: web2 })
  assert.equal(unproved.statusCode, 409)
  assert.deepEqual(unproved.json<{ violations: unknown }>().violations, violations)
  fake.nextOutcome = { status: 'absent' }
  assert.equal((await app.inject({ method: 'DELETE', url: '/v1/vms/web1' })).statusCode, 404)
})

test('bodies are taken exactly as declared: nothing coerced, nothing dropped, all mistakes told', async (t) => {
  const { app, fake } = api(t)
  const payload = { kind: 'vm', vlan: '100', colour: 'blue' }
  const answer = await app.inject({ method: 'PUT', url: '/v1/networks/blue', payload })
  assert.equal(answer.statusCode, 400)
  const { errors, type } = answer.json<{ type: string; errors: { pointer: string; message: string }[] }>()
  assert.equal(type, 'urn:throwbar:problem:invalid-intent')
  assert.deepEqual(errors.map(({ pointer }) => pointer).sort(), [
    '/networks/blue/colour',
    '/networks/blue/vlan',
  ])
  assert.equal(fake.changes.length, 0)
  for (const body of ['null', '[]', '"text"', '7']) {
    const headers = { 'content-type': 'application/json' }
    const wrong = await app.inject({ method: 'PUT', url: '/v1/vms/web1', headers, body })
    assert.equal(wrong.statusCode, 400, body)
  }
  assert.equal((await app.inject({ method: 'PUT', url: '/v1/vms/web1' })).statusCode, 400)
  assert.equal((await app.inject({ method: 'PUT', url: '/v1/vms/Web_1', payload: web2 })).statusCode, 400)
})

test('If-Match and If-None-Match guard a write', async (t) => {
  const { app, fake } = api(t)
  const put = async (name: string, headers: Record<string, string>) =>
    (await app.inject({ method: 'PUT', url: `/v1/vms/${name}?wait=false`, headers, payload: web2 }))
      .statusCode
  assert.equal(await put('web1', { 'if-match': '"6"' }), 412)
  assert.equal(await put('web1', { 'if-match': 'W/"7"' }), 412)
  assert.equal(await put('web1', { 'if-match': '7' }), 400)
  assert.equal(await put('web9', { 'if-match': '*' }), 412)
  assert.equal(await put('web1', { 'if-none-match': '*' }), 412)
  assert.equal(await put('web1', { 'if-none-match': '"7"' }), 400)
  assert.equal(fake.changes.length, 0)
  assert.equal(await put('web1', { 'if-match': '"5", "7"' }), 202)
  assert.equal(await put('web1', { 'if-match': '*' }), 202)
  assert.equal(await put('web9', { 'if-none-match': '*' }), 202)
  assert.deepEqual(
    fake.changes.map(({ options }) => options.ifRevision),
    [7, 8, 9],
  )
})

test('a revision that changes while the write is under way is 412 with the new one', async (t) => {
  const { app, fake } = api(t)
  fake.nextOutcome = { status: 'conflict', revision: 12 }
  const headers = { 'if-match': '"7"' }
  const answer = await app.inject({ method: 'PUT', url: '/v1/vms/web1', headers, payload: web2 })
  assert.equal(answer.statusCode, 412)
  assert.equal(answer.json<{ revision: number }>().revision, 12)
})

test('rules of a switch, by table and by owner', async (t) => {
  const { app } = api(t)
  const flows = async (query: string) =>
    (await app.inject(`/v1/switches/hv1/flows${query}`)).json<{ owner: string }[]>()
  assert.equal((await flows('')).length, 3)
  assert.equal((await flows('?table=classify')).length, 2)
  assert.deepEqual(
    (await flows('?owner=nic/web1')).map(({ owner }) => owner),
    ['nic/web1/0'],
  )
  assert.deepEqual(await flows('?owner=nic/web'), [])
  assert.equal((await app.inject('/v1/switches/1/flows')).statusCode, 200)
  assert.equal((await app.inject('/v1/switches/hv9/flows')).statusCode, 404)
  const away = await app.inject('/v1/switches/00000000000000ab/flows')
  assert.equal(away.statusCode, 404)
  assert.match(away.json<{ detail: string }>().detail, /not connected/)
})

test('drops, metrics and health', async (t) => {
  const { app, fake } = api(t)
  assert.deepEqual((await app.inject('/v1/drops')).json(), [
    { switch: 'hv1', reason: 'spoofed-mac', packets: 3 },
  ])
  const metrics = await app.inject('/metrics')
  assert.match(metrics.headers['content-type']?.toString() ?? '', /^text\/plain; version=0\.0\.4/)
  assert.match(metrics.body, /^throwbar_rules 12$/m)
  assert.equal((await app.inject('/healthz')).statusCode, 200)
  fake.health = { ok: false, detail: 'the store failed' }
  const ill = await app.inject('/healthz')
  assert.equal(ill.statusCode, 503)
  assert.deepEqual(ill.json(), fake.health)
})
