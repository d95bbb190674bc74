import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredFrom } from '../../../src/discovery/declared.ts'
import { declared, HV1, HV2, intent, OTHER, SPINE } from './fixtures.ts'

for (const [datapathId, port, may, why] of [
  [HV1, 'up0', true, 'an uplink'],
  [HV1, 'web1-0', false, 'the port of a NIC'],
  [HV1, 'tap9', false, 'a port of a hypervisor that nobody declared: it may be a VM'],
  [SPINE, 'p1', true, 'any port of the fabric'],
  [OTHER, 's1-eth1', true, 'any port of a switch that nobody declared'],
] as const) {
  test(`${may ? 'may' : 'may not'} carry a link: ${why}`, () => {
    assert.equal(declared.mayLink(datapathId, port), may)
  })
}

test('the port of a NIC may not carry a link even where the role would let it', () => {
  const web1 = intent.vms.get('web1')
  assert(web1)
  const nics = web1.nics.map((nic) => ({ ...nic, port: 'up0' }))
  const odd = declaredFrom({ ...intent, vms: new Map([['web1', { ...web1, nics }]]) })
  assert.equal(odd.mayLink(HV1, 'up0'), false)
  assert.equal(odd.mayLink(HV2, 'up0'), true)
})

test('NICs are found by place, MAC and id', () => {
  const web1 = intent.vms.get('web1')?.nics[0]
  assert.equal(declared.nicAt(HV1, 'web1-0'), web1)
  assert.equal(declared.nicAt(HV2, 'web1-0'), undefined)
  assert.equal(declared.nicById('web1/0'), web1)
  assert.deepEqual(declared.nicsWithMac(0x020000000001), [web1])
  assert.deepEqual(declared.nicsWithMac(9), [])
})
