/**
 * Which VM NIC is plugged into which switch port, as hypervisors write it: an Interface with `external_ids:iface-id`
 * (libvirt, os-vif, ovs-vsctl alike) and an OpenFlow port. During a migration two hosts have the same `iface-id`, and a
 * mistake may give it to two interfaces of one host; an attachment is therefore known by its interface.
 */
import type { Modified } from '../../../codecs/ovsdb/index.ts'
import { datapathText } from '../switch-session.ts'
import type { SwitchChanges, SwitchRow, SwitchTables } from './tables.ts'

export interface Attachment {
  readonly ifaceId: string
  /** 48 bits; absent where `attached-mac` is missing or no MAC of one station. */
  readonly mac?: number
  /** `vm-id`, or os-vif's `vm-uuid`. */
  readonly vmId?: string
  /** `iface-status`: `active` or `inactive` on this host. */
  readonly status?: string
  readonly bridge: string
  /** 16 lower-case hex digits. */
  readonly datapathId: string
  /** The interface's name, which is the name of its OpenFlow port. */
  readonly port: string
  /** 1 or more. */
  readonly ofport: number
}

export interface AttachmentChanges {
  readonly added: readonly Attachment[]
  readonly changed: readonly Modified<Attachment>[]
  readonly removed: readonly Attachment[]
}

function macOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined
  const mac = Number.parseInt(text.replaceAll(':', ''), 16)
  const isGroup = Math.floor(mac / 2 ** 40) % 2 === 1
  return mac === 0 || isGroup ? undefined : mac
}

/** What vswitchd told; while it has not, as after a restart of the server, what the bridge is configured to have. */
function datapathIdOf({ datapath_id, other_config }: SwitchRow<'Bridge'>): string | undefined {
  const text = datapath_id ?? other_config.get('datapath-id')
  return text !== undefined && /^(0x)?[0-9a-f]{1,16}$/i.test(text)
    ? datapathText(BigInt(`0x${text.replace(/^0x/i, '')}`))
    : undefined
}

function attachmentOf(
  { name, ofport, external_ids: ids }: SwitchRow<'Interface'>,
  bridge: SwitchRow<'Bridge'> | undefined,
): Attachment | undefined {
  const ifaceId = ids.get('iface-id')
  // -1: the port could not be made; absent: not yet.
  if (ifaceId === undefined || ifaceId === '' || ofport === undefined || ofport < 1 || !bridge)
    return undefined
  const datapathId = datapathIdOf(bridge)
  if (datapathId === undefined) return undefined
  const mac = macOf(ids.get('attached-mac'))
  const vmId = ids.get('vm-id') ?? ids.get('vm-uuid')
  const status = ids.get('iface-status')
  return {
    ifaceId,
    ...(mac !== undefined && { mac }),
    ...(vmId !== undefined && { vmId }),
    ...(status !== undefined && { status }),
    bridge: bridge.name,
    datapathId,
    port: name,
    ofport,
  }
}

const fields = ['ifaceId', 'mac', 'vmId', 'status', 'bridge', 'datapathId', 'port', 'ofport'] as const

const same = (a: Attachment, b: Attachment): boolean => fields.every((field) => a[field] === b[field])

export const byInterface = (a: Attachment, b: Attachment): number =>
  a.port < b.port ? -1 : a.port > b.port ? 1 : 0

/** All attachments of a host, sorted by interface. */
export function attachmentsOf({ tables }: { readonly tables: SwitchTables }): readonly Attachment[] {
  const found: Attachment[] = []
  for (const bridge of tables.Bridge.values()) {
    for (const port of bridge.ports) {
      for (const uuid of tables.Port.get(port)?.interfaces ?? []) {
        const row = tables.Interface.get(uuid)
        const attachment = row && attachmentOf(row, bridge)
        if (attachment) found.push(attachment)
      }
    }
  }
  return found.sort(byInterface)
}

type Uuid = string

/** The same, kept up to date: a change looks only at the interfaces that it touches. */
export class AttachmentIndex {
  readonly #tables: SwitchTables
  readonly #attachments = new Map<Uuid, Attachment>()
  readonly #portOf = new Map<Uuid, Uuid>()
  readonly #bridgeOf = new Map<Uuid, Uuid>()

  /** Of a replica that has no rows yet, or whose rows are told to `take` as inserted. */
  constructor({ tables }: { readonly tables: SwitchTables }) {
    this.#tables = tables
  }

  /** By the interface's UUID. */
  get all(): ReadonlyMap<Uuid, Attachment> {
    return this.#attachments
  }

  /** Takes what the replica has just taken. */
  take(changes: SwitchChanges): AttachmentChanges {
    const touched = new Set<Uuid>()
    this.#takeBridges(changes.Bridge, touched)
    this.#takePorts(changes.Port, touched)
    const { inserted = [], modified = [], deleted = [] } = changes.Interface ?? {}
    for (const row of [...inserted, ...modified.map((change) => change.new), ...deleted])
      touched.add(row._uuid)
    return this.#settle(touched)
  }

  #takeBridges(changes: SwitchChanges['Bridge'], touched: Set<Uuid>): void {
    if (!changes) return
    const { inserted, modified, deleted } = changes
    const touch = (ports: Iterable<Uuid>) => {
      for (const port of ports) this.#touchPort(port, touched)
    }
    for (const { old, new: row } of modified) {
      const sameWords =
        old.name === row.name && old.datapath_id === row.datapath_id && old.other_config === row.other_config
      if (!sameWords) touch(row.ports)
      if (old.ports !== row.ports) {
        touch(this.#relink(this.#bridgeOf, { holder: row._uuid, old: old.ports, fresh: row.ports }))
      }
    }
    for (const row of deleted) {
      touch(this.#relink(this.#bridgeOf, { holder: row._uuid, old: row.ports, fresh: new Set() }))
    }
    for (const row of inserted) {
      touch(this.#relink(this.#bridgeOf, { holder: row._uuid, old: new Set(), fresh: row.ports }))
    }
  }

  #takePorts(changes: SwitchChanges['Port'], touched: Set<Uuid>): void {
    if (!changes) return
    const relink = (holder: Uuid, old: ReadonlySet<Uuid>, fresh: ReadonlySet<Uuid>) => {
      for (const uuid of this.#relink(this.#portOf, { holder, old, fresh })) touched.add(uuid)
    }
    for (const { _uuid, interfaces } of changes.deleted) relink(_uuid, interfaces, new Set())
    for (const { old, new: row } of changes.modified) relink(row._uuid, old.interfaces, row.interfaces)
    for (const { _uuid, interfaces } of changes.inserted) relink(_uuid, new Set(), interfaces)
  }

  /** Remembers who holds whom; gives those that came or went. One that has moved to another holder stays there. */
  #relink(
    holderOf: Map<Uuid, Uuid>,
    { holder, old, fresh }: { holder: Uuid; old: ReadonlySet<Uuid>; fresh: ReadonlySet<Uuid> },
  ): readonly Uuid[] {
    const touched: Uuid[] = []
    if (old === fresh) return touched
    for (const uuid of old) {
      if (fresh.has(uuid)) continue
      if (holderOf.get(uuid) === holder) holderOf.delete(uuid)
      touched.push(uuid)
    }
    for (const uuid of fresh) {
      if (old.has(uuid)) continue
      holderOf.set(uuid, holder)
      touched.push(uuid)
    }
    return touched
  }

  #touchPort(port: Uuid, touched: Set<Uuid>): void {
    for (const uuid of this.#tables.Port.get(port)?.interfaces ?? []) touched.add(uuid)
  }

  #settle(touched: ReadonlySet<Uuid>): AttachmentChanges {
    const added: Attachment[] = []
    const changed: Modified<Attachment>[] = []
    const removed: Attachment[] = []
    for (const uuid of touched) {
      const old = this.#attachments.get(uuid)
      const attachment = this.#compute(uuid)
      if (attachment) {
        if (old && same(old, attachment)) continue
        this.#attachments.set(uuid, attachment)
        if (old) changed.push({ old, new: attachment })
        else added.push(attachment)
      } else if (old) {
        this.#attachments.delete(uuid)
        removed.push(old)
      }
    }
    return { added, changed, removed }
  }

  #compute(uuid: Uuid): Attachment | undefined {
    const row = this.#tables.Interface.get(uuid)
    const bridge = this.#bridgeOf.get(this.#portOf.get(uuid) ?? '')
    return row && attachmentOf(row, this.#tables.Bridge.get(bridge ?? ''))
  }
}

export const isEmpty = ({ added, changed, removed }: AttachmentChanges): boolean =>
  added.length + changed.length + removed.length === 0
