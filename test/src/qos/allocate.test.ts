/** Uplinks divided among classes: what must hold of every division, and how fast one follows what is sent. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { allocate, type ClassLoad, standing } from '../../../src/qos/allocate.ts'

const M = 1e6
const terms = [
  { name: 'vm', shares: 20, reservationBps: 0 },
  { name: 'storage', shares: 40, reservationBps: 40 * M },
  { name: 'migration', shares: 10, reservationBps: 0, limitBps: 20 * M },
]

/** Several steps of a world in which each class offers so much and its meter passes what it may. */
function follow(steps: readonly Readonly<Record<string, number>>[]): readonly Record<string, number>[] {
  let wants: Readonly<Record<string, number>> = {}
  return steps.map((offered) => {
    const loads = terms.map(
      (one): ClassLoad => ({
        ...one,
        useBps: offered[one.name] ?? 0,
        ...(wants[one.name] !== undefined && { wantBps: wants[one.name] }),
      }),
    )
    const found = allocate(100 * M, loads)
    wants = Object.fromEntries([...found].map(([name, { wantBps }]) => [name, wantBps]))
    return Object.fromEntries([...found].map(([name, { rateBps }]) => [name, Math.round(rateBps / M)]))
  })
}

const after = (steps: readonly Readonly<Record<string, number>>[]) => follow(steps).at(-1)

test('when all send all they can, reservations are there and the rest goes by shares', () => {
  // 97 of 100; 40 are reserved, and of 57 the migration's limit leaves more than its 8.
  const held = Object.fromEntries([...standing(100 * M, terms)].map(([name, bps]) => [name, bps / M]))
  assert.deepEqual(
    Object.entries(held).map(([name, rate]) => [name, Number(rate.toFixed(1))]),
    [
      ['vm', 16.3],
      ['storage', 72.6],
      ['migration', 8.1],
    ],
  )
})

test('what the others do not use is lent', () => {
  const alone = after([{ vm: 200 * M }, { vm: 200 * M }])
  assert.equal(alone?.['vm'], 97)
  assert.equal(alone['storage'], 73, 'and what is its own is open to it all the same')
})

test('a limit holds on an idle uplink', () => {
  assert.equal(after([{ migration: 50 * M }, { migration: 50 * M }])?.['migration'], 20)
})

test('a class that begins to send has its reservation back after a step, and its full part after few', () => {
  const idle = Array.from({ length: 5 }, () => ({ vm: 200 * M }))
  // In a full uplink only little of it comes through at first.
  const [first, second, third] = follow([
    ...idle,
    { vm: 200 * M, storage: 5 * M },
    { vm: 200 * M, storage: 40 * M },
    { vm: 200 * M, storage: 90 * M },
  ]).slice(5)
  assert.equal(first?.['vm'], 57)
  assert.ok((second?.['vm'] ?? 100) <= 57)
  assert.equal(third?.['vm'], 19, 'which is its part by shares of what is not reserved')
})

test('a class that sends a little all the time does not keep others from the rest', () => {
  const trickle = Array.from({ length: 12 }, () => ({ vm: 200 * M, storage: 3 * M }))
  assert.ok((after(trickle)?.['vm'] ?? 0) >= 92)
  const rates = follow(trickle).map((one) => one['vm'])
  assert.deepEqual(rates.slice(-4), Array(4).fill(rates.at(-1)), 'and it comes to rest')
})

test('reservations that do not fit are cut in proportion', () => {
  const held = standing(100 * M, [
    { name: 'a', shares: 1, reservationBps: 150 * M },
    { name: 'b', shares: 1, reservationBps: 50 * M },
  ])
  assert.deepEqual(
    [held.get('a'), held.get('b')].map((bps) => Math.round((bps ?? 0) / 1e4)),
    [7275, 2425],
  )
})

const part = (most: number) => fc.double({ min: 0, max: most, noNaN: true })

/** Parts of the bandwidth. */
const anyClasses = fc.array(
  fc.record(
    {
      shares: fc.integer({ min: 1, max: 1000 }),
      reserved: part(0.19),
      limit: part(1),
      use: fc.oneof(fc.constant(0), part(3)),
      want: part(1),
    },
    { requiredKeys: ['shares', 'reserved', 'use'] },
  ),
  { minLength: 1, maxLength: 5 },
)

test('whatever is sent: from reservation to limit, and beyond its own part only what others are not taken to want', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10_000, max: 1e11 }), anyClasses, (bandwidthBps, parts) => {
      const classes = parts.map(
        ({ shares, reserved, limit, use, want }, at): ClassLoad => ({
          name: `class${at}`,
          shares,
          reservationBps: bandwidthBps * reserved,
          ...(limit !== undefined && { limitBps: bandwidthBps * (reserved + limit) }),
          useBps: bandwidthBps * use,
          ...(want !== undefined && { wantBps: bandwidthBps * want }),
        }),
      )
      const found = allocate(bandwidthBps, classes)
      const held = standing(bandwidthBps, classes)
      const slightly = 1 + 1e-9
      let claimed = 0
      let standingSum = 0
      for (const { name, reservationBps, limitBps = Infinity } of classes) {
        const { rateBps, wantBps } = found.get(name) ?? { rateBps: NaN, wantBps: NaN }
        const own = held.get(name) ?? NaN
        assert.ok(rateBps * slightly >= reservationBps, `${name} has its reservation`)
        assert.ok(own * slightly >= reservationBps, `${name} has its reservation always`)
        assert.ok(rateBps <= limitBps * slightly, `${name} has no more than its limit`)
        assert.ok(wantBps <= bandwidthBps)
        claimed += rateBps > own * slightly ? rateBps : Math.min(own, wantBps)
        standingSum += own
      }
      assert.ok(standingSum <= bandwidthBps * slightly)
      assert.ok(claimed <= bandwidthBps * slightly, `${claimed} are claimed of ${bandwidthBps}`)
    }),
    { numRuns: 500 },
  )
})
