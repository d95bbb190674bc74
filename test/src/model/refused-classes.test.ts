/** Classes of traffic that cannot be kept. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { buildIntent, changeIntent } from '../../../src/model/build.ts'
import { classOf, trafficClass } from '../../../src/model/classes.ts'
import { rateText } from '../../../src/model/rates.ts'
import { bent, type Draft } from './fixture.ts'
import { object, refuses } from './refusal.ts'

const classes = (value: object) => (spec: Draft) => {
  Object.assign(spec, { classes: value })
}

/** Both networks of web2's host reserve; hv2 has a team of two uplinks. */
const reserving = (a: string, b: string) => (spec: Draft) => {
  Object.assign(object(spec.switches, 'hv2'), {
    uplinks: [
      { port: 'eth0', bandwidth: '1G' },
      { port: 'eth1', bandwidth: '100M' },
    ],
    teams: { out: { uplinks: ['eth0', 'eth1'], mode: 'hash' } },
  })
  Object.assign(spec.networks, { red: { kind: 'vm', vlan: 109, class: 'fault-tolerance' } })
  Object.assign(spec.vms, {
    red1: { host: 'hv2', nics: [{ network: 'red', mac: '02:00:00:00:09:01' }] },
  })
  classes({ vm: { reservation: a }, 'fault-tolerance': { reservation: b } })(spec)
}

refuses([
  ['a class that is none', classes({ gold: {} }), '/classes/gold', /unknown key "gold"/, /possible here: vm/],
  [
    'a rate in words',
    classes({ vm: { limit: 'fast' } }),
    '/classes/vm/limit',
    /"fast" is not a rate/,
    /such as 100M/,
  ],
  ['a rate that is none', classes({ vm: { limit: '0M' } }), '/classes/vm/limit', /0M is not between 64k/],
  ['shares of nothing', classes({ vm: { shares: 0 } }), '/classes/vm/shares', /is not between 1 and 1000/],
  ['a DSCP of 7 bits', classes({ vm: { dscp: 64 } }), '/classes/vm/dscp', /is not between 0 and 63/],
  [
    'a limit below the reservation',
    classes({ storage: { reservation: '40M', limit: '20M' } }),
    '/classes/storage/limit',
    /the limit 20M of class storage is below its reservation 40M/,
    /raise `limit`/,
  ],
  [
    'a class where there are none',
    (spec) => Object.assign(object(spec.networks, 'blue'), { class: 'management' }),
    '/networks/blue/class',
    /no class is declared/,
    /add `classes`/,
  ],
  [
    'a class of an internal network',
    (spec) => {
      classes({ vm: {} })(spec)
      Object.assign(object(spec.networks, 'lab'), { class: 'vm' })
    },
    '/networks/lab/class',
    /never takes an uplink/,
  ],
  [
    'an uplink without bandwidth to speak of',
    (spec) => Object.assign(object(spec.switches, 'hv2'), { uplinks: [{ port: 'eth0', bandwidth: '9' }] }),
    '/switches/hv2/uplinks/0/bandwidth',
    /9 is not between/,
  ],
  [
    'reservations beyond the slowest uplink of a team',
    reserving('60M', '50M'),
    '/switches/hv2/uplinks/1',
    /^vm 60M \+ fault-tolerance 50M = 110M exceed 100M of uplink eth1 of hv2, the slowest of team out$/,
    /lower a `reservation`/,
  ],
])

test('reservations that fill an uplink fit; a VM that brings one class too many to a hypervisor is refused', () => {
  const full = buildIntent(bent(reserving('60M', '40M')))
  assert.ok(!('problems' in full), JSON.stringify(full))
  const moved = buildIntent(
    bent((spec) => {
      reserving('60M', '50M')(spec)
      object(spec.vms, 'red1')['host'] = 'hv1'
    }),
  )
  assert.ok(!('problems' in moved), 'hv2 has no NIC of red then')
  const back = changeIntent(moved, {
    kind: 'put',
    resource: 'vms',
    name: 'red1',
    spec: { host: 'hv2', nics: [{ network: 'red', mac: '02:00:00:00:09:01' }] },
  })
  assert.ok('problems' in back)
  assert.match(back.problems[0]?.message ?? '', /= 110M exceed 100M/)
})

test('a network is in the class of its kind unless it says another; undeclared classes have shares alone', () => {
  assert.equal(classOf({ kind: 'vm' }), 'vm')
  assert.equal(classOf({ kind: 'vm', class: 'management' }), 'management')
  assert.equal(classOf({ kind: 'internal' }), undefined)
  assert.deepEqual(trafficClass(new Map(), 'vm'), { name: 'vm', shares: 10, reservationBps: 0 })
})

test('rates as people write them', () => {
  assert.deepEqual([40e6, 2.5e9, 64e3, 999].map(rateText), ['40M', '2.5G', '64k', '999'])
})
