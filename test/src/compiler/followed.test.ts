/** NICs that hypervisors tell of: wherever they are plugged in, the program is that of NICs declared there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compile, Compiler } from '../../../src/compiler/compiler.ts'
import type { Intent, Nic } from '../../../src/model/intent.ts'
import { locate } from '../../../src/model/located.ts'
import type { Attachment, Observation } from '../../../src/model/observation.ts'
import { prove, Prover } from '../../../src/prover/prover.ts'
import { build, type World, type WorldSpec } from './world.ts'
import { seeds, worldFrom } from './worlds.ts'

const database = (name: string) => `unix:/${name}`

/** The same world, with its NICs followed instead of declared at a port; `preferred` keeps the host. */
function followed({ intent, observation }: World, preferred: boolean): World {
  const switches = new Map(
    [...intent.switches].map(([name, one]) => [
      name,
      { ...one, ovsdb: { target: database(name), bridge: 'br' } },
    ]),
  )
  const attachments = new Map<string, readonly Attachment[]>()
  const follow = (nic: Nic): Nic => {
    const datapathId = intent.switches.get(nic.switch)?.datapathId ?? ''
    attachments.set(nic.id, [{ host: database(nic.switch), datapathId, port: nic.port, mac: nic.mac }])
    return { ...nic, iface: nic.id, switch: preferred ? nic.switch : '', port: '' }
  }
  const vms = new Map([...intent.vms].map(([name, vm]) => [name, { ...vm, nics: vm.nics.map(follow) }]))
  return { intent: { ...intent, switches, vms }, observation: { ...observation, attachments } }
}

const withDatabases = (intent: Intent, { switches }: Intent): Intent => ({ ...intent, switches })

test('a followed NIC is programmed and proved as if it were declared where it is plugged in', () => {
  fc.assert(
    fc.property(seeds.map(worldFrom), fc.boolean(), (spec, preferred) => {
      const declared = build(spec)
      const { intent, observation } = followed(declared, preferred)
      const program = compile(intent, observation)
      assert.deepEqual(program, compile(withDatabases(declared.intent, intent), declared.observation))
      assert.deepEqual(prove(program, intent, observation), [])
    }),
    { numRuns: 60 },
  )
})

test('while NICs come and go, updates give what compiling and proving from nothing give', () => {
  fc.assert(
    fc.property(
      seeds.map(worldFrom),
      fc.array(fc.tuple(fc.nat(20), fc.nat(5), fc.boolean()), { minLength: 1, maxLength: 8 }),
      (spec, steps) => {
        const { intent, observation } = followed(build(spec), false)
        const compiler = new Compiler()
        const prover = new Prover()
        const ids = [...(observation.attachments?.keys() ?? [])]
        let now: Observation = observation
        for (const [which, where, add] of steps) {
          const id = ids[which % ids.length] ?? ''
          const at = [...intent.switches.values()][where % intent.switches.size]
          const one = { host: database(at?.name ?? ''), datapathId: at?.datapathId ?? '', port: 'c0' }
          const attachments = new Map(now.attachments)
          attachments.set(id, add ? [...(attachments.get(id) ?? []), one] : [])
          now = { ...now, attachments }
          const program = compiler.update(intent, now)
          assert.deepEqual(program, compile(intent, now))
          assert.deepEqual(prover.check(program, intent, now), [])
          assert.deepEqual(compiler.located, locate(intent, now).intent)
        }
      },
    ),
    { numRuns: 60 },
  )
})

const small: WorldSpec = {
  switches: [
    { name: 'hv0', uplinks: [{ port: 'up' }] },
    { name: 'hv1', uplinks: [{ port: 'up' }] },
  ],
  networks: [
    { name: 'blue', vlan: 10 },
    { name: 'inside', switch: 'hv0' },
  ],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'inside', on: 'hv0', n: 2 },
  ],
  cables: [['hv0', 'up', 'hv1', 'up']],
}

/** The small world with one NIC plugged in at these places. */
function plugged(nic: 'a/0' | 'b/0', places: readonly Partial<Attachment>[]): World {
  const { intent, observation } = followed(build(small), true)
  const [first] = observation.attachments?.get(nic) ?? []
  assert.ok(first)
  const list = places.map((place) => ({ ...first, ...place }))
  return { intent, observation: { ...observation, attachments: new Map([[nic, list]]) } }
}

const onHv1 = { host: database('hv1'), datapathId: '0000000000000002' }
const placeIn = ({ intent, observation }: World, nic: 'a/0' | 'b/0') => {
  const located = locate(intent, observation)
  const found = [...located.intent.vms.values()].flatMap(({ nics }) => nics).find(({ id }) => id === nic)
  return found?.switch ?? located.unplugged.find((one) => one.nic === nic)?.text
}

test('of two places the host preferred counts, else the one that came first', () => {
  assert.equal(placeIn(plugged('a/0', [onHv1, {}]), 'a/0'), 'hv0')
  assert.equal(placeIn(plugged('a/0', [onHv1]), 'a/0'), 'hv1')
})

test('a NIC is not taken where it may not be, and the reason is told', () => {
  assert.match(placeIn(plugged('a/0', []), 'a/0') ?? '', /no hypervisor has an interface with iface-id a\/0/)
  assert.match(
    placeIn(plugged('a/0', [{ mac: 5 }]), 'a/0') ?? '',
    /MAC 00:00:00:00:00:05, and 52:54:00:00:00:01 is declared/,
  )
  assert.match(placeIn(plugged('b/0', [onHv1]), 'b/0') ?? '', /not on hv0, to which internal network inside/)
  // One host's database speaks of its own bridges only.
  assert.match(placeIn(plugged('a/0', [{ host: database('hv1') }]), 'a/0') ?? '', /no hypervisor/)
})

test('the prover knows for itself where a NIC may be', () => {
  const { intent, observation } = plugged('b/0', [{}])
  const program = compile(intent, observation)
  assert.deepEqual(prove(program, intent, observation), [])
  const elsewhere = plugged('b/0', [{ ...onHv1, port: 'b-eth0' }])
  assert.notDeepEqual(prove(program, elsewhere.intent, elsewhere.observation), [])
  const lied = plugged('b/0', [{ host: database('hv1') }])
  assert.notDeepEqual(prove(program, lied.intent, lied.observation), [])
})

test('what no program can be made of is an obstacle of the NIC', () => {
  const { intent, observation } = plugged('a/0', [])
  const { obstacles } = compile(intent, observation)
  assert.deepEqual(
    obstacles.map(({ owner, code }) => [owner, code]),
    [
      ['nic/a/0', 'unplugged'],
      ['nic/b/0', 'unplugged'],
    ],
  )
})

test('a VM that is not followed may change beside one that is', () => {
  const { intent, observation } = plugged('a/0', [{}])
  const still = build(small).intent.vms.get('b')
  assert.ok(still)
  const before: Intent = { ...intent, vms: new Map(intent.vms).set('b', still) }
  const changed = { ...still, nics: still.nics.map((nic) => ({ ...nic, mac: nic.mac + 1 })) }
  const after: Intent = { ...before, vms: new Map(before.vms).set('b', changed) }
  const compiler = new Compiler()
  compiler.update(before, observation)
  assert.deepEqual(compiler.update(after, observation), compile(after, observation))
  assert.deepEqual(compiler.located, locate(after, observation).intent)
})
