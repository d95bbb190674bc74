/** What `get interfaces`, `get networks`, `get hosts` and ports of switches tell of hypervisors' own interfaces. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { declaredWorld } from '../../../src/compiler/declared-world.ts'
import { interfaceViews, networkViews, type ObjectParts, portUse } from '../../../src/controller/views.ts'
import { declaredFrom } from '../../../src/discovery/declared.ts'
import { hearNics, hostLimits, hostViews, noHosts, sight } from '../../../src/discovery/hosts.ts'
import { endpointIdOf } from '../../../src/model/intent.ts'
import type { Observation } from '../../../src/model/observation.ts'
import { parseTopology } from '../../../src/model/yaml.ts'

const parsed = parseTopology(`
name: reserved
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    uplinks: [eth0, eth1]
    interfaces:
      stor-a: { network: storage-a, mac: "02:00:00:00:03:01", ips: [10.9.1.1], uplink: eth0 }
      move0: { network: move, mac: "02:00:00:00:03:02" }
  hv2:
    datapath: "0000000000000002"
    role: hypervisor
    uplinks: [eth0, eth1]
    interfaces:
      stor-a: { network: storage-a, mac: "02:00:00:00:03:03", uplink: eth0 }
links: [[hv1:eth0, hv2:eth0]]
networks:
  storage-a: { kind: storage, vlan: 301, subnets: [10.9.1.0/24] }
  move: { kind: migration, vlan: 302 }
`)
assert.ok(!('problems' in parsed))
const declaration = parsed
const { intent } = declaration
const hv1 = '0000000000000001'

/** The declared world, but for these ports of hv1, which are absent. */
function worldWithout(...absent: string[]): Observation {
  const world = declaredWorld(intent)
  const one = world.switches.get(hv1) ?? assert.fail()
  const ports = new Map([...one.ports].filter(([name]) => !absent.includes(name)))
  return { ...world, switches: new Map(world.switches).set(hv1, { ...one, ports }) }
}

function partsOf(observation: Observation, pending: readonly string[] = []): ObjectParts {
  const owners = new Map(pending.map((owner) => [owner, 'pending' as const]))
  const unsettled = { owners, unknown: () => false }
  return { declaration, located: intent, program: compile(intent, observation), unsettled }
}

const states = (observation: Observation, pending?: readonly string[]) =>
  interfaceViews(partsOf(observation, pending), observation).map(({ id, state }) => `${id} ${state}`)

test('an interface is active, pending, without its port, or cut off by the uplink that it is pinned to', () => {
  assert.deepEqual(states(worldWithout()), ['hv1:move0 active', 'hv1:stor-a active', 'hv2:stor-a active'])
  assert.equal(states(worldWithout(), ['interface/hv1/move0'])[0], 'hv1:move0 pending')
  assert.equal(states(worldWithout('stor-a'))[1], 'hv1:stor-a port-absent')
  assert.deepEqual(states(worldWithout('eth0')).slice(0, 2), ['hv1:move0 active', 'hv1:stor-a unreachable'])
  const [, view] = interfaceViews(partsOf(worldWithout()), worldWithout())
  assert.deepEqual(view, {
    id: 'hv1:stor-a',
    switch: 'hv1',
    datapathId: hv1,
    name: 'stor-a',
    network: 'storage-a',
    kind: 'storage',
    mac: '02:00:00:00:03:01',
    ips: ['10.9.1.1'],
    uplink: 'eth0',
    state: 'active',
  })
})

test('a reserved network counts interfaces and no VMs, and is unreachable while its members are apart', () => {
  const told = (observation: Observation) =>
    networkViews(partsOf(observation)).map(({ name, vms, interfaces, switches, state }) =>
      [name, vms, interfaces, switches.join('+'), state].join(' '),
    )
  assert.deepEqual(told(worldWithout()), ['move 0 1 hv1 active', 'storage-a 0 2 hv1+hv2 active'])
  assert.equal(told(worldWithout('eth0'))[1], 'storage-a 0 2 hv1+hv2 unreachable')
})

test('ports of a switch are told what they are for', () => {
  const use = portUse(intent)
  assert.equal(use(intent.switches.get('hv1'), 'stor-a'), 'interface storage-a')
})

test('an interface is a host that is heard where it is, and is never given a link probe', () => {
  const declared = declaredFrom(intent)
  assert.equal(declared.mayLink(hv1, 'stor-a'), false)
  const id = endpointIdOf('interface/hv1/stor-a') ?? assert.fail()
  const { state } = hearNics(noHosts, [id], 0, declared)
  const view = hostViews(state, declared, () => 7).find((one) => one.interface === 'hv1:stor-a')
  assert.deepEqual([view?.state, view?.vm, view?.port], ['as-declared', undefined, 'stor-a'])
})

test('whoever uses the MAC of an interface elsewhere is misplaced, and whose it is is told', () => {
  const declared = declaredFrom(intent)
  const seen = { datapathId: hv1, port: 'tap0', mac: 0x020000000301, ips: [], atMs: 1 }
  const { state } = sight({ ...noHosts, tokens: 1 }, seen, declared, hostLimits)
  const view = hostViews(state, declared, () => 7).find(({ port }) => port === 'tap0')
  assert.deepEqual([view?.state, view?.interface], ['misplaced', 'hv1:stor-a'])
})

test('owners are ids again', () => {
  assert.equal(endpointIdOf('nic/web1/0'), 'web1/0')
  assert.equal(endpointIdOf('interface/hv1/eth0.7'), 'hv1:eth0.7')
  assert.equal(endpointIdOf('network/blue'), undefined)
})
