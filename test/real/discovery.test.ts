/** Discovery on a real ovs-vswitchd: two bridges joined by patch ports, which carry the probes as any cable does. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { noBuffer, reservedPort } from 'ts-openflow'
import { declaredFrom } from '../../src/discovery/declared.ts'
import { Discovery } from '../../src/discovery/discovery.ts'
import { makeProbe } from '../../src/discovery/probe.ts'
import type { Nic, Switch } from '../../src/model/intent.ts'
import { emptyIntent } from '../../src/model/intent.ts'
import { SwitchRegistry } from '../../src/switches/registry.ts'
import type { FlowMod } from '../../src/switches/round.ts'
import { captured } from '../codecs/packet/captured.ts'
import { DummyBridge } from './support/dummy-bridge.ts'
import { realTest } from './support/real.ts'

const LEAF = '0000000000d5c001'
const SPINE = '0000000000d5c002'
const KEY = new Uint8Array(32).fill(3)
const INTERVAL_MS = 700

const punt: FlowMod = {
  type: 'flow_mod',
  command: 'add',
  priority: 1,
  match: [],
  instructions: [
    { type: 'apply_actions', actions: [{ type: 'output', port: reservedPort.controller, maxLen: 0xffff }] },
  ],
}

/** A hypervisor with uplink `up0` and one VM, and a fabric switch. */
function declared() {
  const nic: Nic = {
    id: 'web/0',
    vm: 'web',
    index: 0,
    network: 'blue',
    mac: 0x020000000001,
    addresses: [],
    switch: 'leaf',
    port: 'web0',
    trust: [],
  }
  const leaf: Switch = {
    name: 'leaf',
    datapathId: LEAF,
    role: 'hypervisor',
    uplinks: [{ port: 'up0' }],
    teams: [],
    interfaces: [],
  }
  const spine: Switch = { ...leaf, name: 'spine', datapathId: SPINE, role: 'fabric', uplinks: [] }
  return declaredFrom({
    ...emptyIntent,
    switches: new Map([
      ['leaf', leaf],
      ['spine', spine],
    ]),
    vms: new Map([['web', { name: 'web', host: 'leaf', nics: [nic] }]]),
  })
}

interface Bench {
  readonly bridge: DummyBridge
  readonly registry: SwitchRegistry
  readonly discovery: Discovery
  /** Link changes, switches that came and went, refused LLDP; in order, with their times. */
  readonly log: { readonly text: string; readonly atMs: number }[]
  readonly told: (text: string) => Promise<number>
}

async function withSwitches(port: number, body: (bench: Bench) => Promise<void>): Promise<void> {
  const log: { text: string; atMs: number }[] = []
  const tell = (text: string) => log.push({ text, atMs: performance.now() })
  const registry: SwitchRegistry = new SwitchRegistry({
    onUp: (live) => {
      // Rules first: a probe that arrives before anything punts it is lost.
      void live.commit([punt]).then(() => {
        tell(`ready ${live.datapathId}`)
        const observed = registry.observed.get(live.datapathId)
        if (observed) discovery.switchUp(observed)
      })
    },
    onDown: (live) => {
      tell(`away ${live.datapathId}`)
      discovery.switchDown(live.datapathId)
    },
    onPorts: (observed) => discovery.portsChanged(observed),
    onPacketIn: (live, { match, data }) => {
      const inPort = match.find(({ field }) => field === 'in_port')
      assert(inPort?.field === 'in_port')
      discovery.packetIn({ datapathId: live.datapathId, portNo: Number(inPort.value), frame: data })
    },
  })
  const discovery = new Discovery({
    key: KEY,
    declared: declared(),
    intervalMs: INTERVAL_MS,
    sendPacketOut: (datapathId, portNo, data) =>
      registry.live(datapathId)?.send({
        type: 'packet_out',
        bufferId: noBuffer,
        inPort: reservedPort.controller,
        actions: [{ type: 'output', port: portNo, maxLen: 0 }],
        data,
      }),
    onLinks: (_, changes) => {
      for (const change of changes) {
        tell(
          `${change.type} ${change.link.from.port} ${change.link.to.port}${change.type === 'down' ? ` ${change.reason}` : ''}`,
        )
      }
    },
    onIncident: (code, { port }) => tell(`refused ${code} ${port}`),
  })
  await registry.listen({ port })
  try {
    const bridge = await DummyBridge.start({ name: 'dscleaf', datapathId: LEAF, controllerPort: port })
    const told = async (text: string) => {
      const found = () => log.findLast((each) => each.text === text)
      while (found() === undefined) await sleep(5)
      return found()?.atMs ?? 0
    }
    try {
      await body({ bridge, registry, discovery, log, told })
    } finally {
      await bridge.stop()
    }
  } finally {
    discovery.stop()
    await registry.close()
  }
}

/** A second bridge in the same vswitchd, and a cable from `up0` of the first to `down0` of the second. */
function addSpine(bridge: DummyBridge, port: number): void {
  const patch = (name: string, peer: string) => [
    '--',
    'set',
    'interface',
    name,
    'type=patch',
    `options:peer=${peer}`,
  ]
  bridge.vsctl('add-port', 'dscleaf', 'up0', ...patch('up0', 'down0'))
  bridge.addPort('web0', 9)
  bridge.vsctl(
    ...['add-br', 'dscspine', '--', 'set', 'bridge', 'dscspine', 'datapath_type=dummy', 'fail_mode=secure'],
    ...['protocols=OpenFlow13', `other-config:datapath-id=${SPINE}`],
    ...['--', 'add-port', 'dscspine', 'down0', ...patch('down0', 'up0')],
    ...['--', 'set-controller', 'dscspine', `tcp:127.0.0.1:${port}`],
    ...['--', 'set', 'controller', 'dscspine', 'max_backoff=1000'],
  )
}

const LINK = 'up0 down0'
const shown = ({ discovery }: Bench) => discovery.links.map(({ from, to }) => `${from.port} ${to.port}`)

realTest('a link appears, outlives a lost session, goes with its port and comes back', async (context) => {
  const port = 16780
  await withSwitches(port, async (bench) => {
    const { bridge, registry, log, told } = bench
    addSpine(bridge, port)
    const ready = Math.max(await told(`ready ${LEAF}`), await told(`ready ${SPINE}`))
    context.diagnostic(
      `link ${((await told(`up ${LINK}`)) - ready).toFixed(1)} ms after both switches were ready`,
    )
    assert.deepEqual(shown(bench), ['up0 down0', 'down0 up0'])

    log.length = 0
    await registry.live(SPINE)?.close('the test ends this session')
    await told(`away ${SPINE}`)
    await told(`ready ${SPINE}`)
    await sleep(4 * INTERVAL_MS)
    assert.deepEqual(
      log.map((each) => each.text),
      [`away ${SPINE}`, `ready ${SPINE}`],
    )

    bridge.vsctl('del-port', 'dscspine', 'down0')
    await told(`down ${LINK} port-down`)
    assert.deepEqual(shown(bench), [])
    log.length = 0
    const replugged = performance.now()
    bridge.vsctl(
      ...[
        'add-port',
        'dscspine',
        'down0',
        '--',
        'set',
        'interface',
        'down0',
        'type=patch',
        'options:peer=up0',
      ],
    )
    context.diagnostic(
      `link ${((await told(`up ${LINK}`)) - replugged).toFixed(1)} ms after the port was plugged in again`,
    )
    await sleep(4 * INTERVAL_MS)
    assert.deepEqual(
      log.map((each) => each.text),
      [`up ${LINK}`],
    )
  })
})

realTest('LLDP that a VM sends, genuine, fabricated or foreign, is refused and changes nothing', async () => {
  const port = 16781
  await withSwitches(port, async (bench) => {
    const { bridge, registry, log, told } = bench
    addSpine(bridge, port)
    await told(`up ${LINK}`)
    log.length = 0
    const probe = {
      from: { datapathId: SPINE, portNo: 1 },
      mac: 2,
      timeMs: Date.now(),
      sequence: 1e9,
      ttlS: 9,
    }
    const sent = [
      makeProbe({ ...probe, key: KEY }),
      makeProbe({ ...probe, key: new Uint8Array(32) }),
      captured.lldpFromOpenVswitch,
    ]
    // Through the switch's own tables, as if it had come in by that port.
    const inject = (datapathId: string, name: string, data: Uint8Array) => {
      const live = registry.live(datapathId)
      const inPort = live?.ports.get(name)?.no
      assert(live !== undefined && inPort !== undefined)
      const actions = [{ type: 'output', port: reservedPort.table, maxLen: 0 } as const]
      live.send({ type: 'packet_out', bufferId: noBuffer, inPort, actions, data })
    }
    for (const frame of sent) inject(LEAF, 'web0', frame)
    for (const frame of sent.slice(1)) inject(SPINE, 'down0', frame)
    await told('refused unsigned down0')
    await sleep(2 * INTERVAL_MS)
    assert.deepEqual(
      log.map((each) => each.text).sort(),
      [
        ...sent.map(() => 'refused nic-port web0'),
        'refused bad-signature down0',
        'refused unsigned down0',
      ].sort(),
    )
    assert.deepEqual(shown(bench), ['up0 down0', 'down0 up0'])
  })
})
