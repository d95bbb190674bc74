/** The messages that are measured: several dozen of one shape with different contents, the same in every run. */
import type { FlowMod, PacketIn } from 'ts-openflow'
import { randomOf, type Random } from './random.ts'

const count = 64
const commands = ['add', 'add', 'add', 'modify_strict', 'delete_strict'] as const
const flags = [[], [], ['send_flow_rem'], ['check_overlap', 'reset_counts']] as const

type Field = FlowMod['match'][number]

/** Three fields that take 19 or 20 bytes: with the match's header and padding always 24. */
const matches: readonly ((random: Random) => readonly Field[])[] = [
  (random) => [inPort(random), ethType(0x0800), { field: 'vlan_vid', value: 0x1000 + random(4096) }],
  (random) => [inPort(random), ethType(0x86dd), { field: 'ip_proto', value: random(256) }],
  (random) => [
    ethType(0x0800),
    { field: 'ip_proto', value: 6 },
    { field: 'ipv4_dst', value: random(2 ** 32) },
  ],
  (random) => [
    ethType(0x0800),
    { field: 'ip_proto', value: 1 },
    { field: 'ipv4_src', value: random(2 ** 32) },
  ],
  (random) => [
    { field: 'vlan_vid', value: 0x1000, mask: 0x1000 },
    ethType(0x0800),
    { field: 'ip_proto', value: random(256) },
  ],
]

const inPort = (random: Random): Field => ({ field: 'in_port', value: 1 + random(0xfeff) })
const ethType = (value: number): Field => ({ field: 'eth_type', value })

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T
const bigint = (random: Random): bigint => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32))

/** 104 bytes each: three match fields, and two instructions with one action. */
export function flowMods(): readonly FlowMod[] {
  const random = randomOf(104)
  return Array.from({ length: count }, (_, index) => flowModOf(random, index))
}

function flowModOf(random: Random, index: number): FlowMod {
  const tableId = random(200)
  return {
    type: 'flow_mod',
    version: 4,
    xid: random(2 ** 32),
    cookie: bigint(random),
    cookieMask: index % 3 === 0 ? bigint(random) : 0n,
    tableId,
    command: pick(random, commands),
    idleTimeoutS: random(100),
    hardTimeoutS: random(0x10000),
    priority: random(0x10000),
    bufferId: 0xffff_ffff,
    outPort: 0xffff_ffff,
    outGroup: 0xffff_ffff,
    flags: pick(random, flags),
    match: pick(random, matches)(random),
    instructions: [
      {
        type: 'apply_actions',
        actions: [{ type: 'output', port: 1 + random(0xfeff), maxLen: random(0x10000) }],
      },
      { type: 'goto_table', tableId: tableId + 1 + random(50) },
    ],
  }
}

/** 106 bytes each: the port that the packet came in by, and the first 64 bytes of it. */
export function packetIns(): readonly PacketIn[] {
  const random = randomOf(106)
  return Array.from({ length: count }, () => ({
    type: 'packet_in',
    version: 4,
    xid: 0,
    bufferId: random(2) === 0 ? 0xffff_ffff : random(256),
    totalLen: 64 + random(1437),
    reason: pick(random, ['no_match', 'action', 'invalid_ttl'] as const),
    tableId: random(254),
    cookie: bigint(random),
    match: [inPort(random)],
    data: Uint8Array.from({ length: 64 }, () => random(256)),
  }))
}
