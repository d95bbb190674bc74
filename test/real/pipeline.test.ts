/** The compiled pipeline on a real Open vSwitch: it gives back every rule equal, and does with frames what our interpreter says. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { formatIpv4, formatIpv6, formatMac, type GroupEntry } from 'ts-openflow'
import { PlainClient, type RealSwitch, startSwitch, whyNoSwitch } from '../codecs/openflow/support/ovs.ts'
import { prepare, readFlows } from '../codecs/openflow/support/read-back.ts'
import { compile } from '../../src/compiler/compiler.ts'
import { rulesOf } from '../../src/compiler/delta.ts'
import type { SwitchProgram } from '../../src/compiler/program.ts'
import { flowText } from '../../src/pipeline/flow-text.ts'
import { spreadGroupId } from '../../src/pipeline/slots.ts'
import { fromFlow, ruleKey, sameRule, toFlowMod } from '../../src/pipeline/openflow.ts'
import { meterMod } from '../../src/reconciler/read.ts'
import { isSpreadGroup, spreadGroupMod, spreadGroupVersion } from '../../src/pipeline/spread-group.ts'
import { example, exampleSpec } from '../src/compiler/example.ts'
import { hashTeam, teamedSpec } from '../src/compiler/teamed.ts'
import { build } from '../src/compiler/world.ts'
import { frames } from '../src/compiler/worlds.ts'
import { runSwitch, type Frame } from '../support/table-interpreter.ts'

const reason = whyNoSwitch()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }
const { intent, observation } = example
const programs = [...compile(intent, observation).switches.values()]
/** A VM on its way, at the moment when all rules of that are there. */
const [[onItsWay, nic] = assert.fail()] = [...intent.vms.values()].flatMap((vm) =>
  vm.nics.filter(({ switch: name }) => name === 'hv1').map((one) => [one.id, one] as const),
)
const passage = {
  from: { switch: nic.switch, port: nic.port },
  to: { switch: 'hv0', port: 'elsewhere' },
  stage: 'returning',
  noted: true,
} as const
const [elsewhere] = [...observation.switches.values()].filter(
  ({ datapathId }) => datapathId === intent.switches.get('hv0')?.datapathId,
)
assert.ok(elsewhere)
const plugged = { no: 900, name: passage.to.port, mac: 900, up: true }
const passing = [
  ...compile(intent, {
    ...observation,
    switches: new Map(observation.switches).set(elsewhere.datapathId, {
      ...elsewhere,
      ports: new Map(elsewhere.ports).set(plugged.name, plugged),
    }),
    passages: new Map([[onItsWay, passage]]),
  }).switches.values(),
]
const teamed = build(teamedSpec([hashTeam]))
const spreading = [...compile(teamed.intent, teamed.observation).switches.values()].slice(0, 1)

/** So many VMs of one network that its broadcasts are delivered by parts. */
const crowdSize = 200
const crowd = build({
  switches: [{ name: 'hv0' }],
  networks: [{ name: 'blue', vlan: 10 }],
  nics: Array.from({ length: crowdSize }, (_, at) => ({
    vm: `vm${at}`,
    network: 'blue',
    on: 'hv0',
    n: at + 1,
  })),
})
const crowded = [...compile(crowd.intent, crowd.observation).switches.values()]

let ovs: RealSwitch
before(async () => {
  if (reason === undefined) ovs = await startSwitch('cmp0')
})
after(async () => {
  if (reason === undefined) await ovs.stop()
})

async function install(client: PlainClient, { fixtures, ...program }: SwitchProgram): Promise<void> {
  const { version } = client
  await prepare(client)
  client.send({ type: 'meter_mod', version, xid: client.nextXid(), command: 'delete', meterId: 0xffff_ffff })
  for (const meter of fixtures.meters)
    client.send({ ...meterMod(meter, { command: 'add', version }), xid: client.nextXid() })
  if (fixtures.spreads && version >= spreadGroupVersion) {
    client.send({ ...spreadGroupMod('add'), command: 'add_or_modify', xid: client.nextXid() })
  }
  for (const rule of rulesOf({ fixtures, ...program })) client.send(toFlowMod(rule, version, 'add'))
  await client.ask({ type: 'barrier_request' })
  assert.deepEqual(client.errors(), [])
}

for (const version of [4, 5, 6]) {
  test(`wire version ${version}: every rule comes back equal to what was installed`, options, async () => {
    assert.ok(
      passing.flatMap(rulesOf).some(({ actions }) => actions.some(({ type }) => type === 'allow_return')),
    )
    const client = await PlainClient.connect(ovs.socketPath, version)
    for (const program of [...programs, ...passing, ...spreading, ...crowded]) {
      await install(client, program)
      const rules = rulesOf(program)
      const installed = new Map(
        (await readFlows(client)).map((flow) => [ruleKey(fromFlow(flow)), fromFlow(flow)]),
      )
      assert.equal(installed.size, rules.length)
      for (const rule of rules) {
        const there = installed.get(ruleKey(rule))
        assert.ok(there, `${flowText(rule)} is not there`)
        assert.ok(sameRule(there, rule), `${flowText(there)} is not ${flowText(rule)}`)
      }
    }
    client.close()
  })
}

test('the group that spreads comes back as the one that was sent', options, async () => {
  const client = await PlainClient.connect(ovs.socketPath, 6)
  client.send({ ...spreadGroupMod('add'), command: 'add_or_modify', xid: client.nextXid() })
  const { messages } = await client.ask({ type: 'multipart_request', body: { type: 'group_desc' } })
  const groups = messages.flatMap((one): readonly GroupEntry[] =>
    one.type === 'multipart_reply' && one.body.type === 'group_desc' ? one.body.entries : [],
  )
  const [group] = groups.filter(({ groupId }) => groupId === spreadGroupId)
  assert.ok(group)
  assert.ok(isSpreadGroup(group), inspect(group, { depth: 6 }).slice(0, 900))
  client.close()
})

const traced = 40

test('the switch sends random frames where the interpreter sends them', options, async () => {
  const client = await PlainClient.connect(ovs.socketPath, 6)
  const program = programs[0]
  assert.ok(program)
  await install(client, program)
  const ports = addPorts(program.datapathId)
  const seed = Date.now() % 1_000_000
  let outputs = 0
  for (const from of exampleSpec.nics.filter(({ on }) => on === 'hv0')) {
    const inPort: number = observation.switches.get(program.datapathId)?.ports.get(`${from.vm}-eth0`)?.no ?? 0
    for (const frame of fc.sample(frames(exampleSpec, from), { numRuns: traced, seed: seed + from.n })) {
      const ours: string[] = runSwitch(rulesOf(program), inPort, frame).outputs.map(
        ({ port, frame: { vlans } }) => `${port} ${vlans.join(',')}`,
      )
      const flow = traceText(inPort, frame)
      assert.deepEqual(trace(flow, ports, frame.vlans), ours.toSorted(), `seed ${seed}: ${flow}`)
      outputs += ours.length
    }
  }
  client.close()
  assert.ok(outputs > 20, `${outputs} outputs`)
})

for (const version of [4, 6])
  test(`wire version ${version}: a broadcast comes to each of many VMs once`, options, async () => {
    const client = await PlainClient.connect(ovs.socketPath, version)
    const [program] = crowded
    assert.ok(program)
    await install(client, program)
    const [[, first] = assert.fail()] = [...(crowd.observation.switches.get(program.datapathId)?.ports ?? [])]
    const [sender] = [...crowd.intent.vms.values()].flatMap(({ nics }) =>
      nics.filter(({ port }) => port === first.name),
    )
    const flow = `in_port=${first.no},dl_src=${formatMac(sender?.mac ?? 0)},dl_dst=ff:ff:ff:ff:ff:ff,dl_type=0x0806,arp_sha=${formatMac(sender?.mac ?? 0)},arp_spa=0.0.0.0,arp_tpa=192.0.2.1,arp_op=1`
    const outputs = [...control('ofproto/trace', 'cmp0br', flow).matchAll(/^ *output:(\d+)$/gm)].map(
      ([, no]) => Number(no),
    )
    assert.deepEqual(
      outputs.toSorted((a, b) => a - b),
      Array.from({ length: crowdSize }, (_, at) => first.no + at),
    )
    client.close()
  })

const control = (...args: string[]) =>
  execFileSync('ovs-appctl', ['-t', join(dirname(ovs.socketPath), 'vs.ctl'), ...args], { encoding: 'utf8' })

/** Gives the bridge the ports of the observation; returns OpenFlow numbers by datapath number. */
function addPorts(datapathId: string): ReadonlyMap<string, string> {
  const numbers = [...(observation.switches.get(datapathId)?.ports.values() ?? [])].map(({ no }) => no)
  const commands = numbers
    .filter((no) => no > 2)
    .flatMap((no) => [
      ...['--', 'add-port', 'cmp0br', `cmp0p${no}`, '--', 'set', 'interface', `cmp0p${no}`],
      ...['type=internal', `ofport_request=${no}`],
    ])
  const db = `--db=unix:${join(dirname(ovs.socketPath), 'db.sock')}`
  execFileSync('ovs-vsctl', [db, '--timeout=10', ...commands.slice(1)])
  const shown = control('dpif/show').matchAll(/ (\d+)\/(\d+): /g)
  return new Map([...shown].map(([, openflow = '', datapath = '']) => [datapath, openflow]))
}

/** Ports with the VLANs of the frame that leaves there, from what the datapath is told to do. */
function trace(flow: string, ports: ReadonlyMap<string, string>, vlans: readonly number[]): string[] {
  const text = control('ofproto/trace', 'cmp0br', flow)
  const actions = /^Datapath actions: (.*)$/m.exec(text)?.[1] ?? ''
  // Commas within parentheses belong to an action.
  const list = actions.match(/[^,(]+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?/g) ?? []
  const tags = vlans.map(String)
  const outputs: string[] = []
  for (const action of list) {
    const pushed = /^push_vlan\(vid=(\d+)/.exec(action)?.[1]
    if (pushed !== undefined) tags.unshift(pushed)
    else if (action === 'pop_vlan') tags.shift()
    else if (/^\d+$/.test(action)) outputs.push(`${ports.get(action) ?? action} ${tags.join(',')}`)
  }
  return outputs.toSorted()
}

/** The frame as ofproto/trace takes it. */
function traceText(inPort: number, { vlans, fields }: Frame): string {
  const mac = (value: number | bigint | undefined) => formatMac(Number(value ?? 0))
  const v4 = (value: number | bigint | undefined) => formatIpv4(Number(value ?? 0))
  const v6 = (value: number | bigint | undefined) => formatIpv6(BigInt(value ?? 0))
  const parts: Record<string, string | undefined> = {
    in_port: String(inPort),
    dl_src: mac(fields.eth_src),
    dl_dst: mac(fields.eth_dst),
    dl_vlan: vlans[0]?.toString(),
    dl_type: `0x${Number(fields.eth_type).toString(16)}`,
    nw_proto: fields.ip_proto?.toString(),
    nw_src: fields.ipv4_src === undefined ? undefined : v4(fields.ipv4_src),
    udp_src: fields.udp_src?.toString(),
    udp_dst: fields.udp_dst?.toString(),
    arp_op: fields.arp_op?.toString(),
    arp_sha: fields.arp_sha === undefined ? undefined : mac(fields.arp_sha),
    arp_spa: fields.arp_spa === undefined ? undefined : v4(fields.arp_spa),
    arp_tpa: fields.arp_tpa === undefined ? undefined : v4(fields.arp_tpa),
    ipv6_src: fields.ipv6_src === undefined ? undefined : v6(fields.ipv6_src),
    ipv6_dst: fields.ipv6_dst === undefined ? undefined : v6(fields.ipv6_dst),
    icmpv6_type: fields.icmpv6_type?.toString(),
    icmpv6_code: fields.icmpv6_type === undefined ? undefined : '0',
    nd_target: fields.ipv6_nd_target === undefined ? undefined : v6(fields.ipv6_nd_target),
    nd_sll: fields.ipv6_nd_sll === undefined ? undefined : mac(fields.ipv6_nd_sll),
    nd_tll: fields.ipv6_nd_tll === undefined ? undefined : mac(fields.ipv6_nd_tll),
  }
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(',')
}
