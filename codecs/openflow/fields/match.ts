/** `ofp_match` (OF 1.3.5 7.2.2): a list of fields, with its own length and padded to a multiple of 8. */
import type { Codec } from '../wire/codec.ts'
import { untilEnd } from '../wire/lists.ts'
import { padded } from '../wire/tlv.ts'
import { type Match, oxmField } from './oxm.ts'

export const oxmFields = untilEnd(oxmField)

const oxmType = 1

/** The length leaves out the padding that follows. */
export const match: Codec<Match> = {
  read(r) {
    const start = r.pos
    const outer = r.end
    const at = r.take(4)
    const type = r.view.getUint16(at)
    const length = r.view.getUint16(at + 2)
    const next = start + padded(length, 8)
    if (type !== oxmType) throw r.fail('VALUE', `match type ${type} is not OXM`, start)
    if (length < 4 || next > outer)
      throw r.fail('LENGTH', `a match length of ${length} is impossible here`, start)
    r.end = start + length
    const fields = oxmFields.read(r)
    r.pos = next
    r.end = outer
    return fields
  },
  write(w, fields) {
    const start = w.pos
    w.view.setUint16(w.take(4), oxmType)
    oxmFields.write(w, fields)
    w.patchLength(start + 2, w.pos - start)
    w.align(start, 8)
  },
}
