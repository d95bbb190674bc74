/**
 * The error message. Type and code are OpenFlow's names where they have one and numbers where not; an experimenter's
 * error has the experimenter's number, its code being the experimenter's error type. `data` starts with the message
 * that was refused (or holds text, for a failed hello).
 */
import type { Inline } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'
import { message } from '../wire/message.ts'
import type { Reader } from '../wire/reader.ts'
import { rest } from '../wire/scalars.ts'
import type { Writer } from '../wire/writer.ts'
import {
  earlyNiciraErrors,
  errorTypes,
  errorTypes10,
  experimenterErrors,
  type NamedErrorType,
  ovsErrorName,
  vendorErrorCode,
} from './error-names.ts'
import { niciraId } from '../actions/actions.ts'

const experimenterError = 0xffff

/** Open vSwitch's form in 1.0 and 1.1, which have no experimenter's errors: this type, code 0, then the vendor's. */
const vendorError = 0xb0c2
const vendorErrorLength = 8

export interface ErrorKind {
  /** Such as `OFPET_FLOW_MOD_FAILED`; a number if it has no name here. */
  readonly errorType: string | number
  /**
   * Such as `OFPFMFC_TABLE_FULL`; a number if it has no name here. In 1.0 and 1.1 a number of an experimenter's is
   * its type times 65,536 plus its code.
   */
  readonly code: string | number
  /** Only with type `OFPET_EXPERIMENTER`. */
  readonly experimenter?: number
}

const isEarly = (version: number): boolean => version === 1 || version === 2
const typesOf = (version: number): readonly NamedErrorType[] => (version === 1 ? errorTypes10 : errorTypes)

/** Names of an experimenter's codes in a version. */
function codesOf(version: number, experimenter: number): ReadonlyMap<number, string> | undefined {
  if (!isEarly(version)) return experimenterErrors.get(experimenter)
  return experimenter === niciraId ? earlyNiciraErrors.get(version) : undefined
}

function readKind(r: Reader): ErrorKind {
  const type = r.u16()
  const code = r.u16()
  if (type === experimenterError && !isEarly(r.version)) return experimenterKind(r, r.u32(), code)
  if (type === vendorError && code === 0 && isEarly(r.version) && r.end - r.pos >= vendorErrorLength) {
    const vendor = r.u32()
    return experimenterKind(r, vendor, vendorErrorCode(r.u16(), r.u16()))
  }
  const row = typesOf(r.version)[type]
  return { errorType: row?.name ?? type, code: row?.codes[code] ?? code }
}

function experimenterKind({ version }: Reader, experimenter: number, code: number): ErrorKind {
  return {
    errorType: 'OFPET_EXPERIMENTER',
    code: codesOf(version, experimenter)?.get(code) ?? code,
    experimenter,
  }
}

function write(w: Writer, { errorType, code, experimenter }: ErrorKind): void {
  if (errorType === 'OFPET_EXPERIMENTER' || (errorType === experimenterError && !isEarly(w.version))) {
    if (experimenter === undefined)
      throw new EncodeError('MISSING', 'an experimenter error needs its experimenter')
    writeExperimenter(w, experimenter, code)
    return
  }
  const known = typesOf(w.version)
  const type = typeof errorType === 'number' ? errorType : known.findIndex(({ name }) => name === errorType)
  if (type < 0) throw unknownName(w, 'type', errorType)
  w.u16(type)
  w.u16(numberOf(w, code, new Map(known[type]?.codes.entries())))
}

function writeExperimenter(w: Writer, experimenter: number, code: string | number): void {
  const number = numberOf(w, code, codesOf(w.version, experimenter))
  if (isEarly(w.version)) {
    w.u16(vendorError)
    w.u16(0)
    w.u32(experimenter)
    w.u32(number)
  } else {
    w.u16(experimenterError)
    w.u16(number)
    w.u32(experimenter)
  }
}

/** Open vSwitch's names are understood too. */
function numberOf(w: Writer, code: string | number, names: ReadonlyMap<number, string> | undefined): number {
  if (typeof code === 'number') return code
  for (const [number, name] of names ?? []) if (name === code || ovsErrorName(name) === code) return number
  throw unknownName(w, 'code', code)
}

function unknownName({ version }: Writer, what: string, name: string | number): EncodeError {
  const elsewhere = [...errorTypes, ...errorTypes10].some(
    (one) => one.name === name || one.codes.some((code) => code === name || ovsErrorName(code) === name),
  )
  return elsewhere
    ? new EncodeError('VERSION', `${versionName(version)} has no error ${what} ${name} here`)
    : new EncodeError('INVALID', `unknown error ${what} ${name}`)
}

const kind: Inline<ErrorKind> = {
  inline: true,
  readInto: (r, out) => void Object.assign(out, readKind(r)),
  writeFrom: write,
}

export const errorMessage = message('error', 1, { kind, data: rest })
