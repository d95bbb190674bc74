/** Whatever goes wrong, the answer is a problem document. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { NotStoredError } from '../../../src/api/controller.ts'
import { api } from '../../support/api.ts'

const json = { 'content-type': 'application/json' }

const cases: { name: string; request: InjectOptions; status: number; detail: RegExp }[] = [
  { name: 'unknown path', request: { url: '/v2/vms' }, status: 404, detail: /no path \/v2\/vms; GET \/docs/ },
  {
    name: 'wrong method',
    request: { method: 'PATCH', url: '/v1/vms/web1' },
    status: 405,
    detail: /takes .*PUT/,
  },
  { name: 'write to a list', request: { method: 'POST', url: '/v1/vms' }, status: 405, detail: /takes GET/ },
  {
    name: 'malformed JSON',
    request: { method: 'PUT', url: '/v1/vms/web1', headers: json, body: '{\n  "host": "hv1",\n}' },
    status: 400,
    detail: /not JSON/,
  },
  {
    name: 'empty JSON',
    request: { method: 'PUT', url: '/v1/vms/web1', headers: json, body: '' },
    status: 400,
    detail: /./,
  },
  {
    name: 'prototype poisoning',
    request: { method: 'PUT', url: '/v1/vms/web1', headers: json, body: '{"__proto__":{"x":1}}' },
    status: 400,
    detail: /__proto__/,
  },
  {
    name: 'wrong content type',
    request: { method: 'PUT', url: '/v1/vms/web1', headers: { 'content-type': 'text/plain' }, body: '{}' },
    status: 415,
    detail: /application\/json/,
  },
  {
    name: 'YAML where only JSON is taken',
    request: {
      method: 'PUT',
      url: '/v1/vms/web1',
      headers: { 'content-type': 'application/yaml' },
      body: 'a: 1',
    },
    status: 415,
    detail: /application\/json/,
  },
  {
    name: 'too large a body',
    request: { method: 'PUT', url: '/v1/vms/web1', headers: json, body: `"${'x'.repeat(10 * 1024 * 1024)}"` },
    status: 413,
    detail: /10 MiB/,
  },
  { name: 'broken escape in the path', request: { url: '/v1/vms/%zz' }, status: 400, detail: /%-encoding/ },
  {
    name: 'too long a name',
    request: { url: `/v1/vms/${'x'.repeat(5_000)}` },
    status: 400,
    detail: /^A part of the path is too long/,
  },
]

for (const { name, request, status, detail } of cases)
  test(`${name} is ${status}`, async (t) => {
    const { app, fake } = api(t)
    const answer = await app.inject(request)
    assert.equal(answer.statusCode, status)
    assert.match(answer.headers['content-type']?.toString() ?? '', /^application\/problem\+json/)
    const problem = answer.json<Record<string, unknown>>()
    assert.match(String(problem['type']), /^urn:throwbar:problem:[a-z-]+$/)
    assert.equal(problem['status'], status)
    assert.equal(problem['instance'], request.url)
    assert.match(String(problem['detail']), detail)
    assert.equal(answer.headers['x-request-id'], problem['requestId'])
    assert.equal(fake.changes.length, 0)
  })

test('a wrong method names the right ones', async (t) => {
  const { app } = api(t)
  const answer = await app.inject({ method: 'POST', url: '/v1/vms/web1' })
  assert.deepEqual(answer.headers['allow']?.toString().split(', ').sort(), ['DELETE', 'GET', 'HEAD', 'PUT'])
})

test('malformed JSON says where', async (t) => {
  const { app } = api(t)
  const answer = await app.inject({
    method: 'PUT',
    url: '/v1/vms/web1',
    headers: json,
    body: '{\n  "host": "hv1",\n}',
  })
  const [error] = answer.json<{ errors: { line: number; column: number }[] }>().errors
  assert.deepEqual([error?.line, error?.column], [3, 1])
})

test('a change that could not be stored says so, and what to do', async (t) => {
  const { fake } = api(t)
  const full = () => Promise.reject(new NotStoredError('./data cannot be used: No space left; free space'))
  const { app } = api(t, { controller: { ...fake, apply: full } })
  const answer = await app.inject({ method: 'DELETE', url: '/v1/vms/web1' })
  assert.equal(answer.statusCode, 503)
  assert.match(answer.body, /could not be stored; nothing was changed.*No space left; free space/)
})

test('an internal failure tells nothing of itself', async (t) => {
  const { app, fake } = api(t)
  const broken = { ...fake, drops: () => Promise.reject(new Error('secret path /var/x')) }
  const { app: ill } = api(t, { controller: broken })
  const answer = await ill.inject('/v1/drops')
  assert.equal(answer.statusCode, 500)
  assert.doesNotMatch(answer.body, /secret/)
  assert.equal((await app.inject('/v1/drops')).statusCode, 200)
})
