/** Meters: the meter-mod, and the bands it shares with the multipart replies. */
import { message } from '../wire/message.ts'
import { untilEnd } from '../wire/lists.ts'
import { enumOf, flagsOf, pad, rest, u16, u32, u8, withDefault } from '../wire/scalars.ts'
import { type TlvIn, type TlvOut, tlvUnion, variant } from '../wire/tlv.ts'

const bandVariants = [
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

export const meterFlags = flagsOf(u16, { kbps: 0, pktps: 1, burst: 2, stats: 3 })

export const meterMod = message('meter_mod', 29, {
  command: enumOf(u16, { add: 0, modify: 1, delete: 2 }),
  flags: withDefault(meterFlags, []),
  meterId: u32,
  bands: withDefault(meterBands, []),
})
