import assert from 'node:assert/strict'
import test from 'node:test'
import { buildIntent } from '../../../src/model/build.ts'
import { keyOf } from '../../../src/model/entities.ts'
import { limits } from '../../../src/model/schema.ts'
import { bent, built, small } from './fixture.ts'

test('a document becomes an intent with addresses normalised and defaults filled in', () => {
  const { intent } = built(small)
  assert.deepEqual(
    [...intent.switches.values()].map(({ datapathId }) => datapathId),
    ['0000000000000001', '0000000000000002', '00000000000000a1'],
  )
  assert.deepEqual(intent.switches.get('hv1')?.uplinks, [{ port: 'eth0' }, { port: 'eth1', segment: 'lan' }])
  assert.deepEqual(intent.networks.get('lab'), {
    name: 'lab',
    kind: 'internal',
    key: 7,
    switch: 'hv1',
    subnets: [{ cidr: '192.168.50.0/24', family: 4 }],
  })
  assert.equal(intent.networks.get('blue')?.key, keyOf('blue'))
  const [first, second] = intent.vms.get('web1')?.nics ?? []
  assert.deepEqual(first, {
    id: 'web1/0',
    vm: 'web1',
    index: 0,
    network: 'blue',
    mac: 0x020000000101,
    addresses: [
      { family: 4, value: 0x0a00010bn, text: '10.0.1.11' },
      { family: 6, value: 0xfd000001000000000000000000000011n, text: 'fd00:1::11' },
    ],
    switch: 'hv1',
    port: 'web1-0',
    trust: ['dhcp-server'],
  })
  assert.equal(second?.port, 'lab-port')
  assert.equal(second.mac, 0x020000005001)
  assert.deepEqual(intent.cables[0]?.ends, [
    { switch: 'hv1', port: 'eth0' },
    { switch: 'spine1', port: 'swp1' },
  ])
})

test('the key of a network is FNV-1a of its name', () => {
  assert.equal(keyOf(''), 0x811c9dc5)
  assert.equal(keyOf('a'), 0xe40c292c)
  assert.equal(keyOf('foobar'), 0xbf9cf968)
})

test('the intent is in the order of names, whatever the order of the document', () => {
  const spec = bent((draft) => {
    const { web1, web2 } = draft.vms
    assert.ok(web1 && web2)
    draft.vms = { web2, web1 }
  })
  assert.deepEqual([...built(spec).intent.vms.keys()], ['web1', 'web2'])
})

test('every problem is reported, up to a limit', () => {
  const spec = bent((draft) => {
    for (let i = 0; i < 300; i++) draft.vms[`vm${i}`] = { host: 'nowhere', nics: [] }
  })
  const result = buildIntent(spec)
  assert.ok('problems' in result)
  assert.equal(result.problems.length, limits.problems)
  assert.match(result.problems.at(-1)?.message ?? '', /and 201 more problems/)
})

test('what is no document at all is refused', () => {
  for (const spec of [undefined, null, 5, 'text', [], {}]) assert.ok('problems' in buildIntent(spec))
})

test('a thousand VMs are built, and how long that takes is told', (context) => {
  const vms = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => {
      const [high, low] = [Math.floor(i / 250), (i % 250) + 1]
      const mac = `02:00:00:00:${high.toString(16).padStart(2, '0')}:${low.toString(16).padStart(2, '0')}`
      return [
        `vm${i}`,
        {
          host: 'hv1',
          nics: [{ network: 'big', mac, ips: [`10.1.${high}.${low}`, `fd00:9::${high}:${low}`] }],
        },
      ]
    }),
  )
  const networks = { big: { kind: 'vm', vlan: 5, subnets: ['10.1.0.0/16', 'fd00:9::/64'] } }
  const spec = { name: 'big', switches: { hv1: { datapath: '0x1', role: 'hypervisor' } }, networks, vms }
  const start = performance.now()
  const { intent } = built(spec)
  context.diagnostic(`1,000 VMs in ${(performance.now() - start).toFixed(1)} ms`)
  assert.equal(intent.vms.size, 1_000)
})
