/** A team into switches that are not ours: failover without the controller, announcements, nothing twice, and nothing of our own back. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPacket } from '../../codecs/packet/packet.ts'
import type { ControllerProcess } from './support/controller.ts'
import type { CaptureResult, Lab, UdpMeterResult } from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

/** Ports of the LAN's switch: hv1's uplinks, then hv2's. */
const lanPort = { eth0: 'p1', eth1: 'p2', hv2: 'p3' } as const
/** On hv1, none of them sending by itself: MAC and VLAN. */
const idle = [
  ['02:00:00:00:02:01', 102],
  ['02:00:00:00:02:fe', 102],
] as const

const told = ({ sent, lost, duplicates, largestGapMs, there }: UdpMeterResult): string =>
  `${lost} of ${sent} lost (${there.lost} on the way there), gap ${largestGapMs} ms, ${duplicates + there.duplicates} twice`

/** An echo each millisecond both ways while `body` runs; nothing may arrive twice. */
async function underEcho(lab: Lab, body: () => Promise<void>): Promise<string> {
  const echoes = await Promise.all([lab.startUdpEcho('blue1', 'blue2'), lab.startUdpEcho('blue2', 'blue1')])
  await sleep(200)
  await body()
  await sleep(300)
  const results = await Promise.all(echoes.map((echo) => echo.stop()))
  for (const { received, duplicates, there } of results) {
    assert.ok(received > 0)
    assert.deepEqual([duplicates, there.duplicates], [0, 0])
  }
  assert.ok((await lab.ping('blue2', 'blue1')).ok, 'and goes on')
  return results.map(told).join('; ')
}

/** Waits until the LAN's switch has learned all idle NICs of hv1 at the far end of an uplink. */
async function learned(controller: ControllerProcess, lab: Lab, uplink: 'eth0' | 'eth1'): Promise<void> {
  const no = Number(await lab.ovs('lan', ['ovs-vsctl', 'get', 'interface', lanPort[uplink], 'ofport']))
  await controller.until(`the LAN has learned hv1's NICs at ${uplink}`, async () => {
    const lines = (await lab.ovs('lan', ['ovs-appctl', 'fdb/show', 'br0'])).split('\n')
    return idle.every(([mac, vlan]) =>
      lines.some((line) => {
        const [port, vid, address] = line.trim().split(/\s+/)
        return Number(port) === no && Number(vid) === vlan && address === mac
      }),
    )
  })
}

const kinds = ({ frames }: CaptureResult, mac: number): ReadonlySet<string> =>
  new Set(
    frames.flatMap(({ bytes }) => {
      const { ethernet, content } = readPacket(bytes)
      if (ethernet.src !== mac) return []
      return `${content.type} in VLAN ${ethernet.vlans.map(({ vid }) => vid).join()}`
    }),
  )

async function assertQuietHub(lab: Lab): Promise<string> {
  // As switches do with what they have not learned: now with everything.
  await lab.ovs('lan', ['ovs-ofctl', 'add-flow', 'br0', 'actions=FLOOD'])
  const own = await lab.capture('blue1', undefined, {
    direction: 'in',
    filter: 'ether src 02:00:00:00:01:01',
  })
  const figures = await underEcho(lab, async () => {
    await lab.flood('blue1', 'broadcast', { count: 200 })
  })
  const returned = await own.stop()
  assert.deepEqual([returned.frames.length, returned.missed], [0, 0])
  await lab.ovs('lan', ['ovs-ofctl', 'add-flow', 'br0', 'actions=NORMAL'])
  return figures
}

realTest(
  'a team into a LAN fails over in the switch; the LAN hears where VMs are; nothing arrives twice',
  async (context) => {
    await withNetwork({ topology: 'physical-lan', id: 'standby' }, async (controller, lab) => {
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      context.diagnostic(`a LAN that floods everything: ${await assertQuietHub(lab)}`)
      // An Open vSwitch follows a MAC that it hears at another port when it next looks through its flows: by default after 500 ms.
      await lab.ovs('lan', ['ovs-vsctl', 'set', 'open', '.', 'other_config:max-revalidator=50'])
      const sessions = await lab.startTcpSessions('blue1', 'blue2', { count: 8, drainMs: 3_000 })
      for (const [node, port] of [
        ['hv1', 'eth0'],
        ['lan', lanPort.eth0],
      ] as const) {
        const capture = await lab.capture('lan', lanPort.eth1, {
          direction: 'in',
          filter: 'vlan and (arp or rarp or icmp6)',
        })
        const down = await underEcho(lab, async () => {
          await lab.linkDown(node, port)
          await learned(controller, lab, 'eth1')
        })
        context.diagnostic(`${node}:${port} down: ${down}`)
        const heard = await capture.stop()
        for (const [mac, vlan] of idle)
          assert.deepEqual(
            [...kinds(heard, Number.parseInt(mac.replaceAll(':', ''), 16))].toSorted(),
            ['arp', 'ipv6', 'rarp'].map((kind) => `${kind} in VLAN ${vlan}`),
          )
        const up = await underEcho(lab, async () => {
          await lab.linkUp(node, port)
          await learned(controller, lab, 'eth0')
        })
        context.diagnostic(`${node}:${port} back: ${up}`)
      }
      const { broken, lost, largestGapMs } = await sessions.stop()
      context.diagnostic(`8 TCP sessions: ${broken} broken, longest silence ${largestGapMs} ms`)
      assert.deepEqual([broken, lost], [0, 0])
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    })
  },
)
