/**
 * What the loss of an uplink costs: two switches on kernel devices, each with an Open vSwitch of its own, two cables
 * between them, and a UDP echo every millisecond over the cable that goes, while TCP sessions are held open.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Lab, type Meter, startLab, type UdpMeterResult } from '../../real/support/lab.ts'
import { Cleanup } from '../support/cleanup.ts'
import { until } from '../support/processes.ts'
import type { Member, Placed, Scheme, Side, Team } from './side.ts'

export interface Probe {
  /** Longest time without an answer. */
  readonly gapMs: number
  readonly lost: number
  readonly sent: number
}

export interface Failure {
  /** Whose end of the cable was taken down, or whose frames it swallowed, and whose packets went over it. */
  readonly end: 'sender' | 'receiver'
  readonly carried: 'requests' | 'answers'
  readonly down: Probe
  readonly up: Probe
}

export interface FailoverRun {
  readonly scheme: string
  readonly failures: readonly Failure[]
  readonly sessions: {
    readonly count: number
    /** Ended, or without answers when the bench waited for the last of them. */
    readonly broken: number
    readonly largestGapMs: number
  }
}

export interface FailoverOptions {
  readonly cleanup: Cleanup
  readonly times: number
  /** `silence`: the cable looks well and swallows what one end sends, and both ends watch it by BFD. */
  readonly loss?: 'carrier' | 'silence'
}

export const hosts = ['hv1', 'hv2'] as const
type Host = (typeof hosts)[number]
const uplinks = ['eth0', 'eth1'] as const
const sessionCount = 20
/** Between two words of BFD. */
export const bfdIntervalMs = 10
export const datapathIdAt = (host: string): string => host.slice(2).padStart(16, '0')

/** Mind that the lab's own bridge is `br0` on each. */
export const placed: readonly Placed[] = [
  { vm: { name: 'a', mac: 0x02_00_00_00_00_01, address: 0x0a_00_00_01 }, host: 'hv1', port: 'a-0' },
  { vm: { name: 'b', mac: 0x02_00_00_00_00_02, address: 0x0a_00_00_02 }, host: 'hv2', port: 'b-0' },
]

const topology = {
  name: 'teaming',
  switches: Object.fromEntries(
    hosts.map((host) => [host, { datapath: datapathIdAt(host), role: 'hypervisor', uplinks }]),
  ),
  links: uplinks.map((uplink) => hosts.map((host) => `${host}:${uplink}`)),
  networks: { blue: { kind: 'vm', vlan: 101, subnets: ['10.0.0.0/16'] } },
  vms: {
    a: { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:00:01', ips: ['10.0.0.1'] }] },
    b: { host: 'hv2', nics: [{ network: 'blue', mac: '02:00:00:00:00:02', ips: ['10.0.0.2'] }] },
  },
}

/** Settling times of the probes around an event. */
const beforeMs = 200
const afterMs = 600

/** Without `scheme` nothing fails: what the probes see then is the floor of the machine. */
export async function measureFailover(
  scheme: Scheme,
  { cleanup: outer, times, loss = 'carrier' }: FailoverOptions,
): Promise<FailoverRun> {
  const cleanup = new Cleanup()
  outer.add(() => cleanup.run())
  try {
    const lab = await newLab(cleanup)
    const members: readonly Member[] = uplinks.map((_, index) => ({ index, weight: 1 }))
    const team = await scheme.apply(
      hosts.map((host) => sideOf(lab, host)),
      members,
    )
    if (loss === 'silence') await watch(lab)
    await until('packets pass', async () => (await lab.ping('a', 'b', { timeoutMs: 300 })).ok)
    const sessions = await lab.startTcpSessions('a', 'b', {
      count: sessionCount,
      intervalMs: 50,
      drainMs: 3_000,
    })
    const failures: Failure[] = []
    for (let index = 0; index < times; index++)
      failures.push(await failOnce(lab, team, { index, members, loss }))
    const { largestGapMs, sessions: all } = await sessions.stop()
    const broken = all.filter((one) => one.broken !== null || one.received < one.sent).length
    await team.undo()
    return {
      scheme: scheme.name,
      failures,
      sessions: { count: all.length, broken, largestGapMs },
    }
  } finally {
    await cleanup.run()
  }
}

/** The probes' own unevenness: as long, over a healthy team. */
export async function measureFloor(
  scheme: Scheme,
  { cleanup: outer, times }: FailoverOptions,
): Promise<readonly Probe[]> {
  const cleanup = new Cleanup()
  outer.add(() => cleanup.run())
  try {
    const lab = await newLab(cleanup)
    const team = await scheme.apply(
      hosts.map((host) => sideOf(lab, host)),
      uplinks.map((_, index) => ({ index, weight: 1 })),
    )
    await until('packets pass', async () => (await lab.ping('a', 'b', { timeoutMs: 300 })).ok)
    const sessions = await lab.startTcpSessions('a', 'b', { count: sessionCount, intervalMs: 50 })
    const probes: Probe[] = []
    for (let index = 0; index < times; index++)
      probes.push(await probed(await lab.startUdpEcho('a', 'b'), () => Promise.resolve()))
    await sessions.stop()
    await team.undo()
    return probes
  } finally {
    await cleanup.run()
  }
}

async function newLab(cleanup: Cleanup): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'bch-lab-'))
  cleanup.add(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'teaming.yaml')
  await writeFile(file, JSON.stringify(topology))
  // Whoever wants a controller sets it; this one only gives the switches their way to this machine's loopback.
  const lab = await startLab(file, { id: 'benchteam', controller: 'tcp:127.0.0.1:9' })
  cleanup.add(() => lab.stop())
  for (const host of hosts) await lab.ovs(host, ['ovs-vsctl', 'del-controller', 'br0'])
  return lab
}

/** As `liveness: bfd` has it, for whoever's team it is. */
async function watch(lab: Lab): Promise<void> {
  const words = `bfd:min_tx=${bfdIntervalMs} bfd:min_rx=${bfdIntervalMs} bfd:enable=true`.split(' ')
  for (const host of hosts)
    for (const uplink of uplinks) await lab.ovs(host, ['ovs-vsctl', 'set', 'interface', uplink, ...words])
  await watched(lab)
}

/** BFD begins with a word a second, and only then agrees on the interval. */
async function watched(lab: Lab): Promise<void> {
  const words = ['TX Interval', 'Remote Minimum TX Interval']
  for (const host of hosts)
    for (const uplink of uplinks)
      await until(`BFD of ${host}:${uplink} is as fast as it is to be`, async () => {
        const text = await lab.ovs(host, ['ovs-appctl', 'bfd/show', uplink])
        return words.every((word) => new RegExp(`^  ${word}: (Approx )?${bfdIntervalMs}ms$`, 'm').test(text))
      })
}

interface Event {
  readonly index: number
  readonly members: readonly Member[]
  readonly loss: 'carrier' | 'silence'
}

/** Four kinds of failure in turn: either end of the cable, under the requests or under the answers. */
async function failOnce(lab: Lab, team: Team, { index, members, loss }: Event): Promise<Failure> {
  const end = index % 2 === 0 ? 'sender' : 'receiver'
  const carried = index % 4 < 2 ? 'requests' : 'answers'
  const cut: Host = end === 'sender' ? 'hv1' : 'hv2'
  let echo = await lab.startUdpEcho('a', 'b')
  const inUse = await uplinkInUse(lab, carried === 'requests' ? 'hv1' : 'hv2')
  const left = members.filter((member) => member.index !== inUse)
  const uplink = uplinks[inUse] ?? ''
  const down = await probed(echo, () =>
    loss === 'carrier' ? lab.linkDown(cut, uplink) : lab.silence(cut, uplink, 'out'),
  )
  await team.settled(left)
  echo = await lab.startUdpEcho('a', 'b')
  const up = await probed(echo, async () => {
    await (loss === 'carrier' ? lab.linkUp(cut, uplink) : lab.endSilence(cut, uplink))
    if (loss === 'silence') await watched(lab)
    await team.settled(members)
  })
  return { end, carried, down, up }
}

async function probed(echo: Meter<UdpMeterResult>, event: () => Promise<void>): Promise<Probe> {
  await sleep(beforeMs)
  await event()
  await sleep(afterMs)
  const { largestGapMs, lost, sent } = await echo.stop()
  return { gapMs: largestGapMs, lost, sent }
}

/** The uplink by which a switch sends most, while the echo runs: the TCP sessions send less than that. */
async function uplinkInUse(lab: Lab, host: Host): Promise<number> {
  const counts = async () =>
    Promise.all(uplinks.map(async (uplink) => (await lab.counters(host, uplink)).tx.frames))
  const before = await counts()
  await sleep(150)
  const grown = (await counts()).map((count, index) => count - (before[index] ?? 0))
  return grown.indexOf(Math.max(...grown))
}

function sideOf(lab: Lab, host: Host): Side {
  const bridge = 'br0'
  const vm = placed.find((one) => one.host === host)?.port ?? ''
  return {
    bridge,
    declaredAs: host,
    uplinks,
    inward: `output:${vm}`,
    columns: () => [],
    vsctl: (args) => lab.ovs(host, ['ovs-vsctl', '--timeout=15', ...args]),
    ofctl: async (command, args = []) => {
      await lab.ovs(host, ['ovs-ofctl', '-O', 'OpenFlow15', '--names', command, bridge, ...args])
    },
    appctl: (args) => lab.ovs(host, ['ovs-appctl', ...args]),
  }
}
