/**
 * The observation: what switches and probes reported, as an immutable value the compiler can read.
 * It is replaced, never changed; a part that did not change keeps its identity.
 */

/** 16 lower-case hex digits. */
export type DatapathId = string

export interface Port {
  readonly no: number
  readonly name: string
  /** 48 bits. */
  readonly mac: number
  /** Administratively up, with carrier, and where BFD or LACP watch it, answered at the other end. */
  readonly up: boolean
  /** What it can carry now, in bit/s, if it says. */
  readonly speedBps?: number
  /** All but the last of these: nobody answers. */
  readonly silent?: true
}

export interface ObservedSwitch {
  readonly datapathId: DatapathId
  /** By interface name. Kept while the switch is away: a lost session is not a lost port. */
  readonly ports: ReadonlyMap<string, Port>
}

/** One direction of a link that a signed probe proved. */
export interface Link {
  readonly from: { readonly datapathId: DatapathId; readonly port: string }
  readonly to: { readonly datapathId: DatapathId; readonly port: string }
}

/** A VM's NIC that a hypervisor says is plugged in. */
export interface Attachment {
  /** Where that was read: the database's address. */
  readonly host: string
  readonly datapathId: DatapathId
  /** Interface name. */
  readonly port: string
  /** 48 bits, `attached-mac`; absent where the hypervisor does not say. */
  readonly mac?: number
}

/**
 * How far a VM's NIC is on its way between two hypervisors.
 * `awaited`: the VM runs at the source. `led`: it is about to be stopped there, and what is for it goes to the destination
 * already, where it waits. `arrived`: it runs at the destination, or is about to. `returning`: that, and what comes late to
 * the source is sent on: only once every other switch sends to the destination, or it could circle.
 */
export type PassageStage = 'awaited' | 'led' | 'arrived' | 'returning'

/** A VM's NIC on its way between two hypervisors. */
export interface Passage {
  /** Names of a switch and of its port. */
  readonly from: { readonly switch: string; readonly port: string }
  /** Without a port where the hypervisor's database tells it. */
  readonly to: { readonly switch: string; readonly port?: string }
  readonly stage: PassageStage
  /** Its TCP sessions are noted where it speaks. */
  readonly noted?: true
}

/** Uplinks of teams that failed or came back a short while ago, by interface name. */
export interface Unsteady {
  /** Used after all others, in this order: they are down, or up for less than the delay of their team. */
  readonly held: readonly string[]
  /** In their places again; the neighbours still have to learn of it. */
  readonly settling: readonly string[]
}

/**
 * How the slots of flows are dealt to a set of ports: as the program last had it, or moved since because of load. Ports
 * have their names here, since numbers change when a switch restarts.
 */
export interface SlotTable {
  /** Sorted by name. */
  readonly ports: readonly { readonly name: string; readonly weight: number }[]
  /** By slot: the place in `ports` of the one that has it. */
  readonly first: readonly number[]
  /** By slot: a number of its own among the slots of that port, which says in which order the others follow. */
  readonly turn: readonly number[]
}

export interface Observation {
  readonly switches: ReadonlyMap<DatapathId, ObservedSwitch>
  /** Only of switches where there are such uplinks. */
  readonly unsteady?: ReadonlyMap<DatapathId, Unsteady>
  /** Sorted by both ends; only links whose two directions were both proved appear, each once per direction. */
  readonly links: readonly Link[]
  /** By `iface-id`; several while a VM moves, in the order in which they came. */
  readonly attachments?: ReadonlyMap<string, readonly Attachment[]>
  /** By NIC id. */
  readonly passages?: ReadonlyMap<string, Passage>
  /** In bytes, by datapath id and interface name; only of declared switches whose database says. */
  readonly mtus?: ReadonlyMap<DatapathId, ReadonlyMap<string, number>>
  /** As `datapath_type` of bridges says, by datapath id; only of declared switches whose database says. */
  readonly datapathTypes?: ReadonlyMap<DatapathId, string>
  /** Tables of slots, by datapath id: those in use, then the last ones that were. */
  readonly slots?: ReadonlyMap<DatapathId, readonly SlotTable[]>
}

export const emptyObservation: Observation = { switches: new Map(), links: [] }
