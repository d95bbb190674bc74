/** Live switches against a real ovs-vswitchd, in OpenFlow 1.3 and 1.5: what comes up, is installed, refused and read back. */
import assert from 'node:assert/strict'
import { listen } from 'ts-openflow'
import type { FlowMod } from '../../src/switches/round.ts'
import { DummyBridge } from './support/dummy-bridge.ts'
import { datapathId, flow, flows, name, withBridge } from './support/live-bridge.ts'
import { realTest } from './support/real.ts'

const identity = ({
  tableId,
  priority,
  cookie,
  match,
  instructions,
}: {
  tableId?: number
  priority?: number
  cookie?: bigint
  match?: unknown
  instructions?: unknown
}): string =>
  JSON.stringify({ tableId, priority, cookie, match, instructions }, (_, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  )

for (const [text, version, port, protocols] of [
  ['all versions enabled: 1.5', 6, 16720, undefined],
  ['OpenFlow13 only', 4, 16721, ['OpenFlow13']],
] as const) {
  realTest(`${text}: ports, 1,000 rules in one bundle, read back equal`, async (context) => {
    await withBridge(
      { port, ...(protocols && { protocols }) },
      async ({ bridge, live, log, until, incidents }) => {
        const one = await live()
        assert.equal(one.version, version)
        assert.match(one.description.software, /^3\./)
        bridge.addPort('p7', 7)
        await until(() => log.some((line) => line.includes('p7:true')))
        assert.equal(one.ports.get('p7')?.no, 7)
        const mods = flows(1000)
        const started = performance.now()
        assert.deepEqual(await one.commit(mods), { ok: true, bundles: 1 })
        context.diagnostic(`1,000 rules in ${(performance.now() - started).toFixed(1)} ms`)
        const read = await one.readFlows()
        const wanted = mods.map(identity).sort()
        const got = read.map(identity).sort()
        assert.deepEqual(got, wanted)
        const dump = bridge.ofctl(version === 6 ? 'OpenFlow15' : 'OpenFlow13', 'dump-flows')
        assert.equal(dump.split('\n').filter((line) => line.includes('cookie=')).length, 1000)
        assert.deepEqual(await one.commit([{ type: 'flow_mod', command: 'delete', tableId: 0xff }]), {
          ok: true,
          bundles: 0,
        })
        assert.deepEqual(await one.readFlows(), [])
        assert.deepEqual(incidents, [])
      },
    )
  })

  realTest(
    `${text}: refused rules are named by position, and nothing of the bundle is applied, or what the switch accepted`,
    async () => {
      await withBridge({ port, ...(protocols && { protocols }) }, async ({ bridge, live }) => {
        const one = await live()
        const inGroup: FlowMod = {
          ...flow(2),
          instructions: [{ type: 'apply_actions', actions: [{ type: 'group', groupId: 99 }] }],
        }
        const backwards: FlowMod = { ...flow(4), instructions: [{ type: 'goto_table', tableId: 0 }] }
        const group = await one.commit([flow(0), flow(1), inGroup, flow(3)])
        assert.deepEqual(group, {
          ok: false,
          refused: [{ index: 2, error: 'OFPBAC_BAD_OUT_GROUP' }],
          applied: 0,
        })
        for (const commit of ['commit', 'commitAccepted'] as const) {
          assert.deepEqual(await one.readFlows(), [])
          const goto = await one[commit]([flow(0), backwards, flow(1), backwards])
          assert.ok(!goto.ok)
          assert.deepEqual(
            goto.refused.map(({ index }) => index),
            [1, 3],
          )
          assert.ok(
            goto.refused.every(
              ({ error }) => error === 'OFPBRC_BAD_TABLE_ID' || error === 'OFPBIC_BAD_TABLE_ID',
            ),
          )
          assert.equal(goto.applied, commit === 'commit' ? 0 : 4)
        }
        assert.deepEqual(
          (await one.readFlows()).map(identity).sort(),
          [flow(0), flow(1)].map(identity).sort(),
        )
        await one.commit([{ type: 'flow_mod', command: 'delete', tableId: 0xff }])
        bridge.vsctl(
          '--',
          '--id=@t',
          'create',
          'Flow_Table',
          'flow_limit=2',
          'overflow_policy=refuse',
          '--',
          'set',
          'bridge',
          name,
          'flow_tables:1=@t',
        )
        const full = await one.commit([flow(0), flow(1), flow(2), flow(3)])
        assert.deepEqual(full, {
          ok: false,
          refused: [{ index: 2, error: 'OFPFMFC_TABLE_FULL' }],
          applied: 0,
        })
        assert.deepEqual(await one.readFlows(), [])
        assert.deepEqual(await one.commitEach(flows(4)), [
          { index: 2, error: 'OFPFMFC_TABLE_FULL' },
          { index: 3, error: 'OFPFMFC_TABLE_FULL' },
        ])
        assert.equal((await one.readFlows()).length, 2)
      })
    },
  )

  realTest(`${text}: meters, an invalid one refused, and rules through them`, async () => {
    await withBridge({ port, ...(protocols && { protocols }) }, async ({ live }) => {
      const one = await live()
      const meter = (meterId: number) =>
        ({
          type: 'meter_mod',
          command: 'add',
          meterId,
          flags: ['pktps', 'burst', 'stats'],
          bands: [{ type: 'drop', rate: 100, burstSize: 20 }],
        }) as const
      assert.deepEqual(await one.sendFixtures([meter(5), meter(0), meter(6)]), [
        { index: 1, error: 'OFPMMFC_INVALID_METER' },
      ])
      const meters = await one.readMeters()
      assert.deepEqual(meters.map(({ meterId }) => meterId).sort(), [5, 6])
      assert.deepEqual(meters[0]?.bands, [{ type: 'drop', rate: 100, burstSize: 20 }])
    })
  })
}

realTest(
  'vswitchd killed and back: down at once, up again, its rules gone, its ports kept meanwhile',
  async (context) => {
    await withBridge({ port: 16722 }, async ({ registry, bridge, live, log, until }) => {
      const one = await live()
      bridge.addPort('p7', 7)
      await until(() => one.ports.has('p7'))
      await one.commit(flows(10))
      const killed = performance.now()
      await bridge.killVswitchd()
      await until(() => log.some((line) => line.startsWith('down')))
      context.diagnostic(`down after ${(performance.now() - killed).toFixed(1)} ms`)
      assert.ok(registry.observed.get(datapathId)?.ports.has('p7'))
      await assert.rejects(one.commit(flows(1)), { name: 'SessionClosed' })
      const started = performance.now()
      await bridge.startVswitchd()
      const again = await live()
      context.diagnostic(`up ${(performance.now() - started).toFixed(0)} ms after the start of vswitchd`)
      assert.notEqual(again, one)
      assert.deepEqual(await again.readFlows(), [])
    })
  },
)

realTest('table features of Open vSwitch arrive whole: 254 tables, over a megabyte', async () => {
  const port = 16723
  const taken: Promise<number[]>[] = []
  const listener = await listen({
    port,
    onUp: (connection) => {
      const asked = connection.request({ type: 'multipart_request', body: { type: 'table_features' } })
      taken.push(asked.then(({ body }) => body.entries.map(({ tableId }) => tableId)))
      return {}
    },
  })
  const bridge = await DummyBridge.start({
    name,
    datapathId,
    controllerPort: port,
    protocols: ['OpenFlow13'],
  })
  try {
    while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(
      await taken[0],
      Array.from({ length: 254 }, (_, table) => table),
    )
  } finally {
    await bridge.stop()
    await listener.close()
  }
})
