/** A host: wishes become so and are confirmed, stay so, and survive sessions; what is plugged in is told in the turn it is known. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { OvsdbHost } from '../../../../src/switches/ovsdb/host.ts'
import type { HostReceipt } from '../../../../src/switches/ovsdb/host-receipt.ts'
import { on } from '../../../../src/switches/ovsdb/tables.ts'
import { ManualClock } from './support/manual-clock.ts'
import { bridge, foreignBridge, foreignPort, host as wish } from './support/plans.ts'
import { ServedDatabase } from './support/served.ts'

const hosts: OvsdbHost[] = []
afterEach(() => hosts.splice(0).forEach((host) => host.close()))

function stage() {
  const clock = new ManualClock()
  const served = new ServedDatabase()
  served.database.transact([on.insert('Open_vSwitch', { external_ids: [['system-id', 'hv1']] })])
  const told: string[] = []
  const host = new OvsdbHost({
    target: { kind: 'unix', path: '/run/db.sock' },
    clock,
    random: () => 0,
    dial: served.dial,
    onAttachments: ({ added, changed, removed }) => {
      told.push(...added.map(({ port, ofport }) => `+${port} ${ofport}`))
      told.push(...changed.map((change) => `~${change.new.port} ${change.new.ofport}`))
      told.push(...removed.map(({ port }) => `-${port}`))
    },
    onUp: () => told.push('up'),
    onDown: ({ code }) => told.push(`down ${code}`),
    onRepair: (items) => told.push(...items.map(({ subject, state }) => `repair ${subject} ${state}`)),
  })
  hosts.push(host)
  /** Lets everything happen that is due by then. */
  const pass = async (ms = 0) => {
    for (let round = 0; round < 12; round++) {
      clock.advance(round === 0 ? ms : 0)
      await turn()
    }
  }
  const connect = async () => {
    await pass(200)
    served.session.connect()
    await pass()
  }
  const want = (...wanted: Parameters<typeof wish>) => {
    const asked: { receipt?: HostReceipt } = {}
    void host.want(wish(...wanted)).then((receipt) => (asked.receipt = receipt))
    return asked
  }
  return { clock, served, told, host, pass, connect, want }
}

test('a wish is done when vswitchd has taken it, also one made while the host was away', async () => {
  const { served, host, connect, pass, want } = stage()
  const asked = want(bridge('br0'))
  await pass()
  await connect()
  assert.equal(host.systemId, 'hv1')
  assert.deepEqual([served.asked, asked.receipt], [1, undefined])
  served.takeAll()
  await pass()
  assert.deepEqual(asked.receipt, {
    state: 'done',
    items: [{ subject: 'bridge br0', state: 'done' }],
    kept: [],
  })
  const again = want(bridge('br0'))
  await pass()
  assert.deepEqual([again.receipt, served.asked], [{ state: 'done', items: [], kept: [] }, 1])
})

test('a wish that another takes the place of, or the end, is told', async () => {
  const { host, connect, pass, want } = stage()
  await connect()
  const first = want(bridge('br0'))
  const second = want(bridge('br1'))
  await pass()
  host.close()
  await pass()
  assert.deepEqual([first.receipt?.state, second.receipt?.state], ['superseded', 'closed'])
  assert.equal((await host.want(wish())).state, 'closed')
})

test('what is refused is told in its own words, and is not sent again before the next session', async () => {
  const { served, connect, pass, want } = stage()
  await connect()
  const ports = [{ name: 'e0', interfaces: [{ name: 'e0', ofportRequest: 70_000 }] }, { name: 'e1' }]
  const asked = want(bridge('br0', { ports }))
  await pass()
  served.takeAll()
  await pass()
  assert.equal(asked.receipt?.state, 'refused')
  assert.deepEqual(
    asked.receipt.items.find(({ subject }) => subject === 'port br0/e0'),
    {
      subject: 'port br0/e0',
      state: 'refused',
      error: 'constraint violation: 70000 is not in the valid range 1 to 65,279',
    },
  )
  const before = served.asked
  served.transact(on.update('Bridge', [['name', '==', 'br0']], { fail_mode: 'standalone' }))
  await pass(100)
  assert.equal(served.asked, before + 1)
  served.session.socket.emit('close')
  await connect()
  assert.equal(served.asked, before + 2)
})

test('vswitchd says what it could not make', async () => {
  const { served, connect, pass, want } = stage()
  await connect()
  const asked = want(bridge('br0', { ports: [{ name: 'e9' }] }))
  await pass()
  served.transact(on.update('Interface', [['name', '==', 'e9']], { error: 'No such device', ofport: -1 }))
  served.takeAll()
  await pass()
  assert.deepEqual(asked.receipt?.items.at(-1), {
    subject: 'port br0/e9',
    state: 'refused',
    error: 'No such device',
  })
})

test('a plan that is outdated when it arrives is made anew', async () => {
  const { served, connect, pass, want } = stage()
  served.database.transact(foreignBridge('br0'))
  await connect()
  served.meanwhile = () => {
    served.transact(on.update('Bridge', [['name', '==', 'br0']], { other_config: [['mac-table-size', '9']] }))
  }
  const asked = want(bridge('br0'))
  await pass()
  served.takeAll()
  await pass()
  assert.deepEqual([asked.receipt?.state, served.asked], ['done', 2])
  const [row] = served.database.tables.get('Bridge')?.values() ?? []
  assert.equal((row?.['other_config'] as ReadonlyMap<string, string>).get('mac-table-size'), '9')
})

test('what others change back is put right, ever later if they go on', async () => {
  const { served, told, connect, pass, want } = stage()
  await connect()
  want(bridge('br0'))
  await pass()
  served.takeAll()
  await pass()
  const before = served.asked
  for (let second = 0; second < 60; second++) {
    for (let part = 0; part < 10; part++) {
      served.transact(on.update('Bridge', [['name', '==', 'br0']], { fail_mode: 'standalone' }))
      await pass(100)
    }
  }
  assert.ok(told.includes('repair bridge br0 done'))
  const repairs = served.asked - before
  assert.ok(repairs >= 5 && repairs <= 20, `${repairs} repairs in a minute`)
})

test('attachments are told in the turn they come in; a lost session is no lost port', async () => {
  const { served, host, told, connect, pass } = stage()
  served.database.transact(foreignBridge('br0'))
  served.database.transact([on.update('Bridge', [], { datapath_id: '00000000000000aa' })])
  await connect()
  assert.deepEqual(told.splice(0), ['up'])
  served.transact(...foreignPort('vif', 'br0'))
  assert.deepEqual(told.splice(0), [])
  served.transact(on.update('Interface', [['name', '==', 'vif']], { ofport: 4 }))
  assert.deepEqual(told.splice(0), ['+vif 4'])
  served.session.socket.emit('close')
  assert.deepEqual(told.splice(0), ['down peer-closed'])
  assert.equal([...host.attachments].length, 1)
  served.database.transact([on.update('Interface', [['name', '==', 'vif']], { ofport: 5 })])
  await connect()
  assert.deepEqual(told.splice(0), ['~vif 5', 'up'])
  served.transact(on.update('Bridge', [['name', '==', 'br0']], { ports: [] }))
  assert.deepEqual(told.splice(0), ['-vif'])
  await pass(1000)
  assert.equal(served.asked, 0)
})

test('a handler that throws is an incident; the others are called, and the wish is done all the same', async () => {
  const clock = new ManualClock()
  const served = new ServedDatabase()
  const told: string[] = []
  const host = new OvsdbHost({
    target: { kind: 'unix', path: '/run/db.sock' },
    clock,
    dial: served.dial,
    onAttachments: () => {
      throw new Error('bad handler')
    },
    onRows: (changes) => told.push(Object.keys(changes).sort().join(' ')),
    onUp: () => told.push('up'),
    onIncident: ({ code, detail }) => told.push(`! ${code} ${detail}`),
  })
  hosts.push(host)
  served.database.transact([on.insert('Open_vSwitch', {})])
  served.database.transact(foreignBridge('br0'))
  served.database.transact([on.update('Bridge', [], { datapath_id: '00000000000000aa' })])
  served.database.transact(foreignPort('vif', 'br0'))
  served.database.transact([on.update('Interface', [['name', '==', 'vif']], { ofport: 4 })])
  clock.advance(0)
  served.session.connect()
  await turn()
  assert.deepEqual(told, [
    '! handler-failed bad handler',
    'Bridge Controller Interface Open_vSwitch Port',
    'up',
  ])
})
