/**
 * TCP sessions of VMs under way, as the switch itself notes them: what a VM sends leaves a rule per session in table
 * `sessions`, where no packet comes. These rules run out by themselves; they are no part of the program, nor foreign.
 */
import type { Action, FlowEntry, FlowMod } from 'ts-openflow'
import type { Address } from '../model/intent.ts'
import { tableIdOf } from './tables.ts'

const cookie = 0x5dn << 56n

/** Selects them among a switch's rules. */
export const noted = { tableId: tableIdOf('sessions'), cookie, cookieMask: 0xffn << 56n } as const

/** For so long after the last packet a session counts as one that goes on. Open vSwitch renews about twice a second. */
export const sessionMemoryS = 3

/** On one switch; more of them are not noted. */
export const mostSessions = 10_000

export function isSession(one: bigint): boolean {
  return one >> 56n === cookie >> 56n
}

const tcp = 6n
const families = {
  4: { ethType: 0x0800n, bits: 32, src: 'ipv4_src', dst: 'ipv4_dst' },
  6: { ethType: 0x86ddn, bits: 128, src: 'ipv6_src', dst: 'ipv6_dst' },
} as const

/** For a packet that is known to be TCP over this family. */
export function noteSession(family: 4 | 6): Action {
  const { ethType, bits, src, dst } = families[family]
  const is = (field: 'eth_type' | 'ip_proto', nBits: number, value: bigint) =>
    ({ type: 'match', nBits, dst: { field, offset: 0 }, value }) as const
  const same = (field: typeof src | typeof dst | 'tcp_src' | 'tcp_dst', nBits: number) =>
    ({ type: 'match', nBits, dst: { field, offset: 0 }, src: { field, offset: 0 } }) as const
  return {
    type: 'nx_learn2',
    idleTimeoutS: 0,
    hardTimeoutS: sessionMemoryS,
    finIdleTimeoutS: 0,
    finHardTimeoutS: 0,
    priority: 1,
    cookie,
    tableId: noted.tableId,
    flags: [],
    limit: mostSessions,
    specs: [
      is('eth_type', 16, ethType),
      is('ip_proto', 8, tcp),
      same(src, bits),
      same(dst, bits),
      same('tcp_src', 16),
      same('tcp_dst', 16),
    ],
  }
}

/** Takes away those of an address. */
export function unnote({ family, value }: Address, version: number): FlowMod {
  const { ethType } = families[family]
  return {
    type: 'flow_mod',
    version,
    xid: 0,
    ...noted,
    command: 'delete',
    idleTimeoutS: 0,
    hardTimeoutS: 0,
    priority: 0,
    bufferId: 0xffffffff,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: [],
    importance: 0,
    match: [
      { field: 'eth_type', value: Number(ethType) },
      { field: 'ip_proto', value: Number(tcp) },
      family === 4 ? { field: 'ipv4_src', value: Number(value) } : { field: 'ipv6_src', value },
    ],
    instructions: [],
  }
}

/** A session as its VM sends it. */
export interface NotedSession {
  /** The VM's address, 32 or 128 bits. */
  readonly address: bigint
  /** The same text on every switch. */
  readonly key: string
}

export function sessionOf({ match }: Pick<FlowEntry, 'match'>): NotedSession | undefined {
  const valueOf = (...names: readonly string[]) => match.find(({ field }) => names.includes(field))?.value
  const address = valueOf('ipv4_src', 'ipv6_src')
  if (address === undefined) return undefined
  const parts = [address, valueOf('ipv4_dst', 'ipv6_dst'), valueOf('tcp_src'), valueOf('tcp_dst')]
  return { address: BigInt(address), key: parts.join(' ') }
}
