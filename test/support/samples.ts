/** What the fake controller shows, and what it answers: one of each kind. */
import type {
  FlowChange,
  FlowReceipt,
  FlowView,
  ClassView,
  HostView,
  InterfaceView,
  LinkView,
  MoveView,
  NetworkView,
  Receipt,
  SwitchView,
  TeamView,
  VmView,
} from '../../src/api/controller.ts'
import { type MovePlan, planOf } from '../../src/mobility/plan/plan.ts'
import type { Switch } from '../../src/model/intent.ts'
import type { IntentSpec } from '../../src/model/schema.ts'

export const sampleIntent: IntentSpec = {
  name: 'sample',
  switches: { hv1: { datapath: '0000000000000001', role: 'hypervisor', uplinks: ['eth0'] } },
  networks: { blue: { kind: 'vm', vlan: 100, subnets: ['10.0.1.0/24', 'fd00:1::/64'] } },
  vms: { web1: { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.1'] }] } },
}

export const hv1: SwitchView = {
  name: 'hv1',
  datapathId: '0000000000000001',
  declared: true,
  role: 'hypervisor',
  connected: true,
  version: '1.5',
  address: '127.0.0.1:40000',
  state: 'converged',
  rules: 12,
  foreignRules: 1,
  operatorRules: 0,
  refused: [],
  ports: [
    { no: 1, name: 'eth0', mac: '02:00:00:00:00:01', up: true, use: 'uplink' },
    { no: 2, name: 'web1-0', mac: '02:00:00:00:00:02', up: true, use: 'nic web1/0' },
    { no: 0xfffffffe, name: 'br-int', mac: '02:00:00:00:00:fe', up: true, use: 'undeclared' },
  ],
}

export const seen: SwitchView = {
  name: '00000000000000ab',
  datapathId: '00000000000000ab',
  declared: false,
  connected: true,
  version: '1.3',
  state: 'observed',
  rules: 0,
  foreignRules: 3,
  operatorRules: 2,
  refused: [],
  ports: [{ no: 7, name: 's1-eth7', mac: '02:00:00:00:0a:07', up: true, use: 'undeclared' }],
}

export const forth: LinkView = {
  from: { switch: 'hv1', datapathId: hv1.datapathId, port: 'eth0', portNo: 1 },
  to: { switch: seen.name, datapathId: seen.datapathId, port: 's1-eth7', portNo: 7 },
  state: 'up',
  declared: false,
}

export const main: TeamView = {
  switch: 'hv1',
  datapathId: hv1.datapathId,
  name: 'main',
  mode: 'hash',
  hash: 'l3l4',
  state: 'degraded',
  uplinks: [
    { port: 'eth0', weight: 1, state: 'up', slots: 256, outBps: 12_345_678, inBps: 0 },
    { port: 'eth1', weight: 1, state: 'down', slots: 0 },
  ],
  lastFailover: { time: '2026-01-31T12:00:00.123Z', from: ['eth1'], to: ['eth0'] },
  lastRebalancing: { time: '2026-01-31T11:00:00.456Z', slots: 2, before: 1.2, after: 1.004 },
}

export const web1Host: HostView = {
  mac: '02:00:00:00:01:01',
  ips: ['10.0.1.1', 'fd00:1::1'],
  switch: 'hv1',
  datapathId: hv1.datapathId,
  port: 'web1-0',
  portNo: 2,
  vm: 'web1',
  state: 'as-declared',
  lastSeen: '2026-01-01T00:00:00.000Z',
}

export const storageClass: ClassView = {
  switch: 'hv1',
  datapathId: hv1.datapathId,
  uplink: 'eth0',
  class: 'storage',
  state: 'lent',
  shares: 40,
  reservationBps: 4e9,
  bandwidthBps: 10e9,
  heldBps: 7.26e9,
  rateBps: 9.7e9,
  useBps: 3_214_567_890.5,
  droppedBps: 0,
}

export const storA: InterfaceView = {
  id: 'hv1:stor-a',
  switch: 'hv1',
  datapathId: hv1.datapathId,
  name: 'stor-a',
  network: 'storage-a',
  kind: 'storage',
  mac: '02:00:00:00:03:01',
  ips: ['10.9.1.1'],
  uplink: 'eth0',
  state: 'active',
}

export const blue: NetworkView = {
  name: 'blue',
  spec: { kind: 'vm', vlan: 100, subnets: ['10.0.1.0/24'] },
  key: 77,
  vms: 1,
  interfaces: 0,
  switches: ['hv1'],
  state: 'active',
}

export const vmView = (name: string): VmView => ({
  name,
  spec: { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.1'] }] },
  state: 'active',
  nics: [
    {
      id: `${name}/0`,
      network: 'blue',
      mac: '02:00:00:00:01:01',
      ips: ['10.0.1.1'],
      switch: 'hv1',
      port: `${name}-0`,
      state: 'active',
    },
  ],
})

/** Of a guest without much to do, in the next rack. */
export const web1Plan: MovePlan = planOf(
  {
    vms: [{ name: 'web1', nics: [] }],
    from: planned('hv1', '0000000000000001'),
    to: planned('hv2', '0000000000000002'),
    split: [],
  },
  {
    figures: {
      rttMs: { value: 0.4, source: 'measured', detail: 'by probes over the link between them', error: 0.05 },
      bandwidthBps: { value: 1e9, source: 'declared', detail: 'hv1:eth0, the slowest of the way' },
      windowBytes: { value: 3 * 2 ** 20, source: 'assumed', detail: 'what Linux allows unless told' },
      memoryBytes: { value: 2 ** 30, source: 'given', detail: 'given with the request' },
      dirtyBytesPerS: { value: 12.5e6, source: 'given', detail: 'given with the request' },
    },
    way: {
      links: [],
      ports: [
        { datapathId: '0000000000000001', port: 'eth0' },
        { datapathId: '0000000000000002', port: 'eth0' },
      ],
    },
    nameOf: ({ datapathId }) => `hv${Number(datapathId)}`,
  },
)

function planned(name: string, datapathId: string): Switch {
  return { name, datapathId, role: 'hypervisor', uplinks: [{ port: 'eth0' }], teams: [], interfaces: [] }
}

export const web1Move: MoveView = {
  id: 'web1-1',
  method: 'live',
  vms: ['web1'],
  from: 'hv1',
  to: 'hv2',
  nics: [{ nic: 'web1/0', from: { switch: 'hv1', port: 'web1-0' }, to: { switch: 'hv2', port: 'web1-0' } }],
  networks: [],
  origin: 'asked',
  settleS: 5,
  timeoutS: 600,
  phase: 'transferring',
  flowsReady: true,
  timeline: [
    { phase: 'planned', time: '2026-01-01T00:00:00.000Z' },
    {
      phase: 'prepared',
      time: '2026-01-01T00:00:00.100Z',
      receipts: [{ switch: 'hv2', state: 'confirmed', confirmedAfterMs: 4.2 }],
    },
    { phase: 'transferring', time: '2026-01-01T00:00:00.110Z' },
  ],
}

export const confirmed = (revision: number): Receipt => ({
  revision,
  complete: true,
  switches: [
    {
      switch: 'hv1',
      datapathId: hv1.datapathId,
      state: 'confirmed',
      added: 3,
      modified: 0,
      deleted: 1,
      refused: [],
      confirmedAfterMs: 2.25,
    },
  ],
  obstacles: [],
})

export const refusedReceipt = (revision: number): Receipt => ({
  revision,
  complete: false,
  switches: [
    {
      switch: 'hv1',
      datapathId: hv1.datapathId,
      state: 'refused',
      added: 2,
      modified: 0,
      deleted: 0,
      refused: [
        { owner: 'nic/web1/0', rule: 'table=classify,in_port=2 actions=drop', error: 'OFPFMFC_TABLE_FULL' },
      ],
    },
  ],
  obstacles: [{ owner: 'nic/web1/0', code: 'port-absent', text: 'hv1 has no port web1-0' }],
})

export const pendingReceipt = (revision: number): Receipt => ({
  revision,
  complete: false,
  switches: [
    {
      switch: 'hv1',
      datapathId: hv1.datapathId,
      state: 'pending',
      added: 0,
      modified: 0,
      deleted: 0,
      refused: [],
    },
    {
      switch: 'hv2',
      datapathId: '0000000000000002',
      state: 'disconnected',
      added: 0,
      modified: 0,
      deleted: 0,
      refused: [],
    },
  ],
  obstacles: [],
})

export const byHand: FlowView = {
  text: 'cookie=0x5b00000000000000, table=local, n_packets=0, n_bytes=0, priority=7,ip actions=drop',
  owner: 'operator',
  foreign: false,
  packets: 0,
  bytes: 0,
}

export const flowReceipt = (change: FlowChange): FlowReceipt => ({
  switch: 'hv1',
  datapathId: hv1.datapathId,
  added: change.kind === 'add' ? [change.unproved ? { ...byHand, unproved: true } : byHand] : [],
  deleted: change.kind === 'add' ? [] : [byHand],
})
