/** LLDP data units (IEEE 802.1AB): the three mandatory TLVs as fields, organisations' own TLVs, the others as bytes. */
import { ByteReader, ByteWriter, fits, PacketError } from './bytes.ts'

/** Nearest bridge: no IEEE 802.1 bridge forwards it, so who hears it is on the same cable. */
export const LLDP_MULTICAST = 0x0180c200000e

/** Subtypes of chassis and port ids that we write: text of our own choosing. */
export const CHASSIS_ID_LOCAL = 7
export const PORT_ID_LOCAL = 7

export interface LldpId {
  readonly subtype: number
  /** 1 to 255 bytes. */
  readonly id: Uint8Array
}

export type LldpTlv =
  | {
      readonly type: 'organisation'
      /** 24 bits. */
      readonly oui: number
      readonly subtype: number
      /** At most 507 bytes. */
      readonly value: Uint8Array
    }
  | { readonly type: 'opaque'; readonly tlvType: number; readonly value: Uint8Array }

export interface Lldp {
  readonly chassisId: LldpId
  readonly portId: LldpId
  readonly ttlS: number
  /** In the order sent. */
  readonly tlvs: readonly LldpTlv[]
}

const END = 0
const CHASSIS_ID = 1
const PORT_ID = 2
const TTL = 3
const ORGANISATION = 127

/** Bytes after the end TLV are padding; a unit that simply stops at a TLV's end is accepted, as the standard's 2016 edition does. */
export function readLldp(bytes: Uint8Array): Lldp {
  const reader = new ByteReader(bytes)
  const chassisId = readId(mandatory(reader, CHASSIS_ID, 'lldp.chassis_id'), 'lldp.chassis_id')
  const portId = readId(mandatory(reader, PORT_ID, 'lldp.port_id'), 'lldp.port_id')
  const ttlS = new ByteReader(mandatory(reader, TTL, 'lldp.ttl')).u16('lldp.ttl')
  const tlvs: LldpTlv[] = []
  while (reader.left > 0) {
    const at = reader.at
    const { tlvType, value } = readTlv(reader, 'lldp.tlv')
    if (tlvType === END) break
    if (tlvType <= TTL) throw new PacketError('value', 'lldp.tlv', at)
    tlvs.push(tlvType === ORGANISATION ? readOrganisation(value) : { type: 'opaque', tlvType, value })
  }
  return { chassisId, portId, ttlS, tlvs }
}

function readTlv(reader: ByteReader, field: string): { tlvType: number; value: Uint8Array } {
  const head = reader.u16(field)
  return { tlvType: head >> 9, value: reader.take(head & 0x1ff, field) }
}

function mandatory(reader: ByteReader, wanted: number, field: string): Uint8Array {
  const at = reader.at
  const { tlvType, value } = readTlv(reader, field)
  if (tlvType !== wanted) throw new PacketError('value', field, at)
  return value
}

function readId(value: Uint8Array, field: string): LldpId {
  const reader = new ByteReader(value)
  const subtype = reader.u8(field)
  if (reader.left < 1 || reader.left > 255) throw new PacketError('length', field, 0)
  return { subtype, id: reader.rest() }
}

function readOrganisation(value: Uint8Array): LldpTlv {
  const reader = new ByteReader(value)
  const head = reader.u32('lldp.organisation')
  return { type: 'organisation', oui: head >>> 8, subtype: head & 0xff, value: reader.rest() }
}

export function writeLldp(lldp: Lldp): Uint8Array {
  const ttl = new ByteWriter(2).u16(lldp.ttlS, 'lldp.ttl').bytes
  const tlvs = [
    writeTlv(CHASSIS_ID, writeId(lldp.chassisId, 'lldp.chassis_id')),
    writeTlv(PORT_ID, writeId(lldp.portId, 'lldp.port_id')),
    writeTlv(TTL, ttl),
    ...lldp.tlvs.map((tlv) =>
      tlv.type === 'opaque'
        ? writeTlv(tlv.tlvType, tlv.value)
        : writeTlv(ORGANISATION, writeOrganisation(tlv)),
    ),
    writeTlv(END, new Uint8Array()),
  ]
  const writer = new ByteWriter(tlvs.reduce((sum, tlv) => sum + tlv.length, 0))
  for (const tlv of tlvs) writer.raw(tlv)
  return writer.bytes
}

function writeTlv(tlvType: number, value: Uint8Array): Uint8Array {
  const length = fits(value.length, 9, 'lldp.tlv_length')
  const head = (fits(tlvType, 7, 'lldp.tlv_type') << 9) | length
  return new ByteWriter(2 + length).u16(head, 'lldp.tlv').raw(value).bytes
}

function writeId({ subtype, id }: LldpId, field: string): Uint8Array {
  if (id.length < 1 || id.length > 255) throw new PacketError('length', field, 0)
  return new ByteWriter(1 + id.length).u8(subtype, field).raw(id).bytes
}

function writeOrganisation(tlv: Extract<LldpTlv, { type: 'organisation' }>): Uint8Array {
  const oui = fits(tlv.oui, 24, 'lldp.oui')
  const head = oui * 0x100 + fits(tlv.subtype, 8, 'lldp.subtype')
  return new ByteWriter(4 + tlv.value.length).u32(head, 'lldp.organisation').raw(tlv.value).bytes
}
