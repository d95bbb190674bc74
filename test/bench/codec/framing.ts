/** The framer on back-to-back messages of 128 bytes: bytes per second by how the stream is cut, and what it allocates. */
import { equal } from 'node:assert/strict'
import { Framer } from 'ts-openflow'
import { randomOf } from './random.ts'

const messageLength = 128
const streamLength = 32 * 2 ** 20

/** Gives the length of the next chunk. */
type Cut = () => number

const random = randomOf(128)

/** What one read of a socket gives is at most 64 KiB. */
const cuts: readonly (readonly [name: string, cut: Cut])[] = [
  ['1 to 65,536 bytes, each as likely', () => 1 + random(65_536)],
  ['1 to 65,536 bytes, short and long as likely', () => Math.floor(2 ** (random(16_001) / 1_000))],
  ['65,536 bytes or, one in four, fewer', () => (random(4) === 0 ? 1 + random(65_536) : 65_536)],
  ['1 to 300 bytes, each as likely', () => 1 + random(300)],
]

export interface Framing {
  readonly cut: string
  /** 10^9 bytes a second, of each round. */
  readonly gbPerS: number[]
}

export function measureFraming(rounds: number): readonly Framing[] {
  const stream = streamOf(streamLength)
  const scenes = cuts.map(([cut, next]) => {
    const result: Framing = { cut, gbPerS: [] }
    return { chunks: chunksOf(stream, next), result }
  })
  for (let round = -3; round < rounds; round++)
    for (const { chunks, result } of scenes) {
      const gbPerS = frame(chunks)
      if (round >= 0) result.gbPerS.push(gbPerS)
    }
  return scenes.map(({ result }) => result)
}

/** 10^9 bytes a second are bytes a nanosecond. */
function frame(chunks: readonly Uint8Array[]): number {
  const framer = new Framer()
  let messages = 0
  const start = process.hrtime.bigint()
  for (const chunk of chunks) messages += framer.push(chunk).length
  const ns = Number(process.hrtime.bigint() - start)
  equal(messages, streamLength / messageLength)
  return streamLength / ns
}

function streamOf(length: number): Uint8Array {
  const stream = new Uint8Array(length)
  for (let at = 0; at < length; at += messageLength) stream.set([4, 14, 0, messageLength], at)
  return stream
}

/** As sockets hand them out: a `Buffer` each, with memory of its own. */
function chunksOf(stream: Uint8Array, next: Cut): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < stream.length; ) {
    const chunk = stream.slice(at, at + next())
    chunks.push(Buffer.from(chunk.buffer))
    at += chunk.length
  }
  return chunks
}

/** Bytes for each message, garbage included: nothing is collected meanwhile. */
export interface Allocation {
  readonly framer: number
  /** What the messages themselves are: views, in arrays as long as the framer's. */
  readonly views: number
}

/** Wants `--expose-gc` and new space for all of it. Most messages lie within a chunk, as they do in the long cuts. */
export function measureAllocation(): Allocation {
  const stream = streamOf(4 * 2 ** 20)
  const [, next] = cuts[0] as (typeof cuts)[number]
  const chunks = chunksOf(stream, next)
  const framed = (): unknown => {
    const framer = new Framer()
    return chunks.map((chunk) => framer.push(chunk))
  }
  const viewed = (): unknown => chunks.map(viewsOf)
  // The first time they are interpreted, and boxes are made that are not made later.
  for (let warmUp = 0; warmUp < 60; warmUp++) (warmUp % 2 === 0 ? framed : viewed)()
  const messages = stream.length / messageLength
  return { framer: allocatedBy(framed) / messages, views: allocatedBy(viewed) / messages }
}

function viewsOf({ buffer, length }: Uint8Array): readonly Uint8Array[] {
  const views: Uint8Array[] = []
  for (let at = 0; at + messageLength <= length; at += messageLength)
    views.push(new Uint8Array(buffer, at, messageLength))
  return views
}

/** The least of several: what the engine does for itself meanwhile, such as compiling, counts too. */
function allocatedBy(work: () => unknown): number {
  return Math.min(...Array.from({ length: 7 }, () => allocatedOnce(work)))
}

function allocatedOnce(work: () => unknown): number {
  globalThis.gc?.()
  const before = process.memoryUsage()
  const kept = work()
  const after = process.memoryUsage()
  equal(typeof kept, 'object')
  return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
}
