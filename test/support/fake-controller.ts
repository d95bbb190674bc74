/** A controller that keeps its intent in memory and answers what a test tells it to, for the API and the command line. */
import type {
  ApplyOptions,
  ApplyOutcome,
  Change,
  Controller,
  ControllerEvent,
  FlowChange,
  FlowOutcome,
  FlowReceipt,
  FlowView,
  HostView,
  LinkView,
  NetworkView,
  PlanOutcome,
  Receipt,
  SwitchView,
  VmView,
} from '../../src/api/controller.ts'
import type { IntentSpec } from '../../src/model/schema.ts'

export interface FakeController extends Controller {
  /** What was asked for, in order. */
  readonly changes: { readonly change: Change; readonly options: ApplyOptions }[]
  /** Answers the next change, instead of confirming it. */
  nextOutcome: ApplyOutcome | undefined
  nextPlan: PlanOutcome | undefined
  /** What was asked for by hand, in order, and what answers the next: without it, that it was done. */
  readonly flowChanges: FlowChange[]
  nextFlows: FlowOutcome | undefined
  health: { ok: boolean; detail: string }
  /** Views that the lists answer with, in place of those of the sample. */
  views: {
    switches: readonly SwitchView[]
    links: readonly LinkView[]
    hosts: readonly HostView[]
    networks: readonly NetworkView[]
    vms: readonly VmView[]
  }
  readonly emit: (type: string, data?: Readonly<Record<string, unknown>>) => void
  /** Forgets all kept events but the last `count`. */
  readonly keepEvents: (count: number) => void
  readonly subscribers: () => number
}

export const sampleIntent: IntentSpec = {
  name: 'sample',
  switches: { hv1: { datapath: '0000000000000001', role: 'hypervisor', uplinks: ['eth0'] } },
  networks: { blue: { kind: 'vm', vlan: 100, subnets: ['10.0.1.0/24', 'fd00:1::/64'] } },
  vms: { web1: { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.1'] }] } },
}

const hv1: SwitchView = {
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

const seen: SwitchView = {
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

const forth: LinkView = {
  from: { switch: 'hv1', datapathId: hv1.datapathId, port: 'eth0', portNo: 1 },
  to: { switch: seen.name, datapathId: seen.datapathId, port: 's1-eth7', portNo: 7 },
  state: 'up',
  declared: false,
}

const web1Host: HostView = {
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

const blue: NetworkView = {
  name: 'blue',
  spec: { kind: 'vm', vlan: 100, subnets: ['10.0.1.0/24'] },
  key: 77,
  vms: 1,
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

const byHand: FlowView = {
  text: 'cookie=0x5b00000000000000, table=local, n_packets=0, n_bytes=0, priority=7,ip actions=drop',
  owner: 'operator',
  foreign: false,
  packets: 0,
  bytes: 0,
}

const flowReceipt = (change: FlowChange): FlowReceipt => ({
  switch: 'hv1',
  datapathId: hv1.datapathId,
  added: change.kind === 'add' ? [change.unproved ? { ...byHand, unproved: true } : byHand] : [],
  deleted: change.kind === 'add' ? [] : [byHand],
})

export function fakeController(): FakeController {
  let revision = 7
  let spec = sampleIntent
  let events: ControllerEvent[] = []
  let lastEvent = 0
  const listeners = new Set<(event: ControllerEvent) => void>()
  const fake: FakeController = {
    changes: [],
    nextOutcome: undefined,
    nextPlan: undefined,
    flowChanges: [],
    nextFlows: undefined,
    health: { ok: true, detail: 'running' },
    views: {
      switches: [seen, hv1],
      links: [forth],
      hosts: [web1Host],
      networks: [blue],
      vms: [vmView('web1')],
    },
    emit: (type, data = {}) => {
      lastEvent += 1
      const event = { id: lastEvent, time: '2026-01-01T00:00:00.000Z', type, data }
      events.push(event)
      for (const listener of listeners) listener(event)
    },
    keepEvents: (count) => {
      events = events.slice(-count)
    },
    subscribers: () => listeners.size,
    intent: () => ({ revision, spec }),
    apply: (change, options = {}) => {
      fake.changes.push({ change, options })
      if (options.ifRevision !== undefined && options.ifRevision !== revision)
        return Promise.resolve({ status: 'conflict', revision })
      const told = fake.nextOutcome
      fake.nextOutcome = undefined
      if (told !== undefined) return Promise.resolve(told)
      revision += 1
      spec = changed(spec, change)
      if (options.wait === false) return Promise.resolve({ status: 'accepted', revision })
      return Promise.resolve({ status: 'applied', receipt: confirmed(revision) })
    },
    plan: () =>
      Promise.resolve(
        fake.nextPlan ?? { status: 'planned', plan: { revision, objects: [], switches: [], obstacles: [] } },
      ),
    switches: () => fake.views.switches,
    links: () => fake.views.links,
    hosts: () => fake.views.hosts,
    networks: () => fake.views.networks,
    vms: () => fake.views.vms,
    flows: (name) =>
      Promise.resolve(
        name !== 'hv1'
          ? undefined
          : [
              {
                text: 'table=classify,priority=100,in_port=2 actions=drop',
                owner: 'nic/web1/0',
                foreign: false,
                packets: 5,
                bytes: 320,
              },
              {
                text: 'table=deliver,priority=1 actions=drop',
                owner: 'network/blue',
                foreign: false,
                packets: 0,
                bytes: 0,
              },
              {
                text: 'table=classify,priority=9 actions=NORMAL',
                owner: '',
                foreign: true,
                packets: 1,
                bytes: 60,
              },
            ],
      ),
    changeFlows: (name, change) => {
      if (name !== 'hv1') return Promise.resolve(undefined)
      fake.flowChanges.push(change)
      const told = fake.nextFlows
      fake.nextFlows = undefined
      return Promise.resolve(told ?? { status: 'confirmed', receipt: flowReceipt(change) })
    },
    drops: () => Promise.resolve([{ switch: 'hv1', reason: 'spoofed-mac', packets: 3 }]),
    events: {
      since: (id) => {
        const kept = events.filter((event) => event.id > id)
        return { events: kept, gap: (kept[0]?.id ?? lastEvent + 1) > id + 1 }
      },
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    metrics: () => Promise.resolve('# TYPE throwbar_rules gauge\nthrowbar_rules 12\n'),
    healthy: () => fake.health,
  }
  return fake
}

function changed(spec: IntentSpec, change: Change): IntentSpec {
  if (change.kind === 'replace') return change.spec
  const section: Record<string, unknown> = { ...spec[change.resource] }
  if (change.kind === 'put') section[change.name] = change.spec
  else Reflect.deleteProperty(section, change.name)
  return { ...spec, [change.resource]: section }
}
