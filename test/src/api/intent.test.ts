/** The whole document: read, replace, plan; JSON and YAML. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { api } from '../../support/api.ts'
import { sampleIntent } from '../../support/samples.ts'

const yaml = `name: sample
switches:
  hv1: { datapath: "0000000000000002", role: hypervisor }
networks:
  red: { kind: internal, switch: hv1 }
`
const spec = {
  name: 'sample',
  switches: { hv1: { datapath: '0000000000000002', role: 'hypervisor' } },
  networks: { red: { kind: 'internal', switch: 'hv1' } },
}
const yamlHeaders = { 'content-type': 'application/yaml' }

test('GET /v1/intent with its revision, 304 when the reader has it', async (t) => {
  const { app } = api(t)
  const answer = await app.inject('/v1/intent')
  assert.equal(answer.headers['etag'], '"7"')
  assert.deepEqual(answer.json(), sampleIntent)
  const again = await app.inject({ url: '/v1/intent', headers: { 'if-none-match': '"7"' } })
  assert.equal(again.statusCode, 304)
  assert.equal(again.body, '')
  assert.equal((await app.inject({ url: '/v1/intent', headers: { 'if-none-match': '"6"' } })).statusCode, 200)
})

test('PUT takes JSON and YAML alike', async (t) => {
  const { app, fake } = api(t)
  assert.equal((await app.inject({ method: 'PUT', url: '/v1/intent', payload: spec })).statusCode, 200)
  for (const type of ['application/yaml', 'text/yaml; charset=utf-8', 'application/x-yaml']) {
    const answer = await app.inject({
      method: 'PUT',
      url: '/v1/intent',
      headers: { 'content-type': type },
      body: yaml,
    })
    assert.equal(answer.statusCode, 200, type)
  }
  for (const { change } of fake.changes) assert.deepEqual(change, { kind: 'replace', spec })
  assert.equal(fake.changes.length, 4)
})

test('PUT honours If-Match and wait', async (t) => {
  const { app, fake } = api(t)
  const put = (query: string, headers: Record<string, string>) =>
    app.inject({ method: 'PUT', url: `/v1/intent${query}`, headers, payload: spec })
  assert.equal((await put('', { 'if-match': '"3"' })).statusCode, 412)
  assert.equal(fake.changes.length, 0)
  const accepted = await put('?wait=false', { 'if-match': '"7"' })
  assert.equal(accepted.statusCode, 202)
  assert.equal(accepted.headers['location'], '/v1/switches')
})

test('mistakes in YAML carry line and column', async (t) => {
  const { app, fake } = api(t)
  const body = yaml.replace('kind: internal', 'kind: internl')
  const answer = await app.inject({ method: 'PUT', url: '/v1/intent', headers: yamlHeaders, body })
  assert.equal(answer.statusCode, 400)
  const { type, errors } = answer.json<{
    type: string
    errors: { pointer: string; line: number; column: number }[]
  }>()
  assert.equal(type, 'urn:throwbar:problem:invalid-intent')
  assert.equal(errors[0]?.pointer, '/networks/red/kind')
  assert.deepEqual([errors[0].line, errors[0].column], [5, 16])
  const broken = await app.inject({ method: 'PUT', url: '/v1/intent', headers: yamlHeaders, body: 'name: [' })
  assert.equal(broken.statusCode, 400)
  assert.equal(broken.json<{ errors: { line: number }[] }>().errors[0]?.line, 1)
  assert.equal(fake.changes.length, 0)
})

test('mistakes in JSON carry pointers', async (t) => {
  const { app } = api(t)
  const payload = { ...spec, networks: { red: { kind: 'internal', swich: 'hv1' } } }
  const answer = await app.inject({ method: 'PUT', url: '/v1/intent', payload })
  assert.equal(answer.statusCode, 400)
  assert.equal(answer.json<{ errors: { pointer: string }[] }>().errors[0]?.pointer, '/networks/red/swich')
})

test('plan answers the difference and changes nothing', async (t) => {
  const { app, fake } = api(t)
  const plan = {
    revision: 7,
    objects: [{ change: 'add' as const, object: 'networks/red' }],
    switches: [
      {
        switch: 'hv1',
        datapathId: '0000000000000001',
        operations: [{ op: 'add' as const, owner: 'network/red', rule: 'table=classify actions=drop' }],
      },
    ],
    obstacles: [],
  }
  fake.nextPlan = { status: 'planned', plan }
  const answer = await app.inject({ method: 'POST', url: '/v1/plan', headers: yamlHeaders, body: yaml })
  assert.equal(answer.statusCode, 200)
  assert.deepEqual(answer.json(), plan)
  fake.nextPlan = { status: 'invalid', problems: [{ pointer: '/vms', message: 'no' }] }
  assert.equal((await app.inject({ method: 'POST', url: '/v1/plan', payload: spec })).statusCode, 400)
  fake.nextPlan = {
    status: 'unproved',
    violations: [{ switch: 'hv1', owner: 'network/red', rule: 'x', reason: 'y' }],
  }
  assert.equal((await app.inject({ method: 'POST', url: '/v1/plan', payload: spec })).statusCode, 409)
  assert.equal(fake.changes.length, 0)
})

test('a document of 1,000 VMs goes in and out whole', async (t) => {
  const { app, fake } = api(t)
  const vms = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => {
      const mac = `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`
      return [
        `vm${i}`,
        { host: 'hv1', nics: [{ network: 'red', mac, port: `p${i}`, trust: ['dhcp-server'] }] },
      ]
    }),
  )
  const large = { ...spec, vms }
  assert.equal((await app.inject({ method: 'PUT', url: '/v1/intent', payload: large })).statusCode, 200)
  assert.deepEqual(fake.changes[0]?.change, { kind: 'replace', spec: large })
  const { spec: stored }: { spec: IntentSpec } = fake.intent()
  assert.deepEqual((await app.inject('/v1/intent')).json(), stored)
})
