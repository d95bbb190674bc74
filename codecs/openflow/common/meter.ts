/** Meters: the meter-mod, and what the switch tells of meters: configuration, counters and features. */
import { ownLength, sized, untilEnd } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { part } from '../wire/multipart.ts'
import { enumOf, flagsOf, pad, rest, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'
import { type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { allMeters } from './names.ts'

/** OF 1.3.5 7.3.4.5. */
export const bandVariants = [
  variant('drop', 1, { rate: u32, burstSize: withDefault(u32, 0), _: pad(4) }),
  variant('dscp_remark', 2, { rate: u32, burstSize: withDefault(u32, 0), precLevel: u8, _: pad(3) }),
  variant('experimenter_band', 0xffff, {
    rate: u32,
    burstSize: withDefault(u32, 0),
    experimenter: u32,
    body: rest,
  }),
] as const

export type MeterBand = TlvOut<(typeof bandVariants)[number]>
export type MeterBandInput = TlvIn<(typeof bandVariants)[number]>

export const meterBands = untilEnd(
  tlvUnion(bandVariants, { align: 8, lengthCountsPadding: true, subtypeBits: 32 }),
)

const meterBits = { kbps: 0, pktps: 1, burst: 2, stats: 3 } as const
export const meterFlags = flagsOf(u16, meterBits)

/** OF 1.3.5 7.3.4.5. */
export const meterMod = message('meter_mod', 29, {
  command: enumOf(u16, { add: 0, modify: 1, delete: 2 }),
  flags: withDefault(meterFlags, []),
  meterId: u32,
  bands: withDefault(meterBands, []),
})

/** OF 1.3.5 7.3.5.12 to 7.3.5.14. */
export const meterRequest = part('meter', 9, { meterId: withDefault(u32, allMeters), _: pad(4) })
export const meterConfigRequest = part('meter_config', 10, {
  meterId: withDefault(u32, allMeters),
  _: pad(4),
})
export const meterFeaturesRequest = part('meter_features', 11, {})

const meterCounters = sized(
  struct({
    meterId: u32,
    length: ownLength,
    _: pad(6),
    /** 1.5 calls it a count of references. */
    flowCount: u32,
    packetInCount: u64,
    byteInCount: u64,
    durationS: u32,
    durationNs: u32,
    bands: untilEnd(struct({ packetBandCount: u64, byteBandCount: u64 })),
  }),
)
export const meterReply = part('meter', 9, { entries: untilEnd(meterCounters) })

const meterConfig = sized(
  struct({ length: ownLength, flags: meterFlags, meterId: u32, bands: withDefault(meterBands, []) }),
)
/** 1.5 calls it the meters' description. */
export const meterConfigReply = part('meter_config', 10, { entries: untilEnd(meterConfig) })

export const meterFeatureFields = {
  maxMeter: u32,
  /** The types' numbers are the bits. */
  bandTypes: flagsOf(u32, { drop: 1, dscp_remark: 2 }),
  capabilities: flagsOf(u32, meterBits),
  maxBands: u8,
  maxColor: u8,
  _: pad(2),
} as const

/** Where meters may stand, from 1.5 on. */
export const meterPlaces = flagsOf(u32, { action_set: 0, any_position: 1, multi_list: 2 })

export const meterFeaturesReply = part('meter_features', 11, {
  ...meterFeatureFields,
  features: unavailable<typeof meterPlaces>(),
})
