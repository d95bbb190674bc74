/** Big-endian numbers inside a packet. Bytes beyond its end read as zeros, so nothing here can throw. */

export const u8 = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0

export const u16 = (bytes: Uint8Array, at: number): number => u8(bytes, at) * 0x100 + u8(bytes, at + 1)

export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x1_0000 + u16(bytes, at + 2)

export const u48 = (bytes: Uint8Array, at: number): number =>
  u16(bytes, at) * 0x1_0000_0000 + u32(bytes, at + 2)

export const u128 = (bytes: Uint8Array, at: number): bigint =>
  [0, 4, 8, 12].reduce((value, offset) => (value << 32n) | BigInt(u32(bytes, at + offset)), 0n)
