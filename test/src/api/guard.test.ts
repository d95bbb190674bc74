/** Who is answered: with a token whoever shows it, without one only this machine and no other site's page. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback } from '../../../src/api/guard.ts'
import { serve, UnguardedError } from '../../../src/api/serve.ts'
import { api } from '../../support/api.ts'
import { fakeController } from '../../support/fake-controller.ts'

const auth = { token: 'correct-horse' }

test('a token opens everything, its absence only health and documentation', async (t) => {
  const { app } = api(t, { auth })
  const status = async (url: string, authorization?: string) =>
    (
      await app.inject({
        url,
        headers: { host: 'throwbar.example', ...(authorization && { authorization }) },
      })
    ).statusCode
  assert.equal(await status('/v1/vms', 'Bearer correct-horse'), 200)
  assert.equal(await status('/v1/vms', 'bearer correct-horse'), 200)
  for (const wrong of [
    undefined,
    'Bearer wrong',
    'Bearer correct-horse2',
    'Bearer ',
    'Basic correct-horse',
    'correct-horse',
  ])
    assert.equal(await status('/v1/vms', wrong), 401, String(wrong))
  for (const url of ['/metrics', '/v1.0/topology/switches', '/v1/events', '/nowhere', '/healthzz', '/docsx'])
    assert.equal(await status(url), 401, url)
  for (const url of ['/healthz', '/docs', '/docs/json']) assert.equal(await status(url), 200, url)
})

test('a refusal says how to show a token', async (t) => {
  const { app } = api(t, { auth })
  const answer = await app.inject({ method: 'PUT', url: '/v1/vms/web1', payload: {} })
  assert.equal(answer.headers['www-authenticate'], 'Bearer realm="throwbar"')
  assert.match(answer.json<{ detail: string }>().detail, /Authorization: Bearer/)
})

test('without a token the Host header must name this machine', async (t) => {
  const { app } = api(t)
  const status = async (host: string) => (await app.inject({ url: '/v1/vms', headers: { host } })).statusCode
  for (const host of [
    'localhost',
    'localhost:8080',
    '127.0.0.1:8080',
    '127.8.8.8',
    '[::1]:8080',
    'LOCALHOST:1',
  ])
    assert.equal(await status(host), 200, host)
  for (const host of [
    'rebind.example',
    '127.0.0.1.rebind.example:8080',
    '10.0.0.1:8080',
    'localhost.example',
  ])
    assert.equal(await status(host), 403, host)
})

test('without a token no page of another site writes', async (t) => {
  const { app, fake } = api(t)
  const status = async (headers: Record<string, string>) =>
    (
      await app.inject({
        method: 'DELETE',
        url: '/v1/vms/web9',
        headers: { host: 'localhost:8080', ...headers },
      })
    ).statusCode
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])
    assert.equal(await status(headers), 403, JSON.stringify(headers))
  assert.equal(fake.changes.length, 0)
  for (const headers of [
    {},
    { origin: 'http://localhost:8080' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ])
    assert.equal(await status(headers), 404, JSON.stringify(headers))
})

test('loopback addresses', () => {
  for (const host of ['localhost', '127.0.0.1', '127.255.0.1', '::1', '[::1]', 'a.localhost'])
    assert.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', '127.1', '::ffff:127.0.0.1', ''])
    assert.ok(!isLoopback(host), host)
})

test('beyond this machine nothing listens without a token, and the error says how to give one', async () => {
  const options = { controller: fakeController(), version: '0.0.0', port: 0 }
  for (const host of ['0.0.0.0', '::', '192.0.2.1'])
    await assert.rejects(serve({ ...options, host }), (error) => {
      assert.ok(error instanceof UnguardedError)
      assert.match(error.message, /--token-file.*THROWBAR_TOKEN/)
      return true
    })
})

test('on loopback it listens as it is', async (t) => {
  const { app, url } = await serve({
    controller: fakeController(),
    version: '0.0.0',
    host: '127.0.0.1',
    port: 0,
  })
  t.after(() => app.close())
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
})
