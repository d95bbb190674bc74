/** Rounds on a simulated switch: all or nothing, refusals by position, splitting, meters, reading back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedPort } from '../../support/simulated-switch.ts'
import { A, bench, flow, liveOf } from '../../support/switch-bench.ts'

for (const version of [4, 5, 6] as const) {
  test(`wire version ${version}: ports, description, a bundle, and every flow read back`, async (t) => {
    const b = await bench(t)
    const simulated = await b.simulate({ version, ports: [simulatedPort(1, 'p1'), simulatedPort(2, 'p2')] })
    const live = await liveOf(b)
    assert.equal(live.version, version)
    assert.equal(live.description.manufacturer, 'simulated')
    assert.deepEqual(b.log, ['ports p1 p2', `up ${A}`])
    assert.deepEqual(live.ports.get('p2'), { no: 2, name: 'p2', mac: 0x020000000002, up: true })
    const mods = Array.from({ length: 250 }, (_, index) => flow(index + 1))
    assert.deepEqual(await live.commit(mods), { ok: true, bundles: 1 })
    assert.equal(simulated.flows.size, 250)
    assert.equal(simulated.count('bundle_add'), 250)
    assert.equal(simulated.count('flow_mod'), 0)
    const read = await live.readFlows()
    assert.deepEqual(
      new Set(read.map(({ tableId, priority, cookie }) => `${tableId} ${priority} ${cookie}`)),
      new Set(mods.map(({ tableId, priority, cookie }) => `${tableId} ${priority} ${cookie}`)),
    )
    const found = read.find(({ priority }) => priority === 7)
    assert.deepEqual([found?.match, found?.packetCount], [[{ field: 'in_port', value: 7 }], 0n])
  })

  test(`wire version ${version}: flows of one table and some cookies, and bytes of ports`, async (t) => {
    const b = await bench(t)
    const simulated = await b.simulate({ version, ports: [simulatedPort(1, 'p1'), simulatedPort(2, 'p2')] })
    const live = await liveOf(b)
    const cookie = 0x5a00_0000_0000_0001n
    await live.commit([flow(1), { ...flow(2), cookie }, { ...flow(3), cookie, tableId: 9 }])
    const prioritiesOf = async (...only: Parameters<typeof live.readFlows>) =>
      (await live.readFlows(...only)).map(({ priority }) => priority).sort()
    assert.deepEqual(await prioritiesOf(), [1, 2, 3])
    assert.deepEqual(await prioritiesOf({ tableId: 3 }), [1, 2])
    assert.deepEqual(await prioritiesOf({ tableId: 3, cookie: 0x5an << 56n, cookieMask: 0xffn << 56n }), [2])
    assert.deepEqual(await prioritiesOf({ tableId: 4 }), [])
    simulated.portBytes.set(2, { rx: 10n, tx: 2n ** 40n })
    const counters = await live.readPortCounters()
    assert.deepEqual(
      counters.map(({ portNo, rxBytes, txBytes }) => [portNo, rxBytes, txBytes]),
      [
        [1, 0n, 0n],
        [2, 10n, 2n ** 40n],
      ],
    )
  })
}

test('one flow-mod goes without a bundle, none goes without a word', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate()
  const live = await liveOf(b)
  assert.deepEqual(await live.commit([]), { ok: true, bundles: 0 })
  assert.deepEqual(await live.commit([flow(9)]), { ok: true, bundles: 0 })
  assert.equal(simulated.count('flow_mod'), 1)
  assert.equal(simulated.count('bundle_control'), 0)
  simulated.refuse(() => 'OFPFMFC_EPERM')
  assert.deepEqual(await live.commit([flow(10)]), {
    ok: false,
    refused: [{ index: 0, error: 'OFPFMFC_EPERM' }],
    applied: 0,
  })
  assert.equal(simulated.flows.size, 1)
})

for (const commit of ['commit', 'commitAccepted'] as const) {
  for (const at of ['add', 'commit'] as const) {
    const rest = commit === 'commitAccepted' && at === 'add'
    test(`${commit}: a member refused at ${at} is named by its position, and ${rest ? 'the rest' : 'nothing'} is applied`, async (t) => {
      const b = await bench(t)
      const simulated = await b.simulate({ version: at === 'add' ? 4 : 6 })
      const live = await liveOf(b)
      simulated.refuse(
        (mod) => (mod.priority === 3 || mod.priority === 5 ? 'OFPBAC_BAD_OUT_GROUP' : undefined),
        at,
      )
      const outcome = await live[commit]([1, 2, 3, 4, 5].map((priority) => flow(priority)))
      const refused = [{ index: 2, error: 'OFPBAC_BAD_OUT_GROUP' }]
      // At commit a switch stops at the first that fails.
      if (at === 'add') refused.push({ index: 4, error: 'OFPBAC_BAD_OUT_GROUP' })
      assert.deepEqual(outcome, { ok: false, refused, applied: rest ? 5 : 0 })
      assert.equal(simulated.openBundles, 0)
      assert.equal(simulated.flows.size, rest ? 3 : 0)
      simulated.refuse(undefined)
      simulated.flows.clear()
      assert.deepEqual(await live[commit]([flow(1), flow(2)]), { ok: true, bundles: 1 })
      assert.equal(simulated.flows.size, 2)
    })
  }

  test(`${commit}: a rule that the version cannot carry is refused by position`, async (t) => {
    const b = await bench(t)
    const simulated = await b.simulate({ version: 4 })
    const live = await liveOf(b)
    const masked = flow(2)
    const field = { field: 'eth_dst', value: 1, mask: 1 } as const
    const outcome = await live[commit]([
      flow(1),
      { ...masked, instructions: [{ type: 'apply_actions', actions: [{ type: 'set_field', field }] }] },
    ])
    assert.ok(!outcome.ok)
    assert.deepEqual(
      outcome.refused.map(({ index }) => index),
      [1],
    )
    assert.match(outcome.refused[0]?.error ?? '', /OpenFlow 1\.3/)
    assert.deepEqual([outcome.applied, simulated.flows.size], commit === 'commit' ? [0, 0] : [2, 1])
  })
}

test('only a list over the limit is split, and a later bundle that fails leaves the earlier in effect', async (t) => {
  const b = await bench(t, { limits: { maxBundleBytes: 1000 } })
  const simulated = await b.simulate()
  const live = await liveOf(b)
  const mods = Array.from({ length: 30 }, (_, index) => flow(index + 1))
  const outcome = await live.commit(mods)
  assert.ok(outcome.ok && outcome.bundles > 1)
  simulated.flows.clear()
  simulated.refuse(({ priority }) => (priority === 30 ? 'OFPFMFC_TABLE_FULL' : undefined))
  const failed = await live.commit(mods)
  assert.ok(!failed.ok)
  assert.deepEqual(failed.refused, [{ index: 29, error: 'OFPFMFC_TABLE_FULL' }])
  assert.equal(simulated.flows.size, failed.applied)
  assert.ok(failed.applied > 0 && failed.applied < 30)
})

test('one by one, what is not refused is installed', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate({ flowLimit: 2 })
  const live = await liveOf(b)
  assert.deepEqual(await live.commitEach([flow(1), flow(2), flow(3), flow(2)]), [
    { index: 2, error: 'OFPFMFC_TABLE_FULL' },
  ])
  assert.equal(simulated.flows.size, 2)
})

test('meters go by themselves and are read back', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const meter = {
    type: 'meter_mod',
    command: 'add',
    meterId: 4,
    flags: ['pktps'],
    bands: [{ type: 'drop', rate: 10 }],
  } as const
  assert.deepEqual(await live.sendFixtures([meter, meter]), [{ index: 1, error: 'OFPMMFC_METER_EXISTS' }])
  assert.deepEqual(
    (await live.readMeters()).map(({ meterId, flags }) => [meterId, flags]),
    [[4, ['pktps']]],
  )
})

test('a second round while one is in flight is a mistake of the caller', async (t) => {
  const b = await bench(t)
  await b.simulate()
  const live = await liveOf(b)
  const first = live.commit([flow(1), flow(2)])
  await assert.rejects(live.commit([flow(3)]), /a round is in flight/)
  assert.deepEqual(await first, { ok: true, bundles: 1 })
})

test('a session that ends in a round rejects the round', async (t) => {
  const b = await bench(t)
  const simulated = await b.simulate()
  const live = await liveOf(b)
  simulated.stopReading()
  const round = live.commit([flow(1), flow(2)])
  simulated.drop()
  await assert.rejects(round, { name: 'SessionClosed', code: 'peer-closed' })
  assert.equal(b.registry.live(A), undefined)
})
