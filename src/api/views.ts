/**
 * JSON schemas of everything the API answers with: the views of `controller.ts`, as OpenAPI shows them.
 * The checks at the end keep the schemas and the `Controller` interface the same thing.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox'
import { classNames } from '../model/intent.ts'
import { limits, NetworkSpec, VmSpec } from '../model/schema.ts'
import type * as contract from './controller.ts'

const object = <P extends TProperties>(properties: P, options: { description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })
const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const oneOf = <V extends string>(...values: V[]) => Type.Enum(values)
const list = <T extends TSchema>(item: T, description?: string) =>
  Type.Array(item, description === undefined ? {} : { description })
const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description === undefined ? {} : { description }) })

const datapathId = text('16 lower-case hex digits')
const owner = text('The declared object that caused it, such as nic/web1/0')
const rule = text('In ovs-ofctl syntax')

export const ObjectState = Type.Enum(
  ['active', 'pending', 'refused', 'port-absent', 'unplugged', 'unreachable'],
  {
    description:
      'active only when every switch in the scope of the object has confirmed every rule of it; unplugged: no hypervisor has an interface with its iface',
  },
)

export const RefusedRule = object({
  owner,
  rule,
  error: text('OpenFlow error name, such as OFPFMFC_TABLE_FULL'),
})

const HostReceipt = object(
  {
    target: text('Address of the database'),
    state: oneOf('confirmed', 'refused', 'pending', 'disconnected'),
    refused: list(object({ subject: text('Such as port br-int/eth0'), error: text() })),
  },
  { description: 'What the database of a host answered to the bridges and ports wanted there' },
)

const port = object({
  no: count(),
  name: text(),
  mac: text(),
  up: Type.Boolean(),
  use: text('What it is: nic web1/0, uplink, fabric, undeclared'),
})

export const SwitchView = object({
  name: text('Declared name, or the datapath id of a switch that nobody declared'),
  datapathId,
  declared: Type.Boolean(),
  role: Type.Optional(text()),
  site: Type.Optional(text()),
  connected: Type.Boolean(),
  version: Type.Optional(text('OpenFlow version of the session, such as 1.5')),
  address: Type.Optional(text()),
  description: Type.Optional(text()),
  ovsdb: Type.Optional(HostReceipt),
  state: oneOf('converged', 'converging', 'refused', 'disconnected', 'observed'),
  rules: count(),
  foreignRules: count('Rules that Throwbar did not install; they are left alone'),
  operatorRules: count('Rules made by hand through Throwbar; they are left alone too'),
  refused: list(RefusedRule),
  ports: list(port),
})

const end = object({ switch: text(), datapathId, port: text(), portNo: count() })

export const LinkView = object({
  from: end,
  to: end,
  state: Type.Enum(['up', 'remembered', 'missing'], {
    description:
      'up: proved by a signed probe; remembered: proved before a restart; missing: declared, never seen',
  }),
  declared: Type.Boolean(),
})

export const TeamView = object({
  switch: text(),
  datapathId,
  name: text(),
  mode: oneOf('hash', 'active-backup', 'lacp'),
  hash: Type.Optional(oneOf('l2', 'l3', 'l3l4')),
  state: Type.Enum(['up', 'degraded', 'down'], {
    description: 'up: every uplink is up; degraded: some are; down: none is',
  }),
  uplinks: list(
    object({
      port: text(),
      weight: count(),
      state: Type.Enum(['up', 'held', 'silent', 'detached', 'down', 'absent'], {
        description:
          "held: up again, and not used while another one works until it was up for the team's delay; silent: it has a carrier, and nobody answers BFD at the other end; detached: it has a carrier, and LACP has not taken it in",
      }),
      slots: count('Of the 256 slots of flows, those that take this uplink now'),
      outBps: Type.Optional(count('Bits per second that leave by it, over the last two seconds')),
      inBps: Type.Optional(count('Bits per second that come in by it')),
    }),
  ),
  lastFailover: Type.Optional(
    object({ time: text('RFC 3339'), from: list(text('What failed')), to: list(text('What is used since')) }),
  ),
  lastRebalancing: Type.Optional(
    object({
      time: text('RFC 3339'),
      slots: count('Slots of flows that moved'),
      before: Type.Number({ description: 'Bytes on the busiest uplink by its fair share, as measured' }),
      after: Type.Number({ description: 'The same bytes, had they gone as they go since' }),
    }),
  ),
})

const bps = (description?: string) =>
  Type.Number({ minimum: 0, ...(description === undefined ? {} : { description }) })

export const ClassView = object({
  switch: text(),
  datapathId,
  uplink: text(),
  class: oneOf(...classNames),
  state: Type.Enum(['held', 'lent', 'queued', 'unlimited', 'disconnected'], {
    description:
      'held: what is always its own is what counts; lent: classes lend to each other what they do not use; queued: queues of the datapath divide the uplink; unlimited: its speed is not known',
  }),
  shares: count(),
  reservationBps: bps(),
  limitBps: Type.Optional(bps()),
  bandwidthBps: Type.Optional(bps('Of the uplink')),
  heldBps: Type.Optional(bps('What is always its own while the same is declared')),
  rateBps: Type.Optional(bps('What it may send at the moment')),
  useBps: Type.Optional(bps('What it tried to send in the second read last')),
  droppedBps: Type.Optional(bps('What of that was dropped')),
})

export const HostView = object({
  mac: text(),
  ips: list(text()),
  switch: text(),
  datapathId,
  port: text(),
  portNo: count(),
  vm: Type.Optional(text('The declared VM with this MAC')),
  interface: Type.Optional(text('The declared interface of a hypervisor with this MAC, such as hv1:stor-a')),
  state: oneOf('as-declared', 'misplaced', 'undeclared', 'silent'),
  lastSeen: Type.Optional(text('RFC 3339')),
})

export const InterfaceView = object({
  id: text('Such as hv1:stor-a'),
  switch: text(),
  datapathId,
  name: text(),
  network: text(),
  kind: oneOf('storage', 'migration'),
  mac: text(),
  ips: list(text()),
  uplink: Type.Optional(text('The only uplink that its network takes there')),
  state: ObjectState,
})

export const NetworkView = object({
  name: text(),
  spec: NetworkSpec,
  key: count('What the pipeline carries in metadata'),
  vms: count(),
  interfaces: count("Hypervisors' own interfaces in it"),
  switches: list(text()),
  narrow: Type.Optional(text('Which ports on its ways are too small for its MTU')),
  state: ObjectState,
})

const nic = object({
  id: text(),
  network: text(),
  mac: text(),
  ips: list(text()),
  iface: Type.Optional(text('The iface-id by which hypervisors tell where it is plugged in')),
  switch: Type.Optional(text('Absent while it is plugged in nowhere')),
  port: Type.Optional(text()),
  state: ObjectState,
})

export const VmView = object({ name: text(), spec: VmSpec, state: ObjectState, nics: list(nic) })

export const FlowView = object({
  text: text('In ovs-ofctl syntax, with table names'),
  owner: text('The declared object that caused it, such as nic/web1/0; operator for what was made by hand'),
  foreign: Type.Boolean({ description: 'Not installed by Throwbar' }),
  unproved: Type.Optional(
    Type.Literal(true, { description: 'Made by hand, and not shown to keep networks isolated' }),
  ),
  packets: count(),
  bytes: count(),
})

export const FlowAdd = object({
  flows: Type.Array(Type.String({ maxLength: limits.flowText }), {
    minItems: 1,
    maxItems: limits.flows,
    description: 'In ovs-ofctl syntax, each with actions=; tables of the pipeline also by name',
  }),
  unproved: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Take rules that do more than drop, too: no proof covers them, now or after later changes',
    }),
  ),
})

export const FlowReceipt = object(
  { switch: text(), datapathId, added: list(FlowView), deleted: list(FlowView) },
  { description: 'What the switch confirmed, as read from it afterwards' },
)

export const Drop = object({ switch: text(), reason: text(), packets: count() })

const obstacles = list(object({ owner, code: text(), text: text() }), 'Declared things that cannot work yet')

export const SwitchReceipt = object({
  switch: text(),
  datapathId,
  state: oneOf('confirmed', 'refused', 'pending', 'disconnected'),
  added: count(),
  modified: count(),
  deleted: count(),
  refused: list(RefusedRule),
  confirmedAfterMs: Type.Optional(Type.Number({ description: 'From the request to the confirmation' })),
})

export const Receipt = object({
  revision: count('Revision of the intent that is stored now'),
  complete: Type.Boolean({ description: 'Every switch in scope has confirmed everything' }),
  switches: list(SwitchReceipt),
  hosts: Type.Optional(list(HostReceipt, 'Hosts whose database is declared')),
  obstacles,
})

export const Accepted = object({ revision: count(), complete: Type.Literal(false) })

const change = oneOf('add', 'modify', 'delete')

export const PlanReport = object({
  revision: count(),
  objects: list(object({ change, object: text() })),
  switches: list(
    object({ switch: text(), datapathId, operations: list(object({ op: change, owner, rule })) }),
  ),
  obstacles,
})

export const Violation = object({ switch: text(), owner, rule, reason: text() })

export const ProblemDocument = Type.Object(
  {
    type: text('urn:throwbar:problem: and a name that does not change'),
    title: text(),
    status: Type.Integer(),
    detail: text('What went wrong and what to do'),
    instance: text('The path that was asked for'),
    requestId: text('Also in the log of the controller'),
    errors: Type.Optional(
      list(
        object({
          pointer: text('JSON pointer into the declared document, such as /vms/web1/nics/0/mac'),
          message: text(),
          hint: Type.Optional(text()),
          line: Type.Optional(count()),
          column: Type.Optional(count()),
        }),
      ),
    ),
    violations: Type.Optional(list(Violation, 'What the prover objects to')),
  },
  { description: 'RFC 9457' },
)

type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T
type Same<S extends TSchema, V> = [Frozen<Static<S>>, Frozen<V>] extends [Frozen<V>, Frozen<Static<S>>]
  ? true
  : never

/** Fails to compile when a schema above and the interface differ. */
export const viewsMatchTheContract: readonly true[] = [
  true satisfies Same<typeof SwitchView, contract.SwitchView>,
  true satisfies Same<typeof LinkView, contract.LinkView>,
  true satisfies Same<typeof TeamView, contract.TeamView>,
  true satisfies Same<typeof ClassView, contract.ClassView>,
  true satisfies Same<typeof HostView, contract.HostView>,
  true satisfies Same<typeof InterfaceView, contract.InterfaceView>,
  true satisfies Same<typeof NetworkView, contract.NetworkView>,
  true satisfies Same<typeof VmView, contract.VmView>,
  true satisfies Same<typeof FlowView, contract.FlowView>,
  true satisfies Same<typeof FlowReceipt, contract.FlowReceipt>,
  true satisfies Same<typeof Receipt, contract.Receipt>,
  true satisfies Same<typeof PlanReport, contract.PlanReport>,
  true satisfies Same<typeof Violation, contract.Violation>,
]
