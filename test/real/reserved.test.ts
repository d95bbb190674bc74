/** Storage and migration: no VM sends into their networks or hears them, and a storage path that is cut has no other way. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControllerProcess } from './support/controller.ts'
import {
  type Capture,
  type CaptureResult,
  type Flood,
  floodKinds,
  type Lab,
  type LabNic,
} from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import type { Frame } from './support/pcap.ts'
import { realTest } from './support/real.ts'

const topology = 'storage-and-migration'
const uplinks = ['hv1:eth0', 'hv1:eth1', 'hv2:eth0', 'hv2:eth1', 'san:eth0', 'san:eth1']
const vlans: Readonly<Record<string, number>> = { 'stor-a': 301, 'stor-b': 302, move0: 303 }
/** Of the only network of VMs that spans switches. */
const blueVlan = 101

const macBytes = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex')
const quad = (ip: string) => Buffer.from(ip.split('.').map(Number))
const short = (value: number) => Buffer.from([value >> 8, value & 0xff])

/** In every frame that is made up below, and in no other. */
const marker = Buffer.from('a VM was here')

/** An ARP request and a UDP packet as the victim would send them, by own or stolen MAC, to it or to all, tagged in many ways. */
function madeUp(ownMac: string, { mac, ips: [ip = ''] }: LabNic, vlan: number): Buffer[] {
  const address = quad(ip)
  const zeros = Buffer.alloc(6)
  const arp = (sender: Buffer) =>
    Buffer.concat([short(0x0806), Buffer.from('0001080006040001', 'hex'), sender, address, zeros, address])
  const udp = Buffer.concat([
    short(0x0800),
    ...[
      short(0x4500),
      short(28 + marker.length),
      short(0),
      short(0),
      short(0x4011),
      short(0),
      address,
      address,
    ],
    ...[short(3260), short(3260), short(8 + marker.length), short(0)],
  ])
  const stacks = [[], [0], [vlan], [vlan, vlan], [blueVlan, vlan]]
  return ['ff:ff:ff:ff:ff:ff', mac].flatMap((destination) =>
    [ownMac, mac].flatMap((source) =>
      stacks.flatMap((stack) => {
        const tags = stack.flatMap((tag) => [short(0x8100), short(tag)])
        const head = [macBytes(destination), macBytes(source), ...tags]
        return [arp(macBytes(source)), udp].map((body) => Buffer.concat([...head, body, marker]))
      }),
    ),
  )
}

/** Everything that a VM can think of, aimed at each of the victims. */
async function attack(lab: Lab, vm: string, victims: readonly LabNic[]): Promise<Flood[]> {
  const own = nicOf(lab, `${vm}/0`)
  const floods: Flood[] = []
  for (const victim of victims) {
    const vlan = vlans[victim.port] ?? 0
    for (const frame of madeUp(own.mac, victim, vlan)) await lab.sendFrame(vm, frame.toString('hex'))
    const aim = { target: victim.name, victim: victim.name, vlan, count: 2, intervalMs: 0 }
    for (const kind of floodKinds) floods.push(await lab.flood(vm, kind, aim))
  }
  return floods
}

const nicOf = (lab: Lab, name: string): LabNic =>
  lab.description.nics.find((nic) => nic.name === name) ?? assert.fail(name)

/** The outer VLAN; 0 without. */
const vlanOf = ({ bytes }: Frame): number =>
  bytes.readUInt16BE(12) === 0x8100 ? bytes.readUInt16BE(14) & 0xfff : 0

type Captures = ReadonlyMap<string, Capture>
type Heard = (place: string) => CaptureResult

/** At NICs and interfaces what comes to them, at uplinks what leaves by them. */
async function listen(lab: Lab, places: readonly string[], filter?: string): Promise<Captures> {
  const captures = new Map<string, Capture>()
  for (const place of places) {
    const isUplink = uplinks.includes(place)
    const [name = '', port] = isUplink ? place.split(':') : [place]
    const options = { direction: isUplink ? 'out' : 'in', ...(filter !== undefined && { filter }) } as const
    captures.set(place, await lab.capture(name, port, options))
  }
  return captures
}

async function stopAll(captures: Captures): Promise<Heard> {
  const results = new Map<string, CaptureResult>()
  for (const [place, capture] of captures) {
    const result = await capture.stop(results.size === 0 ? 300 : 0)
    assert.equal(result.missed, 0, place)
    results.set(place, result)
  }
  return (place) => results.get(place) ?? assert.fail(place)
}

/** Whatever a VM sends, none of it arrives there, and it hears nothing of what is sent there. */
async function vmsStayOut(lab: Lab, context: TestContext): Promise<void> {
  const own = lab.description.nics.filter(({ vm }) => vm === null)
  const vms = ['blue1', 'blue2', 'lab1']
  const captures = await listen(lab, [...own.map(({ name }) => name), ...vms, ...uplinks])
  // What is allowed, seen by the same captures.
  const broadcast = await lab.flood('hv1:stor-a', 'broadcast')
  const unicast = await lab.flood('hv1:stor-b', 'unicast', { target: 'san:stor-b' })
  const migration = await lab.flood('hv2:move0', 'broadcast')
  const honest = await lab.flood('blue1', 'broadcast')
  const victims = ['hv1:stor-a', 'hv1:move0', 'hv2:stor-b', 'san:stor-a'].map((name) => nicOf(lab, name))
  const floods = [
    ...(await attack(lab, 'blue1', victims)),
    ...(await attack(lab, 'lab1', victims.slice(0, 1))),
  ]
  const heard = await stopAll(captures)

  const counts = (flood: Flood, ...places: string[]) => places.map((place) => heard(place).seen(flood))
  assert.deepEqual(counts(broadcast, 'hv2:stor-a', 'san:stor-a', 'hv1:eth0', 'hv1:eth1'), [10, 10, 10, 0])
  assert.deepEqual(counts(unicast, 'san:stor-b', 'hv2:stor-b', 'hv1:eth1', 'hv1:eth0'), [10, 0, 10, 0])
  assert.deepEqual(counts(migration, 'hv1:move0'), [10])
  assert.deepEqual(counts(honest, 'blue2'), [10])

  const isForged = ({ bytes }: Frame) =>
    bytes.includes(marker) || floods.some((flood) => bytes.includes(flood.marker, 0, 'hex'))
  for (const { name } of own) {
    assert.equal(heard(name).frames.filter(isForged).length, 0, name)
    assert.equal(heard(name).seen(honest), 0, name)
  }
  const left = uplinks.flatMap((uplink) => heard(uplink).frames.filter(isForged))
  // Of all that, honest broadcasts of its own network may leave.
  assert.deepEqual([...new Set(left.map(vlanOf))], [blueVlan])
  assert.ok(!left.some(({ bytes }) => bytes.includes(marker)))
  const macs = new Set(own.map(({ mac }) => macBytes(mac).toString('hex')))
  for (const vm of vms) {
    assert.deepEqual([broadcast, unicast, migration].map(heard(vm).seen), [0, 0, 0], vm)
    assert.ok(!heard(vm).frames.some(({ bytes }) => macs.has(bytes.toString('hex', 6, 12))), vm)
  }
  context.diagnostic(`${floods.length} floods, of which ${left.length} frames left, all in VLAN ${blueVlan}`)
}

async function untilState(controller: ControllerProcess, id: string, state: string): Promise<void> {
  await controller.until(`${id} is ${state}`, async () => {
    const one = (await controller.list('interfaces')).find((view) => view.id === id)
    const switches = await controller.list('switches')
    return one?.state === state && switches.every((view) => view.state === 'converged')
  })
}

/** What its interface sends finds no way while its uplink is down; the other path does not feel it. */
async function pathStaysCut(controller: ControllerProcess, lab: Lab, context: TestContext): Promise<void> {
  const load = { protocol: 'udp', rateBps: 20_000_000 } as const
  const meters = {
    a: await lab.startBulk('hv1:stor-a', 'san:stor-a', load),
    b: await lab.startBulk('hv1:stor-b', 'san:stor-b', load),
  }
  const aSecond = async (): Promise<readonly [number, number]> => {
    const from = performance.now()
    await sleep(1_000)
    return [from, performance.now()]
  }
  const before = await aSecond()
  await lab.linkDown('hv1', 'eth0')
  await untilState(controller, 'hv1:stor-a', 'unreachable')
  // All that a path of storage-a would take instead; its load goes on all the time.
  const others = ['hv1:eth1', 'hv2:eth1', 'san:eth1']
  const tagged = await listen(lab, others, 'vlan 301')
  const small = await listen(lab, others, 'less 200')
  const cut = [
    await lab.flood('hv1:stor-a', 'broadcast'),
    await lab.flood('hv1:stor-a', 'unicast', { target: 'san:stor-a' }),
    await lab.flood('san:stor-a', 'unicast', { target: 'hv1:stor-a' }),
  ]
  const control = await lab.flood('hv1:stor-b', 'broadcast')
  const during = await aSecond()
  const [heardTagged, heardSmall] = [await stopAll(tagged), await stopAll(small)]
  for (const place of others) {
    assert.equal(heardTagged(place).frames.length, 0, `VLAN 301 on ${place}`)
    assert.deepEqual(cut.map(heardSmall(place).seen), [0, 0, 0], place)
  }
  assert.equal(heardSmall('hv1:eth1').seen(control), 10)
  const states = (await controller.list('interfaces')).map(({ id, state }) => `${id} ${state}`)
  assert.ok(states.includes('hv1:stor-b active') && states.includes('hv1:move0 active'), states.join(', '))
  const network = (await controller.list('networks')).find(({ name }) => name === 'storage-a')
  assert.equal(network?.state, 'unreachable')

  await lab.linkUp('hv1', 'eth0')
  await untilState(controller, 'hv1:stor-a', 'active')
  await controller.converged()
  const control301 = await listen(lab, ['hv1:eth0'], 'vlan 301')
  const after = await aSecond()
  assert.ok((await stopAll(control301))('hv1:eth0').frames.length > 100, 'the filter does find such frames')
  const [a, b] = [await meters.a.stop(), await meters.b.stop()]
  const share = ({ received }: typeof a) =>
    [before, during, after].map((span) => Math.round((100 * received(...span)) / load.rateBps))
  context.diagnostic(
    `received before, during and after, of what is sent: path a ${share(a).join(', ')} %, path b ${share(b).join(', ')} %`,
  )
  const [, aCut = 100] = share(a)
  assert.equal(aCut, 0)
  for (const percent of [share(a)[0] ?? 0, share(a)[2] ?? 0, ...share(b)])
    assert.ok(percent >= 90, `${percent} %`)
}

realTest(
  'storage and migration: no VM sends into them or hears them, and a storage path that is cut has no other way',
  async (context) => {
    await withNetwork({ topology, id: 'reserved' }, async (controller, lab) => {
      await vmsStayOut(lab, context)
      await pathStaysCut(controller, lab, context)
    })
  },
)
