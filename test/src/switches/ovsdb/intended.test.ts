/** What an intent wants of hosts: a hypervisor's own interfaces are made, with MAC and MTU, and are kept so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTopology } from '../../../../src/model/yaml.ts'
import { intendedHosts } from '../../../../src/switches/ovsdb/intended.ts'
import { database, foreignBridge, foreignPort, named, settle } from './support/plans.ts'

const topology = `
name: own
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    ovsdb: unix:/run/hv1.sock
    uplinks: [eth0]
    interfaces:
      stor-a: { network: storage, mac: "02:00:00:03:01:01", ips: [10.9.1.1], uplink: eth0 }
      move0: { network: live-move, mac: "02:00:00:03:09:01" }
networks:
  storage: { kind: storage, vlan: 301, subnets: [10.9.1.0/24], mtu: 9000 }
  live-move: { kind: migration, vlan: 302 }
`

function wantedHost() {
  const parsed = parseTopology(topology)
  assert.ok('intent' in parsed, JSON.stringify(parsed))
  const [wanted] = intendedHosts(parsed.intent, () => []).values()
  assert.ok(wanted)
  return wanted
}

test('interfaces are internal ports with the declared MAC, and with the MTU that their network has', async () => {
  const wanted = wantedHost()
  assert.deepEqual(
    wanted.bridges[0]?.ports?.map(({ name }) => name),
    ['eth0', 'move0', 'stor-a'],
  )
  const host = database()
  await settle(host, wanted)
  const told = (name: string) => {
    const { type, mac, mtu_request } = named(host.replica(), 'Interface', name) ?? assert.fail(name)
    return { type, mac, mtu_request }
  }
  assert.deepEqual(told('stor-a'), { type: 'internal', mac: '02:00:00:03:01:01', mtu_request: 9000 })
  assert.deepEqual(told('move0'), { type: 'internal', mac: '02:00:00:03:09:01', mtu_request: undefined })
  assert.deepEqual(told('eth0'), { type: '', mac: undefined, mtu_request: undefined })
})

test('an interface that somebody else has made gets MAC and MTU, and is left there when it is not wanted', async () => {
  const wanted = wantedHost()
  const bridge = wanted.bridges[0]?.name ?? ''
  const host = database(foreignBridge(bridge), foreignPort('stor-a', bridge))
  await settle(host, wanted)
  assert.equal(named(host.replica(), 'Interface', 'stor-a')?.mtu_request, 9000)
  await settle(host, { ...wanted, bridges: [] })
  assert.ok(named(host.replica(), 'Interface', 'stor-a'))
  assert.equal(named(host.replica(), 'Interface', 'move0'), undefined)
})

test('uplinks of a team of LACP are one bond that negotiates, and ports of their own when it is of another mode', async () => {
  const declared = (mode: string) => `
name: lag
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    ovsdb: unix:/run/hv1.sock
    uplinks: [{ port: eth0, segment: lan }, { port: eth1, segment: lan }, eth2]
    teams: { out: { uplinks: [eth0, eth1], mode: ${mode} } }
segments: { lan: {} }
`
  const wantedOf = (mode: string) => {
    const parsed = parseTopology(declared(mode))
    assert.ok('intent' in parsed, JSON.stringify(parsed))
    return [...intendedHosts(parsed.intent, () => []).values()][0] ?? assert.fail(mode)
  }
  const host = database()
  const ports = () => {
    const { tables } = host.replica()
    const all = [...tables.Port.values()].map(
      (port) =>
        `${port.name} ${port.lacp ?? '-'} ${[...port.interfaces].map((uuid) => tables.Interface.get(uuid)?.name).join('+')}`,
    )
    return all.filter((text) => text.includes('eth')).toSorted()
  }
  const bridge = wantedOf('lacp').bridges[0]?.name ?? ''
  await settle(host, wantedOf('lacp'))
  assert.deepEqual(ports(), [`${bridge}-out active eth0+eth1`, 'eth2 - eth2'])
  await settle(host, wantedOf('active-backup'))
  assert.deepEqual(ports(), ['eth0 - eth0', 'eth1 - eth1', 'eth2 - eth2'])
})

test('tunnels and patch cables are made as ports of that type; a fabric switch on the same host has the other end', async () => {
  const parsed = parseTopology(`
name: made
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    ovsdb: unix:/run/hv1.sock
    liveness: bfd
    uplinks:
      - { port: to-hv2, tunnel: { remote: "fd00:9::2", key: 7 } }
      - { port: to-phy, patch: to-int }
  hv2:
    datapath: "0000000000000002"
    role: hypervisor
    ovsdb: tcp:192.0.2.2:6640
    uplinks: [{ port: to-hv1, tunnel: { type: vxlan, remote: 192.0.2.1 } }]
  phy1:
    datapath: "00000000000000b1"
    role: fabric
    ovsdb: unix:/run/hv1.sock
    bridge: br-phy
links:
  - [hv1:to-hv2, hv2:to-hv1]
  - [hv1:to-phy, phy1:to-int]
`)
  assert.ok('intent' in parsed, JSON.stringify(parsed))
  const hosts = intendedHosts(parsed.intent, () => [])
  const made = async (target: string) => {
    const host = database()
    await settle(host, hosts.get(target) ?? assert.fail(target))
    return (name: string) => {
      const { type, options, bfd } = named(host.replica(), 'Interface', name) ?? assert.fail(name)
      return { type, ...Object.fromEntries(options), bfd: bfd.get('enable') }
    }
  }
  const first = await made('unix:/run/hv1.sock')
  assert.deepEqual(first('to-hv2'), { type: 'geneve', remote_ip: 'fd00:9::2', key: '7', bfd: 'true' })
  assert.deepEqual(first('to-phy'), { type: 'patch', peer: 'to-int', bfd: undefined })
  assert.deepEqual(first('to-int'), { type: 'patch', peer: 'to-phy', bfd: undefined })
  const second = await made('tcp:192.0.2.2:6640')
  assert.deepEqual(second('to-hv1'), { type: 'vxlan', remote_ip: '192.0.2.1', bfd: 'true' })
})
