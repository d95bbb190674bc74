/** Loads of teams: what is read and how often, which slots move, and when that is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { FlowEntry, PortStats } from 'ts-openflow'
import { compile } from '../../../src/compiler/compiler.ts'
import { readEveryMs, type Rebalanced, TeamLoads } from '../../../src/controller/team-loads.ts'
import type { Observation, SlotTable } from '../../../src/model/observation.ts'
import { toFlowMod } from '../../../src/pipeline/openflow.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { tables } from '../../../src/pipeline/tables.ts'
import { imbalanceOf } from '../../../src/teaming/rebalance.ts'
import { ManualTimers } from '../../support/manual-timers.ts'
import { hashTeam, teamedSpec } from '../compiler/teamed.ts'
import { build, datapathOf } from '../compiler/world.ts'

const spec = teamedSpec([hashTeam])
const id = datapathOf(spec, 'hv0')

/** Bytes a second that a slot carries. */
type Rates = (slot: number) => number

const slotOf = ({ match }: Rule): number =>
  Number(match.find(({ field }) => field === 'reg14')?.value ?? Number.NaN)

/** A switch with a team of two uplinks, under traffic that the test sets. Only what is in force counts. */
class Rig {
  readonly timers = new ManualTimers()
  readonly told: Rebalanced[] = []
  readonly moved: SlotTable[] = []
  readonly reads = { ports: 0, slots: 0 }
  rates: Rates = () => 0
  /** What goes by the first uplink beside the slots, in bytes a second. */
  besideBps = 0
  answers = true
  /** False: the switch keeps the rules that it has. */
  takesRules = true
  readonly #intent
  #observation: Observation
  #installed: readonly Rule[] = []
  #bytes = new Map<number, number>()
  #portBytes = new Map<number, number>()
  #nowMs = 0
  readonly loads: TeamLoads

  constructor() {
    const { intent, observation } = build(spec)
    this.#intent = intent
    this.#observation = observation
    this.loads = new TeamLoads({
      timers: this.timers,
      clockMs: () => this.#nowMs,
      live: (one) => (one === id ? this.#live : undefined),
      observation: () => this.#observation,
      move: (one, table) => {
        assert.equal(one, id)
        this.moved.push(table)
        this.#observation = { ...this.#observation, slots: new Map([[id, [table]]]) }
        this.adopt()
      },
      onRebalanced: (_id, rebalanced) => this.told.push(rebalanced),
    })
    this.adopt()
  }

  adopt(): void {
    const program = compile(this.#intent, this.#observation)
    this.loads.follow(program, new Set([id]))
    if (!this.takesRules) return
    const rules = program.switches.get(id)?.groups.flatMap(({ chunks }) => chunks.flatMap((one) => one.rules))
    this.#installed = rules?.filter(({ match }) => match.some(({ field }) => field === 'reg14')) ?? []
  }

  carrier(name: string, up: boolean): void {
    const observed = this.#observation.switches.get(id)
    const port = observed?.ports.get(name)
    assert.ok(observed && port)
    const ports = new Map(observed.ports).set(name, { ...port, up })
    const switches = new Map(this.#observation.switches).set(id, { ...observed, ports })
    this.#observation = { ...this.#observation, switches }
    this.adopt()
  }

  countersBeginAnew(): void {
    this.#bytes = new Map()
  }

  /** Time passes under that traffic, and what is read meanwhile is answered. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= readEveryMs) {
      const seconds = readEveryMs / 1000
      const first = this.#portNo('u0')
      this.#portBytes.set(first, (this.#portBytes.get(first) ?? 0) + this.besideBps * seconds)
      for (const rule of this.#installed) {
        const bytes = this.rates(slotOf(rule)) * seconds
        this.#bytes.set(slotOf(rule), (this.#bytes.get(slotOf(rule)) ?? 0) + bytes)
        const port = this.#carrier(rule)
        this.#portBytes.set(port, (this.#portBytes.get(port) ?? 0) + bytes)
      }
      this.#nowMs += readEveryMs
      this.timers.pass(readEveryMs)
      for (let turns = 0; turns < 4; turns++) await turn()
    }
  }

  /** As the rules in force share the traffic. */
  get imbalance(): number {
    const ports = ['u0', 'u1'].map((name) => this.#portNo(name))
    const loads = ports.map((port) =>
      this.#installed
        .filter((rule) => this.#carrier(rule) === port)
        .reduce((sum, rule) => sum + this.rates(slotOf(rule)), 0),
    )
    return imbalanceOf(loads, [1, 1])
  }

  slotsOf(name: string): number[] {
    return this.#installed.filter((rule) => this.#carrier(rule) === this.#portNo(name)).map(slotOf)
  }

  #portNo(name: string): number {
    return this.#observation.switches.get(id)?.ports.get(name)?.no ?? 0
  }

  #carrier({ actions: [action] }: Rule): number {
    assert.ok(action?.type === 'failover')
    const ports = [...(this.#observation.switches.get(id)?.ports.values() ?? [])]
    return action.ports.find((no) => ports.some((port) => port.no === no && port.up)) ?? 0
  }

  readonly #live = {
    readPortCounters: (): Promise<readonly PortStats[]> => {
      this.reads.ports++
      if (!this.answers) return Promise.reject(new Error('the session ended'))
      const names = ['u0', 'u1'].map((name) => this.#portNo(name))
      const entries = names.map((portNo) => ({
        portNo,
        rxBytes: 0n,
        txBytes: BigInt(Math.round(this.#portBytes.get(portNo) ?? 0)),
      }))
      return Promise.resolve(entries as unknown as PortStats[])
    },
    readFlows: (only?: { readonly tableId?: number }): Promise<readonly FlowEntry[]> => {
      this.reads.slots++
      assert.deepEqual(only, { tableId: tables.path.id })
      const entries = this.#installed.map((rule) => ({
        ...toFlowMod(rule, 6, 'add'),
        byteCount: BigInt(Math.round(this.#bytes.get(slotOf(rule)) ?? 0)),
      }))
      return Promise.resolve(entries as unknown as FlowEntry[])
    },
  }
}

/** One of the first uplink's slots carries so much more than the others. */
function skewed(rig: Rig, times: number): Rates {
  const [busy] = rig.slotsOf('u0')
  return (slot) => (slot === busy ? times : 1) * 10_000
}

test('a load that stays uneven is moved within 8 s, and that is told once the switch reports it', async () => {
  const rig = new Rig()
  rig.rates = skewed(rig, 20)
  assert.ok(rig.imbalance > 1.05)
  await rig.pass(6_000)
  assert.equal(rig.moved.length, 0, 'it takes three readings of slots')
  await rig.pass(2_000)
  assert.equal(rig.moved.length, 1)
  assert.equal(rig.told.length, 0)
  assert.ok(rig.imbalance <= 1.01, String(rig.imbalance))
  await rig.pass(2_000)
  const [told] = rig.told
  assert.ok(told && told.before > 1.05 && told.after <= 1.01)
  assert.deepEqual(told.ports, ['u0', 'u1'])
  const [moved] = rig.moved
  assert.ok(told.slots > 0 && told.slots < 12 && moved)
  await rig.pass(60_000)
  assert.equal(rig.moved.length, 1, 'and no more after that')
})

test('where loads are equal, or hardly any, nothing moves and no slot is read', async () => {
  for (const each of [10_000, 100]) {
    const rig = new Rig()
    rig.rates = each === 100 ? (slot) => skewed(rig, 20)(slot) / 100 : () => each
    await rig.pass(20_000)
    assert.deepEqual([rig.moved.length, rig.reads.slots], [0, 0])
    assert.equal(rig.reads.ports, 10)
  }
})

test('an elephant that no plan can split is left where it is', async () => {
  const rig = new Rig()
  const [busy] = rig.slotsOf('u0')
  rig.rates = (slot) => (slot === busy ? 1e6 : 0)
  await rig.pass(120_000)
  assert.equal(rig.moved.length, 0)
})

test('traffic beside the slots moves none of them', async () => {
  const rig = new Rig()
  rig.rates = () => 10_000
  rig.besideBps = 1e6
  await rig.pass(20_000)
  assert.ok(rig.reads.slots > 0)
  assert.equal(rig.moved.length, 0)
})

test('counters that began anew are no load; a switch that keeps its old rules is not told to have moved', async () => {
  const rig = new Rig()
  rig.rates = skewed(rig, 20)
  await rig.pass(6_000)
  rig.countersBeginAnew()
  await rig.pass(2_000)
  assert.equal(rig.moved.length, 0, 'readings across that are not compared')
  rig.takesRules = false
  await rig.pass(30_000)
  assert.equal(rig.moved.length, 1)
  assert.equal(rig.told.length, 0)
  rig.takesRules = true
  rig.adopt()
  await rig.pass(2_000)
  assert.equal(rig.told.length, 1)
})

test('load that goes to and fro is followed ever less often', async () => {
  const rig = new Rig()
  const [a = 0, b = 0] = [rig.slotsOf('u0')[0], rig.slotsOf('u1')[0]]
  for (let turns = 0; turns < 30; turns++) {
    rig.rates = (slot) => (slot === (turns % 2 === 0 ? a : b) ? 40 : 1) * 10_000
    await rig.pass(10_000)
  }
  assert.ok(rig.moved.length >= 2 && rig.moved.length <= 6, String(rig.moved.length))
})

test('while one uplink alone is up nothing moves, and afterwards slots are where they were', async () => {
  const rig = new Rig()
  rig.rates = skewed(rig, 20)
  const before = rig.slotsOf('u1')
  rig.carrier('u1', false)
  await rig.pass(30_000)
  assert.equal(rig.moved.length, 0)
  rig.carrier('u1', true)
  assert.deepEqual(rig.slotsOf('u1'), before)
})

test('a session that ends while it is read does no harm; rates are of the last two seconds', async () => {
  const rig = new Rig()
  rig.rates = () => 10_000
  assert.equal(rig.loads.rate(id, 'u0'), undefined)
  await rig.pass(4_000)
  const bps = (rig.loads.rate(id, 'u0')?.outBps ?? 0) + (rig.loads.rate(id, 'u1')?.outBps ?? 0)
  assert.equal(Math.round(bps), 256 * 10_000 * 8)
  assert.equal(rig.loads.rate(id, 'nowhere'), undefined)
  rig.answers = false
  await rig.pass(4_000)
  rig.answers = true
  await rig.pass(4_000)
  assert.equal(Math.round(rig.loads.rate(id, 'u0')?.outBps ?? 0), 128 * 10_000 * 8)
})
