/** Random numbers of every width that the wire has. */
import fc from 'fast-check'

export const number = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max })
export const u8 = number(0xff)
export const u16 = number(0xffff)
export const u32 = number(0xffff_ffff)
export const u48 = number(2 ** 48 - 1)
export const u64 = fc.bigInt(0n, 2n ** 64n - 1n)
export const u128 = fc.bigInt(0n, 2n ** 128n - 1n)

/** Ports of 16 bits read as those of 32, reserved ones at the end. */
export const port16 = u16.map((port) => (port >= 0xff00 ? 0xffff_0000 + port : port))

export const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength })
