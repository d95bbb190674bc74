/** Teams that a segment aggregates by LACP: flows are spread over the members that are in, each frame leaves and is taken in once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { dropReasonOf } from '../../../src/pipeline/drop-reasons.ts'
import { prove } from '../../../src/prover/prover.ts'
import { type Fate, type Frame, send } from '../../support/table-interpreter.ts'
import { team } from './teamed.ts'
import { build, datapathOf, macOf, type NicSpec, type WorldSpec } from './world.ts'
import { dataPlane, placeOf } from './worlds.ts'

const names = ['u0', 'u1', 'u2']

const lan: WorldSpec = {
  switches: [
    {
      name: 'hv0',
      uplinks: names.map((port) => ({ port, segment: 'lan' })),
      teams: [team('lacp', ['u0', 1], ['u1', 1], ['u2', 1])],
    },
    { name: 'hv1', uplinks: [{ port: 'u0', segment: 'lan' }] },
  ],
  networks: [{ name: 'blue', vlan: 10 }],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    { vm: 'c', network: 'blue', on: 'hv0', n: 3 },
  ],
}
const [a, b] = lan.nics as [NicSpec, NicSpec, NicSpec]
const broadcast = 0xffffffffffff
const hv0 = datapathOf(lan, 'hv0')
const portNo = (name: string) => build(lan).observation.switches.get(hv0)?.ports.get(name)?.no ?? 0

const frame = (from: NicSpec, destination: number, vlans: readonly number[] = []): Frame => ({
  vlans,
  fields: { eth_src: macOf(from.n), eth_dst: destination, eth_type: 0x8035 },
})

/** Those uplinks are not in the aggregation; the compiler knows of `known`. */
function planeOf(out: readonly string[], known: readonly string[] = out) {
  const told = build({ ...lan, down: new Set(known.map((port) => `hv0/${port}`)) })
  const world = build({ ...lan, down: new Set(out.map((port) => `hv0/${port}`)) })
  return dataPlane(lan, world.observation, compile(told.intent, told.observation))
}

const place = (nic: NicSpec) => placeOf(lan, build(lan).observation, nic)
const usedBy = ({ sent }: Fate) => sent.filter(({ datapathId }) => datapathId === hv0).map(({ port }) => port)
const reasons = ({ dropped }: Fate) => dropped.map(({ reason }) => dropReasonOf(reason))
const arriving = (port: string, destination: number, out: readonly string[], known = out): Fate =>
  send(planeOf(out, known), { datapathId: hv0, port: portNo(port) }, frame(b, destination, [10]))

for (const [out, known] of [
  [[], []],
  [['u0'], []],
  [['u0'], ['u0']],
  [['u0', 'u2'], []],
] as const)
  test(`${out.join() || 'none'} not in, of which ${known.join() || 'nothing'} is known: frames leave once, by a member that is in`, () => {
    const working = names.filter((name) => !out.some((one) => one === name)).map(portNo)
    for (const destination of [macOf(b.n), broadcast]) {
      const used = usedBy(send(planeOf(out, known), place(a), frame(a, destination)))
      assert.equal(used.length, 1)
      assert.ok(working.includes(used[0] ?? 0), `${used.join()} of ${working.join()}`)
    }
    for (const name of names)
      for (const destination of [macOf(a.n), broadcast]) {
        const fate = arriving(name, destination, out, known)
        const isIn = working.includes(portNo(name))
        assert.equal(fate.delivered.length, !isIn ? 0 : destination === broadcast ? 2 : 1)
        if (!isIn) assert.deepEqual(reasons(fate), ['standby-uplink'])
      }
  })

test('where nobody has taken any in, nothing leaves and nothing is taken in', () => {
  for (const known of [[], names]) {
    assert.deepEqual(usedBy(send(planeOf(names, known), place(a), frame(a, broadcast))), [])
    assert.deepEqual(arriving('u1', macOf(a.n), names, known).delivered, [])
  }
})

test('the program is proved', () => {
  const { intent, observation } = build(lan)
  assert.deepEqual(prove(compile(intent, observation), intent, observation), [])
})
