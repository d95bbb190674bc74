import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeEthernet } from '../../../codecs/packet/ethernet.ts'
import { declaredFrom } from '../../../src/discovery/declared.ts'
import { HV1, HV2, intent, link, observed, OTHER, SPINE, VirtualNetwork } from './fixtures.ts'
import { A, B, BOTH, hv1, hv2, network, running, spine } from './spine-network.ts'

test('links appear within 100 ms of the last switch, in both directions, once', () => {
  const lab = network()
  lab.discovery.switchUp(hv1)
  lab.discovery.switchUp(hv2)
  lab.time.pass(60_000)
  assert.deepEqual(lab.links, [])
  lab.discovery.switchUp(spine)
  lab.time.pass(100)
  assert.deepEqual(lab.links, BOTH)
  lab.time.pass(600_000)
  assert.deepEqual(lab.changes, [`up ${A}`, `up ${B}`])
  assert.deepEqual(lab.incidents, [])
})

test('only ports that may carry links are probed: never a VM, a stray port of a hypervisor, or the local port', () => {
  const lab = network()
  const ports = new Map(observed(HV1, 'up0', 'web1-0', 'tap9').ports)
  ports.set('br0', { no: 0xfffffffe, name: 'br0', mac: 1, up: true })
  lab.discovery.switchUp({ datapathId: HV1, ports })
  lab.discovery.switchUp({ datapathId: OTHER, ports: new Map([...ports].slice(2)) })
  lab.time.pass(30_000)
  assert.deepEqual(new Set(lab.sent.map((each) => each.port)), new Set([`${HV1}/1`, `${OTHER}/3`]))
})

test('a port is probed at once, at growing distances, then once per interval', () => {
  const lab = new VirtualNetwork()
  const start = lab.time.nowMs
  lab.discovery.switchUp(observed(SPINE, 'p1'))
  lab.time.pass(60_000)
  const times = lab.sent.map((each) => each.atMs - start)
  assert.deepEqual(times.slice(0, 6), [0, 100, 500, 1000, 2000, 4000])
  const gaps = times.slice(6).map((time, index) => time - (times[index + 5] ?? 0))
  assert(gaps[0] !== undefined && gaps[0] >= 2500 && gaps[0] <= 7500, String(gaps[0]))
  assert(
    gaps.slice(1).every((gap) => Math.abs(gap - 5000) < 1),
    gaps.join(),
  )
})

test('a thousand ports that come up together are probed in small groups, and later spread over the interval', () => {
  const lab = new VirtualNetwork()
  lab.discovery.switchUp(observed(SPINE, ...Array.from({ length: 1000 }, (_, index) => `p${index}`)))
  for (let count = 0; count < 3; count++) lab.discovery.tick()
  assert.equal(lab.sent.length, 32)
  lab.time.pass(25_000)
  const perMoment = new Map<number, number>()
  for (const { atMs } of lab.sent) perMoment.set(atMs, (perMoment.get(atMs) ?? 0) + 1)
  assert(Math.max(...perMoment.values()) <= 32)
  const start = lab.time.nowMs - 10_000
  const last = [...perMoment].filter(([atMs]) => atMs >= start)
  assert.equal(
    last.reduce((sum, [, count]) => sum + count, 0),
    2000,
  )
  const perQuarter = [0, 1, 2, 3].map((quarter) =>
    last
      .filter(([atMs]) => Math.floor(((atMs - start) % 5000) / 1250) === quarter)
      .reduce((sum, [, n]) => sum + n, 0),
  )
  assert(
    perQuarter.every((count) => count > 350 && count < 650),
    perQuarter.join(),
  )
})

test('a port that goes down takes its link down at once, and its return brings it back', () => {
  const lab = running()
  lab.discovery.portsChanged(observed(SPINE, 'p1!', 'p2', 'p3'))
  assert.deepEqual(lab.links, [B, 'aa/p2 > 2/up0'])
  lab.discovery.portsChanged(spine)
  lab.time.pass(100)
  assert.deepEqual(lab.links, BOTH)
  assert.deepEqual(lab.changes.slice(2), [`down ${A} port-down`, `up ${A}`])
})

test('a cable cut without a port going down is noticed after the timeout', () => {
  const lab = running()
  lab.cables.delete(`${HV1}/1`)
  lab.time.pass(14_000)
  assert.deepEqual(lab.links, BOTH)
  lab.time.pass(10_000)
  assert.deepEqual(lab.links, [B, 'aa/p2 > 2/up0'])
})

test('a link that carries in one direction only is not used', () => {
  const lab = new VirtualNetwork()
  lab.cables.set(`${HV1}/1`, `${SPINE}/1`)
  lab.discovery.switchUp(hv1)
  lab.discovery.switchUp(spine)
  lab.time.pass(60_000)
  assert.deepEqual(lab.links, [])
})

test('switches that are away keep their links; back after an hour, nothing has changed', () => {
  const lab = running()
  lab.discovery.switchDown(HV1)
  lab.discovery.switchDown(SPINE)
  lab.time.pass(3_600_000)
  lab.discovery.switchUp(spine)
  lab.time.pass(1000)
  lab.discovery.switchUp(hv1)
  lab.time.pass(60_000)
  assert.deepEqual(lab.changes, [`up ${A}`, `up ${B}`])
  assert.deepEqual(lab.links, BOTH)
})

test('a restart with remembered links: up from the start, then proved, no flap', () => {
  const before = running()
  const lab = network({ key: new Uint8Array(32).fill(8), remembered: before.discovery.links })
  assert.deepEqual(lab.links, BOTH)
  const states = () => lab.discovery.linkViews().map((each) => each.state)
  assert.deepEqual(states(), ['remembered', 'remembered', 'remembered', 'remembered'])
  lab.time.pass(100_000)
  for (const each of [hv1, hv2, spine]) lab.discovery.switchUp(each)
  lab.time.pass(100)
  assert.deepEqual(states(), ['up', 'up', 'up', 'up'])
  lab.time.pass(100_000)
  assert.deepEqual(lab.changes, [])
})

test('a remembered link that is gone is dropped when its grace is over', () => {
  const lab = new VirtualNetwork({
    remembered: [link(`${HV1}/up0`, `${SPINE}/p1`), link(`${SPINE}/p1`, `${HV1}/up0`)],
  })
  lab.discovery.switchUp(hv1)
  lab.discovery.switchUp(spine)
  lab.time.pass(14_000)
  assert.equal(lab.links.length, 2)
  lab.time.pass(3000)
  assert.deepEqual(lab.changes, [`down ${A} timeout`])
})

test('a process that stood still for an hour keeps its links', () => {
  const lab = running()
  lab.time.nowMs += 3_600_000
  lab.time.pass(60_000)
  assert.deepEqual(lab.changes, [`up ${A}`, `up ${B}`])
})

test('while packet-ins of a switch are shed, its links are not judged', () => {
  const lab = running()
  lab.cables.clear()
  for (let second = 0; second < 60; second++) {
    lab.discovery.packetInsShed(SPINE)
    lab.time.pass(1000)
  }
  assert.deepEqual(lab.links, BOTH)
  lab.time.pass(20_000)
  assert.deepEqual(lab.links, [])
})

test('a cable plugged into another port: the old link goes, the new one comes', () => {
  const lab = running()
  lab.cables.delete(`${SPINE}/1`)
  lab.cable(`${HV1}/1`, `${SPINE}/3`)
  lab.time.pass(10_000)
  assert.deepEqual(lab.links, ['1/up0 > aa/p3', B, 'aa/p2 > 2/up0', 'aa/p3 > 1/up0'])
})

test('a port that is renumbered keeps its name and its link; a probe from its old life proves nothing', () => {
  const lab = running()
  const old = lab.sent.findLast((each) => each.port === `${SPINE}/1`)
  assert(old)
  // p1 is now port 3 and p3 is port 1, as after a restart of the switch.
  lab.cables.clear()
  lab.discovery.switchDown(SPINE)
  lab.discovery.switchUp(observed(SPINE, 'p3', 'p2', 'p1'))
  lab.discovery.packetIn({ datapathId: HV1, portNo: 1, frame: old.frame })
  assert.deepEqual(lab.incidents, ['replayed'])
  lab.cable(`${HV1}/1`, `${SPINE}/3`)
  lab.cable(`${HV2}/1`, `${SPINE}/2`)
  lab.time.pass(10_000)
  assert.deepEqual(lab.links, BOTH)
  assert.deepEqual(lab.changes, [`up ${A}`, `up ${B}`])
})

test("a probe that its port or its switch did not outlive proves nothing, and is nobody's fault", () => {
  const late = (happen: (lab: VirtualNetwork) => void) => {
    const lab = network()
    // Only from the spine to hv1, and that one by hand.
    lab.cables.clear()
    lab.cables.set(`${HV1}/1`, `${SPINE}/1`)
    lab.discovery.switchUp(hv1)
    lab.discovery.switchUp(spine)
    lab.time.pass(1)
    const probe = lab.sent.find((each) => each.port === `${SPINE}/1`)
    assert(probe)
    happen(lab)
    lab.discovery.packetIn({ datapathId: HV1, portNo: 1, frame: probe.frame })
    assert.deepEqual(lab.incidents, [])
    return lab.links.length
  }
  assert.equal(
    late(() => {}),
    2,
  )
  assert.equal(
    late((lab) => lab.discovery.switchDown(SPINE)),
    0,
  )
  assert.equal(
    late((lab) => lab.discovery.portsChanged(observed(SPINE, 'p1!', 'p2', 'p3'))),
    0,
  )
  assert.equal(
    late((lab) => lab.discovery.portsChanged(observed(HV1, 'up0!', 'web1-0'))),
    0,
  )
  const flap = (lab: VirtualNetwork) => {
    lab.discovery.portsChanged(observed(SPINE, 'p1!', 'p2', 'p3'))
    lab.discovery.portsChanged(spine)
    lab.time.pass(150)
  }
  assert.equal(late(flap), 0)
})

test('no more links than the limit, and the refused are counted', () => {
  const lab = running({ maxLinks: 1 })
  assert.equal(lab.links.length, 2)
  assert(lab.incidents.includes('too-many-links'))
})

test('a change of intent: a port that becomes a NIC loses its link and its probes, a new uplink gains them', () => {
  const lab = running()
  const [web1] = [...intent.vms.values()]
  assert(web1)
  const nics = web1.nics.map((nic) => ({ ...nic, port: 'up0' }))
  const nic = declaredFrom({ ...intent, vms: new Map([['web1', { ...web1, nics }]]) })
  lab.discovery.setDeclared(nic)
  lab.time.pass(10)
  assert.deepEqual(lab.changes.slice(2), [`down ${A} not-allowed`])
  const sent = lab.sent.length
  lab.time.pass(20_000)
  assert(!lab.sent.slice(sent).some((each) => each.port === `${HV1}/1`))
  assert(lab.incidents.every((code) => code === 'nic-port'))
  lab.discovery.setDeclared(declaredFrom(intent))
  lab.time.pass(120)
  assert.deepEqual(lab.links, BOTH)
})

test('changes of intent in quick succession do not put off what follows from them', () => {
  const lab = running()
  const none = declaredFrom({
    ...intent,
    switches: new Map(
      [...intent.switches].map(([name, each]) => [name, { ...each, role: 'hypervisor', uplinks: [] }]),
    ),
  })
  for (let count = 0; count < 10; count++) {
    lab.discovery.setDeclared(none)
    lab.time.pass(3)
  }
  assert.deepEqual(lab.links, [])
})

test('links of a plain network that nobody declared: seen, and forgotten a minute after its switches left', () => {
  const lab = new VirtualNetwork()
  const [s1, s2] = ['00000000000000e1', '00000000000000e2']
  lab.cable(`${s1}/2`, `${s2}/2`)
  lab.discovery.switchUp(observed(s1, 's1-eth1', 's1-eth2'))
  lab.discovery.switchUp(observed(s2, 's2-eth1', 's2-eth2'))
  lab.time.pass(100)
  assert.deepEqual(lab.links, ['e1/s1-eth2 > e2/s2-eth2', 'e2/s2-eth2 > e1/s1-eth2'])
  lab.discovery.switchDown(s1)
  lab.discovery.switchDown(s2)
  lab.time.pass(50_000)
  assert.equal(lab.links.length, 2)
  lab.time.pass(20_000)
  assert.deepEqual(lab.links, [])
})

test('stopped, it sends nothing, changes nothing and leaves no timer', () => {
  const lab = running()
  lab.time.pass(1)
  lab.discovery.stop()
  const sent = lab.sent.length
  assert.equal(lab.time.pending, 0)
  lab.discovery.switchUp(observed(OTHER, 'p1'))
  lab.discovery.packetIn({
    datapathId: HV1,
    portNo: 1,
    frame: writeEthernet({ dst: 1, src: 2, vlans: [], ethertype: 0x88cc, payload: new Uint8Array() }),
  })
  lab.time.pass(60_000)
  assert.deepEqual([lab.sent.length, lab.time.pending, lab.incidents.length], [sent, 0, 0])
})

test('a short key is refused', () => {
  assert.throws(() => new VirtualNetwork({ key: new Uint8Array(15) }), RangeError)
})
