/** Teams of uplinks and equal paths of a fabric: flows are spread over all of them, and when one fails only its own flows move. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControllerProcess } from './support/controller.ts'
import type { BulkMeter, FlowsSeen, Lab, UdpMeterResult } from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

const topology = 'teamed-leaf-spine'
const count = 1_000
/** The same ports each time, so that flows can be compared by number. */
const seed = 7
const uplinks = ['hv1:eth0', 'hv1:eth1']

const flowsFrom = (lab: Lab, source: string, target: string, ports: readonly string[]): Promise<FlowsSeen> =>
  lab.sendFlows(source, target, { count, ports, seed })

const at = ({ ports }: FlowsSeen, port: string): readonly number[] => ports[port] ?? []

/** By flow number, the ports at which it was seen. */
function placesOf(seen: FlowsSeen, ports: readonly string[]): readonly string[] {
  const places = Array.from({ length: count }, () => [] as string[])
  for (const port of ports) for (const number of at(seen, port)) places[number]?.push(port)
  return places.map((each) => each.join(' '))
}

/** Every flow arrived, by one of the ports and no other. */
function placedOnce(seen: FlowsSeen, ports: readonly string[]): readonly string[] {
  const places = placesOf(seen, ports)
  assert.equal(seen.arrived.length, count)
  assert.deepEqual(
    places.filter((place) => !ports.includes(place)),
    [],
  )
  return places
}

/** How many of these flows each port carried, such as `hv1:eth0 512`. */
const shares = (seen: FlowsSeen, ports: readonly string[]): string =>
  ports.map((port) => `${port} ${at(seen, port).length}`).join(', ')

/** Within a fifth of its share: with hundreds of flows, chance does not come near that. */
function assertShares(seen: FlowsSeen, weights: Readonly<Record<string, number>>, context: string): void {
  const ports = Object.keys(weights)
  const carried = ports.reduce((sum, port) => sum + at(seen, port).length, 0)
  const weight = Object.values(weights).reduce((sum, one) => sum + one, 0)
  for (const port of ports) {
    const fair = (carried * (weights[port] ?? 0)) / weight
    const got = at(seen, port).length
    assert.ok(
      Math.abs(got - fair) < fair / 5,
      `${context}: ${port} ${got} of ${carried}; ${shares(seen, ports)}`,
    )
  }
}

const evenly = (ports: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(ports.map((port) => [port, 1]))

async function linkState(controller: ControllerProcess, end: string): Promise<readonly string[]> {
  const links = await controller.list('links')
  return links
    .filter(({ from, to }) => [from, to].some((one) => `${one.switch}:${one.port}` === end))
    .map(({ state }) => state)
}

/** Takes the cable down at this end, or lets it up again, and waits until the controller has made what it wants of that. */
async function setCable(
  controller: ControllerProcess,
  lab: Lab,
  { end, up }: { end: string; up: boolean },
): Promise<void> {
  const [name = '', port = ''] = end.split(':')
  await (up ? lab.linkUp(name, port) : lab.linkDown(name, port))
  await controller.until(`${end} is ${up ? 'up' : 'down'}`, async () =>
    (await linkState(controller, end)).every((state) => (state === 'up') === up),
  )
  await controller.until('all switches converged', async () =>
    (await controller.list('switches')).every(({ state }) => state === 'converged'),
  )
}

const told = ({ sent, lost, largestGapMs, there }: UdpMeterResult): string =>
  `${lost} of ${sent} lost (${there.lost} on the way there), gap ${largestGapMs} ms`

/** An echo each millisecond while `body` runs and a little longer: how much is lost is told, that nothing is in the end is demanded. */
async function underEcho(
  lab: Lab,
  [source, target]: readonly [string, string],
  body: () => Promise<void>,
): Promise<UdpMeterResult> {
  const echo = await lab.startUdpEcho(source, target)
  await sleep(200)
  await body()
  await sleep(500)
  const result = await echo.stop()
  assert.ok(result.received > 0)
  assert.ok((await lab.ping(source, target)).ok, 'and goes on')
  return result
}

const hv1Team = async (controller: ControllerProcess) => {
  const found = (await controller.list('teams')).find(({ switch: name }) => name === 'hv1')
  assert.ok(found)
  const rates = found.uplinks.map(({ outBps = 0 }) => outBps)
  const total = rates.reduce((sum, one) => sum + one, 0)
  return { ...found, total, imbalance: (rates.length * Math.max(...rates)) / total }
}

const sessionCount = 16

/** In Mbit/s: two by two they are even, and any other way they are not. */
const bulkMbps = [6, 5, 4, 3]

/** A few flows of very different rate; chance deals them to the uplinks, again if that happens to be even. */
async function startUnevenLoad(controller: ControllerProcess, lab: Lab): Promise<readonly BulkMeter[]> {
  for (;;) {
    const bulk = await Promise.all(
      bulkMbps.map((mbps) =>
        lab.startBulk('blue1', 'blue3', { protocol: 'udp', rateBps: mbps * 1e6, payloadBytes: 1_300 }),
      ),
    )
    await controller.until('the load is measured', async () => (await hv1Team(controller)).total > 16e6)
    if ((await hv1Team(controller)).imbalance > 1.08) return bulk
    for (const one of bulk) await one.stop()
    await controller.until('the load is gone', async () => (await hv1Team(controller)).total < 2e6)
  }
}

for (const protocols of ['OpenFlow13', undefined]) {
  realTest(
    `flows of one pair of VMs are spread over every cable on their way${protocols ? `, over ${protocols}` : ''}`,
    async (context) => {
      const network = { topology, id: 'teams', ...(protocols && { protocols }) }
      await withNetwork(network, async (_controller, lab) => {
        assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
        const hops = [
          uplinks,
          ['leaf1:swp49', 'leaf1:swp50', 'leaf2:swp49', 'leaf2:swp50'],
          ['spine1:swp3', 'spine1:swp4', 'spine2:swp3', 'spine2:swp4'],
          ['leaf3:swp1', 'leaf3:swp2'],
        ]
        const seen = await flowsFrom(lab, 'blue1', 'blue3', hops.flat())
        for (const ports of hops) {
          context.diagnostic(shares(seen, ports))
          placedOnce(seen, ports)
        }
        for (const ports of hops) assertShares(seen, evenly(ports), 'blue1 to blue3')
        const back = await flowsFrom(lab, 'blue3', 'blue1', ['hv3:eth0', 'hv3:eth1'])
        context.diagnostic(shares(back, ['hv3:eth0', 'hv3:eth1']))
        placedOnce(back, ['hv3:eth0', 'hv3:eth1'])
        assertShares(back, { 'hv3:eth0': 2, 'hv3:eth1': 1 }, 'weights')
      })
    },
  )
}

realTest(
  'an uplink fails at either end and returns: only its own flows move; an uneven load becomes even; sessions live',
  async (context) => {
    await withNetwork({ topology, id: 'teamf' }, async (controller, lab) => {
      const before = placedOnce(await flowsFrom(lab, 'blue1', 'blue3', uplinks), uplinks)
      const sessions = await lab.startTcpSessions('blue1', 'blue3', { count: sessionCount, drainMs: 3_000 })
      const pair = ['blue1', 'blue3'] as const
      const ends = ['hv1:eth0', 'leaf2:swp1']
      for (const end of ends) {
        const lostUplink = end.endsWith('eth0') || end.startsWith('leaf1') ? 'hv1:eth0' : 'hv1:eth1'
        const down = await underEcho(lab, pair, () => setCable(controller, lab, { end, up: false }))
        context.diagnostic(`${end} down: ${told(down)}`)
        const during = placesOf(await flowsFrom(lab, 'blue1', 'blue3', uplinks), uplinks)
        const other = uplinks.find((uplink) => uplink !== lostUplink)
        assert.ok(
          during.every((place) => place === other),
          'all are on the other one',
        )
        const up = await underEcho(lab, pair, () => setCable(controller, lab, { end, up: true }))
        context.diagnostic(`${end} up: ${told(up)}`)
        assert.deepEqual(placedOnce(await flowsFrom(lab, 'blue1', 'blue3', uplinks), uplinks), before)
      }
      const { lastFailover, lastRebalancing: early } = await hv1Team(controller)
      assert.deepEqual([lastFailover?.from, lastFailover?.to, early], [['eth1'], ['eth0'], undefined])
      const startedMs = performance.now()
      const bulk = await startUnevenLoad(controller, lab)
      const measured = (await hv1Team(controller)).imbalance
      await controller.until(
        'slots have moved, and the load is even',
        async () => {
          const { lastRebalancing, imbalance } = await hv1Team(controller)
          return lastRebalancing !== undefined && imbalance < 1.05
        },
        30_000,
      )
      const { lastRebalancing, imbalance } = await hv1Team(controller)
      context.diagnostic(
        `bytes ${measured.toFixed(3)}, then ${imbalance.toFixed(3)} after ${Math.round(performance.now() - startedMs)} ms: ${JSON.stringify(lastRebalancing)}`,
      )
      // Only slots that carry something can have been worth a move: of the bulk, and of the sessions to even out the rest.
      const slots = lastRebalancing?.slots ?? 0
      assert.ok(
        slots >= 1 && slots <= bulkMbps.length + sessionCount,
        `${slots} slots moved, from ${measured.toFixed(3)} to ${imbalance.toFixed(3)}`,
      )
      for (const one of bulk) await one.stop()
      const { broken, lost, largestGapMs } = await sessions.stop()
      context.diagnostic(`${sessionCount} TCP sessions: ${broken} broken, longest silence ${largestGapMs} ms`)
      assert.deepEqual([broken, lost], [0, 0])
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    })
  },
)

realTest(
  'one of four parallel cables fails: the flows of the other three stay where they are',
  async (context) => {
    await withNetwork({ topology, id: 'teamp' }, async (controller, lab) => {
      const cables = ['leaf3:swp49', 'leaf3:swp50', 'leaf3:swp51', 'leaf3:swp52']
      const places = async () => placedOnce(await flowsFrom(lab, 'blue3', 'blue1', cables), cables)
      const before = await places()
      const sessions = await lab.startTcpSessions('blue3', 'blue1', { count: 16, drainMs: 3_000 })
      for (const end of ['leaf3:swp50', 'spine2:swp3']) {
        const gone = end === 'spine2:swp3' ? 'leaf3:swp51' : end
        const down = await underEcho(lab, ['blue3', 'blue1'], () =>
          setCable(controller, lab, { end, up: false }),
        )
        context.diagnostic(`${end} down: ${told(down)}`)
        const during = await places()
        const moved = before.filter((place, flow) => place !== gone && during[flow] !== place)
        assert.deepEqual(moved, [], `${moved.length} surviving flows moved`)
        assert.ok(!during.includes(gone))
        await setCable(controller, lab, { end, up: true })
        assert.deepEqual(await places(), before)
      }
      const { broken, lost } = await sessions.stop()
      assert.deepEqual([broken, lost], [0, 0])
    })
  },
)

realTest(
  'an active-backup team uses its preferred uplink, the other while that fails, then it again',
  async (context) => {
    await withNetwork({ topology, id: 'teamb' }, async (controller, lab) => {
      const own = ['hv2:eth0', 'hv2:eth1']
      const all = async () => [...new Set(placedOnce(await flowsFrom(lab, 'blue2', 'blue3', own), own))]
      assert.deepEqual(await all(), ['hv2:eth1'])
      const sessions = await lab.startTcpSessions('blue2', 'blue3', { count: 8, drainMs: 3_000 })
      for (const end of ['hv2:eth1', 'leaf2:swp2']) {
        const pair = ['blue2', 'blue3'] as const
        const down = await underEcho(lab, pair, () => setCable(controller, lab, { end, up: false }))
        context.diagnostic(`${end} down: ${told(down)}`)
        assert.deepEqual(await all(), ['hv2:eth0'])
        const up = await underEcho(lab, pair, () => setCable(controller, lab, { end, up: true }))
        context.diagnostic(`${end} up: ${told(up)}`)
        // It is preferred again once it has been up for a while.
        await controller.until('preferred again', async () => (await all()).join() === 'hv2:eth1')
      }
      const { broken, lost } = await sessions.stop()
      assert.deepEqual([broken, lost], [0, 0])
    })
  },
)

realTest('a leaf loses all its cables at once: everything goes on over the other', async (context) => {
  await withNetwork({ topology, id: 'teaml' }, async (controller, lab) => {
    const ends = ['leaf1:swp1', 'leaf1:swp2', 'leaf1:swp49', 'leaf1:swp50']
    const sessions = await lab.startTcpSessions('blue1', 'blue2', { count: 8, drainMs: 3_000 })
    const change = async (up: boolean) => {
      for (const port of ends.map((end) => end.slice('leaf1:'.length)))
        await (up ? lab.linkUp('leaf1', port) : lab.linkDown('leaf1', port))
      for (const end of ends)
        await controller.until(`${end} is ${up ? 'up' : 'down'}`, async () =>
          (await linkState(controller, end)).every((state) => (state === 'up') === up),
        )
    }
    const down = await underEcho(lab, ['blue1', 'blue3'], () => change(false))
    context.diagnostic(`leaf1 dead: ${told(down)}`)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    const up = await underEcho(lab, ['blue1', 'blue3'], () => change(true))
    context.diagnostic(`leaf1 back: ${told(up)}`)
    await controller.converged()
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    const { broken, lost } = await sessions.stop()
    assert.deepEqual([broken, lost], [0, 0])
  })
})
