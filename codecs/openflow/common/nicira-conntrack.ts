/** Forgetting tracked connections: Open vSwitch nicira-ext, NXT_CT_FLUSH_ZONE and, since 3.1, NXT_CT_FLUSH. */
import type { Codec } from '../wire/codec.ts'
import { untilEnd } from '../wire/lists.ts'
import { pad, u16, u32, u8, withDefault } from '../wire/scalars.ts'
import { propertyRules, type TlvIn, type TlvOut, variant } from '../wire/tlv.ts'
import { tlvUnion } from '../wire/tlv-union.ts'
import { filling } from './lifted.ts'
import { niciraMessage } from './nicira-places.ts'

/** Every connection of the zone. */
export const nxCtFlushZone = niciraMessage('nx_ct_flush_zone', 29, { _: pad(6), zone: u16 })

const u128: Codec<bigint> = { read: (r) => r.u128(), write: (w, value) => w.u128(value) }

/** Numbers of 16 bits have two bytes of padding that the length counts. */
const paddedU16 = filling(u16, 2)

/** IPv4 addresses are in their IPv6 form, `::ffff:a.b.c.d`. */
const tupleVariants = [
  variant('src', 0, { address: u128 }),
  variant('dst', 1, { address: u128 }),
  variant('src_port', 2, { port: paddedU16 }),
  variant('dst_port', 3, { port: paddedU16 }),
  variant('icmp_id', 4, { id: paddedU16 }),
  variant('icmp_type', 5, { icmpType: filling(u8) }),
  variant('icmp_code', 6, { icmpCode: filling(u8) }),
] as const

export type ConnectionTupleProperty = TlvOut<(typeof tupleVariants)[number]>
export type ConnectionTuplePropertyInput = TlvIn<(typeof tupleVariants)[number]>

const tuple = { _: pad(4), properties: untilEnd(tlvUnion(tupleVariants, propertyRules)) } as const

/** Mark and labels, which chose connections only after 3.1, are of all bits where no mask follows. */
const flushVariants = [
  variant('orig_tuple', 0, tuple),
  variant('reply_tuple', 1, tuple),
  variant('zone', 2, { zone: paddedU16 }),
  variant('mark', 3, { mark: u32 }),
  variant('mark_mask', 4, { mask: u32 }),
  variant('labels', 5, { labels: u128 }),
  variant('labels_mask', 6, { mask: u128 }),
] as const

/** The connections that have all this. */
export const nxCtFlush = niciraMessage('nx_ct_flush', 32, {
  ipProto: withDefault(u8, 0),
  _: pad(7),
  properties: withDefault(untilEnd(tlvUnion(flushVariants, propertyRules)), []),
})
