/** Teams into segments: one uplink at a time, also before the compiler knows; nothing arrives twice, nothing of our own comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import type { Unsteady } from '../../../src/model/observation.ts'
import { dropReasonOf } from '../../../src/pipeline/drop-reasons.ts'
import { type Fate, type Frame, send } from '../../support/table-interpreter.ts'
import { team } from './teamed.ts'
import { build, datapathOf, macOf, type NicSpec, type WorldSpec } from './world.ts'
import { dataPlane, placeOf } from './worlds.ts'

/** `hv0` prefers u1. */
const lan: WorldSpec = {
  switches: [
    {
      name: 'hv0',
      uplinks: ['u0', 'u1', 'u2'].map((port) => ({ port, segment: 'lan' })),
      teams: [team('active-backup', ['u1', 1], ['u0', 1], ['u2', 1])],
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

const frame = (from: NicSpec, destination: number, vlans: readonly number[] = []): Frame => ({
  vlans,
  fields: { eth_src: macOf(from.n), eth_dst: destination, eth_type: 0x8035 },
})

interface Plane {
  readonly down?: readonly string[]
  /** What of it the compiler knows; all unless given. */
  readonly known?: readonly string[]
  readonly unsteady?: Unsteady
}

function planeOf({ down = [], known = down, unsteady }: Plane) {
  const told = build({ ...lan, down: new Set(known) })
  const observation = { ...told.observation, ...(unsteady && { unsteady: new Map([[hv0, unsteady]]) }) }
  const world = build({ ...lan, down: new Set(down) })
  return {
    plane: dataPlane(lan, world.observation, compile(told.intent, observation)),
    observation: world.observation,
  }
}

const portNo = (name: string) => build(lan).observation.switches.get(hv0)?.ports.get(name)?.no ?? 0

const sentFrom = (from: NicSpec, destination: number, trial: Plane): Fate => {
  const { plane, observation } = planeOf(trial)
  return send(plane, placeOf(lan, observation, from), frame(from, destination))
}

/** How a frame that the segment sends to an uplink of hv0 is taken in. */
const arriving = (port: string, content: Frame, trial: Plane): Fate =>
  send(planeOf(trial).plane, { datapathId: hv0, port: portNo(port) }, content)

const usedBy = ({ sent }: Fate) => sent.filter(({ datapathId }) => datapathId === hv0).map(({ port }) => port)
const reasons = ({ dropped }: Fate) => dropped.map(({ reason }) => dropReasonOf(reason))
const receivers = ({ delivered }: Fate, trial: Plane) => {
  const { observation } = planeOf(trial)
  return delivered.map(({ datapathId, port }) => {
    const at = lan.nics.find((nic) => {
      const place = placeOf(lan, observation, nic)
      return place.datapathId === datapathId && place.port === port
    })
    return at?.vm
  })
}

const failures: readonly (readonly [string, Plane, string])[] = [
  ['nothing failed', {}, 'u1'],
  ['the preferred one failed', { down: ['hv0/u1'] }, 'u0'],
  ['the preferred one failed and nobody knows', { down: ['hv0/u1'], known: [] }, 'u0'],
  ['two failed and nobody knows', { down: ['hv0/u1', 'hv0/u0'], known: [] }, 'u2'],
  ['one came back and nobody knows', { down: [], known: ['hv0/u1'] }, 'u1'],
  ['one came back a moment ago', { unsteady: { held: ['u1'], settling: [] } }, 'u0'],
  [
    'all but one that came back failed',
    { down: ['hv0/u0', 'hv0/u2'], unsteady: { held: ['u1'], settling: [] } },
    'u1',
  ],
]

for (const [what, trial, uplink] of failures) {
  test(`${what}: all leaves by ${uplink} and arrives once, and so does what comes in`, () => {
    for (const destination of [macOf(b.n), broadcast]) {
      const fate = sentFrom(a, destination, trial)
      assert.deepEqual(usedBy(fate), [portNo(uplink)])
      const expected = destination === broadcast ? ['b', 'c'] : ['b']
      assert.deepEqual(receivers(fate, trial).toSorted(), expected)
    }
    // The segment of these tests floods everything, so it sends copies to all uplinks.
    assert.deepEqual(receivers(sentFrom(b, macOf(a.n), trial), trial), ['a'])
    assert.deepEqual(receivers(sentFrom(b, broadcast, trial), trial).toSorted(), ['a', 'c'])
  })
}

test('what comes by an uplink that is not in use is dropped for that reason', () => {
  for (const destination of [macOf(a.n), broadcast]) {
    const fate = arriving('u0', frame(b, destination, [10]), {})
    assert.deepEqual([fate.delivered, reasons(fate)], [[], ['standby-uplink']])
  }
})

test('while a change of uplink settles, the one before still takes in unicast', () => {
  const trial = { unsteady: { held: [], settling: ['u1'] } }
  assert.deepEqual(usedBy(sentFrom(a, broadcast, trial)), [portNo('u1')])
  for (const port of ['u0', 'u1'])
    assert.deepEqual(receivers(arriving(port, frame(b, macOf(a.n), [10]), trial), trial), ['a'])
  assert.deepEqual(reasons(arriving('u0', frame(b, broadcast, [10]), trial)), ['standby-uplink'])
  assert.deepEqual(reasons(arriving('u2', frame(b, macOf(a.n), [10]), trial)), ['standby-uplink'])
})

test("a VM's own broadcast that comes back is not delivered, by whichever uplink it comes", () => {
  for (const [port, reason] of [
    ['u1', 'own-frame'],
    ['u0', 'own-frame'],
  ] as const) {
    const fate = arriving(port, frame(a, broadcast, [10]), {})
    assert.deepEqual([fate.delivered, reasons(fate)], [[], [reason]])
  }
})

test('other VLANs of every uplink of the team are dropped and not shown to the controller', () => {
  for (const port of ['u0', 'u1', 'u2'])
    assert.deepEqual(reasons(arriving(port, frame(b, broadcast, [99]), {})), ['undeclared-vlan'])
})
