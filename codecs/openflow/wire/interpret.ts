/**
 * Reads and writes a structure field by field. `compile.ts` makes faster functions that do the same; this one serves
 * where functions cannot be made from text, and tests hold the two together.
 */
import { EncodeError, within } from './errors.ts'
import type { Reader } from './reader.ts'
import type { Step } from './struct.ts'
import type { Writer } from './writer.ts'

/** What a structure's value has besides its fields. */
export interface Lead {
  /** Its `type`. */
  readonly tag?: string
  /** Version and xid of the message. */
  readonly header?: boolean
}

export type Read = (r: Reader) => Record<string, unknown>
export type Write = (w: Writer, value: Readonly<Record<string, unknown>>) => void

export function interpretRead(steps: readonly Step[], { tag, header }: Lead): Read {
  return (r) => {
    const out: Record<string, unknown> = {
      ...(tag === undefined ? {} : { type: tag }),
      ...(header ? { version: r.version, xid: r.xid } : {}),
    }
    for (const step of steps) {
      try {
        if ('inline' in step.codec) step.codec.readInto(r, out)
        else {
          const value = step.codec.read(r)
          if (value !== undefined) out[step.name] = value
        }
      } catch (error) {
        throw unreadable(error, step)
      }
    }
    return out
  }
}

export function interpretWrite(steps: readonly Step[]): Write {
  return (w, value) => {
    for (const step of steps) {
      try {
        if ('inline' in step.codec) step.codec.writeFrom(w, value as never)
        else step.codec.write(w, (step.codec.hidden ? undefined : value[step.name]) as never)
      } catch (error) {
        throw refused(error, step, value)
      }
    }
  }
}

/** The fields of an inline codec belong to the structure itself. */
export function unreadable(error: unknown, step: Step | undefined): unknown {
  return step === undefined || 'inline' in step.codec ? error : within(error, step.name)
}

/** A value of the wrong shape makes JavaScript throw a TypeError deep inside; the caller gets it as what it is. */
export function refused(
  error: unknown,
  step: Step | undefined,
  value: Readonly<Record<string, unknown>>,
): unknown {
  if (!(error instanceof TypeError)) return unreadable(error, step)
  const missing = step !== undefined && !('inline' in step.codec) && value[step.name] === undefined
  const wrong = missing
    ? new EncodeError('MISSING', 'the value is missing')
    : new EncodeError('INVALID', error.message)
  return unreadable(wrong, step)
}

export const noMeaning = (r: Reader, raw: number, at: number): unknown =>
  r.fail('VALUE', `${raw} has no meaning here`, at)
