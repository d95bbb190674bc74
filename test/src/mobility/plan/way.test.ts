/** The way between two hypervisors, what may be sent by it, and whom a request is about. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredWorld } from '../../../../src/compiler/declared-world.ts'
import { subjectOf } from '../../../../src/mobility/plan/plan.ts'
import { bandwidthOf, nameOf, wayBetween } from '../../../../src/mobility/plan/way.ts'
import type { Intent } from '../../../../src/model/intent.ts'
import type { Observation } from '../../../../src/model/observation.ts'
import { parseTopology } from '../../../../src/model/yaml.ts'

const yaml = `
name: rack
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    uplinks: [{ port: eth0, bandwidth: 10G }, { port: eth1, bandwidth: 1G }]
    interfaces: { move0: { network: live-move, mac: "02:00:00:09:09:01", uplink: eth1 } }
  hv2:
    datapath: "0000000000000002"
    role: hypervisor
    uplinks: [{ port: eth0, bandwidth: 10G }, { port: eth1, bandwidth: 2G }]
    interfaces: { move0: { network: live-move, mac: "02:00:00:09:09:02" } }
  hv3: { datapath: "0000000000000003", role: hypervisor, uplinks: [eth0, { port: lan0, segment: floor }] }
  hv4: { datapath: "0000000000000004", role: hypervisor, uplinks: [{ port: lan0, segment: floor, bandwidth: 400M }] }
  fab1: { datapath: "00000000000000a1", role: fabric }
  fab2: { datapath: "00000000000000a2", role: fabric }
segments: { floor: {} }
links: [[hv1:eth0, fab1:p1], [hv1:eth1, fab2:p1], [hv2:eth0, fab1:p2], [hv2:eth1, fab2:p2], [hv3:eth0, fab1:p3]]
networks:
  blue: { kind: vm, vlan: 101 }
  live-move: { kind: migration, vlan: 303 }
  lab: { kind: internal, switch: hv1 }
vms:
  web1: { host: hv1, nics: [{ network: blue, mac: "02:00:00:00:01:01" }, { network: lab, mac: "02:00:00:00:02:01" }] }
  db1: { host: hv1, nics: [{ network: lab, mac: "02:00:00:00:02:02" }] }
  blue2: { host: hv2, nics: [{ network: blue, mac: "02:00:00:00:01:02" }] }
`

interface World {
  readonly intent: Intent
  readonly observation: Observation
}

function world(text: string): World {
  const parsed = parseTopology(text)
  assert.ok(!('problems' in parsed), JSON.stringify(parsed))
  return { intent: parsed.intent, observation: declaredWorld(parsed.intent) }
}

const rack = world(yaml)

function way({ intent, observation }: World, from: string, to: string) {
  const [a, b] = [from, to].map((name) => intent.switches.get(name) ?? assert.fail(name))
  return a && b && wayBetween({ intent, observation }, a, b)
}

const shown = (of: World, from: string, to: string) =>
  way(of, from, to)?.ports.map((end) => `${nameOf(of.intent, end)}:${end.port}`)

test('the migration network goes by the uplink that it is pinned to', () => {
  assert.equal(way(rack, 'hv1', 'hv2')?.network?.name, 'live-move')
  assert.deepEqual(shown(rack, 'hv1', 'hv2'), ['hv1:eth1', 'fab2:p1', 'fab2:p2', 'hv2:eth1'])
  const without = world(yaml.replaceAll(', uplink: eth1', ''))
  assert.deepEqual(shown(without, 'hv1', 'hv2'), ['hv1:eth0', 'fab1:p1', 'fab1:p2', 'hv2:eth0'])
})

test('through a segment it is known where it goes in and out, and a hypervisor passes nothing on', () => {
  assert.deepEqual(way(rack, 'hv3', 'hv4'), {
    links: [],
    segment: 'floor',
    ports: [
      { datapathId: '0000000000000003', port: 'lan0' },
      { datapathId: '0000000000000004', port: 'lan0' },
    ],
  })
  assert.equal(way(rack, 'hv1', 'hv4'), undefined)
})

test('a link that is down is no way', () => {
  const observed = rack.observation.switches.get('00000000000000a2') ?? assert.fail()
  const ports = new Map(observed.ports)
  ports.set('p2', { ...(ports.get('p2') ?? assert.fail()), up: false })
  const switches = new Map(rack.observation.switches).set(observed.datapathId, { ...observed, ports })
  assert.equal(way({ ...rack, observation: { ...rack.observation, switches } }, 'hv1', 'hv2'), undefined)
})

test('the slowest port counts, less what classes keep for others, or what is reserved for moves', () => {
  const bandwidth = (classes: string) => {
    const shared = world(`${yaml}classes: ${classes}\n`)
    return bandwidthOf(way(shared, 'hv1', 'hv2') ?? assert.fail(), shared)
  }
  const plain = bandwidthOf(way(rack, 'hv1', 'hv2') ?? assert.fail(), rack)
  assert.deepEqual(plain, { value: 1e9, source: 'declared', detail: 'hv1:eth1, the slowest of the way' })
  assert.deepEqual(bandwidth('{ storage: { reservation: 300M }, vm: { reservation: 100M } }'), {
    value: 600e6,
    source: 'declared',
    detail: 'hv1:eth1, the slowest of the way, less 400M that other classes have reserved',
  })
  assert.equal(bandwidth('{ storage: { reservation: 300M }, migration: { limit: 500M } }').value, 500e6)
  assert.equal(bandwidth('{ storage: { reservation: 300M }, migration: { limit: 800M } }').value, 700e6)
  assert.deepEqual(bandwidth('{ vm: { reservation: 100M }, migration: { reservation: 250M } }'), {
    value: 250e6,
    source: 'declared',
    detail: 'reserved for class migration; it may have more while others leave it',
  })
})

test('where no port says how fast it is, nothing is made up', () => {
  const unsaid = world(yaml.replace(', bandwidth: 400M', ''))
  const found = bandwidthOf(way(unsaid, 'hv3', 'hv4') ?? assert.fail(), unsaid)
  assert.deepEqual([found.value, found.source], [undefined, 'unknown'])
})

test('a request is about VMs of one hypervisor, and says who of an internal network would stay', () => {
  const subject = (request: Parameters<typeof subjectOf>[0]) =>
    subjectOf(request, { intent: rack.intent, located: rack.intent })
  const alone = subject({ vms: ['web1', 'web1'], to: 'hv2' })
  assert.ok(!('problems' in alone))
  assert.deepEqual([alone.from.name, alone.split], ['hv1', [{ network: 'lab', stay: ['db1'] }]])
  const together = subject({ vms: ['web1', 'db1'], to: 'hv2' })
  assert.ok(!('problems' in together))
  assert.deepEqual(together.split, [])
  const refused = (request: Parameters<typeof subjectOf>[0]) => {
    const found = subject(request)
    return 'problems' in found ? found.problems.map(({ pointer, message }) => `${pointer} ${message}`) : []
  }
  assert.deepEqual(refused({ vms: ['nobody'], to: 'fab1' }), [
    '/to fab1 is no hypervisor that is declared',
    '/vms VM nobody is not declared',
  ])
  assert.deepEqual(refused({ vms: ['web1'], to: 'hv1' }), ['/to it is on hv1 already'])
  assert.deepEqual(refused({ vms: ['web1', 'blue2'], to: 'hv3', qmp: 'unix:/run/a' }), [
    '/qmp QMP is that of one guest, and several VMs are named',
    '/vms they are on several hypervisors: hv1 and hv2',
  ])
})
