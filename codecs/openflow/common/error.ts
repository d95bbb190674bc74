/**
 * The error message. Type and code are OpenFlow's names where they have one and numbers where not; an experimenter's
 * error has the experimenter's number, its code being the experimenter's error type. `data` starts with the message
 * that was refused (or holds text, for a failed hello).
 */
import type { Inline } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import { message } from '../wire/message.ts'
import type { Reader } from '../wire/reader.ts'
import { rest } from '../wire/scalars.ts'
import type { Writer } from '../wire/writer.ts'
import { errorTypes, experimenterErrors } from './error-names.ts'

const experimenterError = 0xffff

interface ErrorKind {
  /** Such as `OFPET_FLOW_MOD_FAILED`; a number if it has no name here. */
  readonly errorType: string | number
  /** Such as `OFPFMFC_TABLE_FULL`; a number if it has no name here. */
  readonly code: string | number
  /** Only with type `OFPET_EXPERIMENTER`. */
  readonly experimenter?: number
}

function read(r: Reader, out: Record<string, unknown>): void {
  const type = r.u16()
  const code = r.u16()
  if (type === experimenterError) {
    const experimenter = r.u32()
    out['errorType'] = 'OFPET_EXPERIMENTER'
    out['code'] = experimenterErrors.get(experimenter)?.get(code) ?? code
    out['experimenter'] = experimenter
    return
  }
  // The numbers of 1.0 and 1.1 mean other things from type 3 on.
  const row = r.version >= 4 || type < 3 ? errorTypes[type] : undefined
  out['errorType'] = row?.name ?? type
  out['code'] = row?.codes[code] ?? code
}

function write(w: Writer, { errorType, code, experimenter }: ErrorKind): void {
  if (errorType === 'OFPET_EXPERIMENTER' || errorType === experimenterError) {
    if (experimenter === undefined)
      throw new EncodeError('MISSING', 'an experimenter error needs its experimenter')
    w.u16(experimenterError)
    w.u16(typeof code === 'number' ? code : experimenterCode(experimenter, code))
    w.u32(experimenter)
    return
  }
  const type =
    typeof errorType === 'number' ? errorType : errorTypes.findIndex(({ name }) => name === errorType)
  if (type < 0) throw new EncodeError('INVALID', `unknown error type ${errorType}`)
  w.u16(type)
  w.u16(typeof code === 'number' ? code : named(code, errorTypes[type]?.codes.indexOf(code)))
}

function experimenterCode(experimenter: number, name: string): number {
  for (const [code, known] of experimenterErrors.get(experimenter) ?? []) if (known === name) return code
  return named(name, undefined)
}

function named(name: string, code: number | undefined): number {
  if (code === undefined || code < 0) throw new EncodeError('INVALID', `unknown error code ${name}`)
  return code
}

const kind: Inline<ErrorKind> = {
  inline: true,
  readInto: read,
  writeFrom: write,
}

export const errorMessage = message('error', 1, { kind, data: rest })
