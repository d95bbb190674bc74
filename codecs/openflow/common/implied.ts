/** Fields of other versions that a version cannot say, and need not: what they would say is always the same there. */
import type { Codec } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'

/** Not on the wire. Reading gives the value; writing takes it, or nothing, and refuses another. */
export function implied<const T extends number | bigint>(
  value: T,
): Codec<Widened<T>, Widened<T> | undefined> {
  const always = value as unknown as Widened<T>
  return {
    read: () => always,
    write(w, given) {
      if (given !== undefined && given !== always)
        throw new EncodeError(
          'VERSION',
          `${versionName(w.version)} cannot carry this field; it means ${String(value)}`,
        )
    },
  }
}

type Widened<T> = T extends bigint ? bigint : number

/** The cookie of a packet-in that no flow caused, or that does not tell. */
export const noCookie = 0xffff_ffff_ffff_ffffn
