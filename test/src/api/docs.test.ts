/** The OpenAPI document: every path, valid references, and answers that match what it promises. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { components } from '../../../src/api/schemas.ts'
import { api } from '../../support/api.ts'
import { confirmed, refusedReceipt } from '../../support/samples.ts'

interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { summary?: string; responses: Record<string, unknown> }>>>
  >
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

const paths = [
  'GET /healthz',
  'GET /metrics',
  'GET /v1.0/topology/hosts',
  'GET /v1.0/topology/hosts/{dpid}',
  'GET /v1.0/topology/links',
  'GET /v1.0/topology/links/{dpid}',
  'GET /v1.0/topology/switches',
  'GET /v1.0/topology/switches/{dpid}',
  'GET /v1/classes',
  'GET /v1/drops',
  'GET /v1/events',
  'GET /v1/hosts',
  'GET /v1/interfaces',
  'GET /v1/intent',
  'PUT /v1/intent',
  'GET /v1/links',
  'GET /v1/moves',
  'POST /v1/moves',
  'GET /v1/moves/{id}',
  'POST /v1/moves/{id}/abort',
  'POST /v1/moves/{id}/switch',
  'GET /v1/networks',
  'DELETE /v1/networks/{name}',
  'GET /v1/networks/{name}',
  'PUT /v1/networks/{name}',
  'POST /v1/moves/plan',
  'POST /v1/plan',
  'GET /v1/switches',
  'DELETE /v1/switches/{name}',
  'GET /v1/switches/{name}',
  'GET /v1/teams',
  'PUT /v1/switches/{name}',
  'DELETE /v1/switches/{name}/flows',
  'GET /v1/switches/{name}/flows',
  'POST /v1/switches/{name}/flows',
  'GET /v1/vms',
  'DELETE /v1/vms/{name}',
  'GET /v1/vms/{name}',
  'PUT /v1/vms/{name}',
]

test('every path is documented, with a summary, and nothing else', async (t) => {
  const { app } = api(t)
  const document = (await app.inject('/docs/json')).json<OpenApi>()
  assert.equal(document.openapi, '3.1.0')
  const documented: string[] = []
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (method === 'head') continue
      documented.push(`${method.toUpperCase()} ${path}`)
      assert.ok(operation.summary, `${method} ${path} has no summary`)
    }
  const byPath = (a: string, b: string) =>
    a.split(' ').reverse().join(' ') < b.split(' ').reverse().join(' ') ? -1 : 1
  assert.deepEqual(documented.sort(byPath), [...paths].sort(byPath))
})

test('every reference resolves to a component of that name', async (t) => {
  const { app } = api(t)
  const text = (await app.inject('/docs/json')).body
  const { schemas } = (JSON.parse(text) as OpenApi).components
  assert.deepEqual(Object.keys(schemas).sort(), Object.keys(components).sort())
  const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference ?? '')
  assert.ok(references.length > 20)
  for (const reference of references) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1] ?? ''
    assert.ok(name in schemas, reference)
  }
})

test('the page and all that it loads come from here', async (t) => {
  const { app } = api(t)
  const page = await app.inject('/docs')
  assert.equal(page.statusCode, 200)
  const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '')
  assert.ok(loaded.length > 3)
  for (const url of loaded) {
    assert.doesNotMatch(url, /^(https?:)?\/\//)
    assert.equal((await app.inject(new URL(url, 'http://localhost/docs').pathname)).statusCode, 200, url)
  }
  const policy =
    page.headers['content-security-policy'] ??
    (await app.inject('/docs/static/swagger-ui.css')).headers['content-security-policy']
  assert.doesNotMatch(String(policy), /upgrade-insecure-requests|https:/)
})

test('what is answered is what the document promises', async (t) => {
  const { app, fake } = api(t)
  const ajv = new Ajv({ strict: false, allErrors: true })
  const holds = (name: keyof typeof components, value: unknown) => {
    const validate = ajv.compile(components[name])
    assert.ok(validate(value), `${name}: ${JSON.stringify(validate.errors)}`)
  }
  const first = async (url: string) => (await app.inject(url)).json<unknown[]>()[0]
  holds('SwitchView', await first('/v1/switches'))
  holds('LinkView', await first('/v1/links'))
  holds('TeamView', await first('/v1/teams'))
  holds('ClassView', await first('/v1/classes'))
  holds('HostView', await first('/v1/hosts'))
  holds('InterfaceView', await first('/v1/interfaces'))
  holds('NetworkView', await first('/v1/networks'))
  holds('VmView', await first('/v1/vms'))
  holds('FlowView', await first('/v1/switches/hv1/flows'))
  holds('Drop', await first('/v1/drops'))
  holds('IntentSpec', (await app.inject('/v1/intent')).json())
  holds('Receipt', confirmed(1))
  holds('Problem', (await app.inject('/nowhere')).json())
  fake.nextOutcome = { status: 'applied', receipt: refusedReceipt(8) }
  const refused = await app.inject({ method: 'DELETE', url: '/v1/vms/web1' })
  holds('Problem', refused.json())
})
