import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredFrom } from '../../../src/discovery/declared.ts'
import { makeProbe } from '../../../src/discovery/probe.ts'
import { captured } from '../../codecs/packet/captured.ts'
import { arpFrom, HV1, HV2, intent, KEY, observed, SPINE } from './fixtures.ts'
import { BOTH, hv1, network, running, spine } from './spine-network.ts'

const genuine = (change = {}) =>
  makeProbe({
    key: KEY,
    from: { datapathId: SPINE, portNo: 3 },
    mac: 1,
    timeMs: 1_000_700,
    sequence: 900,
    ttlS: 9,
    ...change,
  })

for (const [name, at, frame, code] of [
  ['LLDP of somebody else', `${HV1}/1`, captured.lldpFromOpenVswitch, 'unsigned'],
  ['a link fabricated with another key', `${HV1}/1`, genuine({ key: new Uint8Array(32) }), 'bad-signature'],
  ['a broken frame', `${HV1}/1`, captured.lldpFromOpenVswitch.slice(0, 20), 'malformed'],
  ['LLDP in a VLAN', `${HV1}/1`, tagged(genuine()), 'malformed'],
  ['a genuine probe from a VM', `${HV1}/2`, genuine(), 'nic-port'],
  ['a genuine probe on a stray port', `${HV2}/3`, genuine(), 'not-allowed'],
  ['a genuine probe on a port that does not exist', `${HV1}/9`, genuine(), 'unknown-port'],
  ['a genuine probe kept for six seconds', `${HV1}/1`, genuine({ timeMs: 994_000 }), 'expired'],
  ['a genuine probe back where it came from', `${SPINE}/3`, genuine(), 'wrong-port'],
] as const) {
  test(`refused and counted as ${code}: ${name}`, () => {
    const lab = running()
    lab.discovery.portsChanged(observed(HV2, 'up0', 'web2-0', 'tap9'))
    const [datapathId = '', portNo = ''] = at.split('/')
    lab.discovery.packetIn({ datapathId, portNo: Number(portNo), frame })
    assert.deepEqual(lab.incidents, [code])
    assert.deepEqual(lab.links, BOTH)
    // It did not use up anything: what is genuine goes on being accepted.
    lab.time.pass(60_000)
    assert.deepEqual(lab.changes.length, 2)
  })
}

function tagged(frame: Uint8Array): Uint8Array {
  const tag = [0x81, 0x00, 0x00, 0x05]
  return new Uint8Array([...frame.slice(0, 12), ...tag, ...frame.slice(12)])
}

test('hosts: seen at the edge, not through links; gone with their port; NICs by their counters', () => {
  const lab = running()
  const stranger = arpFrom(0x02000000dead, 0x0a000042)
  lab.discovery.packetIn({ datapathId: HV1, portNo: 2, frame: stranger })
  lab.discovery.packetIn({ datapathId: HV1, portNo: 1, frame: stranger })
  lab.discovery.packetIn({ datapathId: HV1, portNo: 9, frame: stranger })
  lab.discovery.packetIn({ datapathId: HV1, portNo: 2, frame: new Uint8Array(3) })
  lab.discovery.heard(['web2/0'])
  const hosts = () =>
    lab.discovery.hosts().map((host) => `${host.state} ${host.switch}/${host.portNo} ${host.ips.join()}`)
  assert.deepEqual(hosts(), [
    'silent hv1/2 10.0.0.1',
    'as-declared hv2/2 10.0.0.2',
    'undeclared hv1/2 10.0.0.66',
  ])
  assert.deepEqual(lab.hostsFound, ['undeclared 02:00:00:00:de:ad', 'as-declared 02:00:00:00:00:02'])
  lab.discovery.portsChanged(observed(HV1, 'up0', 'web1-0!'))
  assert.deepEqual(hosts().length, 2)
})

test('hosts seen before a port was known to be a link are forgotten when it is, others when they are old', () => {
  const lab = network()
  lab.discovery.switchUp(spine)
  const stranger = arpFrom(0x02000000dead, 0x0a000042)
  lab.discovery.packetIn({ datapathId: SPINE, portNo: 1, frame: stranger })
  lab.discovery.packetIn({ datapathId: SPINE, portNo: 3, frame: stranger })
  assert.equal(lab.discovery.hosts().length, 4)
  lab.discovery.switchUp(hv1)
  lab.time.pass(700)
  assert.deepEqual(
    lab.discovery
      .hosts()
      .slice(2)
      .map((host) => host.port),
    ['p3'],
  )
  lab.time.pass(610_000)
  assert.equal(lab.discovery.hosts().length, 2)
})

test('a NIC that was declared elsewhere for a while is silent again when it is back', () => {
  const lab = running()
  lab.discovery.heard(['web2/0'])
  assert.equal(lab.discovery.hosts()[1]?.state, 'as-declared')
  lab.discovery.setDeclared(declaredFrom({ ...intent, vms: new Map() }))
  lab.time.pass(10)
  lab.discovery.setDeclared(declaredFrom(intent))
  assert.equal(lab.discovery.hosts()[1]?.state, 'silent')
})
