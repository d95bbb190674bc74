/** What was seen, message by message: the stream is cut by the length in the header and nothing else is understood. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isMiddlePart, shorten } from './shorten.ts'

export type Side = 'controller' | 'switch'

interface Seen {
  readonly label: string
  /** Of the session: the header's may be one that does not exist. */
  readonly minor: number
  readonly from: Side
  readonly bytes: Buffer
}

export interface Line {
  readonly name: string
  readonly version: string
  readonly from: Side
  readonly hex: string
  readonly print: string
}

/** Cuts a byte stream into OpenFlow messages. */
export class Cutter {
  #rest = Buffer.alloc(0)

  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const messages: Buffer[] = []
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUInt16BE(2)
      if (length < 8) throw new Error(`a message of ${length} bytes`)
      if (this.#rest.length < length) break
      messages.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
    }
    return messages
  }
}

const experimenter = 4

/**
 * Messages in the order seen, each once: the same bytes but for the transaction id are the same message. From 1.1 on most
 * bodies are alike in several versions: every version keeps the first of a kind unless it is an extension's, the rest are kept in one version only.
 */
export class Recording {
  /** What the scenario is doing; a connection may hold on to the label it began with. */
  label = 'start'
  /** A scenario that sends more than is worth keeping says what to keep. */
  wanted: (bytes: Buffer, from: Side) => boolean = () => true
  readonly #seen: Seen[] = []
  readonly #known = new Set<string>()

  add(message: Seen): void {
    if (isMiddlePart(message.bytes) || !this.wanted(message.bytes, message.from)) return
    const bytes = Buffer.from(shorten(message.bytes))
    const withVersion = `${message.from} ${bytes.toString('hex', 0, 4)} ${bytes.toString('hex', 8)}`
    if (this.#known.has(withVersion)) return
    const isOpenFlow10 = bytes.readUInt8(0) === 1
    const body = `${message.from} ${isOpenFlow10} ${bytes.toString('hex', 1, 4)} ${bytes.toString('hex', 8)}`
    const kind = `${message.from} ${kindOf(bytes)}`
    const isRepeated = this.#known.has(body) && (this.#known.has(kind) || bytes.readUInt8(1) === experimenter)
    if (isRepeated) return
    this.#known.add(withVersion).add(body).add(kind)
    this.#seen.push({ ...message, bytes })
  }

  get size(): number {
    return this.#seen.length
  }

  async lines(): Promise<Line[]> {
    const names = new Map<string, number>()
    const lines: Line[] = []
    for (let start = 0; start < this.#seen.length; start += 8) {
      const some = this.#seen.slice(start, start + 8)
      const prints = await Promise.all(some.map(({ bytes }) => print(bytes.toString('hex'))))
      some.forEach(({ label, minor, from, bytes }, index) => {
        const text = prints[index] ?? ''
        const header = bytes.readUInt8(0)
        const version = header >= 1 && header <= 6 ? header - 1 : minor
        const name = `of1${version}-${kebab(label)}-${typeOf(text)}`
        const count = (names.get(name) ?? 0) + 1
        names.set(name, count)
        lines.push({
          name: count === 1 ? name : `${name}-${count}`,
          version: `1.${version}`,
          from,
          hex: bytes.toString('hex'),
          print: text,
        })
      })
    }
    return lines
  }
}

/** The version and type, and the number that says which of the many messages of that type it is. */
function kindOf(bytes: Buffer): string {
  const isMultipart = [16, 17, 18, 19].includes(bytes.readUInt8(1))
  const isExperimenter = bytes.readUInt8(1) === experimenter
  return bytes.toString('hex', 0, 2) + bytes.toString('hex', 8, isExperimenter ? 16 : isMultipart ? 10 : 8)
}

async function print(hex: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ovs-ofctl', ['ofp-print', hex], { maxBuffer: 1 << 24 })
  return stdout.replace(/\n+$/, '')
}

const kebab = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** `OFPST_FLOW reply (OF1.3) …` is `flow-reply`; extensions keep their `nx` or `onf`. */
function typeOf(text: string): string {
  const [, family = '', type = '', direction = ''] =
    /^(OFP|NX|ONF)S?T_(\w+)(?: (request|reply))?/.exec(text) ?? []
  if (type === '') return 'undecoded'
  return kebab(`${family === 'OFP' ? '' : family} ${type} ${direction}`)
}
