/**
 * A match with fixed places as a list of fields. If the list would be written otherwise than the match came, it also
 * keeps its bytes.
 */
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import type { Match } from './oxm.ts'

export interface FixedMatchValue {
  readonly match: Match
  /** Only if `match` alone would be written in another way; then this is what is written. */
  readonly matchBytes?: Uint8Array
}

export interface FixedMatchForm<Places> {
  readonly places: Codec<Places>
  readonly matchOf: (places: Places) => Match
  readonly placesOf: (match: Match) => Places
  /** Whether these bytes are a match of this version, of its whole length. */
  readonly isWhole: (bytes: Uint8Array) => boolean
}

export function keptAsItCame<Places extends object>({
  places,
  matchOf,
  placesOf,
  isWhole,
}: FixedMatchForm<Places>): Inline<FixedMatchValue, Partial<FixedMatchValue>> {
  return {
    inline: true,
    readInto(r, out) {
      const start = r.pos
      const raw = places.read(r)
      const match = matchOf(raw)
      out['match'] = match
      const usual = placesOf(match)
      if (Object.entries(raw).some(([name, value]) => usual[name as keyof Places] !== value)) {
        const count = r.pos - start
        r.pos = start
        out['matchBytes'] = r.view8(count)
      }
    },
    writeFrom(w, { match = [], matchBytes }) {
      try {
        if (matchBytes === undefined) places.write(w, placesOf(match))
        else if (isWhole(matchBytes)) w.raw(matchBytes)
        else throw new EncodeError('INVALID', 'matchBytes is no match of this version')
      } catch (error) {
        throw within(error, 'match')
      }
    },
  }
}
