/** A team that a switch of the LAN aggregates by LACP: all uplinks carry, one that is taken out is left at once, nothing arrives twice. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Receipt } from '../../src/api/controller.ts'
import type { IntentSpec } from '../../src/model/schema.ts'
import { parseTopology } from '../../src/model/yaml.ts'
import { type ControllerProcess, topologyFile } from './support/controller.ts'
import type { Lab, UdpMeterResult } from './support/lab.ts'
import { type Staged, withUndeclared } from './support/network.ts'
import { realTest } from './support/real.ts'

const topology = 'physical-lan'
const uplinks = ['hv1:eth0', 'hv1:eth1']
const count = 400

/** physical-lan, where the LAN's switch aggregates the uplinks of hv1. */
function aggregated(lab: Lab): IntentSpec {
  const parsed = parseTopology(readFileSync(topologyFile(topology), 'utf8'))
  assert.ok('spec' in parsed)
  const { hv1, ...others } = parsed.spec.switches ?? {}
  assert.ok(hv1)
  const ovsdb = `unix:${lab.description.switches['hv1']?.ovsdb ?? ''}`
  const teams = { out: { uplinks: ['eth0', 'eth1'], mode: 'lacp' as const } }
  return { ...parsed.spec, switches: { ...others, hv1: { ...hv1, ovsdb, bridge: 'br0', teams } } }
}

const stage = (body: Staged): Promise<void> => withUndeclared(topologyFile(topology), { id: 'lacp' }, body)

const shows = (controller: ControllerProcess, eth0: string, eth1: string): Promise<void> =>
  controller.until(`eth0 is ${eth0} and eth1 ${eth1}`, async () => {
    const [team] = await controller.list('teams')
    return team?.uplinks.map(({ state }) => state).join() === `${eth0},${eth1}`
  })

/** How many of the flows left by each uplink; every one arrived, and left by one. */
async function shares(lab: Lab): Promise<readonly number[]> {
  const seen = await lab.sendFlows('blue1', 'blue2', { count, ports: uplinks })
  assert.equal(seen.arrived.length, count)
  const carried = uplinks.map((uplink) => seen.ports[uplink] ?? [])
  assert.equal(new Set(carried.flat()).size, count)
  assert.equal(carried.flat().length, count)
  return carried.map(({ length }) => length)
}

const told = ({ sent, lost, duplicates, largestGapMs, there }: UdpMeterResult): string =>
  `${lost} of ${sent} lost (${there.lost} on the way there), gap ${largestGapMs} ms, ${duplicates + there.duplicates} twice`

/** An echo each millisecond both ways, and broadcasts, while `body` runs; nothing may arrive twice. */
async function underEcho(lab: Lab, body: () => Promise<void>): Promise<string> {
  const echoes = await Promise.all([lab.startUdpEcho('blue1', 'blue2'), lab.startUdpEcho('blue2', 'blue1')])
  await sleep(200)
  await body()
  const results = await Promise.all(echoes.map((echo) => echo.stop()))
  for (const { received, duplicates, there } of results) {
    assert.ok(received > 0)
    assert.deepEqual([duplicates, there.duplicates], [0, 0])
  }
  assert.ok((await lab.ping('blue2', 'blue1')).ok, 'and goes on')
  return results.map(told).join('; ')
}

/** Each of these broadcasts arrives once. */
async function assertBroadcastsOnce(lab: Lab, from: string, to: string): Promise<void> {
  const capture = await lab.capture(to, undefined, { direction: 'in' })
  const flood = await lab.flood(from, 'broadcast', { count: 20 })
  const { frames, seen } = await capture.stop()
  assert.equal(seen(flood), 20)
  const marked = frames.filter(({ bytes }) => bytes.includes(Buffer.from(flood.marker, 'hex')))
  assert.equal(marked.length, 20)
}

realTest('a LAN aggregates the uplinks of a team by LACP, and takes one out', async (context) => {
  await stage(async (controller, lab) => {
    const ports = () => lab.ovs('hv1', ['ovs-vsctl', 'list-ports', 'br0'])
    const before = await ports()
    const applied = await controller.request('PUT', '/v1/intent', aggregated(lab))
    const [refused] = (applied.body as Receipt).hosts?.[0]?.refused ?? []
    assert.match(
      refused?.error ?? JSON.stringify(applied.body),
      /eth0 is part of port eth0, and somebody else/,
    )
    assert.equal(await ports(), before)
    // What the lab made gives way to the bond.
    const lag = ['add-bond', 'br0', 'lag', 'p1', 'p2', 'lacp=active', 'bond_mode=balance-tcp']
    await Promise.all([
      lab.ovs('hv1', ['ovs-vsctl', 'del-port', 'eth0', '--', 'del-port', 'eth1']),
      lab.ovs('lan', [
        ...['ovs-vsctl', 'del-port', 'p1', '--', 'del-port', 'p2', '--', ...lag],
        ...['--', 'set', 'port', 'lag', 'other_config:lacp-time=fast'],
      ]),
    ])
    await shows(controller, 'up', 'up')
    await controller.converged()
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    const spread = await shares(lab)
    context.diagnostic(`both are in: ${spread.join(' and ')} of ${count} flows`)
    assert.ok(
      spread.every((one) => one > count / 3),
      spread.join(),
    )
    await assertBroadcastsOnce(lab, 'blue2', 'blue1')
    await assertBroadcastsOnce(lab, 'blue1', 'blue2')
    const sessions = await lab.startTcpSessions('blue1', 'blue2', { count: 8, drainMs: 3_000 })

    const down = await underEcho(lab, async () => {
      await lab.linkDown('hv1', 'eth0')
      await shows(controller, 'down', 'up')
    })
    context.diagnostic(`hv1:eth0 down: ${down}`)
    assert.deepEqual(await shares(lab), [0, count])
    await lab.linkUp('hv1', 'eth0')
    await shows(controller, 'up', 'up')

    // Its switch is silent there from now on, which takes three words of LACP, a second apart, to be noticed.
    const out = await underEcho(lab, async () => {
      await lab.ovs('lan', ['ovs-vsctl', 'del-bond-iface', 'lag', 'p2'])
      await shows(controller, 'up', 'detached')
    })
    context.diagnostic(`the LAN takes eth1 out: ${out}`)
    assert.deepEqual(await shares(lab), [count, 0])
    await assertBroadcastsOnce(lab, 'blue2', 'blue1')
    await lab.ovs('lan', ['ovs-vsctl', 'add-bond-iface', 'lag', 'p2'])
    await shows(controller, 'up', 'up')

    const { broken, lost, largestGapMs } = await sessions.stop()
    context.diagnostic(`8 TCP sessions: ${broken} broken, longest silence ${largestGapMs} ms`)
    assert.deepEqual([broken, lost], [0, 0])
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
  })
})
