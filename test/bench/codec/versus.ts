/**
 * `decode` and `encode` beside what is written by hand for one message, in one process and turn by turn. Run as a
 * program it prints the samples: each run of the benchmark is a process of its own, because each compiles its own way.
 */
import { deepEqual } from 'node:assert/strict'
import { decode, encode, type FlowMod, type PacketIn } from 'ts-openflow'
import { readFlowMod, writeFlowMod } from './hand-flow-mod.ts'
import { readPacketIn, writePacketIn } from './hand-packet-in.ts'
import { HandWriter } from './hand-writer.ts'
import { flowMods, packetIns } from './messages.ts'
import { vectorBytes } from './vectors.ts'

export interface Versus {
  readonly what: string
  readonly scene: Scene
  /** Of each round; the same index is the same round. */
  readonly oursNs: number[]
  readonly handNs: number[]
}

/** `alone`: nothing else was ever decoded. `beside others`: every message of every version was, before and between. */
export type Scene = 'alone' | 'beside others'

/** Does its work once for each message and gives a number that depends on all results. */
type Batch = () => number

interface Pair {
  readonly what: string
  readonly ours: Batch
  readonly hand: Batch
}

/** Batches of one sample, of 64 messages each. */
const batches = 200
const messagesInBatch = 64
const warmUps = 30

export function measureVersus(rounds: number): readonly Versus[] {
  const pairs = [...pairsOf(flowMods(), flowMod), ...pairsOf(packetIns(), packetIn)]
  const alone = measureScene(pairs, 'alone', rounds)
  return [...alone, ...measureScene(pairs, 'beside others', rounds)]
}

function measureScene(pairs: readonly Pair[], scene: Scene, rounds: number): readonly Versus[] {
  const results = pairs.map((pair) => {
    const result: Versus = { what: pair.what, scene, oursNs: [], handNs: [] }
    return { pair, result }
  })
  for (let round = -warmUps; round < rounds; round++) {
    if (scene === 'beside others') everyVector()
    for (const { pair, result } of results) {
      const { oursNs, handNs } = measureRound(pair)
      if (round < 0) continue
      result.oursNs.push(oursNs)
      result.handNs.push(handNs)
    }
  }
  return results.map(({ result }) => result)
}

let kept = 0

/** Nanoseconds for each message. The two take turns many times, so that a busy machine slows both alike. */
function measureRound({ ours, hand }: Pair): { readonly oursNs: number; readonly handNs: number } {
  let oursNs = 0n
  let handNs = 0n
  for (let batch = 0; batch < batches; batch++) {
    const oursFirst = batch % 2 === 0
    const start = process.hrtime.bigint()
    kept = (kept + (oursFirst ? ours() : hand())) | 0
    const between = process.hrtime.bigint()
    kept = (kept + (oursFirst ? hand() : ours())) | 0
    const end = process.hrtime.bigint()
    oursNs += oursFirst ? between - start : end - between
    handNs += oursFirst ? end - between : between - start
  }
  const messages = batches * messagesInBatch
  return { oursNs: Number(oursNs) / messages, handNs: Number(handNs) / messages }
}

interface ByHand<M> {
  readonly name: string
  readonly length: number
  readonly read: (bytes: Uint8Array) => M
  readonly write: (message: M) => Uint8Array
}

const handWriter = new HandWriter()
const flowMod: ByHand<FlowMod> = {
  name: 'flow-mod',
  length: 104,
  read: readFlowMod,
  write: (message) => writeFlowMod(handWriter, message),
}
const packetIn: ByHand<PacketIn> = {
  name: 'packet-in',
  length: 106,
  read: readPacketIn,
  write: (message) => writePacketIn(handWriter, message),
}

/** Decoding and encoding of one kind of message. Before anything is measured, both ways must agree. */
function pairsOf<M extends FlowMod | PacketIn>(messages: readonly M[], hand: ByHand<M>): readonly Pair[] {
  const { name, length, read, write } = hand
  const wire = inOneChunk(messages.map((message) => encode(message)))
  deepEqual(messages.length, messagesInBatch)
  messages.forEach((message, index) => {
    const bytes = wire[index] as Uint8Array
    deepEqual(bytes.length, length)
    deepEqual(decode(bytes), message)
    deepEqual(read(bytes), message)
    deepEqual(write(message), bytes)
  })
  return [
    {
      what: `decode ${name}`,
      ours: () => wire.reduce((sum, bytes) => sum + decode(bytes).xid, 0),
      hand: () => wire.reduce((sum, bytes) => sum + read(bytes).xid, 0),
    },
    {
      what: `encode ${name}`,
      ours: () => messages.reduce((sum, message) => sum + encode(message).length, 0),
      hand: () => messages.reduce((sum, message) => sum + write(message).length, 0),
    },
  ]
}

/** As a `Framer` hands them out: views of what the socket gave. */
function inOneChunk(messages: readonly Uint8Array[]): readonly Uint8Array[] {
  const chunk = new Uint8Array(messages.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  return messages.map((bytes) => {
    chunk.set(bytes, at)
    at += bytes.length
    return chunk.subarray(at - bytes.length, at)
  })
}

const vectors = vectorBytes()

function everyVector(): void {
  for (const bytes of vectors) {
    try {
      kept = (kept + encode(decode(bytes)).length) | 0
    } catch {
      // Some are malformed.
      kept++
    }
  }
}
