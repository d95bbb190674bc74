/** Messages written by hand: hex in, hex out, with spaces allowed. Nothing here knows the codec under test. */
export const u8 = (value: number): string => value.toString(16).padStart(2, '0')
export const u16 = (value: number): string => value.toString(16).padStart(4, '0')
export const u32 = (value: number): string => value.toString(16).padStart(8, '0')
export const zeros = (bytes: number): string => '00'.repeat(bytes)
export const ascii = (text: string): string => Buffer.from(text).toString('hex')

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex')
const sizeOf = (hex: string): number => bytesOf(hex).length

/** A whole message: the header's length follows from the body. */
export const message = (minor: number, type: number, xid: number, body: string): Buffer =>
  bytesOf(`${u8(minor + 1)} ${u8(type)} ${u16(8 + sizeOf(body))} ${u32(xid)} ${body}`)

/** Something that opens with a 16-bit type and its own 16-bit length, without padding behind it. */
export const tlv = (type: number, body: string): string => `${u16(type)} ${u16(4 + sizeOf(body))} ${body} `

/** The same, padded to 8 bytes; the length leaves the padding out. */
export const paddedTlv = (type: number, body: string): string =>
  `${tlv(type, body)} ${zeros((8 - ((4 + sizeOf(body)) % 8)) % 8)} `

export const nicira = '00002320'
export const onf = '4f4e4600'
