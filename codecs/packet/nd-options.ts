/** Options of neighbour discovery messages (RFC 4861 section 4.6). */
import { ByteReader, ByteWriter, PacketError } from './bytes.ts'

export type NdOption =
  | { readonly type: 'source_link_layer' | 'target_link_layer'; readonly mac: number }
  | {
      readonly type: 'prefix'
      readonly prefixLength: number
      readonly onLink: boolean
      readonly autonomous: boolean
      readonly validS: number
      readonly preferredS: number
      readonly prefix: bigint
    }
  | { readonly type: 'mtu'; readonly mtu: number }
  /** An option that we do not take apart; `body` follows the length. */
  | { readonly type: 'opaque'; readonly optionType: number; readonly body: Uint8Array }

const SOURCE_LINK_LAYER = 1
const TARGET_LINK_LAYER = 2
const PREFIX = 3
const MTU = 5

/** @throws PacketError `length` for an option of length zero, which RFC 4861 says must be discarded with its packet. */
export function readNdOptions(bytes: Uint8Array): NdOption[] {
  const reader = new ByteReader(bytes)
  const options: NdOption[] = []
  while (reader.left > 0) {
    const at = reader.at
    const optionType = reader.u8('nd_option.type')
    const length = reader.u8('nd_option.length') * 8
    if (length === 0) throw new PacketError('length', 'nd_option.length', at + 1)
    options.push(readOption(optionType, reader.take(length - 2, 'nd_option.body')))
  }
  return options
}

function readOption(optionType: number, body: Uint8Array): NdOption {
  const reader = new ByteReader(body)
  if (body.length === 6 && (optionType === SOURCE_LINK_LAYER || optionType === TARGET_LINK_LAYER)) {
    const type = optionType === SOURCE_LINK_LAYER ? 'source_link_layer' : 'target_link_layer'
    return { type, mac: reader.u48('nd_option.link_layer') }
  }
  if (body.length === 6 && optionType === MTU) {
    reader.u16('nd_option.reserved')
    return { type: 'mtu', mtu: reader.u32('nd_option.mtu') }
  }
  if (body.length === 30 && optionType === PREFIX) {
    const prefixLength = reader.u8('nd_option.prefix_length')
    const flags = reader.u8('nd_option.flags')
    const validS = reader.u32('nd_option.valid')
    const preferredS = reader.u32('nd_option.preferred')
    reader.u32('nd_option.reserved')
    const prefix = reader.u128('nd_option.prefix')
    const onLink = (flags & 0x80) !== 0
    return {
      type: 'prefix',
      prefixLength,
      onLink,
      autonomous: (flags & 0x40) !== 0,
      validS,
      preferredS,
      prefix,
    }
  }
  return { type: 'opaque', optionType, body }
}

export function writeNdOptions(options: readonly NdOption[]): Uint8Array {
  const parts = options.map(writeOption)
  const writer = new ByteWriter(parts.reduce((sum, part) => sum + part.length, 0))
  for (const part of parts) writer.raw(part)
  return writer.bytes
}

function writeOption(option: NdOption): Uint8Array {
  switch (option.type) {
    case 'source_link_layer':
      return framed(SOURCE_LINK_LAYER, new ByteWriter(6).u48(option.mac, 'nd_option.link_layer').bytes)
    case 'target_link_layer':
      return framed(TARGET_LINK_LAYER, new ByteWriter(6).u48(option.mac, 'nd_option.link_layer').bytes)
    case 'mtu':
      return framed(
        MTU,
        new ByteWriter(6).u16(0, 'nd_option.reserved').u32(option.mtu, 'nd_option.mtu').bytes,
      )
    case 'prefix': {
      const flags = (option.onLink ? 0x80 : 0) | (option.autonomous ? 0x40 : 0)
      const writer = new ByteWriter(30).u8(option.prefixLength, 'nd_option.prefix_length')
      writer.u8(flags, 'nd_option.flags').u32(option.validS, 'nd_option.valid')
      writer.u32(option.preferredS, 'nd_option.preferred').u32(0, 'nd_option.reserved')
      return framed(PREFIX, writer.u128(option.prefix, 'nd_option.prefix').bytes)
    }
    case 'opaque':
      return framed(option.optionType, option.body)
  }
}

function framed(optionType: number, body: Uint8Array): Uint8Array {
  const length = body.length + 2
  if (length % 8 !== 0) throw new PacketError('length', 'nd_option.length', 1)
  const writer = new ByteWriter(length).u8(optionType, 'nd_option.type').u8(length / 8, 'nd_option.length')
  return writer.raw(body).bytes
}
