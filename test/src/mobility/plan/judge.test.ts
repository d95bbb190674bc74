/** What is recommended in the situations that the literature knows, and the reasons given. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Figure, Figures } from '../../../../src/mobility/plan/figures.ts'
import { type Judged, judge, type PlanMethod, type Situation } from '../../../../src/mobility/plan/judge.ts'

const given = (value: number): Figure => ({ value, source: 'given', detail: '' })
const unknown: Figure = { source: 'unknown', detail: '' }

/** 4 GiB, 10 MiB/s, 1 Gbit/s, half a millisecond. */
const rack: Figures = {
  rttMs: given(0.5),
  bandwidthBps: given(1e9),
  windowBytes: given(3 * 2 ** 20),
  memoryBytes: given(4 * 2 ** 30),
  dirtyBytesPerS: given(10 * 2 ** 20),
}

function judged(figures: Partial<Figures>, rest: Partial<Situation> = {}): Judged {
  return judge({
    vms: ['web1'],
    to: 'hv2',
    figures: { ...rack, ...figures },
    split: [],
    apart: false,
    ...rest,
  })
}

function of({ methods }: Judged, name: PlanMethod) {
  const found = methods.find(({ method }) => method === name) ?? assert.fail(name)
  return { ...found, text: found.reasons.map(({ text }) => text).join('; ') }
}

test('in one rack it is moved live, without conditions', () => {
  const found = judged({})
  assert.equal(found.recommended, 'live')
  const live = of(found, 'live')
  assert.equal(live.fit, 'good')
  // 4 GiB at 125 MB/s take 34.4 s, and what is written meanwhile 8.4 % more, and so on.
  assert.ok(live.totalS !== undefined && live.totalS > 37.4 && live.totalS < 37.6, String(live.totalS))
  assert.ok((live.downtimeMs ?? 0) > 40 && (live.downtimeMostMs ?? 0) < 141)
  assert.equal(of(found, 'routed').fit, 'unwise')
  assert.match(of(found, 'cold').costs, /every open session is lost/)
})

test('5 ms apart as well: that is less than the 10 ms of Metro vMotion', () => {
  const found = judged({ rttMs: given(5) })
  assert.deepEqual([found.recommended, of(found, 'live').fit], ['live', 'good'])
  assert.equal(found.throughputBps, 1e9)
})

test('100 ms apart it is possible where a connection gets 250 Mbit/s, and the window is what limits it', () => {
  const found = judged({ rttMs: given(100) })
  const live = of(found, 'live')
  assert.deepEqual([found.recommended, live.fit], ['live', 'conditions'])
  assert.match(live.text, /long distance \(more than 10 ms\).*250 Mbit\/s.*storage/)
  assert.match(
    live.text,
    /window is 3 MiB gets 252 Mbit\/s of 1 Gbit\/s over 100 ms; all of it takes a window of 11.9 MiB/,
  )
  assert.equal(of(found, 'routed').fit, 'good')
  const narrow = judged({ rttMs: given(100), windowBytes: given(2 ** 20) })
  assert.deepEqual([narrow.recommended, of(narrow, 'live').fit], ['cold', 'unwise'])
})

test('beyond 150 ms nobody supports it', () => {
  const found = judged({ rttMs: given(200), windowBytes: given(64 * 2 ** 20) })
  assert.deepEqual([found.recommended, of(found, 'live').fit], ['cold', 'unwise'])
  assert.match(of(found, 'live').text, /more than the 150 ms/)
})

test('with less than 250 Mbit/s it is moved cold', () => {
  const found = judged({ bandwidthBps: given(200e6) })
  assert.deepEqual([found.recommended, of(found, 'live').fit], ['cold', 'unwise'])
  assert.match(of(found, 'live').text, /200 Mbit\/s are too little: a move should have 250 Mbit\/s/)
})

test('a VM of an internal network is never moved alone, by no method', () => {
  const found = judged({}, { split: [{ network: 'lab', stay: ['db1', 'db2'] }] })
  assert.equal(found.recommended, undefined)
  for (const { fit } of found.methods) assert.equal(fit, 'impossible')
  assert.match(
    of(found, 'cold').text,
    /internal network lab .* db1, db2 .*throwbar move web1 db1 db2 --to hv2/,
  )
})

test('a guest that writes faster than is sent is slowed, and one that would hardly run is moved cold', () => {
  const slowed = judged({ dirtyBytesPerS: given(150e6) })
  assert.deepEqual([slowed.recommended, of(slowed, 'live').fit], ['live', 'conditions'])
  assert.match(of(slowed, 'live').text, /auto-converge would slow the guest to 41.7 %.*post-copy.*cold/)
  const heavy = judged({ dirtyBytesPerS: given(1e9) })
  assert.deepEqual([heavy.recommended, of(heavy, 'live').fit], ['cold', 'unwise'])
  assert.equal(of(heavy, 'live').totalS, undefined)
})

test('what is not known is a condition that says how to tell it', () => {
  const found = judged({
    rttMs: unknown,
    bandwidthBps: unknown,
    memoryBytes: unknown,
    dirtyBytesPerS: unknown,
  })
  assert.deepEqual([found.recommended, of(found, 'live').fit], ['live', 'conditions'])
  assert.equal(found.precopy, undefined)
  for (const option of ['--rtt', '--bandwidth', '--memory, --dirty'])
    assert.ok(of(found, 'live').text.includes(option), option)
  assert.match(of(judged({ dirtyBytesPerS: unknown }), 'live').text, /less than 59.6 MiB\/s/)
})

test('where its networks do not reach, nothing is recommended', () => {
  assert.equal(judged({}, { apart: true }).recommended, undefined)
})

test('what Throwbar does not do is said, and never recommended', () => {
  const far = judged({ rttMs: given(200) })
  assert.deepEqual(
    far.methods.map(({ method, available }) => [method, available]),
    [
      ['live', true],
      ['routed', false],
      ['balancer', false],
      ['cold', true],
    ],
  )
})
