/** What classes of traffic sent, and which rates have to change for it, from readings of their meters. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sharing } from '../../../src/compiler/features/egress.ts'
import {
  type Ledger,
  lentBy,
  type MeterCounts,
  openLedger,
  settle,
  useOf,
  withoutRates,
} from '../../../src/controller/lent-rates.ts'
import { classMeters } from '../../../src/pipeline/shares.ts'

const M = 1e6
const sharing: Sharing = {
  by: 'meters',
  uplinks: [
    { name: 'eth0', index: 0, port: 1, bandwidthBps: 100 * M },
    { name: 'eth1', index: 1, port: 2 },
  ],
  classes: [
    { name: 'vm', shares: 10, reservationBps: 0 },
    { name: 'storage', shares: 10, reservationBps: 40 * M },
  ],
}
const vm = classMeters(0, 1)
const storage = classMeters(0, 2)

/** Bytes that came to each meter so far, none of them dropped. */
const counts = (bytes: Readonly<Record<number, number>>): MeterCounts =>
  new Map(Object.entries(bytes).map(([id, each]) => [Number(id), { bytes: BigInt(each), droppedBytes: 0n }]))

const mbits = (bits: number) => (bits * M) / 8

const settled = (before: Ledger, bytes: Readonly<Record<number, number>>, atMs = before.atMs + 1_000) =>
  settle(sharing, before, { atMs, counts: counts(bytes) })

test('what came to both meters of a class counts, over the time that passed, dropped or not', () => {
  const opened = openLedger(500, counts({ [vm.held]: mbits(7), [vm.lent]: 0 }))
  const { ledger } = settle(sharing, opened, {
    atMs: 2_500,
    counts: new Map([
      [vm.held, { bytes: BigInt(mbits(17)), droppedBytes: BigInt(mbits(4)) }],
      [vm.lent, { bytes: BigInt(mbits(10)), droppedBytes: 0n }],
    ]),
  })
  const use = useOf(ledger, 'eth0', 'vm')
  assert.deepEqual([use?.useBps, use?.droppedBps, use?.bytes], [10 * M, 2 * M, mbits(20)])
  assert.equal(useOf(ledger, 'eth1', 'vm'), undefined)
})

test('counters that began anew count from nothing', () => {
  const opened = openLedger(0, counts({ [vm.lent]: mbits(500) }))
  assert.equal(useOf(settled(opened, { [vm.lent]: mbits(3) }).ledger, 'eth0', 'vm')?.useBps, 3 * M)
})

test('nothing is to be sent while every class is content with what is its own', () => {
  const { lends, meters, ledger } = settled(openLedger(0, counts({})), { [vm.held]: mbits(2) })
  assert.deepEqual([lends, meters, ledger.lent], [false, [], false])
})

test('who sends all it can gets what the others leave, and rates that hardly differ stay', () => {
  const opened = openLedger(0, counts({ [vm.lent]: mbits(50) }))
  const first = settled(opened, { [vm.held]: mbits(28), [vm.lent]: mbits(50) })
  assert.equal(first.lends, true)
  const rates = new Map(first.meters.map(({ id, rate }) => [id, rate]))
  assert.equal(rates.get(vm.lent), 97_000)
  assert.ok((rates.get(storage.lent) ?? 0) >= 40_000)
  const lent = lentBy(first)
  assert.deepEqual([lent.lent, lent.rates.get(vm.lent)], [true, 97 * M])

  // The changed meter counts from nothing again; storage sends a little.
  const second = settled(lent, { [vm.lent]: mbits(97), [storage.held]: mbits(0.3) })
  assert.deepEqual([second.lends, second.meters], [true, []])
  assert.equal(useOf(second.ledger, 'eth0', 'vm')?.useBps, 97 * M)
})

test('who begins to send gets its own back in the next step', () => {
  const lent = lentBy(settled(openLedger(0, counts({})), { [vm.held]: mbits(28) }))
  const { meters } = settled(lent, { [vm.lent]: mbits(90), [storage.lent]: mbits(30) })
  const rate = meters.find(({ id }) => id === vm.lent)?.rate ?? Infinity
  assert.ok(rate <= 57_000, `${rate}`)
})

test('for another program all rates are sent anew', () => {
  const lent = lentBy(settled(openLedger(0, counts({})), { [vm.held]: mbits(28) }))
  const { meters } = settled(withoutRates(lent), { [vm.lent]: mbits(97) })
  assert.deepEqual(meters.map(({ id }) => id).toSorted(), [vm.lent, storage.lent])
})
