/** Plans: they lead where they say, twice the same plans nothing, and whatever is somebody else's is left as it was. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyPlan } from '../../../../src/switches/ovsdb/apply.ts'
import { bridgePlan } from '../../../../src/switches/ovsdb/plan.ts'
import { on } from '../../../../src/switches/ovsdb/tables.ts'
import { patchPort, tunnelPort, type WantedPort } from '../../../../src/switches/ovsdb/wanted.ts'
import { MemoryDatabase } from './support/memory-database.ts'
import { bridge, database, foreignBridge, foreignPort, host, named, settle } from './support/plans.ts'

test('a bridge is made whole, on a database that nobody has begun', async () => {
  const empty = new MemoryDatabase()
  const [rounds] = await settle(
    empty,
    host(bridge('br0', { datapathType: 'netdev', otherConfig: { hwaddr: '02:00:00:00:00:01' } })),
  )
  assert.equal(rounds, 1)
  const { tables } = empty.replica()
  const [made] = tables.Bridge.values()
  assert.deepEqual(
    [
      made?.name,
      made?.fail_mode,
      made?.datapath_type,
      made?.protocols,
      made?.other_config,
      made?.external_ids,
    ],
    [
      'br0',
      'secure',
      'netdev',
      new Set(['OpenFlow13', 'OpenFlow15']),
      new Map([
        ['hwaddr', '02:00:00:00:00:01'],
        ['datapath-id', '00000000000000a1'],
        ['disable-in-band', 'true'],
      ]),
      new Map([['throwbar', 'one']]),
    ],
  )
  const [controller] = tables.Controller.values()
  assert.deepEqual(
    [
      controller?.target,
      controller?.connection_mode,
      controller?.max_backoff,
      controller?.external_ids.get('throwbar'),
    ],
    ['tcp:127.0.0.1:6653', 'out-of-band', 1000, 'one'],
  )
  assert.equal([...tables.Interface.values()][0]?.type, 'internal')
})

test("somebody else's bridge that is wanted gets its settings, keeps its controller, and stays", async () => {
  const both = database(foreignBridge('br0'), foreignPort('vm', 'br0'))
  await settle(both, host(bridge('br0', { ports: [patchPort('p0', 'p1')] })))
  const adopted = named(both.replica(), 'Bridge', 'br0')
  assert.deepEqual([adopted?.external_ids.size, adopted?.ports.size, adopted?.controller.size], [0, 3, 2])
  await settle(both, host())
  const { tables } = both.replica()
  assert.deepEqual([tables.Bridge.size, tables.Port.size, tables.Controller.size], [1, 2, 1])
})

test('a controller that somebody else has named serves as well', async () => {
  const both = database(foreignBridge('br0'))
  const controllers = [{ target: 'tcp:10.0.0.9:3' }]
  await settle(both, host(bridge('br0', { controllers })))
  assert.equal(both.replica().tables.Controller.size, 1)
  assert.equal([...both.replica().tables.Controller.values()][0]?.connection_mode, undefined)
})

test('a bridge of ours in which others have ports stays until they are gone', async () => {
  const both = database()
  await settle(both, host(bridge('br0', { ports: [patchPort('p0', 'p1')] })))
  assert.ok(both.transact(foreignPort('vm', 'br0')).ok)
  const [, plan] = await settle(both, host())
  assert.deepEqual(plan.kept, ['br0'])
  const { tables } = both.replica()
  assert.deepEqual(
    [[...tables.Port.values()].map(({ name }) => name).sort(), tables.Controller.size],
    [['br0', 'vm'], 0],
  )
  both.transact([
    on.update('Bridge', [['name', '==', 'br0']], {
      ports: [named(both.replica(), 'Port', 'br0')?._uuid ?? ''],
    }),
  ])
  await settle(both, host())
  assert.equal(both.replica().tables.Bridge.size, 0)
})

test('ports are set, bonds grow and shrink, and a port of ours moves', async () => {
  const one = database()
  const bond = (...members: string[]): WantedPort => ({
    name: 'bond0',
    interfaces: members.map((name) => ({ name })),
    bond: { mode: 'balance-tcp', lacp: 'active' },
    otherConfig: { 'lacp-time': 'fast' },
  })
  const tunnel = tunnelPort('t0', { type: 'geneve', remote: '192.0.2.2', key: 7 }, { enable: 'true' })
  await settle(
    one,
    host(
      bridge('br0', {
        ports: [
          bond('e0', 'e1'),
          tunnel,
          { name: 'in', interfaces: [{ name: 'in', type: 'internal' }], tag: 7 },
        ],
      }),
    ),
  )
  const at = () => one.replica()
  assert.deepEqual(
    named(at(), 'Interface', 't0')?.options,
    new Map([
      ['remote_ip', '192.0.2.2'],
      ['key', '7'],
    ]),
  )
  const kept = named(at(), 'Interface', 'e1')?._uuid
  await settle(
    one,
    host(bridge('br0', { ports: [bond('e1', 'e2')] }), bridge('br1', { ports: [{ name: 'in', tag: 8 }] })),
  )
  assert.deepEqual([...at().tables.Interface.values()].map(({ name }) => name).sort(), [
    'br0',
    'br1',
    'e1',
    'e2',
    'in',
  ])
  assert.equal(named(at(), 'Interface', 'e1')?._uuid, kept)
  const moved = named(at(), 'Port', 'in')
  assert.equal(moved?.tag, 8)
  assert.ok([...at().tables.Bridge.values()].find(({ name }) => name === 'br1')?.ports.has(moved._uuid))
  // What a hand has set on a port of ours is put back; a single port becomes a member of a bond.
  one.transact([on.update('Port', [['name', '==', 'in']], { tag: 99, vlan_mode: 'access' })])
  await settle(one, host(bridge('br1', { ports: [bond('in')] })))
  assert.equal(named(at(), 'Port', 'in'), undefined)
  assert.deepEqual([...at().tables.Port.values()].map(({ name }) => name).sort(), ['bond0', 'br1'])
})

test("BFD on somebody else's interface is taken back, and only what was ours of it", async () => {
  const both = database(foreignBridge('br0'), foreignPort('e0', 'br0'))
  both.transact([on.update('Interface', [['name', '==', 'e0']], { bfd: [['bfd_src_ip', '169.254.1.9']] })])
  const port = (bfd?: Record<string, string>) => ({
    name: 'e0',
    interfaces: [{ name: 'e0', ...(bfd && { bfd }) }],
  })
  const state = () => {
    const { bfd, external_ids: ids } = named(both.replica(), 'Interface', 'e0') ?? {}
    return [Object.fromEntries(bfd ?? []), ids?.get('throwbar-bfd')]
  }
  const own = { bfd_src_ip: '169.254.1.9' }
  for (const ports of [[port()], [], undefined]) {
    await settle(both, host(bridge('br0', { ports: [port({ enable: 'true', min_tx: '10' })] })))
    assert.deepEqual(state(), [{ ...own, enable: 'true', min_tx: '10' }, 'enable,min_tx'])
    await settle(both, host(bridge('br0', { ports: [port({ enable: 'true' })] })))
    assert.deepEqual(state(), [{ ...own, enable: 'true' }, 'enable'])
    await settle(both, ports ? host(bridge('br0', { ports })) : host())
    assert.deepEqual(state(), [own, undefined])
  }
})

test("what would change somebody else's port is refused in words", () => {
  const both = database(foreignBridge('br0'), foreignBridge('br1'), foreignPort('vm', 'br1'))
  const ports = [{ name: 'vm' }, { name: 'bond0', interfaces: [{ name: 'vm' }, { name: 'e1' }] }]
  const { refused } = bridgePlan(host(bridge('br0', { ports })), both.replica())
  assert.deepEqual(refused, [
    { subject: 'port br0/vm', error: 'port vm is on bridge br1, and somebody else made it' },
    { subject: 'port br0/bond0', error: 'interface vm is part of port vm, and somebody else made it' },
  ])
})

test('queues come with their port, change with it, and do not outlive it', async () => {
  const one = database()
  const port = (rates: Record<number, string>): WantedPort => ({
    name: 'e0',
    qos: {
      type: 'linux-htb',
      otherConfig: { 'max-rate': '1000' },
      queues: new Map(
        Object.entries(rates).map(([no, rate]) => [Number(no), { otherConfig: { 'min-rate': rate } }]),
      ),
    },
  })
  const counts = () => [one.replica().tables.QoS.size, one.replica().tables.Queue.size]
  await settle(one, host(bridge('br0', { ports: [port({ 0: '1', 1: '2' })] })))
  assert.deepEqual(counts(), [1, 2])
  await settle(one, host(bridge('br0', { ports: [port({ 1: '3', 2: '4' })] })))
  assert.deepEqual(counts(), [1, 2])
  const [qos] = one.replica().tables.QoS.values()
  assert.deepEqual([...(qos?.queues.keys() ?? [])].sort(), [1, 2])
  assert.ok(one.transact([on.insert('Queue', { external_ids: [['who', 'else']] })]).ok)
  await settle(one, host(bridge('br0', { ports: [{ name: 'e0' }] })))
  assert.deepEqual(counts(), [0, 1])
  await settle(one, host(bridge('br0', { ports: [port({ 0: '1' })] })))
  await settle(one, host())
  assert.deepEqual(counts(), [0, 1])
})

test('what has changed since the plan was made fails it whole', async () => {
  const plans = [
    host(),
    host(bridge('br0')),
    host(bridge('br0', { protocols: ['OpenFlow14'], controllers: [] })),
    host(bridge('br0', { ports: [{ name: 'e0', tag: 3 }, { name: 'e1' }] })),
  ]
  for (const wanted of plans) {
    const other = database()
    await settle(other, host(bridge('br0', { ports: [{ name: 'e0' }] })))
    const { steps } = bridgePlan(wanted, other.replica())
    assert.ok(steps.length > 0)
    other.transact([
      on.update('Bridge', [], { protocols: ['OpenFlow10'], controller: [] }),
      on.update('Port', [], { external_ids: [], tag: 8 }),
    ])
    assert.ok(other.transact(foreignPort('e1', 'br0')).ok)
    const before = other.replica()
    const applied = await applyPlan(steps, (operations) => Promise.resolve(other.transact(operations)))
    assert.deepEqual([applied.done, applied.stale], [[], true])
    assert.deepEqual(other.replica().tables, before.tables)
  }
})

test('what the database refuses does not hold up the rest', async () => {
  const one = database()
  const ports: WantedPort[] = [
    { name: 'e0' },
    { name: 'e1', interfaces: [{ name: 'e1', ofportRequest: 70_000 }] },
    { name: 'e2' },
  ]
  const { steps } = bridgePlan(host(bridge('br0', { ports })), one.replica())
  const applied = await applyPlan(steps, (operations) => Promise.resolve(one.transact(operations)))
  assert.deepEqual(
    applied.refused.map(({ step, error }) => [step.subject, error]),
    [['port br0/e1', 'constraint violation: 70000 is not in the valid range 1 to 65,279']],
  )
  assert.deepEqual(
    applied.done.map(({ subject }) => subject),
    ['bridge br0', 'port br0/e0', 'port br0/e2'],
  )
  assert.equal(applied.nextCfg, 3)
})

test('ports of ours become members of a bond and ports again; one of somebody else does not', async () => {
  const single = host(bridge('br0', { ports: [{ name: 'eth0' }, { name: 'eth1' }] }))
  const bonded = host(
    bridge('br0', {
      ports: [
        {
          name: 'br0-out',
          interfaces: [{ name: 'eth0' }, { name: 'eth1' }],
          bond: { mode: 'balance-tcp', lacp: 'active' },
          otherConfig: { 'lacp-time': 'fast' },
        },
      ],
    }),
  )
  const ours = database()
  const membersOf = (port: string) => {
    const { tables } = ours.replica()
    const row = named(ours.replica(), 'Port', port)
    return row && [...row.interfaces].map((uuid) => tables.Interface.get(uuid)?.name).toSorted()
  }
  await settle(ours, single)
  await settle(ours, bonded)
  assert.deepEqual(['br0-out', 'eth0', 'eth1'].map(membersOf), [['eth0', 'eth1'], undefined, undefined])
  const bond = named(ours.replica(), 'Port', 'br0-out')
  assert.deepEqual([bond?.bond_mode, bond?.lacp], ['balance-tcp', 'active'])
  await settle(ours, single)
  assert.deepEqual(['br0-out', 'eth0', 'eth1'].map(membersOf), [undefined, ['eth0'], ['eth1']])

  const mixed = database(foreignBridge('br0'), foreignPort('eth0', 'br0'))
  const before = named(mixed.replica(), 'Port', 'eth0')
  const { refused } = bridgePlan(bonded, mixed.replica())
  assert.deepEqual(refused, [
    {
      subject: 'port br0/br0-out',
      error: 'interface eth0 is part of port eth0, and somebody else made it',
    },
  ])
  assert.deepEqual(named(mixed.replica(), 'Port', 'eth0'), before)
})
