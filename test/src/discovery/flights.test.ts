/** Probes that are timed, in virtual time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { end, HV1, observed, SPINE, VirtualNetwork } from './fixtures.ts'

test('a probe is timed from the order to send it until it is shown, and one that is lost is given up', async () => {
  const net = new VirtualNetwork()
  net.discovery.switchUp(observed(HV1, 'up0', 'web1-0'))
  net.discovery.switchUp(observed(SPINE, 'p1'))
  net.cable(`${HV1}/1`, `${SPINE}/1`)
  net.time.pass(200)
  const flight = net.discovery.time(end(`${HV1}/up0`))
  net.time.pass(10)
  assert.deepEqual(await flight, { to: end(`${SPINE}/p1`), ms: 1 })
  const waiting = net.time.pending
  net.cables.clear()
  const lost = net.discovery.time(end(`${HV1}/up0`))
  net.time.pass(1_000)
  assert.equal(await lost, undefined)
  assert.ok(net.time.pending <= waiting)
  assert.equal(await net.discovery.time(end(`${HV1}/web1-0`)), undefined)
  const stopped = net.discovery.time(end(`${HV1}/up0`))
  net.discovery.stop()
  assert.equal(await stopped, undefined)
  assert.deepEqual(net.incidents, [])
})
