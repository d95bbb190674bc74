/** Meter features of OpenFlow 1.5: also where in lists of actions meters may stand. */
import { meterFeatureFields, meterPlaces } from '../common/meter.ts'
import type { Codec } from '../wire/codec.ts'
import { part } from '../wire/multipart.ts'

type Places = ReturnType<typeof meterPlaces.read>

/** Open vSwitch leaves the word and its padding out, in 1.5 too; and so does a value without it. */
const features: Codec<Places | undefined> & { readonly optional: true } = {
  optional: true,
  read(r) {
    if (r.pos === r.end) return undefined
    const places = meterPlaces.read(r)
    r.take(4)
    return places
  },
  write(w, places) {
    if (places === undefined) return
    meterPlaces.write(w, places)
    w.take(4)
  },
}

/** OF 1.5.1 7.3.5.14. */
export const meterFeaturesReply = part('meter_features', 11, { ...meterFeatureFields, features })
