/** What `get teams` shows: states of uplinks, and the share of slots that each has. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TeamsTold, teamViews } from '../../../src/controller/team-views.ts'
import { emptyObservation, type Observation } from '../../../src/model/observation.ts'
import { parseTopology } from '../../../src/model/yaml.ts'

const topology = `
name: teams
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    uplinks: [eth0, eth1, eth2, eth3]
    teams:
      wide: { uplinks: [eth0, eth1], mode: hash, weights: { eth0: 3 } }
      safe: { uplinks: [eth2, eth3], mode: active-backup, preferred: eth3 }
  hv2:
    datapath: "0000000000000002"
    role: hypervisor
    ovsdb: "tcp:10.0.0.2:6640"
    uplinks: [{ port: eth0, segment: lan }, { port: eth1, segment: lan }]
    teams: { out: { uplinks: [eth0, eth1], mode: lacp } }
segments:
  lan: {}
`

const nothingTold: TeamsTold = {
  rate: () => undefined,
  lastFailover: () => undefined,
  lastRebalancing: () => undefined,
}

/** By port: whether it is up, or has only a carrier. */
function views(
  ports: Readonly<Record<string, boolean | 'silent'>>,
  held: readonly string[] = [],
  id = '0000000000000001',
) {
  const parsed = parseTopology(topology)
  assert.ok(!('problems' in parsed))
  const entries = Object.entries(ports).map(
    ([name, state], index) =>
      [
        name,
        {
          no: 9 - index,
          name,
          mac: 1,
          up: state === true,
          ...(state === 'silent' && { silent: true as const }),
        },
      ] as const,
  )
  const observation: Observation = {
    switches: new Map([[id, { datapathId: id, ports: new Map(entries) }]]),
    links: [],
    unsteady: new Map([[id, { held, settling: [] }]]),
  }
  return teamViews(parsed.intent, observation, nothingTold)
    .filter((view) => view.datapathId === id)
    .map(({ name, state, uplinks }) => [
      name,
      state,
      uplinks.map((one) => `${one.port} ${one.state} ${one.slots}`).join(', '),
    ])
}

test('shares follow weights; of an active-backup team the preferred uplink has all', () => {
  assert.deepEqual(views({ eth0: true, eth1: true, eth2: true, eth3: true }), [
    ['safe', 'up', 'eth3 up 256, eth2 up 0'],
    ['wide', 'up', 'eth0 up 192, eth1 up 64'],
  ])
})

test('what is down or absent has none, and the others have its share', () => {
  assert.deepEqual(views({ eth0: false, eth1: true, eth2: true }), [
    ['safe', 'degraded', 'eth3 absent 0, eth2 up 256'],
    ['wide', 'degraded', 'eth0 down 0, eth1 up 256'],
  ])
  assert.deepEqual(
    views({ eth0: false }).map(([name, state]) => [name, state]),
    [
      ['safe', 'down'],
      ['wide', 'down'],
    ],
  )
})

test('what is held has none while another one is up', () => {
  const up = { eth0: true, eth1: true, eth2: true, eth3: true }
  assert.deepEqual(views(up, ['eth0', 'eth3']), [
    ['safe', 'up', 'eth3 held 0, eth2 up 256'],
    ['wide', 'up', 'eth0 held 0, eth1 up 256'],
  ])
  assert.deepEqual(views({ ...up, eth1: false }, ['eth1', 'eth0'])[1], [
    'wide',
    'degraded',
    'eth0 held 256, eth1 down 0',
  ])
})

test('an uplink that has a carrier, and nobody at the other end, is silent', () => {
  assert.deepEqual(views({ eth0: 'silent', eth1: true, eth2: true, eth3: false }), [
    ['safe', 'degraded', 'eth3 down 0, eth2 up 256'],
    ['wide', 'degraded', 'eth0 silent 0, eth1 up 256'],
  ])
})

test('loads of uplinks, the last failover and the last move of slots are shown', () => {
  const parsed = parseTopology(topology)
  assert.ok(!('problems' in parsed))
  const time = '2026-01-31T12:00:00.000Z'
  const [safe, wide] = teamViews(parsed.intent, emptyObservation, {
    rate: (_id, port) => (port === 'eth1' ? { inBps: 1.4, outBps: 2.6 } : undefined),
    lastFailover: (_id, team) => (team === 'safe' ? { time, from: ['eth3'], to: ['eth2'] } : undefined),
    lastRebalancing: (_id, ports) =>
      ports.join() === 'eth0,eth1' ? { time, slots: 2, before: 1.2, after: 1 } : undefined,
  })
  assert.deepEqual(safe?.lastFailover, { time, from: ['eth3'], to: ['eth2'] })
  assert.equal(safe.lastRebalancing, undefined)
  assert.deepEqual(wide?.lastRebalancing, { time, slots: 2, before: 1.2, after: 1 })
  assert.deepEqual(
    wide.uplinks.map(({ inBps, outBps }) => [inBps, outBps]),
    [
      [undefined, undefined],
      [1, 3],
    ],
  )
})

test('an uplink that LACP has not taken in is detached, and the others have its share', () => {
  assert.deepEqual(views({ eth0: 'silent', eth1: true }, [], '0000000000000002'), [
    ['out', 'degraded', 'eth0 detached 0, eth1 up 256'],
  ])
})
