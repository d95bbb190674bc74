/**
 * Flow monitors: what a request asks for and the updates that come, which begin with a length and the event. Each
 * version lays out the full update in its own way.
 */
import type { Codec, Simplify } from '../wire/codec.ts'
import { EncodeError, versionName, within } from '../wire/errors.ts'
import { message } from '../wire/message.ts'
import type { Reader } from '../wire/reader.ts'
import { flagsOf, u16, u32 } from '../wire/scalars.ts'
import type { Struct } from '../wire/struct.ts'
import type { Writer } from '../wire/writer.ts'
import { lacking } from './lacking.ts'

/** The number 0, which is what is written without a reason. */
export const noReason = 'idle_timeout'

/** OF 1.4.1 7.3.5.18. `no_abbrev` asks for the controller's own changes in full too, `only_own` for no others. */
const earlyFlags = { initial: 0, add: 1, removed: 2, modify: 3, instructions: 4, no_abbrev: 5 } as const
export const monitorFlags = flagsOf(u16, { ...earlyFlags, only_own: 6 })

/** As the extensions before 1.4 have them. */
export const extensionMonitorFlags = lacking<ReturnType<typeof monitorFlags.read>>(flagsOf(u16, earlyFlags), [
  'only_own',
])

/** A change that the controller itself asked for. */
export interface AbbreviatedUpdate {
  readonly event: 'abbrev'
  /** Of the request that made the change. */
  readonly xid: number
}

/** Updates were held back, or come again. */
export interface MonitorPause {
  readonly event: 'paused' | 'resumed'
}

export interface UnknownUpdate {
  readonly event: number
  /** Everything after the event. */
  readonly body: Uint8Array
}

/** What a full update has: why the flow was removed, and the flow. */
interface Flow {
  readonly reason?: unknown
}

/** A flow that was not removed has a reason only if the number is, against the rules, not 0. */
type Full<Event extends string, Fields extends Flow> = Simplify<
  { readonly event: Event } & Omit<Fields, 'reason'> & Partial<Pick<Fields, 'reason'>>
>
type Update<Event extends string, Fields extends Flow> =
  | Full<Event, Fields>
  | AbbreviatedUpdate
  | MonitorPause
  | UnknownUpdate

/** Numbers of the events: those with a full update, and the others. */
interface Events<Event extends string> {
  readonly full: Readonly<Record<Event, number>>
  readonly abbrev: number
  readonly paused?: number
  readonly resumed?: number
}

/** One update; `body` is what a full one has after the event. */
export function flowUpdate<Event extends string, Out extends Flow, In extends Flow>(
  { full, ...others }: Events<Event>,
  body: Struct<Out, In>,
): Codec<Update<Event, Out>, Update<Event, In>> {
  const codes = new Map<string, number>([...Object.entries<number>(full), ...Object.entries(others)])
  const names = new Map([...codes].map(([name, code]) => [code, name]))

  function readBody(r: Reader, code: number): unknown {
    const event = names.get(code)
    if (event === undefined) return { event: code, body: r.rest() }
    if (event in full) return fullUpdate(event, body.read(r))
    if (event === 'abbrev') return { event, xid: r.u32() }
    r.take(4)
    return { event }
  }

  function read(r: Reader): Update<Event, Out> {
    const start = r.pos
    const outer = r.end
    const length = r.u16()
    if (length < 4 || start + length > outer)
      throw r.fail('LENGTH', `a length of ${length} is impossible here`, start)
    r.end = start + length
    const update = readBody(r, r.u16())
    if (r.pos !== r.end) throw r.fail('TRAILING', `${r.end - r.pos} bytes left over`)
    r.end = outer
    return update as Update<Event, Out>
  }

  function write(w: Writer, update: Update<Event, In>): void {
    const start = w.pos
    w.take(2)
    const { event } = update
    if (typeof event === 'number') {
      w.u16(event)
      w.raw((update as UnknownUpdate).body)
    } else {
      w.u16(codes.get(event) ?? noEvent(w, event))
      if (event in full) body.write(w, update as unknown as In)
      else if (event === 'abbrev') w.u32((update as AbbreviatedUpdate).xid)
      else w.take(4)
    }
    w.patchLength(start, w.pos - start)
  }

  return { read, write }
}

function fullUpdate(event: string, { reason, ...flow }: Flow): unknown {
  return event === 'removed' || reason !== noReason ? { event, ...flow, reason } : { event, ...flow }
}

function noEvent(w: Writer, event: string): never {
  throw within(new EncodeError('VERSION', `${versionName(w.version)} has no event ${event} here`), 'event')
}

/** The monitors of 1.0 to 1.3, extensions all, are ended and held back with messages. */
export const flowMonitorCancel = message('flow_monitor_cancel', 4, { monitorId: u32 })
export const flowMonitorPaused = message('flow_monitor_paused', 4, {})
export const flowMonitorResumed = message('flow_monitor_resumed', 4, {})
