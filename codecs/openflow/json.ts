/**
 * Messages as JSON: what JSON has no form for gets one, and comes back as it was. Bigints are hexadecimal strings
 * (`"0x2a"`), byte strings objects (`{ "hex": "0102" }`), and text that could be taken for a number `{ "text": "0x2a" }`.
 */
import type { Message, MessageInput } from './message.ts'
import { hexBytes } from './text/generic.ts'
import { EncodeError, within } from './wire/errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const bigintPattern = /^0x[0-9a-f]+$/
const hexPattern = /^(?:[0-9a-f]{2})*$/

export function toJson(message: Message | MessageInput): Json {
  return jsonOf(message)
}

function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  if (typeof value === 'string') return value.startsWith('0x') ? { text: value } : value
  if (value instanceof Uint8Array) return { hex: hexBytes(value) }
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .map(([name, field]) => [name, jsonOf(field)]),
    )
  }
  return value as number
}

/**
 * The message of what `toJson` gave, or of JSON that a person wrote in the same form. Only the form is looked at here;
 * `encode` says whether it is a message.
 * @throws EncodeError
 */
export function fromJson(json: unknown): MessageInput {
  const value = valueOf(json)
  if (typeof value === 'object' && value !== null && 'type' in value) return value as MessageInput
  throw new EncodeError('INVALID', 'a message is an object with a type')
}

function valueOf(json: unknown): unknown {
  if (typeof json === 'string') return bigintPattern.test(json) ? BigInt(json) : json
  if (Array.isArray(json)) return json.map((item, index) => inside(`[${index}]`, item))
  if (typeof json !== 'object' || json === null) return json
  const [name, ...more] = Object.keys(json)
  if (more.length === 0 && name === 'hex') return bytesOf((json as { hex: unknown }).hex)
  if (more.length === 0 && name === 'text') return (json as { text: unknown }).text
  return Object.fromEntries(Object.entries(json).map(([key, field]) => [key, inside(key, field)]))
}

function inside(segment: string, json: unknown): unknown {
  try {
    return valueOf(json)
  } catch (error) {
    throw within(error, segment)
  }
}

function bytesOf(hex: unknown): Uint8Array {
  if (typeof hex !== 'string' || !hexPattern.test(hex))
    throw new EncodeError('INVALID', 'bytes are pairs of lower-case hexadecimal digits')
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  )
}
