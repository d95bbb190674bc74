/**
 * What a row of the table of match fields says: the field's width, every number that it has on the wire, how text
 * shows it, and what a match must say before it may name the field.
 */
import type { Needs } from './prerequisites.ts'

/** How the value is written in ovs-ofctl syntax. */
export type Format =
  | 'decimal'
  | 'hex'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'port'
  | 'eth_type'
  | 'vlan_vid'
  | 'tcp_flags'
  | 'tun_flags'
  | 'ct_state'
  | 'frag'
  | 'packet_type'

/** A number of the field on the wire. */
export interface Form {
  readonly oxmClass: number
  readonly oxmField: number
  /** Only for class 0xffff: whose field it is. */
  readonly experimenter?: number
  /** Bytes, if not the field's own: 1.0 had ports of 16 bits. */
  readonly width?: number
  /** The wire version that brought it, as Open vSwitch counts; Nicira's own are as old as 1.0. */
  readonly since: number
}

export interface FieldRow {
  readonly name: string
  /** Bytes of the value on the wire; of a field of variable width, the most it can have. */
  readonly width: number
  readonly variable?: boolean
  /** Bits that a value can have, where fewer than the bytes hold (of `vlan_vid` without the bit "present"). */
  readonly bits?: number
  readonly format: Format
  /** Oldest first. Actions of Nicira's name a field by the first, whatever the version. */
  readonly forms: readonly [Form, ...Form[]]
  /** Only versions that have a form since then can carry it; other fields serve older versions in their oldest form. */
  readonly strict?: boolean
  /** Which masks a match may give it. */
  readonly mask: 'none' | 'any'
  /** What the match must say before it: a key of `prerequisites`. */
  readonly needs?: Needs
  /** No action may change it. */
  readonly readOnly?: boolean
}

type Options = Partial<Pick<FieldRow, 'bits' | 'variable' | 'strict' | 'mask' | 'needs' | 'readOnly'>>

export function field<const N extends string>(
  name: N,
  width: number,
  format: Format,
  forms: readonly [Form, ...Form[]],
  options: Options = {},
): FieldRow & { readonly name: N } {
  return { name, width, format, forms, mask: 'none', ...options }
}

/** OpenFlow's own fields, which 1.2 brought. */
export const oxm = (oxmField: number, since = 3): Form => ({ oxmClass: 0x8000, oxmField, since })
/** Nicira's two classes: the fields of 1.0, and its own. */
export const nxmOf = (oxmField: number): Form => ({ oxmClass: 0x0000, oxmField, since: 1 })
export const nxm = (oxmField: number): Form => ({ oxmClass: 0x0001, oxmField, since: 1 })
export const packetRegister = (oxmField: number): Form => ({ oxmClass: 0x8001, oxmField, since: 1 })
export const ericsson = (oxmField: number): Form => ({ oxmClass: 0x1000, oxmField, since: 1 })

const experimenters = { onf: 0x4f4e_4600, nicira: 0x0000_2320, nsh: 0x005a_d650 } as const

/** Fields of class 0xffff. The Open Networking Foundation's are those of 1.5 that it defined for 1.3 before. */
export const experimenterForm = (
  whose: keyof typeof experimenters,
  oxmField: number,
  since = whose === 'onf' ? 4 : 1,
): Form => ({ oxmClass: 0xffff, oxmField, experimenter: experimenters[whose], since })

/** For `since`: read, but written by no version of its own accord. */
export const never = 0xff
