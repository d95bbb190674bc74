/** What is told of teams whose uplinks fail and return: from which to which, and nothing of what merely appeared. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TeamChange, TeamFailovers } from '../../../src/controller/team-failovers.ts'
import type { Team } from '../../../src/model/intent.ts'
import { team } from '../compiler/teamed.ts'
import { build, datapathOf, type WorldSpec } from '../compiler/world.ts'

function setup(mode: Team['mode']) {
  const spec: WorldSpec = {
    switches: [
      {
        name: 'hv0',
        uplinks: ['u0', 'u1', 'u2'].map((port) => ({ port })),
        teams: [team(mode, ['u0', 1], ['u1', 1], ['u2', 1])],
      },
    ],
    networks: [],
    nics: [],
  }
  const told: string[] = []
  const failovers = new TeamFailovers(({ kind, switch: name, team: of, from, to }: TeamChange) => {
    told.push(`${kind} ${name}/${of} ${from.join('+')} -> ${to.join('+')}`)
  })
  return {
    /** Gives what was told since. */
    see: ({ down = [], absent = [], held = [] }: Partial<Record<'down' | 'absent' | 'held', string[]>>) => {
      const at = (ports: readonly string[]) => new Set(ports.map((port) => `hv0/${port}`))
      const { intent, observation } = build({ ...spec, down: at(down), absent: at(absent) })
      const unsteady = new Map([[datapathOf(spec, 'hv0'), { held, settling: [] }]])
      failovers.look(intent, { ...observation, unsteady })
      return told.splice(0)
    },
  }
}

test('a hash team fails over to the others, and has an uplink again once that is held no more', () => {
  const { see } = setup('hash')
  assert.deepEqual(see({}), [])
  assert.deepEqual(see({ down: ['u1'] }), ['failover hv0/main u1 -> u0+u2'])
  assert.deepEqual(see({ down: ['u1'] }), [])
  assert.deepEqual(see({ held: ['u1'] }), [])
  assert.deepEqual(see({}), ['restored hv0/main  -> u1'])
  assert.deepEqual(see({ down: ['u0', 'u1', 'u2'] }), ['failover hv0/main u0+u1+u2 -> '])
})

test('an active-backup team names the one that failed and the next', () => {
  const { see } = setup('active-backup')
  assert.deepEqual(see({ down: ['u2'] }), [])
  assert.deepEqual(see({ down: ['u0', 'u2'] }), ['failover hv0/main u0 -> u1'])
  assert.deepEqual(see({ held: ['u0'] }), [])
  assert.deepEqual(see({}), ['restored hv0/main u1 -> u0'])
})

test('what appears for the first time has not failed before', () => {
  const { see } = setup('hash')
  assert.deepEqual(see({ absent: ['u1', 'u2'] }), [])
  assert.deepEqual(see({ absent: ['u2'] }), [])
  assert.deepEqual(see({}), [])
  assert.deepEqual(see({ absent: ['u0'] }), ['failover hv0/main u0 -> u1+u2'])
})
