/**
 * Flow statistics of OpenFlow 1.5 (OXS, OF 1.5.1 7.2.4): single ones as the thresholds of a stat trigger have them, and
 * whole lists. A list that has just the usual counters in the usual order reads as the same fields that 1.3 has; any
 * other list also stays whole in `stats`, which then is what is written.
 */
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import type { Reader } from '../wire/reader.ts'
import { padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'

/** A time: how long the flow has existed, or has seen no packet. */
export interface OxsTime {
  readonly field: 'duration' | 'idle_time'
  readonly seconds: number
  readonly nanoseconds: number
}

export interface OxsFlowCount {
  readonly field: 'flow_count'
  readonly value: number
}

export interface OxsCount {
  readonly field: 'packet_count' | 'byte_count'
  readonly value: bigint
}

/** A statistic that has no name here, or not the length it should have. */
export interface UnknownOxs {
  readonly field: 'unknown'
  readonly oxsClass: number
  readonly oxsField: number
  /** The bit between field and length, which has no meaning, if it is set. */
  readonly reserved?: true
  /** For class 0xffff: whose statistic it is. */
  readonly experimenter?: number
  readonly bytes: Uint8Array
}

type KnownOxs = OxsTime | OxsFlowCount | OxsCount
export type OxsField = KnownOxs | UnknownOxs

const openFlowClass = 0x8002
const experimenterClass = 0xffff

const headerOf = (oxsField: number, length: number): number =>
  openFlowClass * 0x10000 + oxsField * 0x200 + length

const headers = {
  duration: headerOf(0, 8),
  idle_time: headerOf(1, 8),
  flow_count: headerOf(3, 4),
  packet_count: headerOf(4, 8),
  byte_count: headerOf(5, 8),
} as const

function readStat(r: Reader): OxsField {
  const header = r.u32()
  switch (header) {
    case headers.duration:
      return { field: 'duration', seconds: r.u32(), nanoseconds: r.u32() }
    case headers.idle_time:
      return { field: 'idle_time', seconds: r.u32(), nanoseconds: r.u32() }
    case headers.flow_count:
      return { field: 'flow_count', value: r.u32() }
    case headers.packet_count:
      return { field: 'packet_count', value: r.u64() }
    case headers.byte_count:
      return { field: 'byte_count', value: r.u64() }
    default:
      return readUnknown(r, header)
  }
}

function readUnknown(r: Reader, header: number): UnknownOxs {
  const oxsClass = header >>> 16
  const length = header & 0xff
  const hasExperimenter = oxsClass === experimenterClass && length >= 4
  return {
    field: 'unknown',
    oxsClass,
    oxsField: (header >>> 9) & 0x7f,
    ...((header & 0x100) === 0 ? {} : { reserved: true }),
    ...(hasExperimenter ? { experimenter: r.u32() } : {}),
    bytes: r.view8(hasExperimenter ? length - 4 : length),
  }
}

function writeStat(w: Writer, stat: OxsField): void {
  try {
    if (stat.field === 'unknown') writeUnknown(w, stat)
    else writeKnown(w, stat)
  } catch (error) {
    throw within(error, stat.field)
  }
}

function writeKnown(w: Writer, stat: KnownOxs): void {
  const header = headers[stat.field] as number | undefined
  if (header === undefined) throw new EncodeError('INVALID', `unknown statistic ${stat.field}`)
  w.u32(header)
  if ('seconds' in stat) {
    w.u32(stat.seconds)
    w.u32(stat.nanoseconds)
  } else if (stat.field === 'flow_count') w.u32(stat.value)
  else w.u64(stat.value)
}

function writeUnknown(w: Writer, { oxsClass, oxsField, reserved, experimenter, bytes }: UnknownOxs): void {
  w.u16(oxsClass)
  w.u8((oxsField << 1) | (reserved ? 1 : 0))
  w.u8(bytes.length + (experimenter === undefined ? 0 : 4))
  if (experimenter !== undefined) w.u32(experimenter)
  w.raw(bytes)
}

/** Statistics up to the end of what they stand in, without a header of their own. */
export const statsFields: Codec<readonly OxsField[]> = untilEnd({ read: readStat, write: writeStat })

export interface FlowCounters {
  readonly packetCount: bigint
  readonly byteCount: bigint
  readonly durationS: number
  readonly durationNs: number
  /** Time since the last packet, where the switch tells. */
  readonly idleS?: number
  readonly idleNs?: number
  /** Only if the list is not the usual one. */
  readonly stats?: readonly OxsField[]
}

export interface AggregateCounters {
  readonly packetCount: bigint
  readonly byteCount: bigint
  readonly flowCount: number
  readonly stats?: readonly OxsField[]
}

/** The counters of a list as fields; what the list has not is 0. */
interface Plain<T> {
  readonly toFields: (stats: readonly OxsField[]) => T
  /** The usual list for these fields. */
  readonly toStats: (value: T) => readonly KnownOxs[]
}

const timeIn = (stats: readonly OxsField[], field: OxsTime['field']): OxsTime | undefined =>
  stats.find((one): one is OxsTime => one.field === field)
const countIn = (stats: readonly OxsField[], field: OxsCount['field']): bigint =>
  stats.find((one): one is OxsCount => one.field === field)?.value ?? 0n

/** Open vSwitch's order: duration, idle time if known, packets, bytes. */
const flow: Plain<FlowCounters> = {
  toFields(stats) {
    const duration = timeIn(stats, 'duration')
    const idle = timeIn(stats, 'idle_time')
    return {
      durationS: duration?.seconds ?? 0,
      durationNs: duration?.nanoseconds ?? 0,
      packetCount: countIn(stats, 'packet_count'),
      byteCount: countIn(stats, 'byte_count'),
      ...(idle === undefined ? {} : { idleS: idle.seconds, idleNs: idle.nanoseconds }),
    }
  },
  toStats: ({ durationS, durationNs, idleS, idleNs = 0, packetCount, byteCount }) => [
    { field: 'duration', seconds: durationS, nanoseconds: durationNs },
    ...(idleS === undefined ? [] : [{ field: 'idle_time', seconds: idleS, nanoseconds: idleNs } as const]),
    { field: 'packet_count', value: packetCount },
    { field: 'byte_count', value: byteCount },
  ],
}

const aggregate: Plain<AggregateCounters> = {
  toFields: (stats) => ({
    packetCount: countIn(stats, 'packet_count'),
    byteCount: countIn(stats, 'byte_count'),
    flowCount: stats.find((one): one is OxsFlowCount => one.field === 'flow_count')?.value ?? 0,
  }),
  toStats: ({ packetCount, byteCount, flowCount }) => [
    { field: 'packet_count', value: packetCount },
    { field: 'byte_count', value: byteCount },
    { field: 'flow_count', value: flowCount },
  ],
}

/** A whole `ofp_stats`: two reserved bytes, the length without padding, and the list. */
function oxs<T extends { readonly stats?: readonly OxsField[] }>({
  toFields,
  toStats,
}: Plain<T>): Inline<T & object> {
  function readInto(r: Reader, out: Record<string, unknown>): void {
    const start = r.pos
    const outer = r.end
    r.take(2)
    const length = r.u16()
    const next = start + padded(length, 8)
    if (length < 4 || next > outer)
      throw r.fail('LENGTH', `a statistics length of ${length} is impossible here`, start)
    r.end = start + length
    try {
      const stats = statsFields.read(r)
      const fields = toFields(stats)
      Object.assign(out, fields)
      if (!isSameOrder(stats, toStats(fields))) out['stats'] = stats
    } catch (error) {
      throw within(error, 'stats')
    }
    r.pos = next
    r.end = outer
  }

  function writeFrom(w: Writer, value: T & object): void {
    const start = w.pos
    w.take(4)
    if (value.stats !== undefined) writeList(w, value.stats)
    else for (const stat of toStats(value)) writeField(w, stat)
    w.patchLength(start + 2, w.pos - start)
    w.align(start, 8)
  }

  return { inline: true, readInto, writeFrom }
}

function writeList(w: Writer, stats: readonly OxsField[]): void {
  try {
    statsFields.write(w, stats)
  } catch (error) {
    throw within(error, 'stats')
  }
}

/** Which field of the value the statistic is, or the first of the two. */
const fieldNames = {
  duration: 'durationS',
  idle_time: 'idleS',
  flow_count: 'flowCount',
  packet_count: 'packetCount',
  byte_count: 'byteCount',
} as const

function writeField(w: Writer, stat: KnownOxs): void {
  try {
    writeKnown(w, stat)
  } catch (error) {
    throw within(error, fieldNames[stat.field])
  }
}

const isSameOrder = (some: readonly OxsField[], others: readonly OxsField[]): boolean =>
  some.length === others.length && some.every(({ field }, index) => field === others[index]?.field)

export const flowCounters: Inline<FlowCounters> = oxs(flow)
export const aggregateCounters: Inline<AggregateCounters> = oxs(aggregate)
