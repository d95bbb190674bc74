/** Hosts of the intent, on a database in memory: prepared, asked, told of, and left when they are declared no more. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Observer } from '../../../src/controller/observer.ts'
import { OvsdbHosts } from '../../../src/controller/ovsdb-hosts.ts'
import type { Switch } from '../../../src/model/intent.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { on } from '../../../src/switches/ovsdb/tables.ts'
import { foreignBridge, foreignPort } from '../switches/ovsdb/support/plans.ts'
import { ServedDatabase } from '../switches/ovsdb/support/served.ts'

const target = 'unix:/db.sock'
const hv1: Switch = {
  name: 'hv1',
  datapathId: '0000000000000001',
  role: 'hypervisor',
  ovsdb: { target, bridge: 'br-int' },
  uplinks: [{ port: 'eth0' }],
  teams: [],
  interfaces: [],
}
const intentOf = (...switches: Switch[]) => ({
  switches: new Map(switches.map((one) => [one.name, one])),
  cables: [],
  networks: new Map(),
  classes: new Map(),
})

/** A NIC's port, named as its iface-id, that vswitchd has taken. */
const plugged = (name: string) => [
  ...foreignPort(name, 'br-int'),
  on.update('Interface', [['name', '==', name]], { ofport: name.length }),
]

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5_000 && !condition(); tries++) await sleep(2)
  assert.ok(condition(), what)
}

function emptyDatabase(): ServedDatabase {
  const served = new ServedDatabase()
  served.database.transact([on.insert('Open_vSwitch', { external_ids: [['system-id', 'host-1']] })])
  return served
}

async function stage(context: TestContext, served = emptyDatabase()) {
  const observer = await Observer.open(await memoryStore())
  const told: string[] = []
  let dialled = false
  const hosts = new OvsdbHosts({
    dial: () => {
      dialled = true
      return served.dial()
    },
    controllersFor: () => [{ target: 'tcp:127.0.0.1:6653' }],
    onPlugged: (host, plugs) => observer.pluggedAre(host, plugs),
    onPlugChanges: (changes) => observer.pluggedChanged(changes),
    onMtus: (mtus) => observer.mtusSeen(mtus),
    onDatapathTypes: (types) => observer.datapathTypesSeen(types),
    onForgotten: (host) => observer.pluggedAre(host, []),
    onState: (_, state) => told.push(state),
    onRepair: () => told.push('repair'),
    onIncident: ({ code }) => told.push(code),
  })
  context.after(async () => {
    hosts.close()
    await observer.close()
  })
  const rows = (table: string) => [...(served.database.tables.get(table)?.values() ?? [])]
  const names = (table: string) =>
    rows(table)
      .map(({ name }) => name as string)
      .toSorted()
  const connect = async () => {
    await until('dialled', () => dialled)
    served.session.connect()
  }
  return { served, connect, observer, told, hosts, rows, names }
}

test('a declared host gets its bridge, says so once vswitchd has taken it, and loses it when it is declared no more', async (context) => {
  const { served, connect, hosts, told, rows, names } = await stage(context)
  hosts.follow(intentOf(hv1))
  assert.equal(hosts.status(target)?.state, 'disconnected')
  const answered = hosts.answers([target], 5_000)
  await connect()
  await until('the bridge is there', () => names('Bridge').includes('br-int'))
  assert.equal(hosts.status(target)?.state, 'pending')
  served.takeAll()
  await answered
  assert.deepEqual(hosts.status(target), { target, connected: true, state: 'confirmed', refused: [] })
  assert.deepEqual(names('Port'), ['br-int', 'eth0'])
  assert.equal(rows('Controller')[0]?.['target'], 'tcp:127.0.0.1:6653')
  assert.deepEqual(told, ['up'])

  hosts.follow(intentOf())
  await until('the bridge is gone', () => names('Bridge').length === 0)
  assert.equal(hosts.status(target), undefined)
})

test('where NICs are plugged in is in the observation: first all of it, then what changes, and nothing after the end', async (context) => {
  const { served, connect, hosts, observer } = await stage(context)
  served.database.transact(foreignBridge('br-int'))
  served.database.transact([on.update('Bridge', [], { datapath_id: hv1.datapathId })])
  served.database.transact(plugged('web1'))
  const places = () =>
    [...(observer.observation.attachments ?? [])].map(([id, list]) => [id, ...list.map(({ port }) => port)])
  hosts.follow(intentOf(hv1))
  await connect()
  await until('told of all', () => places().length > 0)
  assert.deepEqual(places(), [['web1', 'web1']])
  served.transact(...plugged('web2'))
  await until('told of one more', () => places().length === 2)
  served.transact(on.update('Interface', [['name', '==', 'web1']], { external_ids: new Map() }))
  await until('told that one is gone', () => places().length === 1)
  assert.deepEqual(places(), [['web2', 'web2']])
  hosts.follow(intentOf())
  assert.deepEqual(places(), [])
})

test('MTUs of a declared bridge are in the observation while its host is declared', async (context) => {
  const { served, connect, hosts, observer } = await stage(context)
  served.database.transact(foreignBridge('br-int'))
  served.database.transact(plugged('web1'))
  served.database.transact(foreignBridge('other'))
  served.database.transact(foreignPort('web9', 'other'))
  const setMtu = (name: string, mtu: number) => on.update('Interface', [['name', '==', name]], { mtu })
  served.database.transact([setMtu('web1', 1500), setMtu('web9', 1400)])
  const mtus = () =>
    [...(observer.observation.mtus ?? [])].map(([id, ports]) => [id, Object.fromEntries(ports)])
  hosts.follow(intentOf(hv1))
  await connect()
  await until('told', () => mtus().length > 0)
  assert.deepEqual(mtus(), [[hv1.datapathId, { web1: 1500 }]])
  const before = observer.observation.mtus
  served.transact(on.update('Interface', [['name', '==', 'web1']], { external_ids: new Map([['a', 'b']]) }))
  served.transact(setMtu('web1', 9000))
  await until('raised', () => observer.observation.mtus !== before)
  assert.deepEqual(mtus(), [[hv1.datapathId, { web1: 9000 }]])
  hosts.follow(intentOf())
  assert.deepEqual(mtus(), [])
})

test('what a host had while nobody looked is put right when it is known again', async () => {
  const store = await memoryStore()
  const plug = (ifaceId: string, port: string, host = target) => ({
    ifaceId,
    host,
    datapathId: hv1.datapathId,
    port,
  })
  const first = await Observer.open(store)
  first.pluggedAre(target, [plug('web1', 'tap1'), plug('web2', 'tap2')])
  first.pluggedAre('unix:/other', [plug('web1', 'tap9', 'unix:/other')])
  await first.close()
  const observer = await Observer.open(store)
  assert.deepEqual([...(observer.observation.attachments?.keys() ?? [])], ['web1', 'web2'])
  observer.pluggedAre(target, [plug('web1', 'tap1'), plug('web3', 'tap3')])
  const { attachments } = observer.observation
  assert.deepEqual(
    [...(attachments ?? [])].map(([id, list]) => [id, list.map(({ port }) => port)]),
    [
      ['web1', ['tap1', 'tap9']],
      ['web3', ['tap3']],
    ],
  )
  observer.pluggedAre(target, [plug('web1', 'tap1'), plug('web3', 'tap3')])
  assert.equal(observer.observation.attachments, attachments)
  await observer.close()
})

/** One class on an uplink of a known speed. */
const shared = {
  ...intentOf({ ...hv1, uplinks: [{ port: 'eth0', bandwidthBps: 100e6 }] }),
  networks: new Map([['blue', { name: 'blue', kind: 'vm', key: 1, vlan: 101, subnets: [] } as const]]),
  classes: new Map([['vm', { name: 'vm', shares: 10, reservationBps: 0, limitBps: 50e6 } as const]]),
}

test('the kind of datapath is in the observation, and a bridge of the kernel has queues for classes at once', async (context) => {
  const { served, connect, hosts, observer, rows } = await stage(context)
  served.database.transact(foreignBridge('br-int'))
  served.database.transact([on.update('Bridge', [], { datapath_type: 'netdev' })])
  const types = () => [...(observer.observation.datapathTypes ?? [])]
  hosts.follow(shared)
  await connect()
  await until('told', () => types().length > 0)
  assert.deepEqual(types(), [[hv1.datapathId, 'netdev']])
  await until('the uplink is made', () => rows('Port').length === 2)
  assert.equal(rows('QoS').length, 0)
  served.transact(on.update('Bridge', [], { datapath_type: '' }))
  await until('queues are made', () => rows('QoS').length === 1)
  assert.deepEqual(types(), [[hv1.datapathId, 'system']])
  hosts.follow({ ...shared, classes: new Map() })
  await until('queues are gone', () => rows('QoS').length + rows('Queue').length === 0)
})

test('a controller that starts anew finds the queues as it wants them and touches nothing', async (context) => {
  const { served, connect, hosts, rows } = await stage(context)
  served.database.transact(foreignBridge('br-int'))
  hosts.follow(shared)
  await connect()
  await until('queues are made', () => rows('QoS').length === 1)
  served.takeAll()
  hosts.close()
  const before = [...rows('QoS'), ...rows('Queue'), ...rows('Port')]
  const asked = served.asked

  const next = await stage(context, served)
  next.hosts.follow(shared)
  await next.connect()
  await until('up', () => next.told.includes('up'))
  await next.hosts.answers([target], 5_000)
  assert.equal(next.hosts.status(target)?.state, 'confirmed')
  assert.deepEqual([...rows('QoS'), ...rows('Queue'), ...rows('Port')], before)
  assert.equal(served.asked, asked)
})
