import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventLog } from '../../../src/controller/events.ts'

const now = () => new Date(0)

test('a client that resumes gets what it missed, once and in order', () => {
  const log = new EventLog({ now })
  log.append('a', {})
  log.append('b', {})
  log.append('c', {})
  assert.deepEqual(
    log.since(1).events.map(({ id, type }) => [id, type]),
    [
      [2, 'b'],
      [3, 'c'],
    ],
  )
  assert.equal(log.since(1).gap, false)
  assert.deepEqual(log.since(3), { events: [], gap: false })
})

test('a gap is told when older events are gone, or when the id is of an earlier life', () => {
  const log = new EventLog({ now, capacity: 2 })
  for (let n = 0; n < 4; n++) log.append('e', { n })
  assert.deepEqual(
    log.since(0).events.map(({ id }) => id),
    [3, 4],
  )
  assert.equal(log.since(0).gap, true)
  assert.equal(log.since(2).gap, false)
  assert.equal(new EventLog({ now }).since(7).gap, true)
})

test('listeners hear each event until they leave', () => {
  const log = new EventLog({ now })
  const heard: string[] = []
  const leave = log.subscribe(({ type }) => heard.push(type))
  log.append('a', {})
  leave()
  log.append('b', {})
  assert.deepEqual(heard, ['a'])
})
