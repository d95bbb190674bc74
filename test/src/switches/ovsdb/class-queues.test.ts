/** Queues of classes of traffic: made on uplinks of the kernel's datapath, kept as declared, and gone with the classes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Intent } from '../../../../src/model/intent.ts'
import { parseTopology } from '../../../../src/model/yaml.ts'
import { classQueues } from '../../../../src/switches/ovsdb/class-queues.ts'
import { intendedHosts } from '../../../../src/switches/ovsdb/intended.ts'
import { on } from '../../../../src/switches/ovsdb/tables.ts'
import { database, foreignBridge, foreignPort, settle } from './support/plans.ts'

const topology = (classes: string) => `
name: queued
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    ovsdb: unix:/run/hv1.sock
    uplinks: [{ port: eth0, bandwidth: 100M }, eth1]
networks:
  blue: { kind: vm, vlan: 101 }
  disks: { kind: storage, vlan: 301 }
  lab: { kind: internal, switch: hv1 }
${classes}
`
const declared = 'classes: { storage: { reservation: 40M, limit: 80M }, migration: { limit: 1M } }'

function intentOf(classes = declared): Intent {
  const parsed = parseTopology(topology(classes))
  assert.ok('intent' in parsed, JSON.stringify(parsed))
  return parsed.intent
}

function wanted(intent: Intent, type = 'system') {
  const [host] = intendedHosts(
    intent,
    () => [],
    () => type,
  ).values()
  return host ?? assert.fail()
}

const ratesIn = (host: ReturnType<typeof database>) =>
  [...host.replica().tables.QoS.values()].flatMap(({ queues }) =>
    [...queues]
      .toSorted(([a], [b]) => a - b)
      .map(([number, uuid]) => {
        const { other_config: config } = host.replica().tables.Queue.get(uuid) ?? assert.fail()
        return [number, config.get('min-rate'), config.get('max-rate')]
      }),
  )

test('each class of a network has a queue with what is its own and with its limit, where the speed is declared', async () => {
  const host = database()
  await settle(host, wanted(intentOf()))
  const [qos, ...more] = host.replica().tables.QoS.values()
  assert.deepEqual([qos?.type, qos?.other_config.get('max-rate'), more.length], ['linux-htb', '100000000', 0])
  // 97 of 100 are given out: 40 are reserved, the rest goes by equal shares.
  assert.deepEqual(ratesIn(host), [
    [1, '28500000', '100000000'],
    [2, '68500000', '80000000'],
  ])
  const ports = [...host.replica().tables.Port.values()]
  assert.deepEqual(
    ports.filter(({ qos: used }) => used === qos?._uuid).map(({ name }) => name),
    ['eth0'],
  )
})

test('they follow what is declared, and go with it; those of others stay', async () => {
  const others = [
    on.insert('Queue', { other_config: [['max-rate', '5']] }, { named: 'q' }),
    on.insert('QoS', { type: 'linux-htb', queues: [[0, { named: 'q' }]] }, { named: 'o' }),
    on.update('Port', [['name', '==', 'guest']], { qos: { named: 'o' } }),
  ]
  const host = database(foreignBridge('other'), foreignPort('guest', 'other'), others)
  await settle(host, wanted(intentOf()))
  await settle(host, wanted(intentOf('classes: { storage: { reservation: 50M } }')))
  assert.deepEqual(ratesIn(host).slice(1), [
    [1, '23500000', '100000000'],
    [2, '73500000', '100000000'],
  ])
  await settle(host, wanted(intentOf('')))
  assert.deepEqual(ratesIn(host), [[0, undefined, '5']])
  assert.equal(host.replica().tables.Queue.size, 1)
})

test('only the datapath of the kernel gets them', () => {
  for (const type of ['netdev', 'dummy']) {
    const ports = wanted(intentOf(), type).bridges.flatMap((one) => one.ports ?? [])
    assert.ok(
      ports.every(({ qos }) => qos === undefined),
      type,
    )
  }
})

test('members of a bond have those of the slowest, and none where one does not tell', () => {
  const intent = intentOf()
  const rate = (...bps: (number | undefined)[]) =>
    classQueues(
      intent,
      bps.map((one, at) => ({ port: `eth${at}`, ...(one !== undefined && { bandwidthBps: one }) })),
    )?.otherConfig?.['max-rate']
  assert.deepEqual([rate(100e6, 50e6), rate(100e6, undefined)], ['50000000', undefined])
})
