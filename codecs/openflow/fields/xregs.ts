/**
 * Open vSwitch, speaking 1.5, returns matches on 32-bit registers as masked 64-bit ones: xreg0 is reg0 and reg1,
 * reg0 being the upper half.
 */
import type { KnownField, Match, OxmField } from './oxm.ts'
import type { FieldName } from './table.ts'

const half = 0xffff_ffffn
const everyBit = 0xffff_ffff

/** Halves of which no bit is compared are left out; a full mask is no mask. */
function split({ field, value, mask = 0xffff_ffff_ffff_ffffn }: KnownField): readonly KnownField[] {
  const pair = 2 * Number(field.slice('xreg'.length))
  const halves = [
    { register: pair, value: BigInt(value) >> 32n, mask: BigInt(mask) >> 32n },
    { register: pair + 1, value: BigInt(value) & half, mask: BigInt(mask) & half },
  ]
  return halves
    .filter((one) => one.mask !== 0n)
    .map((one) => {
      const name = `reg${one.register}` as FieldName
      const [bits, compared] = [Number(one.value), Number(one.mask)]
      return compared === everyBit
        ? { field: name, value: bits }
        : { field: name, value: bits, mask: compared }
    })
}

/** The match with every `xreg0` to `xreg7` replaced, in its place, by the registers it is made of. */
export function splitXregs(match: Match): Match {
  if (!match.some(isXreg)) return match
  return match.flatMap((one): readonly OxmField[] => (isXreg(one) ? split(one) : [one]))
}

function isXreg(one: OxmField): one is KnownField {
  return one.field.startsWith('xreg')
}
