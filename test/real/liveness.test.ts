/** A cable that is up and carries nothing: BFD tells the switches, which leave it by themselves, and `get teams` tells people. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IntentSpec } from '../../src/model/schema.ts'
import type { ControllerProcess } from './support/controller.ts'
import type { Lab, UdpMeterResult } from './support/lab.ts'
import { type Staged, withUndeclared } from './support/network.ts'
import { realTest } from './support/real.ts'

const hosts = ['hv1', 'hv2'] as const
type Host = (typeof hosts)[number]
const uplinks = ['eth0', 'eth1'] as const
/** Not less: where a machine is busy, a switch may stall for three of 10 ms. */
const intervalMs = 50

const topology = {
  name: 'liveness',
  switches: Object.fromEntries(
    hosts.map((host) => [
      host,
      {
        datapath: host.slice(2).padStart(16, '0'),
        role: 'hypervisor' as const,
        uplinks,
        teams: { main: { uplinks, mode: 'hash' as const } },
      },
    ]),
  ),
  links: uplinks.map((uplink) => hosts.map((host) => `${host}:${uplink}`)),
  networks: { blue: { kind: 'vm' as const, vlan: 101, subnets: ['10.0.1.0/24'] } },
  vms: {
    a: { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.11'] }] },
    b: { host: 'hv2', nics: [{ network: 'blue', mac: '02:00:00:00:01:02', ips: ['10.0.1.12'] }] },
  },
} satisfies IntentSpec

/** Its switches' databases declared, and every cable watched. */
const watched = (lab: Lab): IntentSpec => ({
  ...topology,
  switches: Object.fromEntries(
    hosts.map((host) => {
      const ovsdb = `unix:${lab.description.switches[host]?.ovsdb ?? ''}`
      const own = {
        ...topology.switches[host],
        ovsdb,
        bridge: 'br0',
        liveness: 'bfd',
        bfdIntervalMs: intervalMs,
      }
      return [host, own]
    }),
  ) as NonNullable<IntentSpec['switches']>,
})

async function stage(body: Staged): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'throwbar-liveness-'))
  const file = join(folder, 'liveness.yaml')
  await writeFile(file, JSON.stringify(topology))
  try {
    await withUndeclared(file, { id: 'live' }, body)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Such as `hv1 eth0 silent, eth1 up`. */
const states = async (controller: ControllerProcess): Promise<readonly string[]> =>
  (await controller.list('teams')).map(
    (team) => `${team.switch} ${team.uplinks.map(({ port, state }) => `${port} ${state}`).join(', ')}`,
  )

const shows = (controller: ControllerProcess, lost: string | undefined): Promise<void> =>
  controller.until(`${lost ?? 'no uplink'} is silent at both ends`, async () => {
    const wanted = uplinks.map((uplink) => `${uplink} ${uplink === lost ? 'silent' : 'up'}`).join(', ')
    return (await states(controller)).every((text) => text.endsWith(wanted))
  })

/** The one that sends more of the echo that runs. */
async function inUse(lab: Lab, host: Host): Promise<(typeof uplinks)[number]> {
  const counts = () =>
    Promise.all(uplinks.map(async (uplink) => (await lab.counters(host, uplink)).tx.frames))
  const before = await counts()
  await sleep(200)
  const [first = 0, second = 0] = (await counts()).map((count, index) => count - (before[index] ?? 0))
  return first > second ? 'eth0' : 'eth1'
}

/** Sessions of BFD begin with a word a second, and only then agree on the interval. */
async function settled(controller: ControllerProcess, lab: Lab): Promise<void> {
  for (const host of hosts)
    for (const uplink of uplinks)
      await controller.until(`BFD of ${host}:${uplink} is as fast as declared`, async () => {
        const text = await lab.ovs(host, ['ovs-appctl', 'bfd/show', uplink])
        return [`TX Interval: Approx ${intervalMs}ms`, `Remote Minimum TX Interval: ${intervalMs}ms`].every(
          (line) => text.includes(line),
        )
      })
  await shows(controller, undefined)
}

const told = ({ sent, lost, largestGapMs }: UdpMeterResult): string =>
  `${lost} of ${sent} lost, gap ${largestGapMs} ms`

realTest(
  'a cable that is up and carries nothing is left by the switches, and used again',
  async (context) => {
    await stage(async (controller, lab) => {
      await controller.declare(watched(lab))
      await settled(controller, lab)
      await controller.converged()
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      const sessions = await lab.startTcpSessions('a', 'b', { count: 8, drainMs: 3_000 })
      for (const direction of ['out', 'in'] as const) {
        const echo = await lab.startUdpEcho('a', 'b')
        const uplink = await inUse(lab, direction === 'out' ? 'hv1' : 'hv2')
        await lab.silence('hv1', uplink, direction)
        await shows(controller, uplink)
        const down = await echo.stop()
        context.diagnostic(`hv1:${uplink} silent ${direction}: ${told(down)}`)
        assert.ok((await lab.ping('a', 'b')).ok, 'and goes on')
        const again = await lab.startUdpEcho('a', 'b')
        await lab.endSilence('hv1', uplink)
        await settled(controller, lab)
        context.diagnostic(`hv1:${uplink} heard again: ${told(await again.stop())}`)
      }
      const { broken, lost, largestGapMs } = await sessions.stop()
      context.diagnostic(`8 TCP sessions: ${broken} broken, longest silence ${largestGapMs} ms`)
      assert.deepEqual([broken, lost], [0, 0])
      await controller.converged()
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    })
  },
)
