/** Bits of a field: `NXM_NX_REG0[0..15]`, `reg0[3]`, `eth_dst[]`. */
import type { FieldName } from '../../fields/table.ts'
import { fieldOfHeader } from './field-names.ts'
import { type Piece, syntaxError } from './scan.ts'

export interface Subfield {
  readonly field: FieldName
  readonly offset: number
  readonly nBits: number
  /** Ports have 16 bits in NXM and 32 in OXM, which is another class. */
  readonly oxmClass?: number
}

const pattern = /^([A-Za-z_0-9]+)(?:\[(?:(\d+)(?:\.\.(\d+))?)?\])?$/

/** As the actions have it whose one field is `src` or `dst`. */
export const bitsOf = ({ offset, nBits }: Subfield): { offset: number; nBits: number } => ({ offset, nBits })

/** Without brackets it is the whole field. */
export function subfield(word: Piece): Subfield {
  const found = pattern.exec(word.text)
  const row = fieldOfHeader(found?.[1] ?? '')
  if (found === null || row === undefined) throw syntaxError(word, `"${word.text}" names no bits of a field`)
  const port = row.name === 'in_port' ? portClass(found[1] ?? '') : undefined
  const whole = port?.bits ?? row.bits ?? row.width * 8
  const [, , first, last] = found
  const start = first === undefined ? 0 : Number(first)
  const end = first === undefined ? whole - 1 : Number(last ?? first)
  if (start > end) throw syntaxError(word, `${word.text} ends before it begins`)
  if (end >= whole) throw syntaxError(word, `${row.name} has ${whole} bits`)
  return {
    field: row.name as FieldName,
    offset: start,
    nBits: end - start + 1,
    ...(port?.oxmClass === undefined ? {} : { oxmClass: port.oxmClass }),
  }
}

function portClass(name: string): { readonly bits: number; readonly oxmClass?: number } {
  return name === 'in_port_oxm' || name.startsWith('OXM') ? { bits: 32, oxmClass: 0x8000 } : { bits: 16 }
}

/** The field as actions name it whose one field is `src`. */
export const asSource = ({ field, oxmClass }: Subfield) => ({
  src: field,
  ...(oxmClass === undefined ? {} : { srcOxmClass: oxmClass }),
})

/** The field as actions name it whose one field is `dst`. */
export const asTarget = ({ field, oxmClass }: Subfield) => ({
  dst: field,
  ...(oxmClass === undefined ? {} : { dstOxmClass: oxmClass }),
})
