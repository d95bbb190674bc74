/** Where Nicira's extensions stand: messages and statistics by the vendor's number and a number of its own. */
import { niciraId } from '../actions/actions.ts'
import { message, type MessageDef, renumbered } from '../wire/message.ts'
import { extensionPart, type Part } from '../wire/multipart.ts'
import type { Pad } from '../wire/scalars.ts'
import type { Fields, StructIn, StructOut } from '../wire/struct.ts'

const experimenterCode = 4
const experimenterPart = 0xffff

/** The place of an NXT message. */
export const niciraPlace = (subtype: number) =>
  ({ code: experimenterCode, experimenter: niciraId, subtype }) as const

export function niciraMessage<const N extends string, const F extends Fields>(
  name: N,
  subtype: number,
  fields: F,
): MessageDef<N, StructOut<F> & object, StructIn<F> & object> {
  return renumbered(message(name, experimenterCode, fields), niciraPlace(subtype))
}

/** Statistics of Nicira's have four bytes of padding after their number in OpenFlow 1.0, and nowhere else. */
const padding: Pad = {
  hidden: true,
  read: (r) => (r.version === 1 ? void r.take(4) : undefined),
  write: (w) => (w.version === 1 ? w.zeros(4) : undefined),
}

export function niciraPart<const N extends string, const F extends Fields>(
  name: N,
  subtype: number,
  fields: F,
): Part<N, StructOut<F> & object, StructIn<F> & object> {
  const place = { experimenter: niciraId, subtype }
  return extensionPart(name, place, { _nicira: padding, ...fields }) as unknown as Part<
    N,
    StructOut<F> & object,
    StructIn<F> & object
  >
}

/** A standard body as Nicira's statistics, in a version that lacks the standard one. */
export function asNiciraPart<N extends string, Out extends object, In extends object>(
  { name, body }: Part<N, Out, In>,
  subtype: number,
): Part<N, Out, In> {
  return {
    name,
    code: experimenterPart,
    experimenter: niciraId,
    subtype,
    body: {
      read(r) {
        padding.read(r)
        return body.read(r)
      },
      readInto(r, out) {
        padding.read(r)
        body.readInto(r, out)
      },
      write(w, value) {
        padding.write(w, undefined)
        body.write(w, value)
      },
    },
  }
}
