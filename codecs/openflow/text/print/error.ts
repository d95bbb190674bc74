/** The line of an error: its name, and the message that was refused. */
import { ovsErrorName } from '../../common/error-names.ts'
import { decode, type ErrorMessage, type Message } from '../../message.ts'
import { hexDump } from './words.ts'

const headerLength = 8

/** Letters as they are, the rest in C's way; up to the end of the text. */
function printable(data: Uint8Array): string {
  return Array.from(data, (byte) => {
    if (byte === 0x5c || byte === 0x22) return `\\${String.fromCharCode(byte)}`
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
    const short: Readonly<Record<number, string>> = {
      7: '\\a',
      8: '\\b',
      9: '\\t',
      10: '\\n',
      11: '\\v',
      12: '\\f',
      13: '\\r',
    }
    return short[byte] ?? `\\${byte.toString(8).padStart(3, '0')}`
  }).join('')
}

/** What was refused, as far as the error carries it. */
function refused(data: Uint8Array, print: (message: Message) => string): string {
  if (data.length === 0) return 'OpenFlow message is empty'
  if (data.length < headerLength)
    return `OpenFlow packet too short (only ${data.length} bytes):\n${hexDump(data)}`
  const length = ((data[2] ?? 0) << 8) | (data[3] ?? 0)
  try {
    if (length > data.length) return truncated(data, length, print)
    return print(decode(data.subarray(0, length)))
  } catch {
    return hexDump(data)
  }
}

/** Of a message that was cut off only the title is known. */
function truncated(data: Uint8Array, length: number, print: (message: Message) => string): string {
  const head = data.slice(0, headerLength)
  head[3] = headerLength
  head[2] = 0
  const title = titleOf(data, head, print)
  return `${title}\n(***truncated to ${data.length} bytes from ${length}***)\n${hexDump(data)}`
}

function titleOf(data: Uint8Array, head: Uint8Array, print: (message: Message) => string): string {
  const whole = new Uint8Array(data.length)
  whole.set(data)
  new DataView(whole.buffer).setUint16(2, data.length)
  try {
    return `${print(decode(whole)).split(':')[0] ?? ''}:`
  } catch {
    return `${print({ type: 'unknown', version: head[0] ?? 0, xid: new DataView(data.buffer, data.byteOffset).getUint32(4), code: head[1] ?? 0, body: new Uint8Array(0) }).split(':')[0] ?? ''}:`
  }
}

export function error({ errorType, code, data }: ErrorMessage, print: (message: Message) => string): string {
  const name =
    typeof code === 'string' ? ovsErrorName(code) : `***decode error: type ${errorType}, code ${code}***`
  if (errorType === 'OFPET_HELLO_FAILED') return ` ${name}\n${printable(data)}`
  return ` ${name}\n${refused(data, print)}`
}
