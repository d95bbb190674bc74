/** `get`, `flows`, `drops` and `events`: tables, JSON, YAML. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { vmView } from '../../support/samples.ts'
import { served } from '../../support/command-line.ts'

const tables = {
  switches: [
    'NAME              DATAPATH          ROLE        STATE      OPENFLOW  PORTS  RULES  FOREIGN  REFUSED',
    '00000000000000ab  00000000000000ab  -           observed   1.3       1      0      3        0',
    'hv1               0000000000000001  hypervisor  converged  1.5       3      12     1        0',
  ],
  links: [
    'FROM      TO                        STATE  DECLARED',
    'hv1:eth0  00000000000000ab:s1-eth7  up     no',
  ],
  teams: [
    'SWITCH  TEAM  MODE  STATE     UPLINKS               LOAD',
    'hv1     main  hash  degraded  eth0 100%, eth1 down  12.3M, -',
  ],
  classes: [
    'UPLINK    CLASS    STATE  SHARES  RESERVED  LIMIT  MAY SEND  SENDS  DROPPED',
    'hv1:eth0  storage  lent   40      4G        -      9.7G      3.21G  -',
  ],
  hosts: [
    'MAC                VM    IPS                 SWITCH  PORT    STATE',
    '02:00:00:00:01:01  web1  10.0.1.1,fd00:1::1  hv1     web1-0  as-declared',
  ],
  interfaces: [
    'INTERFACE   NETWORK    KIND     STATE   UPLINK  IPS',
    'hv1:stor-a  storage-a  storage  active  eth0    10.9.1.1',
  ],
  networks: [
    'NAME  KIND  STATE   VMS  INTERFACES  SWITCHES  MTU',
    'blue  vm    active  1    0           hv1       -',
  ],
  vms: ['NAME  STATE   SWITCH  NETWORKS  IPS', 'web1  active  hv1     blue      10.0.1.1'],
}

for (const [kind, lines] of Object.entries(tables))
  test(`get ${kind}`, async (t) => {
    const { cli } = await served(t)
    assert.deepEqual(await cli(['get', kind]), { exitCode: 0, out: `${lines.join('\n')}\n`, err: '' })
  })

test('get one, wide, as JSON and as YAML', async (t) => {
  const { cli } = await served(t)
  assert.match((await cli(['get', 'vms', 'web1', '-o', 'wide'])).out, /02:00:00:00:01:01  web1-0 +-\n$/)
  assert.deepEqual(JSON.parse((await cli(['get', 'vms', 'web1', '-o', 'json'])).out), vmView('web1'))
  assert.deepEqual(parse((await cli(['get', 'vms', '-o', 'yaml'])).out), [vmView('web1')])
  assert.match((await cli(['get', 'hosts', 'web1'])).out, /web1-0/)
  assert.match((await cli(['get', 'switches', '0x1'])).out, /^hv1 /m)
})

test('get of what is not there is 1 and says how to see what is', async (t) => {
  const { cli } = await served(t)
  const vm = await cli(['get', 'vms', 'web9'])
  assert.equal(vm.exitCode, 1)
  assert.match(vm.err, /no VM web9/)
  const host = await cli(['get', 'hosts', '10.9.9.9'])
  assert.equal(host.exitCode, 1)
  assert.match(host.err, /no host 10\.9\.9\.9\n {2}"throwbar get hosts"/)
})

test('what a switch calls itself cannot drive the terminal', async (t) => {
  const { cli, fake } = await served(t)
  fake.views.switches = fake.views.switches.map((view) => ({ ...view, description: 'x\u001b[2J\u0007y\n' }))
  const { out } = await cli(['get', 'switches', '-o', 'wide'])
  assert.match(out, /x\?\[2J\?y\?\n/)
})

test('flows: owner, counters, rule; filters', async (t) => {
  const { cli } = await served(t)
  const { out } = await cli(['flows', 'hv1', '--table', 'classify'])
  assert.equal(
    out,
    [
      'OWNER       PACKETS  BYTES  RULE',
      'nic/web1/0        5    320  table=classify,priority=100,in_port=2 actions=drop',
      '(foreign)         1     60  table=classify,priority=9 actions=NORMAL',
      '',
    ].join('\n'),
  )
  const json = await cli(['flows', 'hv1', '--owner', 'network/blue', '-o', 'json'])
  assert.equal((JSON.parse(json.out) as unknown[]).length, 1)
  const misspelt = await cli(['flows', 'hv1', '--table', 'clasify'])
  assert.equal(misspelt.exitCode, 1)
  assert.match(misspelt.err, /^throwbar: No rule is in a table clasify; there are rules in: classify/)
  const away = await cli(['flows', '00000000000000ab'])
  assert.equal(away.exitCode, 1)
  assert.match(away.err, /not connected/)
})

test('drops', async (t) => {
  const { cli } = await served(t)
  assert.equal((await cli(['drops'])).out, 'SWITCH  PACKETS  REASON\nhv1           3  spoofed-mac\n')
})

test('events: what is kept, and then what comes', async (t) => {
  const { cli, fake } = await served(t)
  fake.emit('switch.up', { switch: 'hv1' })
  fake.emit('link.up', { ports: [1, 2] })
  const kept = await cli(['events'])
  assert.equal(
    kept.out,
    '2026-01-01T00:00:00.000Z  switch.up         switch=hv1\n2026-01-01T00:00:00.000Z  link.up           ports=[1,2]\n',
  )
  const since = await cli(['events', '--since', '1', '-o', 'json'])
  assert.equal((JSON.parse(since.out) as { id: number }).id, 2)
})

test('events --follow goes on until it is stopped', async (t) => {
  const { cli, fake } = await served(t)
  const stop = new AbortController()
  const following = cli(['events', '--follow'], { signal: stop.signal, onOut: () => stop.abort() })
  while (fake.subscribers() === 0) await new Promise(setImmediate)
  fake.emit('link.down', { from: 'hv1' })
  const { exitCode, out } = await following
  assert.match(out, /link\.down {9}from=hv1\n$/)
  assert.equal(exitCode, 130)
})

test('events tells of a gap', async (t) => {
  const { cli, fake } = await served(t)
  for (let i = 0; i < 3; i++) fake.emit('host.seen')
  fake.keepEvents(1)
  assert.match((await cli(['events', '--since', '1'])).err, /events in between are no longer kept/)
  assert.equal((await cli(['events'])).err, '')
})
