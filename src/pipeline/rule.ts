/**
 * A rule: one OpenFlow flow as the compiler makes it, independent of the protocol version, with its owner and its type.
 * `openflow.ts` turns rules into flow-mods of a version and back.
 */
import type { OxmField } from 'ts-openflow'
import type { TableName } from './tables.ts'

/** The declared object that caused a rule: `switch/hv1`, `network/blue`, `nic/web1/0`, `interface/hv1/stor-a`. */
export type Owner = `switch/${string}` | `network/${string}` | `nic/${string}` | `interface/${string}`

/** Actions that the pipeline uses; each has a form in every OpenFlow version we speak. */
export type RuleAction =
  | { readonly type: 'output'; readonly port: number }
  /** Back out of the port the packet came in by. */
  | { readonly type: 'output_in_port' }
  | { readonly type: 'controller'; readonly maxLen: number }
  | { readonly type: 'push_vlan' }
  | { readonly type: 'pop_vlan' }
  /** Whole field, no mask: masked writes have no common form below 1.5. */
  | { readonly type: 'set_field'; readonly field: OxmField }
  /** Copies all bits of `from` into the first bits of `to`. */
  | { readonly type: 'move'; readonly from: FieldName; readonly to: FieldName; readonly bits: number }
  /** Writes the slot of the packet's flow into `reg14`: a hash that falls on each of 256 slots alike (`slots.ts`). */
  | { readonly type: 'spread'; readonly over: HashFields }
  /** To the first of these ports that is up; the switch itself sees which that is. */
  | { readonly type: 'failover'; readonly ports: readonly number[] }
  /** As the rules of a later table would do it, then on with what follows. A meter that drops it there drops it here too. */
  | { readonly type: 'copy'; readonly table: TableName }
  /** Into this queue of whichever port it leaves by. */
  | { readonly type: 'set_queue'; readonly queue: number }
  /** What follows may leave by the port that it came in by. */
  | { readonly type: 'allow_return' }
  /** Leaves a rule for the packet's TCP session in table `sessions`. */
  | { readonly type: 'note_session'; readonly family: 4 | 6 }
  /** Writes the number of the first of these ports that is up into `reg11`. */
  | { readonly type: 'first_up'; readonly ports: readonly number[] }

/** What tells one flow from another: source MAC; both IP addresses; or these and both ports of TCP or UDP. */
export type HashFields = 'l2' | 'l3' | 'l3l4'

export type FieldName = OxmField['field']

/**
 * When a rule may be installed in a change that spans switches: what receives goes first, what sends toward it next,
 * what is no longer wanted is withdrawn last.
 */
export type Phase = 'receive' | 'send'

export interface Rule {
  readonly table: TableName
  readonly priority: number
  /** Canonical: sorted by OpenFlow field order, no zero mask, no full mask. */
  readonly match: readonly OxmField[]
  /** Meter that the packet passes first. */
  readonly meter?: number
  /** Applied in order, before the packet goes on. */
  readonly actions: readonly RuleAction[]
  /** Writes the network's key into `metadata`. */
  readonly setNetwork?: number
  readonly goto?: TableName
  readonly owner: Owner
  /** Key of the network this rule belongs to (law 6); absent for rules that only drop, punt or pass on. */
  readonly network?: number
  readonly phase: Phase
}

/** Drops what comes faster than its rate. */
export interface Meter {
  readonly id: number
  /** Packets or 1,000 bits per second. */
  readonly unit: 'pktps' | 'kbps'
  readonly rate: number
  /** Packets, or 1,000 bits. */
  readonly burst: number
  /** Its rate is changed while it is in use: only that it is there is looked after. */
  readonly adaptive?: true
  readonly owner: Owner
}
