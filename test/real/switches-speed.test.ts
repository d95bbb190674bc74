/** How long a real ovs-vswitchd takes for rules, over live sessions of 1.3 and 1.5: figures to read, and all of it done. */
import assert from 'node:assert/strict'
import { flow, flows, withBridge } from './support/live-bridge.ts'
import { realTest } from './support/real.ts'

realTest('speed: one rule, 12,000 rules at once, and reading them back', async (context) => {
  for (const [version, port, protocols] of [
    ['1.5', 16724, undefined],
    ['1.3', 16725, ['OpenFlow13']],
  ] as const) {
    await withBridge({ port, ...(protocols && { protocols }) }, async ({ live }) => {
      const one = await live()
      const singles: number[] = []
      const pairs: number[] = []
      for (let round = 0; round < 300; round += 1) {
        let started = performance.now()
        assert.ok((await one.commit([flow(round, 5)])).ok)
        singles.push(performance.now() - started)
        started = performance.now()
        assert.ok((await one.commit([flow(round, 6), flow(round, 7)])).ok)
        pairs.push(performance.now() - started)
      }
      const p = (times: number[], share: number) =>
        times.sort((a, b) => a - b)[Math.floor(times.length * share)]?.toFixed(2)
      context.diagnostic(
        `${version}: one rule p50 ${p(singles, 0.5)} ms, p99 ${p(singles, 0.99)} ms; bundle of two p50 ${p(pairs, 0.5)} ms, p99 ${p(pairs, 0.99)} ms`,
      )
      const mods = flows(12_000)
      for (const what of ['new', 'the same again']) {
        const started = performance.now()
        assert.deepEqual(await one.commit(mods), { ok: true, bundles: 1 })
        context.diagnostic(
          `${version}: 12,000 rules, ${what}: ${(performance.now() - started).toFixed(0)} ms`,
        )
      }
      const started = performance.now()
      assert.equal((await one.readFlows()).length, 12_900)
      context.diagnostic(`${version}: 12,900 rules read in ${(performance.now() - started).toFixed(0)} ms`)
    })
  }
})
