/**
 * Counters of ports that Open vSwitch adds in 1.4 and later, as properties of Intel's (Open vSwitch intel-ext): packets
 * by size as RFC 2819 counts them, and whatever else a port's driver counts.
 */
import { textOf, utf8Of } from '../common/utf8.ts'
import type { Codec } from '../wire/codec.ts'
import { within } from '../wire/errors.ts'
import { pad, u64 } from '../wire/scalars.ts'
import { extension } from '../wire/tlv.ts'

const intelId = 0x0000_aa01

export const intelPortStats = extension(
  'intel_rfc2819',
  { experimenter: intelId, subtype: 1 },
  {
    _: pad(4),
    rx1To64Packets: u64,
    rx65To127Packets: u64,
    rx128To255Packets: u64,
    rx256To511Packets: u64,
    rx512To1023Packets: u64,
    rx1024To1522Packets: u64,
    rx1523ToMaxPackets: u64,
    tx1To64Packets: u64,
    tx65To127Packets: u64,
    tx128To255Packets: u64,
    tx256To511Packets: u64,
    tx512To1023Packets: u64,
    tx1024To1522Packets: u64,
    tx1523ToMaxPackets: u64,
    txMulticastPackets: u64,
    rxBroadcastPackets: u64,
    txBroadcastPackets: u64,
    rxUndersizedErrors: u64,
    rxOversizeErrors: u64,
    rxFragmentedErrors: u64,
    rxJabberErrors: u64,
  },
)

export interface CustomCounter {
  readonly name: string
  readonly value: bigint
}

/** Their number, and then each with the length of its name in front; names that are not UTF-8 leave it all as bytes. */
const counters: Codec<readonly CustomCounter[]> = {
  read: (r) => Array.from({ length: r.u16() }, () => ({ name: textOf(r.view8(r.u8())), value: r.u64() })),
  write(w, list) {
    w.u16(list.length)
    list.forEach(({ name, value }, index) => {
      try {
        const bytes = utf8Of(name)
        w.u8(bytes.length)
        w.raw(bytes)
        w.u64(value)
      } catch (error) {
        throw within(error, `[${index}]`)
      }
    })
  },
}

export const intelCustomStats = extension(
  'intel_custom',
  { experimenter: intelId, subtype: 2 },
  { _: pad(2), counters },
)
