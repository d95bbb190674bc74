/** Where a guest is by what both ends say. Above all: it is never started at one end unless the other surely does not run it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Facts, judge, type Verdict } from '../../../../src/mobility/qemu/verdict.ts'

type Here = 'absent' | 'unknown' | readonly [run: string, migration: string]
/** `absent`, `unknown`, or what it runs and how it sees the migration. */
type There = string

function facts(here: Here, there: There, more: Partial<Facts> = {}): Facts {
  const silent = (one: string): one is 'absent' | 'unknown' => one === 'absent' || one === 'unknown'
  const source: Facts['source'] =
    typeof here === 'string'
      ? { reach: here }
      : { reach: 'up', run: here[0], migration: { status: here[1], passes: 1, totalMs: 0, downtimeMs: 0 } }
  const [run = '', migration = 'active'] = there.split(' ')
  const destination: Facts['destination'] = silent(there) ? { reach: there } : { reach: 'up', run, migration }
  return { source, destination, resumed: false, held: false, stops: false, heardAll: true, ...more }
}

function told(verdict: Verdict): string {
  if (verdict.is === 'wake') return `wake ${verdict.end}`
  return verdict.is
}

const cases: readonly (readonly [
  what: string,
  here: Here,
  there: There,
  expected: string,
  more?: Partial<Facts>,
])[] = [
  ['memory is sent', ['running', 'active'], 'inmigrate', 'sending'],
  ['the connection is made', ['running', 'setup'], 'inmigrate none', 'sending'],
  ['the destination does not answer', ['running', 'active'], 'unknown', 'sending'],
  ['the destination has died, and the source has not noticed', ['running', 'active'], 'absent', 'sending'],
  ['the last of it is sent', ['finish-migrate', 'active'], 'inmigrate', 'switching'],
  ['it waits for the destination to confirm', ['finish-migrate', 'device'], 'unknown', 'switching'],
  [
    'the destination runs it, the source has not finished',
    ['finish-migrate', 'device'],
    'running',
    'arrived',
  ],
  ['the destination ran it', ['finish-migrate', 'active'], 'unknown', 'arrived', { resumed: true }],
  ['all is done', ['postmigrate', 'completed'], 'running', 'completed'],
  [
    'all is done, and the guest has been powered off since',
    ['postmigrate', 'completed'],
    'shutdown',
    'completed',
  ],
  [
    'all is done, and the destination has died since',
    ['postmigrate', 'completed'],
    'absent',
    'completed',
    { resumed: true },
  ],
  ['the destination is about to start it', ['postmigrate', 'completed'], 'inmigrate', 'switching'],
  [
    'the destination has it and does not start it by itself',
    ['postmigrate', 'completed'],
    'paused',
    'wake destination',
  ],
  ['the destination died before it ran there', ['postmigrate', 'completed'], 'absent', 'wake source'],
  [
    'it may have run at a destination that died',
    ['postmigrate', 'completed'],
    'absent',
    'completed',
    { heardAll: false },
  ],
  ['it was sent, and the destination does not answer', ['postmigrate', 'completed'], 'unknown', 'switching'],
  ['the source was ended after the move', 'absent', 'running', 'completed'],
  ['the source does not answer, the destination runs it', 'unknown', 'running', 'completed'],
  ['it failed while it ran', ['running', 'failed'], 'inmigrate', 'failed'],
  ['it was cancelled while it ran', ['running', 'cancelled'], 'absent', 'failed'],
  ['it never began', ['running', 'none'], 'inmigrate', 'failed'],
  ['an older one had completed', ['running', 'completed'], 'inmigrate', 'failed'],
  ['it is being cancelled', ['running', 'cancelling'], 'inmigrate', 'sending'],
  ['it is being cancelled after the stop', ['finish-migrate', 'cancelling'], 'inmigrate', 'switching'],
  [
    'failed after the stop, the destination may still start it',
    ['postmigrate', 'failed'],
    'inmigrate',
    'hold',
  ],
  [
    'failed after the stop, the destination will not',
    ['postmigrate', 'failed'],
    'inmigrate',
    'wake source',
    { held: true },
  ],
  ['failed after the stop, the destination has died', ['postmigrate', 'failed'], 'absent', 'wake source'],
  ['failed after the stop, the destination does not answer', ['postmigrate', 'failed'], 'unknown', 'unclear'],
  ['failed after the stop, the destination runs it', ['postmigrate', 'failed'], 'running', 'completed'],
  ['somebody stopped it', ['paused', 'active'], 'inmigrate', 'give-up'],
  ['its disk failed', ['io-error', 'active'], 'inmigrate', 'give-up'],
  ['somebody stopped it, and it was given up', ['paused', 'cancelled'], 'inmigrate', 'failed'],
  ['we stopped it', ['paused', 'active'], 'inmigrate', 'switching', { stops: true }],
  ['we stopped it, and its disk failed', ['io-error', 'active'], 'inmigrate', 'give-up', { stops: true }],
  [
    'we stopped it, and it was given up',
    ['paused', 'cancelled'],
    'inmigrate',
    'wake source',
    { stops: true, held: true },
  ],
  ['we stopped it, and it failed', ['paused', 'failed'], 'inmigrate', 'hold', { stops: true }],
  [
    'we stopped it, and it is there',
    ['postmigrate', 'completed'],
    'paused',
    'wake destination',
    { stops: true },
  ],
  ['it runs twice', ['running', 'failed'], 'running', 'doubled'],
  ['it runs twice, as both say', ['running', 'active'], 'running', 'doubled'],
  ['nothing answers', 'unknown', 'unknown', 'unclear'],
  ['the source does not answer', 'unknown', 'inmigrate', 'unclear'],
  ['the source has died, the destination does not answer', 'absent', 'unknown', 'unclear'],
  ['both have died', 'absent', 'absent', 'failed'],
  ['the source has died, the stream is open', 'absent', 'inmigrate active', 'unclear'],
  ['the source has died before it was sent', 'absent', 'inmigrate none', 'failed'],
  ['the source has died in the middle', 'absent', 'inmigrate failed', 'failed'],
  ['the source has died, the destination has all of it', 'absent', 'paused', 'wake destination'],
]

for (const [what, here, there, expected, more] of cases)
  test(`${what}: ${expected}`, () => {
    assert.equal(told(judge(facts(here, there, more))), expected)
  })

test('whatever both say, it is started only where the other end surely does not run it', () => {
  const runs = ['running', 'finish-migrate', 'postmigrate', 'paused', 'io-error', 'shutdown']
  const states = ['none', 'setup', 'active', 'device', 'cancelling', 'cancelled', 'completed', 'failed']
  const sources: Here[] = [
    'absent',
    'unknown',
    ...runs.flatMap((run) => states.map((state) => [run, state] as const)),
  ]
  const theirs = ['inmigrate', 'running', 'paused', 'shutdown'].flatMap((run) =>
    ['none', 'active', 'completed', 'failed'].map((state) => `${run} ${state}`),
  )
  const truths = [true, false]
  for (const here of sources)
    for (const there of ['absent', 'unknown', ...theirs])
      for (const resumed of truths)
        for (const held of truths)
          for (const [heardAll, stops] of truths.flatMap((one) => truths.map((two) => [one, two] as const))) {
            const all = facts(here, there, { resumed, held, stops, heardAll })
            const verdict = judge(all)
            const where = JSON.stringify(all)
            if (verdict.is === 'failed') assert.ok(!there.startsWith('running'), where)
            if (verdict.is !== 'wake') continue
            assert.ok(!resumed, where)
            if (verdict.end === 'source') {
              assert.ok(there === 'absent' || held, where)
              assert.ok(!there.startsWith('running'), where)
            } else {
              assert.ok(
                here === 'absent' || (here !== 'unknown' && here[1] === 'completed' && here[0] !== 'running'),
                where,
              )
              assert.match(there, /^paused/)
            }
          }
})
