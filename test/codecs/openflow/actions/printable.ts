/** Flows with random values of every field and every action, in surroundings in which Open vSwitch takes them. */
import fc from 'fast-check'
import {
  type Action,
  encode,
  type FieldName,
  type FieldRow,
  type MessageInput,
  type OxmField,
  prerequisites,
} from 'ts-openflow'
import { fieldOf, rowsOf } from '../fields/arbitrary.ts'
import { actionOf, actionTypesOf } from './arbitrary.ts'

export interface Printable {
  readonly version: number
  /** The field or action that it is about. */
  readonly subject: string
  readonly match: readonly OxmField[]
  readonly actions: readonly Action[]
}

export function messageOf({ version, match, actions }: Printable): Uint8Array {
  const type = version === 1 ? 'nx_flow_mod' : 'flow_mod'
  const instructions = actions.length === 0 ? [] : [{ type: 'apply_actions', actions }]
  return encode({ type, version, xid: 0, command: 'add', match, instructions } as MessageInput)
}

/** Of fields that differ in their number alone, the first and the last. */
const isRepeated = ({ name }: FieldRow): boolean =>
  /^(?:reg|xreg|xxreg|tun_metadata)\d+$/.test(name) &&
  !/^(?:reg(?:0|15)|xreg[07]|xxreg[03]|tun_metadata(?:0|63))$/.test(name)

const ipv4: OxmField = { field: 'eth_type', value: 0x0800 }
const ipv6: OxmField = { field: 'eth_type', value: 0x86dd }

/** Connections of one version of IP. */
const tracked = (name: string): readonly OxmField[] => [
  { field: 'ct_state', value: 1, mask: 1 },
  name.includes('ipv6') ? ipv6 : ipv4,
]

/** What a match says so that it may name the field. */
function surroundings({ name, needs }: FieldRow): readonly OxmField[] {
  if (needs === undefined || needs === 'ethernet') return []
  if (needs === 'ct') return tracked(name)
  return prerequisites[needs].map((condition) => {
    const { field } = condition
    if ('values' in condition) return { field, value: condition.values[0] ?? 0 }
    return { field, value: condition.anyBit, mask: condition.anyBit }
  })
}

const bitsOf = ({ name, bits, width }: FieldRow): number => (name === 'vlan_vid' ? 13 : (bits ?? width * 8))

/** Without a mask where none is allowed, no bits beyond it, and none that the field has not. */
function takeable(one: OxmField, row: FieldRow): OxmField {
  const { mask, ...rest } = one
  const width = 'width' in rest ? rest.width * 8 : bitsOf(row)
  const all = (1n << BigInt(width)) - 1n
  const compared = row.mask === 'none' || mask === undefined ? all : BigInt(mask) & all
  const value = BigInt(one.value) & compared
  const like = (bits: bigint): number | bigint => (typeof one.value === 'bigint' ? bits : Number(bits))
  if (row.name === 'nsh_mdtype') return { field: 'nsh_mdtype', value: 1 + (Number(value) % 2) }
  return { ...rest, value: like(value), ...(compared === all ? {} : { mask: like(compared) }) } as OxmField
}

function* fieldsOf(version: number, { seed, count }: Sampling): Generator<Printable> {
  for (const row of rowsOf(version)) {
    if (isRepeated(row)) continue
    for (const one of fc.sample(fieldOf(row, version), { seed, numRuns: count })) {
      const around = surroundings(row).filter(({ field }) => field !== row.name)
      yield { version, subject: row.name, match: [...around, takeable(one, row)], actions: [] }
    }
  }
}

const tcp: readonly OxmField[] = [ipv4, { field: 'ip_proto', value: 6 }]
const tagged: OxmField = { field: 'vlan_vid', value: 0x1005 }
const mpls: OxmField = { field: 'eth_type', value: 0x8847 }
const nsh: OxmField = { field: 'eth_type', value: 0x894f }

function matchFor(type: string, version: number): readonly OxmField[] {
  if (/mpls/.test(type)) return [mpls]
  if (type === 'nx_dec_nsh_ttl') return [nsh]
  if (type === 'nx_resubmit_table_ct' && version !== 2)
    return [...tracked(type), { field: 'ip_proto', value: 6 }]
  return /vlan/.test(type) && type !== 'push_vlan' ? [...tcp, tagged] : tcp
}

/** Numbers that any of these actions takes, where random ones are nearly always refused. */
function tamed(action: Action): Action {
  switch (action.type) {
    case 'set_vlan_vid':
      return { ...action, vlanVid: action.vlanVid & 0xfff }
    case 'set_vlan_pcp':
      return { ...action, vlanPcp: action.vlanPcp & 7 }
    case 'set_nw_tos':
      return { ...action, tos: action.tos & 0xfc }
    case 'set_nw_ecn':
      return { ...action, ecn: action.ecn & 3 }
    case 'push_vlan':
      return { ...action, ethertype: 0x8100 }
    case 'push_mpls':
      return { ...action, ethertype: 0x8848 }
    case 'nx_conjunction':
      return { ...action, nClauses: 2 + (action.nClauses % 63), clause: action.clause % 2 }
    case 'nx_reg_move':
    case 'copy_field':
      return {
        ...action,
        nBits: 1 + (action.nBits % 8),
        srcOffset: action.srcOffset % 9,
        dstOffset: action.dstOffset % 9,
      }
    case 'nx_stack_push':
    case 'nx_stack_pop':
      return { ...action, bits: { offset: action.bits.offset % 9, nBits: 1 + (action.bits.nBits % 8) } }
    case 'nx_encap':
      return { ...action, newPacketType: [0, 0x1894f, 0x18847][action.newPacketType % 3] ?? 0 }
    case 'nx_nat':
      return {
        type: 'nx_ct',
        flags: ['commit'],
        zone: 0,
        recircTable: 255,
        alg: 'none',
        actions: [natOf(action)],
      }
    case 'nx_ct':
      return { ...action, flags: ['commit'], actions: [] }
    default:
      return action
  }
}

type Nat = Extract<Action, { type: 'nx_nat' }>

/** One direction, addresses of one version, and ranges that go upwards. */
function natOf({ ipv4Min, ipv4Max, portMin, portMax, flags }: Nat): Nat {
  const [low, high] = [ipv4Min ?? 0, ipv4Max ?? 0].sort((a, b) => a - b)
  const [first, last] = [portMin ?? 0, portMax ?? 0].sort((a, b) => a - b)
  return {
    type: 'nx_nat',
    flags: ['src', ...flags.filter((flag) => flag === 'persistent' || flag === 'protocol_hash')],
    ...(ipv4Min === undefined ? {} : { ipv4Min: low || 1 }),
    ...(ipv4Min === undefined || ipv4Max === undefined ? {} : { ipv4Max: high || 1 }),
    ...(portMin === undefined ? {} : { portMin: first || 1 }),
    ...(portMin === undefined || portMax === undefined ? {} : { portMax: last || 1 }),
  }
}

function* actionsOf(version: number, { seed, count }: Sampling): Generator<Printable> {
  for (const type of actionTypesOf(version)) {
    for (const action of fc.sample(actionOf(version, type), { seed, numRuns: count }))
      yield { version, subject: type, match: matchFor(type, version), actions: [tamed(action)] }
  }
}

/** Every field as actions name it, whole and a bit of it. */
export const printableNames = (version: number): readonly Printable[] =>
  rowsOf(version).flatMap((row) => {
    const { name, bits, width, forms } = row
    return [bits ?? (forms[0].width ?? width) * 8, 1].map((nBits): Printable => {
      const action: Action = { type: 'nx_stack_push', src: name as FieldName, bits: { offset: 0, nBits } }
      return { version, subject: `name of ${name}`, match: surroundings(row), actions: [action] }
    })
  })

export interface Sampling {
  readonly seed: number
  /** Of each field or action. */
  readonly count: number
}

export const printableFields = (version: number, sampling: Sampling): readonly Printable[] =>
  version === 2 ? [] : [...fieldsOf(version, sampling)]

export const printableActions = (version: number, sampling: Sampling): readonly Printable[] => [
  ...actionsOf(version, sampling),
]
