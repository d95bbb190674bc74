/** Hexadecimal text to a message and back, for tests that show bytes next to values. */
import assert from 'node:assert/strict'
import { decode, encode, type Message, type MessageInput } from 'ts-openflow'
import { hexOf } from './vectors.ts'

export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replace(/\s+/g, ''), 'hex'))

/** A whole message, xid 1, of what follows the header. */
export function framed(version: number, code: number, body: string): string {
  const length = 8 + body.replace(/\s+/g, '').length / 2
  const number = (value: number, size: number): string => value.toString(16).padStart(2 * size, '0')
  return `${number(version, 1)}${number(code, 1)}${number(length, 2)}00000001${body.replace(/\s+/g, '')}`
}

/** Nicira's message of this number. */
export const nicira = (version: number, subtype: number, body: string): string =>
  framed(version, 4, `00002320 ${subtype.toString(16).padStart(8, '0')} ${body}`)

/** The bytes read as this value, and the value is written as these bytes. */
export function same(hex: string, value: Readonly<Record<string, unknown>>): Message {
  const message = decode(bytes(hex))
  assert.deepEqual(message, value)
  assert.equal(hexOf(encode(value as unknown as MessageInput)), hex.replace(/\s+/g, ''))
  return message
}

/** The value but for one of its fields. */
export function without<T extends object, K extends keyof T & string>(value: T, field: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field)) as Omit<T, K>
}
