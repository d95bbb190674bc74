/** What a network is declared to carry, compared with what the ports on its ways carry. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, Compiler } from '../../../src/compiler/compiler.ts'
import type { Observation } from '../../../src/model/observation.ts'
import { build, type WorldSpec } from './world.ts'

const world: WorldSpec = {
  switches: [
    { name: 'hv0', uplinks: [{ port: 'up' }, { port: 'spare' }] },
    { name: 'leaf', role: 'fabric' },
    { name: 'hv1', uplinks: [{ port: 'up' }] },
  ],
  networks: [
    { name: 'big', vlan: 10, mtu: 9000 },
    { name: 'usual', vlan: 11 },
  ],
  nics: [
    { vm: 'a', network: 'big', on: 'hv0', n: 1 },
    { vm: 'b', network: 'big', on: 'hv1', n: 2 },
    { vm: 'c', network: 'usual', on: 'hv0', n: 3 },
    { vm: 'd', network: 'usual', on: 'hv1', n: 4 },
  ],
  cables: [
    ['hv0', 'up', 'leaf', 'p0'],
    ['hv1', 'up', 'leaf', 'p1'],
  ],
}
const { intent, observation } = build(world)
const idOf = (name: string) => intent.switches.get(name)?.datapathId ?? ''

type Mtus = Readonly<Record<string, Readonly<Record<string, number>>>>

const seen = (mtus: Mtus): Observation => ({
  ...observation,
  mtus: new Map(Object.entries(mtus).map(([name, ports]) => [idOf(name), new Map(Object.entries(ports))])),
})
const told = (mtus: Mtus) =>
  compile(intent, seen(mtus)).obstacles.map(({ owner, code, text }) => `${owner} ${code}: ${text}`)

test('ports that are too small for a network are named, wherever they are on its ways', () => {
  assert.deepEqual(told({ hv0: { up: 9000 }, leaf: { p0: 9000, p1: 9000 }, hv1: { up: 9000 } }), [])
  assert.deepEqual(told({ hv0: { up: 1500 } }), [
    "network/big mtu: packets of 9000 bytes do not fit: hv0:up carries 1500; raise these MTUs or lower the network's",
  ])
  const [everywhere] = told({
    hv0: { up: 1500, 'a-eth0': 1500 },
    leaf: { p0: 8999, p1: 9216 },
    hv1: { up: 1500, 'b-eth0': 1500 },
  })
  assert.match(everywhere ?? '', /hv0:up carries 1500/)
  assert.match(everywhere ?? '', /leaf:p0 carries 8999/)
  assert.match(everywhere ?? '', /, 2 more ports are too small as well;/)
  assert.match(told({ hv1: { 'b-eth0': 1500 } })[0] ?? '', /hv1:b-eth0 carries 1500/)
})

test('ports that the network does not use, and those of networks without an MTU, are nobody’s concern', () => {
  assert.deepEqual(told({ hv0: { spare: 1500, 'c-eth0': 1500 }, hv1: { 'd-eth0': 1500 } }), [])
})

test('an MTU that changes is taken up, and what goes with its database is no longer told', () => {
  const compiler = new Compiler()
  const small = seen({ hv0: { up: 1500 } })
  const program = compiler.update(intent, small)
  assert.equal(program.obstacles.length, 1)
  assert.equal(compiler.update(intent, seen({ hv0: { up: 9000 } })).obstacles.length, 0)
  assert.equal(compiler.update(intent, small).obstacles.length, 1)
  assert.equal(compiler.update(intent, observation).obstacles.length, 0)
  // No rule depends on it.
  assert.equal(compiler.update(intent, small).switches.get(idOf('hv0')), program.switches.get(idOf('hv0')))
})
