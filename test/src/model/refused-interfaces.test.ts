/** Reserved networks and hypervisors' own interfaces that cannot be, and what those that can come to mean. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { changeIntent } from '../../../src/model/build.ts'
import { bent, built, type Draft } from './fixture.ts'
import { nic, object, refuses } from './refusal.ts'

const stor = { network: 'storage-a', mac: '02:00:00:00:03:01', ips: ['10.9.1.1'], uplink: 'eth0' }
const move = { network: 'live-move', mac: '02:00:00:00:03:02', ips: ['10.9.9.1'] }

/** Two reserved networks, and two interfaces of hv1, bent by `change`. */
function reserve(s: Draft, change: (interfaces: Record<string, Record<string, unknown>>) => void): void {
  s.networks['storage-a'] = { kind: 'storage', vlan: 301, subnets: ['10.9.1.0/24'], mtu: 9000 }
  s.networks['live-move'] = { kind: 'migration', vlan: 302, subnets: ['10.9.9.0/24'] }
  const interfaces: Record<string, Record<string, unknown>> = { 'stor-a': { ...stor }, move0: { ...move } }
  object(s.switches, 'hv1')['interfaces'] = interfaces
  change(interfaces)
}

const reserved =
  (change: Parameters<typeof reserve>[1] = () => undefined) =>
  (s: Draft) => {
    reserve(s, change)
  }

refuses([
  [
    'an interface in a VM network',
    reserved((all) => (object(all, 'move0')['network'] = 'blue')),
    '/switches/hv1/interfaces/move0/network',
    /network blue is of kind `vm`/,
    /`storage` or `migration`/,
  ],
  [
    'a VM in a storage network',
    (s) => {
      reserve(s, () => undefined)
      Object.assign(nic(s), { network: 'storage-a', ips: [] })
    },
    '/vms/web2/nics/0/network',
    /network storage-a is of kind `storage`, which no VM is in/,
    /kind: vm/,
  ],
  [
    'a VM that is in the network when it becomes a reserved one',
    (s) => (object(s.networks, 'blue')['kind'] = 'migration'),
    '/vms/web2/nics/0/network',
    /kind `migration`/,
  ],
  [
    'an interface of a network that is not declared',
    reserved((all) => (object(all, 'move0')['network'] = 'live-mov')),
    '/switches/hv1/interfaces/move0/network',
    /network "live-mov" is not declared/,
    /live-move/,
  ],
  [
    'a pin to what is no uplink',
    reserved((all) => (object(all, 'stor-a')['uplink'] = 'eth7')),
    '/switches/hv1/interfaces/stor-a/uplink',
    /port eth7 is not an uplink/,
    /eth0/,
  ],
  [
    'two interfaces of a network pinned to different uplinks',
    reserved((all) => (all['stor-b'] = { network: 'storage-a', mac: '02:00:00:00:03:03', uplink: 'eth1' })),
    '/switches/hv1/interfaces/stor-b/uplink',
    /both in network storage-a, and takes only uplink eth1 while stor-a takes only uplink eth0/,
    /a network of its own/,
  ],
  [
    'two interfaces of a network of which one is pinned',
    reserved((all) => (all['stor-b'] = { network: 'storage-a', mac: '02:00:00:00:03:03' })),
    '/switches/hv1/interfaces/stor-b/network',
    /takes any uplink while stor-a takes only uplink eth0/,
  ],
  [
    'an address outside the subnet',
    reserved((all) => (object(all, 'move0')['ips'] = ['10.9.1.7'])),
    '/switches/hv1/interfaces/move0/ips/0',
    /outside the subnets of network live-move/,
    /10\.9\.9\.0\/24/,
  ],
  [
    'an address twice in a network',
    reserved((all) => (all['stor-b'] = { ...stor, mac: '02:00:00:00:03:03' })),
    '/switches/hv1/interfaces/stor-b/ips/0',
    /also used by interface stor-a of switch hv1/,
  ],
  [
    'the MAC of a VM',
    reserved((all) => (object(all, 'move0')['mac'] = '02:00:00:00:01:02')),
    '/vms/web2/nics/0/mac',
    /also used by interface move0 of switch hv1/,
  ],
  [
    'a MAC that is none',
    reserved((all) => (object(all, 'move0')['mac'] = '01:00:5e:00:00:01')),
    '/switches/hv1/interfaces/move0/mac',
    /multicast/,
  ],
  [
    'an interface called as an uplink',
    reserved((all) => (all['eth0'] = { ...move, mac: '02:00:00:00:03:03', ips: [] })),
    '/switches/hv1/interfaces/eth0',
    /port eth0 of switch hv1 is also used by/,
  ],
  [
    'an interface with a name that Linux has not',
    reserved((all) => (all['a-name-of-sixteen'] = { ...move, mac: '02:00:00:00:03:03' })),
    '/switches/hv1/interfaces/a-name-of-sixteen',
    /"a-name-of-sixteen" is not an interface name/,
    /15/,
  ],
  [
    'interfaces of a fabric switch',
    (s) => {
      reserve(s, () => undefined)
      object(s.switches, 'spine1')['interfaces'] = {
        move1: { network: 'live-move', mac: '02:00:00:00:03:09' },
      }
    },
    '/switches/spine1/interfaces',
    /only a hypervisor has interfaces/,
  ],
  [
    'a storage network without a VLAN',
    (s) => (s.networks['storage-a'] = { kind: 'storage' }),
    '/networks/storage-a',
    /has no VLAN/,
  ],
  [
    'a storage network on one switch',
    (s) => (s.networks['storage-a'] = { kind: 'storage', vlan: 9, switch: 'hv1' }),
    '/networks/storage-a/switch',
    /a `storage` network is not confined to a switch/,
  ],
  [
    'an MTU that IPv6 cannot live with',
    (s) => (object(s.networks, 'blue')['mtu'] = 1000),
    '/networks/blue/mtu',
    /not between 1280 and 65535/,
  ],
  [
    'a reserved network on a switch without an uplink',
    (s) => {
      reserve(s, () => undefined)
      s.switches['hv3'] = {
        datapath: '0x3',
        role: 'hypervisor',
        interfaces: { move1: { network: 'live-move', mac: '02:00:00:00:03:09' } },
      }
    },
    '/switches/hv3',
    /network live-move spans switches hv1, hv3, and hv3 has no uplink/,
  ],
])

test('interfaces are entities of their switch, by name', () => {
  const { intent } = built(bent(reserved()))
  const interfaces = intent.switches.get('hv1')?.interfaces ?? []
  assert.deepEqual(
    interfaces.map(({ id, port, uplink, network }) => ({ id, port, uplink, network })),
    [
      { id: 'hv1:move0', port: 'move0', uplink: undefined, network: 'live-move' },
      { id: 'hv1:stor-a', port: 'stor-a', uplink: 'eth0', network: 'storage-a' },
    ],
  )
  assert.equal(intent.networks.get('storage-a')?.mtu, 9000)
})

test('an interface that goes gives back its MAC, port and addresses, and its network its place', () => {
  const declaration = built(bent(reserved()))
  assert.deepEqual([...(declaration.ledger.presence.get('live-move') ?? [])], [['hv1', 1]])
  const { hv1, hv2 } = declaration.spec.switches ?? {}
  assert.ok(hv1?.interfaces && hv2)
  const without = changeIntent(declaration, {
    kind: 'put',
    resource: 'switches',
    name: 'hv1',
    spec: { ...hv1, interfaces: {} },
  })
  assert.ok(!('problems' in without))
  assert.equal(without.ledger.presence.get('live-move'), undefined)
  const spec = { ...hv2, interfaces: { move0: hv1.interfaces['move0'] ?? { network: '', mac: '' } } }
  const moved = changeIntent(without, { kind: 'put', resource: 'switches', name: 'hv2', spec })
  assert.ok(!('problems' in moved), JSON.stringify(moved))
})

test('a network that is made another kind is refused for its interfaces', () => {
  const declaration = built(bent(reserved()))
  const result = changeIntent(declaration, {
    kind: 'put',
    resource: 'networks',
    name: 'live-move',
    spec: { kind: 'vm', vlan: 302, subnets: ['10.9.9.0/24'] },
  })
  assert.ok('problems' in result)
  assert.deepEqual(
    result.problems.map(({ pointer }) => pointer),
    ['/switches/hv1/interfaces/move0/network'],
  )
})
