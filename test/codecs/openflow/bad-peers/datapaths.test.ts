/** Peers that claim the datapath id of another session, on a listener that lets a datapath have one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { behave, hex } from './peer.ts'
import { BAD, codes, GOOD, stage } from './stage.ts'

const error = hex(4, 1, 0x77, '0001 0001')
const held = { challengeMs: 3000 }

test('duplicate datapath id: the newcomer is refused while the old session answers, and both are told', async (t) => {
  const s = await stage(t, held)
  const thief = await s.dial()
  await thief.shakeHands(4, GOOD)
  thief.send(error)
  await thief.gone()
  assert.deepEqual(codes(s.incidents), ['duplicate-datapath', 'duplicate-refused'])
  assert.ok(s.incidents.every(({ remote }) => remote === thief.remote))
  assert.deepEqual([s.ups, s.messages, codes(s.endings)], [[], [], ['closed-here']])
  await s.undisturbed()
  assert.equal(s.listener.connections.size, 1)
})

test('duplicate datapath id: the newcomer has it when the old session is silent', async (t) => {
  const s = await stage(t, held)
  const old = await s.up()
  const newcomer = await s.up()
  newcomer.send(error)
  await newcomer.settle()
  assert.equal(s.ups.length, 1)
  s.clock.pass(2999)
  await newcomer.settle()
  assert.deepEqual([s.ups.length, codes(s.incidents)], [1, ['duplicate-datapath']])
  s.clock.pass(1)
  await old.gone()
  await newcomer.settle()
  assert.deepEqual(codes(s.incidents), ['duplicate-datapath', 'datapath-replaced'])
  assert.deepEqual(codes(s.endings), ['closed-here'])
  assert.equal(s.connectionOf(newcomer).features.datapathId, BAD)
  assert.deepEqual(s.messages, [], 'nothing is dispatched while it is judged')
  newcomer.send(error)
  await newcomer.settle()
  assert.equal(s.messages.length, 1)
  await s.undisturbed()
})

test('duplicate datapath id: a third peer is refused at once while two are judged', async (t) => {
  const s = await stage(t, held)
  await s.up()
  const second = await s.up()
  const third = await s.dial()
  await third.shakeHands(4, BAD)
  await third.gone()
  assert.deepEqual(codes(s.incidents), ['duplicate-datapath', 'duplicate-refused'])
  assert.equal(s.incidents[1]?.remote, third.remote)
  s.clock.pass(3000)
  await second.settle()
  assert.equal(s.ups.length, 2)
  await s.undisturbed()
})

test('duplicate datapath id: a newcomer that leaves while it is judged changes nothing, and the next is judged anew', async (t) => {
  const s = await stage(t, held)
  const old = await s.up()
  const [left, next] = [await s.up(), await s.dial()]
  left.socket.destroy()
  await s.undisturbed()
  s.clock.pass(3000)
  await s.undisturbed()
  assert.deepEqual(codes(s.incidents.splice(0)), ['duplicate-datapath'])
  assert.ok(s.connectionOf(old).isUp)
  behave(old)
  await next.shakeHands(4, BAD)
  await next.gone()
  assert.deepEqual(codes(s.incidents), ['duplicate-datapath', 'duplicate-refused'])
  await s.undisturbed()
})

test('the same datapath after a clean drop: let in without an alarm', async (t) => {
  const s = await stage(t, held)
  for (let round = 0; round < 3; round += 1) {
    const peer = await s.up()
    await peer.settle()
    const connection = s.connectionOf(peer)
    peer.socket.destroy()
    await connection.ended
  }
  assert.deepEqual([s.ups.length, s.incidents], [3, []])
  await s.undisturbed()
})

test('an auxiliary connection shares the datapath id; two of one number do not', async (t) => {
  const s = await stage(t, held)
  behave(await s.up())
  const [first, second] = [await s.dial(), await s.dial()]
  await first.comeUp(4, BAD, 1)
  behave(first)
  assert.deepEqual([s.ups.length, s.incidents], [2, []])
  await second.shakeHands(4, BAD, 1)
  await second.gone()
  assert.deepEqual(codes(s.incidents), ['duplicate-datapath', 'duplicate-refused'])
  await s.undisturbed()
})

test('a caller that fails on the newcomer does not lose the datapath id for ever', async (t) => {
  const s = await stage(t, held)
  const failing = await s.dial()
  s.failNextUp()
  await failing.comeUp(4, BAD)
  await failing.settle()
  assert.deepEqual(codes(s.incidents.splice(0)), ['handler-failed'])
  const newcomer = await s.up()
  s.failNextUp()
  s.clock.pass(3000)
  await failing.gone()
  await newcomer.settle()
  assert.deepEqual(codes(s.incidents.splice(0)), [
    'duplicate-datapath',
    'datapath-replaced',
    'handler-failed',
  ])
  newcomer.socket.destroy()
  await newcomer.gone()
  await s.undisturbed()
  const last = await s.up()
  assert.equal(s.connectionOf(last).features.datapathId, BAD)
  assert.deepEqual(s.incidents, [])
})

test('without a time to answer the listener judges nobody: both come up, for the caller to tell apart', async (t) => {
  const s = await stage(t)
  const twin = await s.up(4, GOOD)
  assert.equal(s.connectionOf(twin).features.datapathId, GOOD)
  assert.deepEqual(s.incidents, [])
  await s.undisturbed()
})
