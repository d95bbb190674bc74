/** The Ryu topology paths answer what Ryu answers, byte for byte. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonJson } from '../../../src/api/routes/ryu.ts'
import { api } from '../../support/api.ts'

const eth0 =
  '{"dpid": "0000000000000001", "port_no": "00000001", "hw_addr": "02:00:00:00:00:01", "name": "eth0"}'
const nic =
  '{"dpid": "0000000000000001", "port_no": "00000002", "hw_addr": "02:00:00:00:00:02", "name": "web1-0"}'
const eth7 =
  '{"dpid": "00000000000000ab", "port_no": "00000007", "hw_addr": "02:00:00:00:0a:07", "name": "s1-eth7"}'

const expected = {
  switches: `[{"dpid": "0000000000000001", "ports": [${eth0}, ${nic}]}, {"dpid": "00000000000000ab", "ports": [${eth7}]}]`,
  'switches/00000000000000ab': `[{"dpid": "00000000000000ab", "ports": [${eth7}]}]`,
  links: `[{"src": ${eth0}, "dst": ${eth7}}]`,
  'links/0000000000000001': `[{"src": ${eth0}, "dst": ${eth7}}]`,
  'links/00000000000000ab': '[]',
  hosts: `[{"mac": "02:00:00:00:01:01", "ipv4": ["10.0.1.1"], "ipv6": ["fd00:1::1"], "port": ${nic}}]`,
  'hosts/0000000000000001': `[{"mac": "02:00:00:00:01:01", "ipv4": ["10.0.1.1"], "ipv6": ["fd00:1::1"], "port": ${nic}}]`,
  'switches/00000000000000ff': '[]',
}

for (const [path, body] of Object.entries(expected))
  test(path, async (t) => {
    const { app } = api(t)
    const answer = await app.inject(`/v1.0/topology/${path}`)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(answer.body, body)
  })

test('a datapath id that is not 16 lower-case hex digits is 404, as Ryu routes it', async (t) => {
  const { app } = api(t)
  for (const dpid of ['1', '0x1', '00000000000000AB', '00000000000000abc'])
    assert.equal((await app.inject(`/v1.0/topology/switches/${dpid}`)).statusCode, 404, dpid)
})

test('only what is connected and proved appears', async (t) => {
  const { app, fake } = api(t)
  fake.views.switches = fake.views.switches.map((view) => ({ ...view, connected: false }))
  fake.views.links = fake.views.links.map((view) => ({ ...view, state: 'remembered' }))
  fake.views.hosts = fake.views.hosts.map((view) => ({ ...view, state: 'silent' }))
  for (const name of ['switches', 'links', 'hosts'])
    assert.equal((await app.inject(`/v1.0/topology/${name}`)).body, '[]', name)
})

test('JSON as Python writes it', () => {
  assert.equal(
    pythonJson({ a: [1, 'ü"\n😀\u007f', true, null], b: {} }),
    '{"a": [1, "\\u00fc\\"\\n\\ud83d\\ude00\\u007f", true, null], "b": {}}',
  )
})
