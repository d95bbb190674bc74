/** Text of a property, as long as the property says. Bytes that are not UTF-8 leave the property as bytes. */
import { EncodeError } from '../wire/errors.ts'
import { keepRaw } from '../wire/tlv.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const loneSurrogate = /[\ud800-\udfff]/u

export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw keepRaw
  }
}

export function utf8Of(text: string): Uint8Array {
  if (loneSurrogate.test(text)) throw new EncodeError('INVALID', 'the text has half a character')
  return encoder.encode(text)
}
