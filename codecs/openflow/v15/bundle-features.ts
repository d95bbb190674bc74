/** What a switch can do with bundles, scheduling above all (OpenFlow 1.5). */
import { bundleFlags, time } from '../common/bundle.ts'
import { untilEnd } from '../wire/lists.ts'
import { part } from '../wire/multipart.ts'
import { flagsOf, pad, u32, withDefault } from '../wire/scalars.ts'
import { propertyRules, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'

const properties = untilEnd(
  tlvUnion(
    [
      variant('time', 1, {
        _: pad(4),
        schedAccuracy: time,
        schedMaxFuture: time,
        schedMaxPast: time,
        timestamp: time,
      }),
    ],
    propertyRules,
  ),
)

/** OF 1.5.1 7.3.5.21. `timestamp` and `time_set_sched` say which times of the property count. */
export const bundleFeaturesRequest = part('bundle_features', 19, {
  featureRequestFlags: withDefault(flagsOf(u32, { timestamp: 0, time_set_sched: 1 }), []),
  _: pad(4),
  properties: withDefault(properties, []),
})
export const bundleFeaturesReply = part('bundle_features', 19, {
  capabilities: bundleFlags,
  _: pad(6),
  properties: withDefault(properties, []),
})
