/**
 * Flow statistics of OpenFlow 1.5 (OXS). A list that has just the usual counters in the usual order reads as the same
 * fields that 1.3 has; any other list also stays whole in `stats`, which then is what is written.
 */
import type { Codec, Inline } from '../wire/codec.ts'
import { within } from '../wire/errors.ts'
import { untilEnd } from '../wire/lists.ts'
import type { Reader } from '../wire/reader.ts'
import { padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'

/** One statistic as it is on the wire. */
export interface OxsField {
  readonly oxsClass: number
  readonly oxsField: number
  readonly bytes: Uint8Array
}

const openFlowClass = 0x8002

const oxsField: Codec<OxsField> = {
  read(r) {
    const oxsClass = r.u16()
    const oxsField = r.u8()
    return { oxsClass, oxsField: oxsField >>> 1, bytes: r.view8(r.u8()) }
  },
  write(w, { oxsClass, oxsField, bytes }) {
    w.u16(oxsClass)
    w.u8(oxsField << 1)
    w.u8(bytes.length)
    w.raw(bytes)
  },
}

const oxsFields = untilEnd(oxsField)

interface Counter {
  readonly code: number
  readonly length: number
  readonly read: (r: Reader, out: Record<string, unknown>) => void
  readonly write: (w: Writer, value: Readonly<Record<string, never>>) => void
}

const time = (code: number, seconds: string, nanoseconds: string): Counter => ({
  code,
  length: 8,
  read(r, out) {
    out[seconds] = r.u32()
    out[nanoseconds] = r.u32()
  },
  write(w, value) {
    w.u32(value[seconds] as unknown as number)
    w.u32(value[nanoseconds] as unknown as number)
  },
})

const count = (code: number, name: string): Counter => ({
  code,
  length: 8,
  read: (r, out) => void (out[name] = r.u64()),
  write: (w, value) => w.u64(value[name] as unknown as bigint),
})

const duration = time(0, 'durationS', 'durationNs')
const idle = time(1, 'idleS', 'idleNs')
const flowCount: Counter = {
  code: 3,
  length: 4,
  read: (r, out) => void (out['flowCount'] = r.u32()),
  write: (w, value) => w.u32(value['flowCount'] as unknown as number),
}
const packetCount = count(4, 'packetCount')
const byteCount = count(5, 'byteCount')

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

const flowZeros = { durationS: 0, durationNs: 0, packetCount: 0n, byteCount: 0n }
const aggregateZeros = { packetCount: 0n, byteCount: 0n, flowCount: 0 }

/** Reads the list's counters; true if it has exactly these, in this order. */
function readCounters(r: Reader, usual: readonly Counter[], out: Record<string, unknown>): boolean {
  let index = 0
  while (r.pos < r.end) {
    const header = r.u32()
    const counter = usual[index]
    const wanted = counter && openFlowClass * 0x10000 + counter.code * 0x200 + counter.length
    if (counter === undefined || header !== wanted) return false
    counter.read(r, out)
    index++
  }
  return index === usual.length
}

/** Finds the counters wherever they are in an unusual list. */
function readAnyOrder(r: Reader, known: readonly Counter[], out: Record<string, unknown>): void {
  while (r.pos < r.end) {
    const header = r.u32()
    const next = r.pos + (header & 0xff)
    const counter = known.find(
      ({ code, length }) => header === openFlowClass * 0x10000 + code * 0x200 + length,
    )
    counter?.read(r, out)
    r.pos = next
  }
}

function oxs<T extends { readonly stats?: readonly OxsField[] }>(
  usual: (value: Readonly<Record<string, unknown>>) => readonly Counter[],
  all: readonly Counter[],
  zeros: Readonly<Record<string, unknown>>,
): Inline<T & object> {
  function readInto(r: Reader, out: Record<string, unknown>): void {
    const start = r.pos
    const outer = r.end
    r.take(2)
    const length = r.u16()
    const next = start + padded(length, 8)
    if (length < 4 || next > outer)
      throw r.fail('LENGTH', `a statistics length of ${length} is impossible here`, start)
    r.end = start + length
    const found: Record<string, unknown> = {}
    try {
      const listed = oxsFields.read(r)
      r.pos = start + 4
      readAnyOrder(r, all, found)
      Object.assign(out, zeros, found)
      r.pos = start + 4
      if (!readCounters(r, usual(found), {})) out['stats'] = listed
    } catch (error) {
      throw within(error, 'stats')
    }
    r.pos = next
    r.end = outer
  }

  function writeFrom(w: Writer, value: T & object): void {
    const start = w.pos
    w.zeros(4)
    const { stats } = value
    if (stats !== undefined) oxsFields.write(w, stats)
    else {
      const fields = value as unknown as Readonly<Record<string, never>>
      for (const { code, length, write } of usual(fields)) {
        w.u32(openFlowClass * 0x10000 + code * 0x200 + length)
        write(w, fields)
      }
    }
    w.patchLength(start + 2, w.pos - start)
    w.align(start, 8)
  }

  return { inline: true, readInto, writeFrom }
}

/** Open vSwitch's order: duration, idle time if known, packets, bytes. */
export const flowCounters: Inline<FlowCounters> = oxs(
  (value) =>
    value['idleS'] === undefined
      ? [duration, packetCount, byteCount]
      : [duration, idle, packetCount, byteCount],
  [duration, idle, packetCount, byteCount],
  flowZeros,
)

export const aggregateCounters: Inline<AggregateCounters> = oxs(
  () => [packetCount, byteCount, flowCount],
  [packetCount, byteCount, flowCount],
  aggregateZeros,
)
