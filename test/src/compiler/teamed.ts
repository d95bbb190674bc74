/** A world with teams, equal paths and parallel cables: what is spread, and over what. */
import type { Team } from '../../../src/model/intent.ts'
import type { WorldSpec } from './world.ts'

export const team = (mode: Team['mode'], ...uplinks: readonly (readonly [string, number])[]): Team => ({
  name: 'main',
  mode,
  hash: 'l3l4',
  upDelayMs: 0,
  uplinks: uplinks.map(([port, weight]) => ({ port, weight })),
})

/** Two hypervisors with two uplinks each, to two leaves under two spines; leaf0 has two cables to spine0. */
export const teamedSpec = (teams: readonly Team[]): WorldSpec => ({
  switches: [
    { name: 'hv0', uplinks: [{ port: 'u0' }, { port: 'u1' }], teams },
    { name: 'hv1', uplinks: [{ port: 'u0' }, { port: 'u1' }], teams },
    { name: 'hv2', uplinks: [{ port: 'u0' }] },
    ...['leaf0', 'leaf1', 'leaf2', 'spine0', 'spine1'].map((name) => ({ name, role: 'fabric' as const })),
  ],
  networks: [{ name: 'blue', vlan: 10 }],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1 },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    { vm: 'c', network: 'blue', on: 'hv2', n: 3 },
  ],
  cables: [
    ['hv0', 'u0', 'leaf0', 'h0'],
    ['hv0', 'u1', 'leaf1', 'h0'],
    ['hv1', 'u0', 'leaf0', 'h1'],
    ['hv1', 'u1', 'leaf1', 'h1'],
    ['hv2', 'u0', 'leaf2', 'h2'],
    ['leaf0', 'p0', 'spine0', 'a'],
    ['leaf0', 'p1', 'spine0', 'b'],
    ['leaf0', 'p2', 'spine1', 'a'],
    ['leaf1', 'p0', 'spine0', 'c'],
    ['leaf1', 'p1', 'spine1', 'c'],
    ['leaf2', 'p0', 'spine0', 'd'],
    ['leaf2', 'p1', 'spine1', 'd'],
  ],
})

export const hashTeam = team('hash', ['u0', 1], ['u1', 1])
