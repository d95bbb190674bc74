/** Lines of meters: how they change, what they are, what went through them, what the switch can do with them. */
import type { MeterBand } from '../../common/meter.ts'
import { allMeters } from '../../common/names.ts'
import { durationText, flagWords } from './words.ts'

const virtual: ReadonlyMap<number, string> = new Map([
  [allMeters, 'all'],
  [0xffff_fffe, 'controller'],
  [0xffff_fffd, 'slowpath'],
])

export const meterName = (meterId: number): string => virtual.get(meterId) ?? String(meterId)

interface Meter {
  readonly meterId: number
  readonly flags: readonly string[]
  readonly bands: readonly MeterBand[]
}

function bandText(band: MeterBand, withBurst: boolean): string {
  const {
    rate = 0,
    burstSize = 0,
    precLevel,
  } = band as { rate?: number; burstSize?: number; precLevel?: number }
  const type = band.type === 'drop' || band.type === 'dscp_remark' ? band.type : '0xffff'
  return [
    `type=${type}`,
    `rate=${rate}`,
    ...(withBurst ? [`burst_size=${burstSize}`] : []),
    ...(precLevel === undefined ? [] : [`prec_level=${precLevel}`]),
  ].join(' ')
}

/** Every band has a line. */
function meterText({ meterId, flags, bands }: Meter): string {
  const shown = flags.length === 0 ? '' : `${flagWords(flags)} `
  const lines = bands.map((one) => `\n${bandText(one, flags.includes('burst'))}`)
  return `meter=${meterName(meterId)} ${shown}bands=${lines.join('')}`
}

const commandWords: Readonly<Record<string, string>> = { add: 'ADD', modify: 'MOD', delete: 'DEL' }

export const meterMod = (message: Meter & { readonly command: string }): string =>
  ` ${commandWords[message.command] ?? message.command} ${meterText(message)}`

export const meterConfigs = ({ entries }: { readonly entries: readonly Meter[] }): string =>
  entries.map((one) => `\n${meterText(one)}`).join('\n')

interface MeterStats {
  readonly meterId: number
  readonly flowCount: number
  readonly packetInCount: bigint
  readonly byteInCount: bigint
  readonly durationS: number
  readonly durationNs: number
  readonly bands: readonly { readonly packetBandCount: bigint; readonly byteBandCount: bigint }[]
}

function statsText({
  meterId,
  flowCount,
  packetInCount,
  byteInCount,
  durationS,
  durationNs,
  bands,
}: MeterStats): string {
  const head =
    `meter:${meterName(meterId)} flow_count:${flowCount} packet_in_count:${packetInCount} ` +
    `byte_in_count:${byteInCount} duration:${durationText(durationS, durationNs)} bands:`
  const lines = bands.map(
    (one, index) => `\n${index}: packet_count:${one.packetBandCount} byte_count:${one.byteBandCount}`,
  )
  return head + lines.join('')
}

export const meterStats = ({ entries }: { readonly entries: readonly MeterStats[] }): string =>
  entries.map((one) => `\n${statsText(one)}`).join('\n')

interface MeterFeatures {
  readonly maxMeter: number
  readonly bandTypes: readonly string[]
  readonly capabilities: readonly string[]
  readonly maxBands: number
  readonly maxColor: number
}

export const meterFeatures = ({
  maxMeter,
  bandTypes,
  capabilities,
  maxBands,
  maxColor,
}: MeterFeatures): string =>
  `\nmax_meter:${maxMeter} max_bands:${maxBands} max_color:${maxColor}` +
  `\nband_types: ${flagWords(bandTypes)}\ncapabilities: ${flagWords(capabilities)}`
