/** Where the figures of a plan come from: measured, given, declared or assumed, and what is said of those unknown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredWorld } from '../../../src/compiler/declared-world.ts'
import { type Measure, movePlanner, type PlannerParts } from '../../../src/controller/move-planner.ts'
import type { Intent } from '../../../src/model/intent.ts'
import type { MovePlan, PlanRequest } from '../../../src/mobility/plan/plan.ts'
import { parseTopology } from '../../../src/model/yaml.ts'

/** Uplink of hv1 as said. */
function parsedWith(uplink: string): Intent {
  const parsed = parseTopology(`
name: two
switches:
  hv1: { datapath: "0000000000000001", role: hypervisor, uplinks: [{ port: eth0, ${uplink} }, { port: lan0, segment: lan }] }
  hv2: { datapath: "0000000000000002", role: hypervisor, uplinks: [eth0] }
  hv3: { datapath: "0000000000000003", role: hypervisor, uplinks: [{ port: lan0, segment: lan }] }
  hv4: { datapath: "0000000000000004", role: hypervisor }
segments: { lan: {} }
links: [[hv1:eth0, hv2:eth0]]
networks: { blue: { kind: vm, vlan: 101 } }
vms:
  web1: { host: hv1, nics: [{ network: blue, mac: "02:00:00:00:01:01" }] }
  web2: { host: hv1, nics: [{ network: blue, mac: "02:00:00:00:01:02" }] }
`)
  assert.ok(!('problems' in parsed))
  return parsed.intent
}

interface Around {
  readonly flightMs?: number | undefined
  readonly of?: Intent
  readonly connected?: readonly string[]
  readonly measure?: Measure
}

/** Flights take so long; switches answer at once. */
function planner({
  flightMs,
  of: intent = parsedWith('bandwidth: 1G'),
  connected = ['hv1', 'hv2', 'hv3', 'hv4'],
  measure,
}: Around) {
  const observation = declaredWorld(intent)
  const portOf = new Map(
    observation.links.map(({ from, to }) => [`${from.datapathId}/${from.port}`, to] as const),
  )
  const parts = {
    loop: { declaration: { intent }, located: intent },
    observer: { observation },
    discovery: {
      time: ({ datapathId, port }: { datapathId: string; port: string }) => {
        const to = portOf.get(`${datapathId}/${port}`)
        return Promise.resolve(to && flightMs !== undefined ? { to, ms: flightMs } : undefined)
      },
    },
    registry: {
      live: (id: string) =>
        connected.some((name) => intent.switches.get(name)?.datapathId === id)
          ? { ping: () => Promise.resolve() }
          : undefined,
    },
  }
  const plan = movePlanner(parts as unknown as PlannerParts)
  return (request: PlanRequest) => plan(request, measure)
}

async function planned(request: Partial<PlanRequest>, around: Around = {}): Promise<MovePlan> {
  const outcome = await planner(around)({ vms: ['web1'], to: 'hv2', ...request })
  return outcome.status === 'planned' ? outcome.plan : assert.fail(JSON.stringify(outcome))
}

test('the round trip is measured over the links, unless given', async () => {
  const { figures, way } = await planned({}, { flightMs: 30 })
  assert.deepEqual(way, ['hv1:eth0', 'hv2:eth0'])
  assert.equal(figures.rttMs.source, 'measured')
  // Two flights, less two echoes that were answered at once.
  assert.ok((figures.rttMs.value ?? 0) > 50 && (figures.rttMs.value ?? 0) <= 60, String(figures.rttMs.value))
  assert.deepEqual([figures.bandwidthBps.value, figures.bandwidthBps.source], [1e9, 'declared'])
  assert.equal(figures.windowBytes.source, 'assumed')
  const given = await planned({ rttMs: 7, bandwidthBps: 2e9, windowBytes: 1e6 }, { flightMs: 30 })
  for (const key of ['rttMs', 'bandwidthBps', 'windowBytes'] as const)
    assert.equal(given.figures[key].source, 'given', key)
  assert.equal(given.figures.rttMs.value, 7)
})

test('where probes do not pass, it is taken to be as far as by the controller, and unknown without that', async () => {
  const { figures, way } = await planned({ to: 'hv3' })
  assert.deepEqual(way, ['hv1:lan0', 'hv3:lan0'])
  assert.equal(figures.rttMs.source, 'assumed')
  assert.match(figures.rttMs.detail, /^probes do not pass segment lan: as far as by this controller, /)
  const lost = await planned({}, { connected: ['hv1'] })
  assert.deepEqual(lost.figures.rttMs, {
    source: 'unknown',
    detail: 'their links could not be timed, and they do not both answer: give --rtt',
  })
  const apart = await planned({ to: 'hv4' })
  assert.equal(apart.way, undefined)
  assert.equal(apart.recommended, undefined)
})

test("a guest's QEMU is asked for what is not given", async () => {
  const asked: string[] = []
  const measure = (address: string) => {
    asked.push(address)
    return Promise.resolve({ memoryBytes: 2 ** 30, dirtyBytesPerS: 1e6 })
  }
  const around = { flightMs: 1, measure }
  const plain = await planned({}, around)
  assert.deepEqual([plain.figures.memoryBytes.source, plain.precopy], ['unknown', undefined])
  const { figures, precopy } = await planned({ qmp: 'unix:/run/web1', dirtyBytesPerS: 5e6 }, around)
  assert.deepEqual([figures.memoryBytes.value, figures.memoryBytes.source], [2 ** 30, 'measured'])
  assert.deepEqual([figures.dirtyBytesPerS.value, figures.dirtyBytesPerS.source], [5e6, 'given'])
  assert.equal(precopy?.converges, true)
  await planned({ qmp: 'unix:/run/web1', dirtyBytesPerS: 5e6, memoryBytes: 1 }, around)
  assert.deepEqual(asked, ['unix:/run/web1'])
  const small = () => Promise.resolve({ memoryBytes: 1e8 })
  const quiet = await planned({ qmp: 'unix:/run/web1' }, { ...around, measure: small })
  assert.equal(quiet.figures.dirtyBytesPerS.source, 'unknown')
})

test('a QEMU that nothing tells what it may use keeps to its own limit', async () => {
  const measure = () => Promise.resolve({ memoryBytes: 2 ** 30, dirtyBytesPerS: 0 })
  const qmp = 'unix:/run/web1'
  const slow = await planned({ qmp }, { flightMs: 1, measure })
  assert.deepEqual([slow.figures.bandwidthBps.value, slow.figures.bandwidthBps.source], [1e9, 'declared'])
  const fast = await planned({ qmp }, { flightMs: 1, measure, of: parsedWith('bandwidth: 10G') })
  assert.deepEqual(
    [fast.figures.bandwidthBps.value, fast.figures.bandwidthBps.source],
    [128 * 2 ** 23, 'assumed'],
  )
  assert.match(fast.figures.bandwidthBps.detail, /^QEMU's own limit, .*; hv1:eth0, .* has 10 Gbit\/s$/)
  assert.equal((await planned({ qmp, bandwidthBps: 5e9 }, { measure })).figures.bandwidthBps.value, 5e9)
})

test('what is given for each VM counts for all of them; what cannot be asked is a problem', async () => {
  const { figures } = await planned({ vms: ['web1', 'web2'], memoryBytes: 1e9, dirtyBytesPerS: 1e6 })
  assert.deepEqual([figures.memoryBytes.value, figures.dirtyBytesPerS.value], [2e9, 2e6])
  const measure = () => Promise.reject(new Error('nobody answers at unix:/run/web1'))
  const outcome = await planner({ measure })({ vms: ['web1'], to: 'hv2', qmp: 'unix:/run/web1' })
  assert.deepEqual(outcome, {
    status: 'invalid',
    problems: [{ pointer: '/qmp', message: 'nobody answers at unix:/run/web1' }],
  })
  const nobody = await planner({})({ vms: ['web9'], to: 'hv2' })
  assert.equal(nobody.status, 'invalid')
})
