/** Switches in events go by their names, beside their datapath ids. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyIntent, type Switch } from '../../../src/model/intent.ts'
import { namesOf, withNames } from '../../../src/controller/names.ts'

const hv1: Switch = {
  name: 'hv1',
  datapathId: '0000000000000001',
  role: 'hypervisor',
  uplinks: [],
  teams: [],
  interfaces: [],
}

test('a link names both its switches and keeps their datapath ids', () => {
  const link = {
    from: { datapathId: '0000000000000001', port: 'eth0' },
    to: { datapathId: '00000000000000ff', port: 'eth1' },
  }
  assert.deepEqual(
    withNames({ type: 'up', link }, namesOf({ ...emptyIntent, switches: new Map([['hv1', hv1]]) })),
    {
      type: 'up',
      link: {
        from: { switch: 'hv1', datapathId: '0000000000000001', port: 'eth0' },
        to: { switch: '00000000000000ff', datapathId: '00000000000000ff', port: 'eth1' },
      },
    },
  )
})
