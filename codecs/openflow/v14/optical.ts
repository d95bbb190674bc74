/**
 * Optical ports, as properties of ports, port changes and counters (OF 1.4.1 7.2.1). Tuning is a frequency in MHz where
 * the port has `use_freq`, else a wavelength in hundredths of a nanometre.
 */
import type { Codec, Layout } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import { flagsOf, pad, u16, u32 } from '../wire/scalars.ts'
import { variant } from '../wire/tlv.ts'

/** A signed number of 32 bits. */
const i32: Codec<number> & { readonly layout: Layout } = {
  read: (r) => r.u32() | 0,
  write: (w, value) => w.u32(unsigned(value)),
  layout: { kind: 'u32', size: 4, toValue: (raw) => raw | 0, toNumber: unsigned },
}

function unsigned(value: number): number {
  if ((value | 0) !== value) throw new EncodeError('RANGE', `${value} does not fit 32 signed bits`)
  return value >>> 0
}

const opticalFeatures = flagsOf(u32, { rx_tune: 0, tx_tune: 1, tx_pwr: 2, use_freq: 3 })

/** Powers are tenths of a dBm. */
export const opticalPort = variant('optical', 1, {
  _: pad(4),
  supported: opticalFeatures,
  txMinFreqLmda: u32,
  txMaxFreqLmda: u32,
  txGridFreqLmda: u32,
  rxMinFreqLmda: u32,
  rxMaxFreqLmda: u32,
  rxGridFreqLmda: u32,
  txPwrMin: u16,
  txPwrMax: u16,
})

export const opticalPortMod = variant('optical', 1, {
  configure: opticalFeatures,
  freqLmda: u32,
  flOffset: i32,
  gridSpan: u32,
  txPwr: u32,
})

/** Bias current is tenths of a mA, temperature tenths of a degree Celsius. */
export const opticalPortStats = variant('optical', 1, {
  _: pad(4),
  flags: flagsOf(u32, { rx_tune: 0, tx_tune: 1, tx_pwr: 2, rx_pwr: 4, tx_bias: 5, tx_temp: 6 }),
  txFreqLmda: u32,
  txOffset: u32,
  txGridSpan: u32,
  rxFreqLmda: u32,
  rxOffset: u32,
  rxGridSpan: u32,
  txPwr: u16,
  rxPwr: u16,
  biasCurrent: u16,
  temperature: u16,
})
