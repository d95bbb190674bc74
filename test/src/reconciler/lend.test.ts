/** Rates that are lent between a switch's rounds, and meters of classes that are gone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Program } from '../../../src/compiler/program.ts'
import { isLease } from '../../../src/pipeline/lease.ts'
import type { Meter, Rule } from '../../../src/pipeline/rule.ts'
import { classMeters, meterOfRate } from '../../../src/pipeline/shares.ts'
import { FakeTarget } from '../../support/fake-target.ts'
import { delivers, switchProgram } from '../../support/small-programs.ts'
import { quiet, second, steppedReconciler } from '../../support/stepped-reconciler.ts'

const own: Meter = { id: 1, unit: 'pktps', rate: 50, burst: 50, owner: 'switch/hv1' }
const { held, lent } = classMeters(0, 1)
const rate = (id: number, bps: number) => ({ id, ...meterOfRate(bps) })
const meters: readonly Meter[] = [
  own,
  { ...rate(held, 10e6), owner: 'switch/hv1' },
  { ...rate(lent, 10e6), adaptive: true, owner: 'switch/hv1' },
]

function program(rules: readonly Rule[], wanted: readonly Meter[] = meters): Program {
  const one = { ...switchProgram('1', rules), fixtures: { meters: wanted, spreads: false } }
  return { switches: new Map([['1', one]]), obstacles: [] }
}

async function setup(rules: readonly Rule[] = [delivers(1)]) {
  const all = steppedReconciler()
  const target = new FakeTarget('1')
  all.reconciler.setProgram(program(rules))
  all.reconciler.switchUp(target)
  await all.receipt('1')
  return { ...all, target }
}

const rateOf = (target: FakeTarget, id: number) => {
  const [band] = target.meters.get(id)?.bands ?? []
  return band?.type === 'drop' ? band.rate : undefined
}

const leasesOn = ({ table }: FakeTarget) => [...table.values()].filter(({ cookie }) => isLease(cookie)).length

test('the rate is there before the lease is, and the lease is neither ours to delete nor foreign', async () => {
  const { reconciler, target, elapse } = await setup()
  assert.equal(await reconciler.lend('1', [rate(lent, 90e6)]), true)
  assert.deepEqual([rateOf(target, held), rateOf(target, lent), leasesOn(target)], [10_000, 90_000, 1])
  await elapse(second)
  reconciler.audit('1')
  await quiet()
  assert.deepEqual([leasesOn(target), rateOf(target, lent)], [1, 90_000])
  const { state, foreignRules } = reconciler.status('1')
  assert.deepEqual([state, foreignRules], ['converged', 0])
})

test('nothing is lent to a switch that is away, busy, held or not read; one that is lent to stays converged', async () => {
  const { reconciler, target, elapse } = await setup()
  assert.equal(await reconciler.lend('2', []), false)
  let free: () => void = () => undefined
  target.stalled = new Promise((resolve) => (free = resolve))
  const first = reconciler.lend('1', [])
  assert.equal(await reconciler.lend('1', []), false)
  assert.equal(reconciler.status('1').state, 'converged')
  reconciler.setProgram(program([delivers(1), delivers(2)]))
  assert.equal(reconciler.status('1').state, 'converging')
  free()
  assert.equal(await first, true)
  target.stalled = undefined
  await elapse(second)
  assert.equal(reconciler.status('1').state, 'converged')
  reconciler.hold(true)
  assert.equal(await reconciler.lend('1', []), false)
  reconciler.hold(false)
  reconciler.setProgram(program([delivers(1)], meters.slice(0, 2)))
  assert.equal(await reconciler.lend('1', []), false)
})

test('a lease is not renewed over a rate that the switch refused', async () => {
  const { reconciler, target } = await setup()
  target.refusesFixtures = true
  assert.equal(await reconciler.lend('1', [rate(lent, 90e6)]), false)
  assert.equal(leasesOn(target), 0)
})

test('meters of withdrawn classes go with the next audit, once no rule is left that uses them; others stay', async () => {
  const { reconciler, target, elapse, receipt } = await setup([delivers(1), delivers(2)])
  const foreign = { flags: [], meterId: 7, bands: [] }
  target.meters.set(7, foreign)
  reconciler.setProgram(program([delivers(1)], [own]))
  await receipt('1')
  assert.ok(target.meters.has(held), 'not before its rules are gone')
  await elapse(second)
  reconciler.audit('1')
  await quiet()
  assert.deepEqual([...target.meters.keys()], [1, 7])
  assert.equal(reconciler.status('1').state, 'converged')
})

test('while a rule could not be deleted, the meters stay', async () => {
  const { reconciler, target, elapse, receipt } = await setup([delivers(1), delivers(2)])
  target.refuses = ({ command }) => (command === 'delete_strict' ? 'OFPFMFC_EPERM' : undefined)
  reconciler.setProgram(program([delivers(1)], [own]))
  await receipt('1')
  await elapse(second)
  reconciler.audit('1')
  await quiet()
  assert.ok(target.meters.has(held) && target.meters.has(lent))
})
