/**
 * The learn action: a flow to be added by the packet, made of pieces of the packet. What the flow matches and does is a
 * list of specifications.
 */
import { type FieldBit, niciraReference, offsetBehind } from '../fields/subfield.ts'
import { readBig, writeBig } from '../fields/value.ts'
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { flagsOf, pad, u16, u64, u8, withDefault } from '../wire/scalars.ts'
import { struct, type StructIn, type StructOut } from '../wire/struct.ts'
import { extension, keepRaw } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { nicira } from './experimenters.ts'

/** `nBits` bits from a field of the packet, or a number, become what the new flow compares or loads. */
interface ToField {
  readonly type: 'match' | 'load'
  readonly nBits: number
  readonly dst: FieldBit
}
interface ToPort {
  readonly type: 'output'
  readonly nBits: number
}
interface FromField {
  readonly src: FieldBit
  readonly value?: never
}
interface FromNumber {
  readonly value: bigint
  readonly src?: never
}

export type LearnSpec = (ToField & FromField) | (ToField & FromNumber) | (ToPort & FromField)

const sourceIsNumber = 0x2000
const destinations = { match: 0x0000, load: 0x0800, output: 0x1000 } as const
const destinationBits = 0x1800
const lengthBits = 0x07ff

/** Bytes of a number of so many bits: whole pairs. */
const numberBytes = (nBits: number): number => 2 * Math.ceil(nBits / 16)

function readSpec(r: Reader, header: number): LearnSpec {
  const nBits = header & lengthBits
  const fromNumber = (header & sourceIsNumber) !== 0
  const type = (['match', 'load', 'output'] as const)[(header & destinationBits) >>> 11]
  if (header > 0x3fff || type === undefined) throw keepRaw
  if (type === 'output') {
    if (fromNumber) throw keepRaw
    return { type, nBits, src: offsetBehind.read(r) }
  }
  if (fromNumber) {
    const value = readBig(r, numberBytes(nBits))
    return { type, nBits, value, dst: offsetBehind.read(r) }
  }
  const src = offsetBehind.read(r)
  return { type, nBits, src, dst: offsetBehind.read(r) }
}

function writeSpec(w: Writer, spec: LearnSpec): void {
  const { type, nBits, src, value } = spec
  if (!(nBits >= 0 && nBits <= lengthBits))
    throw new EncodeError('RANGE', `0 to ${lengthBits} bits can be meant here, not ${nBits}`)
  const destination = destinations[type]
  if ((destination as number | undefined) === undefined)
    throw new EncodeError('INVALID', `unknown specification ${type as string}`)
  const header = (src === undefined ? sourceIsNumber : 0) | destination | nBits
  if (header === 0) throw new EncodeError('RANGE', 'no bits of a field cannot be matched')
  if (src === undefined && (type as string) === 'output')
    throw new EncodeError('INVALID', 'the port to output to comes from a field')
  w.u16(header)
  if (src === undefined) writeBig(w, numberBytes(nBits), value)
  else offsetBehind.write(w, src)
  if (spec.type !== 'output') offsetBehind.write(w, spec.dst)
}

/** Up to zeros that only fill the last eight bytes; a list with more of them stays bytes. */
const learnSpecs: Codec<readonly LearnSpec[]> = {
  read(r) {
    const specs: LearnSpec[] = []
    try {
      while (r.end - r.pos >= 2) {
        const header = r.u16()
        if (header === 0) {
          endOf(r)
          break
        }
        specs.push(readSpec(r, header))
      }
    } catch (error) {
      throw within(error, `[${specs.length}]`)
    }
    return specs
  },
  write(w, specs) {
    specs.forEach((spec, index) => {
      try {
        writeSpec(w, spec)
      } catch (error) {
        throw within(error, `[${index}]`)
      }
    })
  },
}

function endOf(r: Reader): void {
  const tail = r.rest()
  if (tail.length > 4 || tail.some((byte) => byte !== 0)) throw keepRaw
}

const learnHead = {
  idleTimeoutS: withDefault(u16, 0),
  hardTimeoutS: withDefault(u16, 0),
  priority: withDefault(u16, 0x8000),
  cookie: withDefault(u64, 0n),
  flags: withDefault(flagsOf(u16, { send_flow_rem: 0, delete_learned: 1 }), []),
  tableId: withDefault(u8, 1),
  _: pad(1),
  finIdleTimeoutS: withDefault(u16, 0),
  finHardTimeoutS: withDefault(u16, 0),
} as const

const head = struct(learnHead)

interface LimitedLearn {
  /** Most flows of this cookie and table; 0 is no limit. */
  readonly limit: number
  /** The bit that says afterwards whether the flow was learned. */
  readonly resultDst?: FieldBit
  readonly specs: readonly LearnSpec[]
}

/** The flag that there is a `resultDst`; as a flag of the value it would say the same twice. */
const writeResult = 'bit_2'

const limitedLearn: Inline<
  StructOut<typeof learnHead> & LimitedLearn,
  StructIn<typeof learnHead> & LimitedLearn
> = {
  inline: true,
  readInto(r, out) {
    head.readInto(r, out)
    const flags = out['flags'] as readonly string[]
    out['limit'] = r.u32()
    const offset = r.u16()
    r.take(2)
    if (flags.includes(writeResult)) {
      out['flags'] = flags.filter((flag) => flag !== writeResult)
      out['resultDst'] = { ...niciraReference.read(r), offset }
    } else if (offset !== 0) throw keepRaw
    out['specs'] = learnSpecs.read(r)
  },
  writeFrom(w, value) {
    const { limit, resultDst, flags = [], specs } = value
    const named = flags.filter((flag) => flag !== writeResult)
    head.write(w, { ...value, flags: resultDst === undefined ? named : [...named, writeResult] })
    w.u32(limit)
    w.u16(resultDst?.offset ?? 0)
    w.take(2)
    if (resultDst !== undefined) niciraReference.write(w, resultDst)
    learnSpecs.write(w, specs)
  },
}

export const learnVariants = [
  extension('nx_learn', nicira(16), { ...learnHead, specs: learnSpecs }),
  /** With a limit and a result. */
  extension('nx_learn2', nicira(45), { limitedLearn }),
] as const
