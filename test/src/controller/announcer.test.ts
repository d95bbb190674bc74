/** Announcements after a change of uplink: whose, when, how fast, and what they say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPacket } from '../../../codecs/packet/packet.ts'
import { Announcer, type UplinkChange } from '../../../src/controller/announcer.ts'
import { compile } from '../../../src/compiler/compiler.ts'
import { Timers } from '../../../src/controller/timers.ts'
import { ManualTimers } from '../../support/manual-timers.ts'
import { send } from '../../support/table-interpreter.ts'
import { team } from '../compiler/teamed.ts'
import { build, datapathOf, type WorldSpec } from '../compiler/world.ts'
import { dataPlane } from '../compiler/worlds.ts'

/** `hv0` has a VM in a network that the segment carries, and one in a network that only itself has. */
const lan = (vms: number, kind?: 'migration'): WorldSpec => ({
  switches: [
    {
      name: 'hv0',
      uplinks: ['u0', 'u1'].map((port) => ({ port, segment: 'lan' })),
      teams: [team('active-backup', ['u0', 1], ['u1', 1])],
    },
    { name: 'hv1', uplinks: [{ port: 'u0', segment: 'lan' }] },
  ],
  networks: [
    { name: 'blue', vlan: 10, ...(kind && { kind }) },
    { name: 'inside' },
    { name: 'lone', vlan: 11 },
  ],
  nics: [
    ...Array.from({ length: vms }, (_, n) => ({ vm: `a${n}`, network: 'blue', on: 'hv0', n: n + 10 })),
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    { vm: 'c', network: 'inside', on: 'hv0', n: 3 },
    { vm: 'd', network: 'lone', on: 'hv0', n: 4 },
  ],
})
const hv0 = datapathOf(lan(1), 'hv0')

interface Sent {
  readonly port: number
  readonly frame: Uint8Array
}

interface Setup {
  readonly vms?: number
  readonly connected?: boolean
  readonly kind?: 'migration'
}

function setup({ vms = 1, connected = true, kind }: Setup) {
  const timers = new ManualTimers()
  const sent: Sent[] = []
  const changes: UplinkChange[] = []
  const announcer = new Announcer({
    timers: Object.assign(new Timers(), { after: timers.after }),
    send: (id, port, frame) => {
      assert.equal(id, hv0)
      if (connected) sent.push({ port, frame })
      return connected
    },
    confirmed: () => Promise.resolve(),
    onChange: (change) => changes.push(change),
  })
  const world = (...down: readonly string[]) => {
    const { intent, observation } = build({ ...lan(vms, kind), down: new Set(down) })
    return { program: compile(intent, observation), located: intent, observation }
  }
  const adopt = async (...down: readonly string[]) => {
    announcer.adopted(world(...down))
    await Promise.resolve()
  }
  return { timers, sent, changes, world, adopt }
}

const kinds = (sent: readonly Sent[]) => sent.map(({ frame }) => readPacket(frame).content.type)

test('another uplink: the NICs whose network it carries are announced by RARP, ARP and NA, and once more', async () => {
  const { timers, sent, changes, adopt } = setup({})
  await adopt()
  await adopt('hv0/u0')
  assert.deepEqual(changes, [{ switch: 'hv0', segment: 'lan', from: 'u0', to: 'u1', nics: 1 }])
  assert.deepEqual(kinds(sent), ['rarp', 'arp', 'ipv6', 'ipv6'])
  timers.pass(10_000)
  assert.equal(sent.length, 8)
  await adopt()
  assert.equal(changes.length, 2)
  assert.equal(sent.length, 12)
})

test("a hypervisor's own interface is announced as a VM's NIC is", async () => {
  const { sent, changes, adopt } = setup({ kind: 'migration' })
  await adopt()
  await adopt('hv0/u0')
  assert.equal(changes[0]?.nics, 1)
  assert.deepEqual(kinds(sent), ['rarp', 'arp', 'ipv6', 'ipv6'])
})

test('the switch takes each announcement for one of the VM and sends it out tagged by the new uplink', async () => {
  const { sent, adopt, world } = setup({})
  await adopt()
  await adopt('hv0/u0')
  const { program, observation } = world('hv0/u0')
  const spec = { ...lan(1), down: new Set(['hv0/u0']) }
  const uplink = observation.switches.get(hv0)?.ports.get('u1')?.no
  for (const { port, frame } of sent) {
    const fate = send(dataPlane(spec, observation, program), { datapathId: hv0, port }, interpreted(frame))
    const out = fate.sent.filter(({ datapathId }) => datapathId === hv0)
    assert.deepEqual(
      out.map((one) => [one.port, one.frame.vlans]),
      [[uplink, [10]]],
    )
  }
})

/** The fields that port security looks at. */
function interpreted(frame: Uint8Array) {
  const { ethernet, content } = readPacket(frame)
  const fields: Record<string, number | bigint> = {
    eth_src: ethernet.src,
    eth_dst: ethernet.dst,
    eth_type: ethernet.ethertype,
  }
  if (content.type === 'arp' || content.type === 'rarp')
    Object.assign(fields, {
      arp_op: content.arp.op,
      arp_spa: content.arp.spa,
      arp_tpa: content.arp.tpa,
      arp_sha: content.arp.sha,
    })
  if (content.type === 'ipv6' && content.transport.type === 'icmpv6') {
    const { icmpv6 } = content.transport
    assert.ok(icmpv6.type === 'neighbour_advertisement' && icmpv6.override && !icmpv6.solicited)
    const [option] = icmpv6.options
    assert.ok(option?.type === 'target_link_layer')
    Object.assign(fields, {
      ip_proto: 58,
      icmpv6_type: 136,
      ipv6_src: content.ip.src,
      ipv6_nd_target: icmpv6.target,
      ipv6_nd_tll: option.mac,
    })
  }
  return { vlans: [], fields }
}

test('the first sight of a switch, other ports and a switch that is away are announced to nobody', async () => {
  const { sent, changes, adopt } = setup({})
  await adopt('hv0/u0')
  await adopt('hv0/u0', 'hv1/u0')
  assert.deepEqual([changes, sent], [[], []])
  const away = setup({ connected: false })
  await away.adopt()
  await away.adopt('hv0/u0')
  assert.equal(away.changes.length, 1)
})

test('1,000 NICs are no burst: each MAC within half a second, first of all', async () => {
  const { timers, sent, adopt } = setup({ vms: 1_000 })
  await adopt()
  await adopt('hv0/u0')
  assert.ok(sent.length <= 20)
  for (let ms = 0; ms < 500; ms += 10) {
    const before = sent.length
    timers.pass(10)
    assert.ok(sent.length - before <= 20)
  }
  assert.equal(new Set(sent.slice(0, 1_000).map(({ port }) => port)).size, 1_000)
})

test('a change while another one is announced starts anew, and forgets nobody', async () => {
  const { timers, sent, adopt } = setup({ vms: 100 })
  await adopt()
  await adopt('hv0/u0')
  timers.pass(20)
  await adopt()
  sent.length = 0
  timers.pass(30_000)
  // Twice four for each, but for those of the first tick.
  assert.equal(sent.length, 2 * 400 - 20)
})
