/** What the tests of messages share: bytes and value are each other's, and what a version cannot carry is refused. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, EncodeError, type MessageInput } from 'ts-openflow'
import { vectors } from '../support/vectors.ts'

const ryu: ReadonlyMap<string, string> = new Map(vectors.map((one) => [one.file, one.hex]))

export const hex = (digits: string): Uint8Array =>
  new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))

/** What stands at the end of most lists of properties in Ryu's messages. */
export const experimenters = [
  { type: 'experimenter', experimenter: 101, body: hex('00000000') },
  { type: 'experimenter', experimenter: 101, body: hex('00000001 00000001') },
  { type: 'experimenter', experimenter: 101, body: hex('00000002 00000001 00000002') },
] as const

/** `title` names one of Ryu's messages, or says what the message in hexadecimal digits is. */
export function exactly(title: string, value: MessageInput, digits = ryu.get(title)): void {
  test(title, () => {
    assert.ok(digits !== undefined)
    const bytes = hex(digits)
    assert.deepEqual(decode(bytes), value)
    assert.deepEqual(new Uint8Array(encode(value)), bytes)
  })
}

/** `value` is not typed: much of what is refused here could not be written in TypeScript. */
export function refused(why: string, value: object, path: string): void {
  test(`refused: ${why}`, () => {
    assert.throws(
      () => encode(value as MessageInput),
      (error) => {
        assert.ok(error instanceof EncodeError, String(error))
        assert.deepEqual({ code: error.code, path: error.path }, { code: 'VERSION', path }, error.message)
        return true
      },
    )
  })
}
