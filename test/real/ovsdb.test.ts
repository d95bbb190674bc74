/** OVSDB of real Open vSwitch: bridges are made and kept, others' are not touched, restarts are survived. */
import assert from 'node:assert/strict'
import type { TrafficClass } from '../../src/model/intent.ts'
import { classQueues } from '../../src/switches/ovsdb/class-queues.ts'
import { patchPort } from '../../src/switches/ovsdb/wanted.ts'
import { bridge, dummy, plug, stage, wish } from './support/ovsdb-stage.ts'
import { realTest } from './support/real.ts'

realTest(
  'a bridge is prepared, kept so, and taken down; what others have made stays as it was',
  async (context) => {
    const { ovs, host, told } = await stage(context, 'ovsdbtA')
    ovs.vsctl(
      'add-br',
      'brx',
      '--',
      'set',
      'bridge',
      'brx',
      'datapath_type=dummy',
      '--',
      'set-controller',
      'brx',
      'tcp:127.0.0.1:2',
    )
    ovs.vsctl(
      'add-br',
      'bra2',
      '--',
      'set',
      'bridge',
      'bra2',
      'datapath_type=dummy',
      'other-config:mac-table-size=99',
    )
    plug(ovs, 'brx', 'xvif', '02:00:00:00:00:09')
    const foreign = () =>
      ['bridge brx', 'port xvif', 'interface xvif', 'controller brx'].map((row) =>
        stable(ovs.vsctl('list', ...row.split(' '))),
      )
    const before = foreign()

    const ports = [
      dummy('p1'),
      patchPort('pa', 'pb'),
      { name: 'no', interfaces: [{ name: 'no', type: 'patch', options: {} }] },
    ]
    const wanted = wish(bridge('bra1', { ports }), bridge('bra2', { ports: [patchPort('pb', 'pa')] }))
    const receipt = await host.want(wanted)
    assert.equal(receipt.state, 'refused')
    const refused = receipt.items.filter(({ state }) => state === 'refused')
    assert.deepEqual(
      refused.map(({ subject }) => subject),
      ['port bra1/no'],
    )
    assert.match(refused[0]?.error ?? '', /peer/)
    assert.deepEqual(receipt.items.map(({ subject }) => subject).sort(), [
      'bridge bra1',
      'bridge bra2',
      'port bra1/no',
      'port bra1/p1',
      'port bra1/pa',
      'port bra2/pb',
    ])
    const get = (column: string) => ovs.vsctl('get', 'bridge', 'bra1', column)
    assert.deepEqual(
      [get('fail_mode'), get('datapath_id'), get('external_ids')],
      ['secure', '"00000000000000a1"', '{throwbar=test}'],
    )
    assert.equal(get('protocols'), '[OpenFlow13, OpenFlow15]')
    assert.match(get('other_config'), /disable-in-band="true"/)
    assert.equal(ovs.vsctl('get', 'controller', 'bra1', 'connection_mode'), 'out-of-band')
    assert.equal(ovs.vsctl('get', 'interface', 'pa', 'ofport') === '[]', false)
    assert.match(ovs.vsctl('get', 'bridge', 'bra2', 'other_config'), /mac-table-size="99"/)

    const count = ovs.vsctl('get', 'Open_vSwitch', '.', 'next_cfg')
    assert.deepEqual(
      (await host.want(wanted)).items.map(({ state }) => state),
      ['refused'],
    )
    assert.equal(ovs.vsctl('get', 'Open_vSwitch', '.', 'next_cfg'), count)

    ovs.vsctl('set-fail-mode', 'bra1', 'standalone', '--', 'del-port', 'p1')
    await told.until('repaired', () => told.events.includes('repair port bra1/p1 done'))
    assert.deepEqual([get('fail_mode'), ovs.vsctl('port-to-br', 'p1')], ['secure', 'bra1'])

    plug(ovs, 'bra1', 'guest', '02:00:00:00:00:08')
    const gone = await host.want(wish())
    assert.deepEqual([gone.state, gone.kept], ['done', ['bra1']])
    assert.deepEqual(ovs.vsctl('list-ports', 'bra1'), 'guest')
    assert.deepEqual(ovs.vsctl('list-ports', 'bra2'), '')
    assert.equal(ovs.vsctl('get-controller', 'bra1'), '')
    told.events.length = 0
    ovs.vsctl('del-port', 'guest')
    await told.until('the bridge goes', () => told.events.includes('repair bridge bra1 done'))
    assert.deepEqual(ovs.vsctl('list-br').split('\n').sort(), ['bra2', 'brx'])
    assert.deepEqual(foreign(), before)
  },
)

/** Without what vswitchd counts and reports by itself. */
const stable = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(statistics|status|is_connected|link_resets)\b/.test(line))
    .join('\n')

realTest(
  'a killed database and a killed vswitchd come back: nothing is lost, what changed meanwhile is put right',
  async (context) => {
    const { ovs, host, told } = await stage(context, 'ovsdbtC')
    const wanted = wish(bridge('brc1', { ports: [dummy('p1')] }))
    assert.equal((await host.want(wanted)).state, 'done')
    for (const name of ['v1', 'v2']) plug(ovs, 'brc1', name, '02:00:00:00:00:01')
    await told.until('two attachments', () => told.attachments.size === 2)
    const before = new Map(told.attachments)

    told.events.length = 0
    await ovs.killOvsdb()
    await told.until('down', () => told.events.some((event) => event.startsWith('down')))
    const killedMs = performance.now()
    const waiting = host.want(wish(bridge('brc1', { ports: [dummy('p1'), dummy('p2')] })))
    await ovs.startOvsdb()
    const startedMs = performance.now()
    await told.until('up again', () => host.isUp)
    context.diagnostic(
      `ovsdb-server killed: up again ${(performance.now() - startedMs).toFixed(0)} ms after its start, ${(performance.now() - killedMs).toFixed(0)} ms after its end`,
    )
    assert.equal((await waiting).state, 'done')
    assert.ok(Number(ovs.vsctl('get', 'interface', 'p2', 'ofport')) >= 1)
    assert.deepEqual(told.attachments, before)
    assert.ok(
      !told.events.some((event) => event.includes(' -') && event.startsWith('attachments')),
      told.events.join(', '),
    )

    await ovs.killVswitchd()
    told.events.length = 0
    ovs.vsctl('--no-wait', 'set-fail-mode', 'brc1', 'standalone')
    ovs.vsctl(
      '--no-wait',
      'add-port',
      'brc1',
      'v3',
      '--',
      'set',
      'Interface',
      'v3',
      'type=dummy',
      'external_ids:iface-id=id-v3',
    )
    await told.until('repaired', () => told.events.includes('repair bridge brc1 done'))
    assert.ok(!told.attachments.has('v3'))
    const again = host.want(wish(bridge('brc1', { ports: [dummy('p1')] })))
    await ovs.startVswitchd()
    assert.equal((await again).state, 'done')
    await told.until('v3', () => told.attachments.has('v3'))
    assert.deepEqual([...told.attachments.keys()].sort(), ['v1', 'v2', 'v3'])
    assert.deepEqual(ovs.vsctl('list-ports', 'brc1').split('\n').sort(), ['p1', 'v1', 'v2', 'v3'])
    assert.ok(!told.events.some((event) => event.startsWith('down')), told.events.join(', '))
  },
)

realTest(
  'queues of classes of traffic are made, follow what is declared, and go; those of others stay',
  async (context) => {
    const namespace = 'ovsdbtQ'
    const { ovs, host } = await stage(context, namespace)
    ovs.run('ip', '-n', namespace, 'link', 'add', 'upl0', 'type', 'veth', 'peer', 'name', 'gst0')
    const foreign = ['--id=@q', 'create', 'QoS', 'type=linux-htb', 'other-config:max-rate=7000000']
    ovs.vsctl('add-br', 'brx', '--', 'set', 'bridge', 'brx', 'datapath_type=netdev')
    ovs.vsctl('add-port', 'brx', 'gst0', '--', 'set', 'port', 'gst0', 'qos=@q', '--', ...foreign)
    const others = () =>
      [ovs.vsctl('list', 'port', 'gst0'), ovs.vsctl('get', 'port', 'gst0', 'qos')].map(stable)
    const before = others()

    const networks = new Map(
      (['vm', 'storage'] as const).map((kind, key) => [
        kind,
        { name: kind, kind, key, vlan: 10 + key, subnets: [] },
      ]),
    )
    const wanted = (reservationBps?: number) => {
      const classes = new Map<string, TrafficClass>()
      if (reservationBps !== undefined)
        classes.set('storage', { name: 'storage', shares: 10, reservationBps })
      const qos = classQueues({ classes, networks }, [{ port: 'upl0', bandwidthBps: 100e6 }])
      return wish(bridge('brq1', { datapathType: 'netdev', ports: [{ name: 'upl0', ...(qos && { qos }) }] }))
    }
    /** What the kernel has for each queue: class 1:(number + 1) of Open vSwitch's htb. */
    const inKernel = () => {
      const classes = ovs.run('tc', '-n', namespace, 'class', 'show', 'dev', 'upl0')
      return Array.from(classes.matchAll(/class htb (1:[23]) .* rate (\S+) ceil (\S+)/g), (found) =>
        found.slice(1),
      )
    }
    assert.equal((await host.want(wanted(40e6))).state, 'done')
    assert.deepEqual(inKernel().toSorted(), [
      ['1:2', '28500Kbit', '100Mbit'],
      ['1:3', '68500Kbit', '100Mbit'],
    ])
    const rows = ovs.vsctl('--columns=_uuid', 'list', 'Queue')
    assert.equal((await host.want(wanted(50e6))).state, 'done')
    assert.deepEqual(
      inKernel()
        .toSorted()
        .map(([, rate]) => rate),
      ['23500Kbit', '73500Kbit'],
    )
    assert.equal(ovs.vsctl('--columns=_uuid', 'list', 'Queue'), rows, 'the same rows')

    assert.equal((await host.want(wanted())).state, 'done')
    assert.equal(ovs.vsctl('list', 'Queue'), '')
    assert.deepEqual(inKernel(), [])
    assert.deepEqual(others(), before)
    assert.equal(ovs.vsctl('get', 'port', 'upl0', 'qos'), '[]')
  },
)
