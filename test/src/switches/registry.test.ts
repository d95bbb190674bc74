/** The registry against simulated switches over loopback TCP: what comes up, goes down, claims too much, and is refused. */
import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { ObservedSwitch } from '../../../src/model/observation.ts'
import type { SwitchIncident } from '../../../src/switches/incident.ts'
import type { LiveSwitch } from '../../../src/switches/live-switch.ts'
import { type RegistryOptions, SwitchRegistry } from '../../../src/switches/registry.ts'
import type { FlowMod } from '../../../src/switches/round.ts'
import {
  simulatedPort,
  SimulatedSwitch,
  type SimulatedSwitchOptions,
} from '../../support/simulated-switch.ts'

const A = '00000000000000aa'

interface Bench {
  readonly registry: SwitchRegistry
  readonly port: number
  /** Names of what was called, in order. */
  readonly log: string[]
  readonly incidents: SwitchIncident[]
  readonly observed: ObservedSwitch[]
  /** Resolves when `done` holds; looked at after every call of a handler. */
  readonly until: (done: () => boolean) => Promise<void>
  readonly simulate: (options?: Partial<SimulatedSwitchOptions>) => Promise<SimulatedSwitch>
}

async function bench(t: TestContext, options: Partial<RegistryOptions> = {}): Promise<Bench> {
  const log: string[] = []
  const incidents: SwitchIncident[] = []
  const observed: ObservedSwitch[] = []
  const watchers: (() => void)[] = []
  const tell = (line: string) => {
    log.push(line)
    for (const look of watchers.splice(0)) look()
  }
  const registry = new SwitchRegistry({
    ...options,
    onUp: (live) => tell(`up ${live.datapathId}`),
    onDown: (live, ending) => tell(`down ${live.datapathId} ${ending.code}`),
    onPorts: (value) => {
      observed.push(value)
      tell(`ports ${[...value.ports.keys()].join(' ')}`)
    },
    onPacketIn: (live, message) => {
      tell(`packet-in ${message.data.length}`)
      return options.onPacketIn?.(live, message)
    },
    onError: (_, error) => tell(`error ${error.code}`),
    onIncident: (incident) => {
      incidents.push(incident)
      tell(`incident ${incident.code}`)
    },
  })
  const { address } = await registry.listen({ port: 0 })
  const simulated: SimulatedSwitch[] = []
  t.after(async () => {
    await Promise.all(simulated.map((one) => one.close()))
    await registry.close()
  })
  return {
    registry,
    port: address.port,
    log,
    incidents,
    observed,
    until: async (done) => {
      while (!done()) await new Promise<void>((resolve) => watchers.push(resolve))
    },
    simulate: async (given) => {
      const one = await SimulatedSwitch.connect({ port: address.port, datapathId: A, ...given })
      simulated.push(one)
      return one
    },
  }
}

async function liveOf({ registry, until }: Bench, datapathId = A): Promise<LiveSwitch> {
  await until(() => registry.live(datapathId) !== undefined)
  return registry.live(datapathId) as LiveSwitch
}

const flow = (priority: number, command: FlowMod['command'] = 'add'): FlowMod => ({
  type: 'flow_mod',
  command,
  tableId: 3,
  priority,
  cookie: BigInt(priority),
  match: [{ field: 'in_port', value: priority }],
  instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 1 }] }],
})

for (const version of [4, 5, 6] as const) {
  test(`wire version ${version}: ports, description, a bundle, and every flow read back`, async (t) => {
    const b = await bench(t)
    const simulated = await b.simulate({ version, ports: [simulatedPort(1, 'p1'), simulatedPort(2, 'p2')] })
    const live = await liveOf(b)
    assert.equal(live.version, version)
    assert.equal(live.description.manufacturer, 'simulated')
    assert.deepEqual(b.log, ['ports p1 p2', `up ${A}`])
    assert.deepEqual(live.ports.get('p2'), { no: 2, name: 'p2', mac: 0x020000000002, up: true })
    const mods = Array.from({ length: 250 }, (_, index) => flow(index + 1))
    assert.deepEqual(await live.commit(mods), { ok: true, bundles: 1 })
    assert.equal(simulated.flows.size, 250)
    assert.equal(simulated.count('bundle_add'), 250)
    assert.equal(simulated.count('flow_mod'), 0)
    const read = await live.readFlows()
    assert.deepEqual(
      new Set(read.map(({ tableId, priority, cookie }) => `${tableId} ${priority} ${cookie}`)),
      new Set(mods.map(({ tableId, priority, cookie }) => `${tableId} ${priority} ${cookie}`)),
    )
    const found = read.find(({ priority }) => priority === 7)
    assert.deepEqual(found?.match, [{ field: 'in_port', value: 7 }])
    assert.equal(found?.packetCount, 0n)
  })
}

test('one flow-mod goes without a bundle, none goes without a word', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate()
  const live = await liveOf(b)
  assert.deepEqual(await live.commit([]), { ok: true, bundles: 0 })
  assert.deepEqual(await live.commit([flow(9)]), { ok: true, bundles: 0 })
  assert.equal(simulated.count('flow_mod'), 1)
  assert.equal(simulated.count('bundle_control'), 0)
  simulated.refuse(() => 'OFPFMFC_EPERM')
  assert.deepEqual(await live.commit([flow(10)]), {
    ok: false,
    refused: [{ index: 0, error: 'OFPFMFC_EPERM' }],
    applied: 0,
  })
  assert.equal(simulated.flows.size, 1)
})

for (const at of ['add', 'commit'] as const) {
  test(`a member refused at ${at} is named by its position and nothing is applied`, async (t) => {
    const b = await bench(t)
    const simulated = await b.simulate({ version: at === 'add' ? 4 : 6 })
    const live = await liveOf(b)
    simulated.refuse(
      (mod) => (mod.priority === 3 || mod.priority === 5 ? 'OFPBAC_BAD_OUT_GROUP' : undefined),
      at,
    )
    const outcome = await live.commit([1, 2, 3, 4, 5].map((priority) => flow(priority)))
    const refused = [{ index: 2, error: 'OFPBAC_BAD_OUT_GROUP' }]
    // At commit a switch stops at the first that fails.
    if (at === 'add') refused.push({ index: 4, error: 'OFPBAC_BAD_OUT_GROUP' })
    assert.deepEqual(outcome, { ok: false, refused, applied: 0 })
    assert.equal(simulated.flows.size, 0)
    simulated.refuse(undefined)
    assert.deepEqual(await live.commit([flow(1), flow(2)]), { ok: true, bundles: 1 })
    assert.equal(simulated.flows.size, 2)
  })
}

test('a rule that the version cannot carry is refused by position, before anything is applied', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate({ version: 4 })
  const live = await liveOf(b)
  const masked = flow(2)
  const field = { field: 'eth_dst', value: 1, mask: 1 } as const
  const outcome = await live.commit([
    flow(1),
    { ...masked, instructions: [{ type: 'apply_actions', actions: [{ type: 'set_field', field }] }] },
  ])
  assert.ok(!outcome.ok)
  assert.deepEqual(
    outcome.refused.map(({ index }) => index),
    [1],
  )
  assert.match(outcome.refused[0]?.error ?? '', /OpenFlow 1\.3/)
  assert.equal(simulated.flows.size, 0)
})

test('only a list over the limit is split, and a later bundle that fails leaves the earlier in effect', async (t) => {
  const b = await bench(t, { limits: { maxBundleBytes: 1000 } })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  const mods = Array.from({ length: 30 }, (_, index) => flow(index + 1))
  const outcome = await live.commit(mods)
  assert.ok(outcome.ok && outcome.bundles > 1)
  simulated.flows.clear()
  simulated.refuse(({ priority }) => (priority === 30 ? 'OFPFMFC_TABLE_FULL' : undefined))
  const failed = await live.commit(mods)
  assert.ok(!failed.ok)
  assert.deepEqual(failed.refused, [{ index: 29, error: 'OFPFMFC_TABLE_FULL' }])
  assert.equal(simulated.flows.size, failed.applied)
  assert.ok(failed.applied > 0 && failed.applied < 30)
})

test('one by one, what is not refused is installed', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate({ flowLimit: 2 })
  const live = await liveOf(b)
  assert.deepEqual(await live.commitEach([flow(1), flow(2), flow(3), flow(2)]), [
    { index: 2, error: 'OFPFMFC_TABLE_FULL' },
  ])
  assert.equal(simulated.flows.size, 2)
})

test('meters go by themselves and are read back', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const meter = {
    type: 'meter_mod',
    command: 'add',
    meterId: 4,
    flags: ['pktps'],
    bands: [{ type: 'drop', rate: 10 }],
  } as const
  assert.deepEqual(await live.sendMeters([meter, meter]), [{ index: 1, error: 'OFPMMFC_METER_EXISTS' }])
  assert.deepEqual(
    (await live.readMeters()).map(({ meterId, flags }) => [meterId, flags]),
    [[4, ['pktps']]],
  )
})

test('a second round while one is in flight is a mistake of the caller', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const first = live.commit([flow(1), flow(2)])
  await assert.rejects(live.commit([flow(3)]), /a round is in flight/)
  assert.deepEqual(await first, { ok: true, bundles: 1 })
})

test('a session that ends in a round rejects the round', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate()
  const live = await liveOf(b)
  simulated.stopReading()
  const round = live.commit([flow(1), flow(2)])
  simulated.drop()
  await assert.rejects(round, { name: 'SessionClosed', code: 'peer-closed' })
  assert.equal(b.registry.live(A), undefined)
})

test('a switch that goes away keeps its last known ports, and comes back without news', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate({ ports: [simulatedPort(1, 'p1')] })
  await liveOf(b)
  simulated.drop()
  await b.until(() => b.log.length === 3)
  assert.deepEqual(b.log, ['ports p1', `up ${A}`, `down ${A} peer-closed`])
  assert.deepEqual([...(b.registry.observed.get(A)?.ports.keys() ?? [])], ['p1'])
  await simulated.reconnect()
  await liveOf(b)
  assert.deepEqual(b.log.slice(3), [`up ${A}`])
  assert.deepEqual(b.incidents, [])
})

test('PORT_STATUS: added, down, renamed, removed; impossible numbers and too many are refused', async (t) => {
  const b = await bench(t, { limits: { maxPorts: 3 } })
  const simulated = await b.simulate({ ports: [simulatedPort(1, 'p1'), simulatedPort(0xfffffffe, 'br0')] })
  await liveOf(b)
  simulated.portStatus('add', simulatedPort(2, 'p2'))
  simulated.portStatus('modify', simulatedPort(2, 'p2', { state: ['link_down'] }))
  simulated.portStatus('modify', simulatedPort(2, 'p2', { state: ['link_down'] }))
  simulated.portStatus('modify', simulatedPort(2, 'tap9'))
  simulated.portStatus('add', simulatedPort(3, 'p3'))
  simulated.portStatus('add', simulatedPort(0xfffffffd, 'ctl'))
  simulated.portStatus('add', simulatedPort(0, 'zero'))
  simulated.portStatus('delete', simulatedPort(2, 'tap9'))
  await b.until(() => b.observed.at(-1)?.ports.size === 2 && b.observed.length === 5)
  assert.deepEqual(
    b.log.filter((line) => line !== `up ${A}`),
    [
      'ports p1 br0',
      'ports p1 br0 p2',
      'ports p1 br0 p2',
      'ports p1 br0 tap9',
      'incident port-refused',
      'incident port-refused',
      'incident port-refused',
      'ports p1 br0',
    ],
  )
  assert.equal(b.observed[2]?.ports.get('p2')?.up, false)
  assert.equal(b.observed[2]?.ports.get('p1'), b.observed[0]?.ports.get('p1'))
})

test('two peers claim one datapath id: the old session keeps it while it answers', async (t) => {
  const b = await bench(t)
  const old = await b.simulate()
  const live = await liveOf(b)
  const thief = await b.simulate()
  await thief.closedByPeer()
  assert.equal(b.registry.live(A), live)
  assert.ok(old.isConnected)
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['duplicate-datapath', 'duplicate-refused'],
  )
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
})

test('two peers claim one datapath id: the newcomer gets it when the old one is silent', async (t) => {
  const b = await bench(t, { limits: { challengeMs: 50 } })
  const old = await b.simulate({ ports: [simulatedPort(1, 'p1')] })
  const live = await liveOf(b)
  old.answersEcho = false
  await b.simulate({ ports: [simulatedPort(1, 'p1')] })
  await b.until(() => b.registry.live(A) !== undefined && b.registry.live(A) !== live)
  assert.deepEqual(b.log.slice(2), [
    'incident duplicate-datapath',
    'incident datapath-replaced',
    `down ${A} closed-here`,
    `up ${A}`,
  ])
})

test('an auxiliary connection and one switch too many are refused', async (t) => {
  const b = await bench(t, { limits: { maxSwitches: 1 } })
  await b.simulate()
  await liveOf(b)
  await (await b.simulate({ auxiliaryId: 1 })).closedByPeer()
  await (await b.simulate({ datapathId: '00000000000000bb' })).closedByPeer()
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['auxiliary-connection', 'too-many-switches'],
  )
})

test('packet-ins over the limit are shed and counted; echoes and barriers are not', async (t) => {
  const b = await bench(t, { limits: { packetInsPerSecond: 0, packetInBurst: 3 } })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  for (let count = 1; count <= 10; count++) simulated.packetIn({ inPort: 1, data: new Uint8Array(count) })
  simulated.send({ type: 'echo_request', data: new Uint8Array(1) }, 77)
  await simulated.until(() => simulated.count('echo_reply') === 1)
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
  assert.deepEqual(b.log.slice(2), ['packet-in 1', 'packet-in 2', 'packet-in 3', 'incident packet-in-shed'])
  assert.deepEqual([live.counters.packetIns, live.counters.packetInsShed], [10, 7])
})

test('a handler that throws is an incident; the session and the other switches go on', async (t) => {
  const b = await bench(t, {
    onPacketIn: () => {
      throw new Error('oops')
    },
  })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  simulated.packetIn({ inPort: 1, data: new Uint8Array(1) })
  await b.until(() => b.incidents.length === 1)
  assert.deepEqual([b.incidents[0]?.code, b.incidents[0]?.detail], ['handler-failed', 'oops'])
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
})

test('an ERROR that answers nothing reaches onError', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate()
  await liveOf(b)
  simulated.send(
    { type: 'error', errorType: 'OFPET_BAD_REQUEST', code: 'OFPBRC_BAD_PORT', data: new Uint8Array(0) },
    4711,
  )
  await b.until(() => b.log.includes('error OFPBRC_BAD_PORT'))
})

test('peers that speak HTTP or TLS, or claim a wrong length, are named while a switch works on', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const strangers = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0x16, 3, 1, 2, 0]),
    Buffer.from('0600000700000001', 'hex'),
  ]
  for (const bytes of strangers) {
    const socket = connectTcp({ port: b.port, host: '127.0.0.1' })
    socket.on('error', () => socket.destroy())
    socket.resume()
    socket.write(bytes)
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  }
  assert.deepEqual(
    b.incidents.map(({ code }) => code),
    ['http-peer', 'tls-peer', 'bad-framing'],
  )
  assert.deepEqual(await live.commit([flow(1)]), { ok: true, bundles: 0 })
})
