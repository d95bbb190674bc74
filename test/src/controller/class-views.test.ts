/** What `get classes` tells: rates that are held and lent, what is sent, and where nothing is known or limited. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../../../src/compiler/compiler.ts'
import { declaredWorld } from '../../../src/compiler/declared-world.ts'
import { classViews, type Lent } from '../../../src/controller/class-views.ts'
import { lentBy, openLedger, settle } from '../../../src/controller/lent-rates.ts'
import { parseTopology } from '../../../src/model/yaml.ts'
import { classMeters } from '../../../src/pipeline/shares.ts'

const parsed = parseTopology(`
name: shared
switches:
  hv1:
    datapath: "0000000000000001"
    role: hypervisor
    uplinks: [{ port: eth0, bandwidth: 100M }, eth1]
  fab: { datapath: "00000000000000a1", role: fabric }
links: [[hv1:eth0, fab:p1], [hv1:eth1, fab:p2]]
networks: { blue: { kind: vm, vlan: 101 }, disks: { kind: vm, vlan: 102, class: storage } }
classes: { storage: { reservation: 40M, limit: 80M } }
vms:
  web1: { host: hv1, nics: [{ network: blue, mac: "02:00:00:00:01:01" }, { network: disks, mac: "02:00:00:00:01:02" }] }
`)
assert.ok(!('problems' in parsed))
const { intent } = parsed
const program = compile(intent, declaredWorld(intent))
const id = '0000000000000001'
const sharing = program.switches.get(id)?.sharing ?? assert.fail()

const views = (lent: Partial<Lent> = {}) =>
  classViews(intent, program, { ledger: () => undefined, connected: () => true, ...lent })

const counts = (bytes: bigint) => new Map([[classMeters(0, 1).held, { bytes, droppedBytes: bytes / 4n }]])

test('before anything is read each class has what is its own; an uplink of unknown speed has no rates', () => {
  const [vm, storage, ...unknown] = views()
  assert.deepEqual(vm, {
    switch: 'hv1',
    datapathId: id,
    uplink: 'eth0',
    class: 'vm',
    state: 'held',
    shares: 10,
    reservationBps: 0,
    bandwidthBps: 100e6,
    heldBps: 28.5e6,
    rateBps: 28.5e6,
  })
  assert.deepEqual([storage?.class, storage?.reservationBps, storage?.limitBps], ['storage', 40e6, 80e6])
  assert.deepEqual(
    unknown.map(({ uplink, state, rateBps }) => [uplink, state, rateBps]),
    [
      ['eth1', 'unlimited', undefined],
      ['eth1', 'unlimited', undefined],
    ],
  )
})

test('what is lent counts while the lease runs, and what was sent is shown', () => {
  const settlement = settle(sharing, openLedger(0, counts(0n)), { atMs: 1_000, counts: counts(4_000_000n) })
  const [vm] = views({ ledger: () => lentBy(settlement) })
  assert.deepEqual(
    [vm?.state, vm?.rateBps, vm?.heldBps, vm?.useBps, vm?.droppedBps],
    ['lent', 97e6, 28.5e6, 32e6, 8e6],
  )
  const [late] = views({ ledger: () => settlement.ledger })
  assert.deepEqual([late?.state, late?.rateBps], ['held', 28.5e6])
})

test('of a switch that is away nothing is known', () => {
  assert.deepEqual(
    new Set(views({ connected: () => false }).map(({ state }) => state)),
    new Set(['disconnected']),
  )
})
