/**
 * Damaged messages of every kind that the vectors have: each is a value or a `WireError`, whose reading stays inside the
 * message and takes no time. `FUZZ_ROUNDS` and `FUZZ_SEED` make it longer or repeat it.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, EncodeError, Framer, type Message, print, toJson, WireError } from 'ts-openflow'
import { mutate, seededRandom } from './support/mutations.ts'
import { ovsVectors } from './support/ovs-vectors.ts'
import { allVectors, bytesOf } from './support/vectors.ts'

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 12)
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32)

const sources: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  ...allVectors.map((one) => ({ name: one.file, bytes: bytesOf(one) })),
  ...ovsVectors.map(({ name, hex }) => ({ name, bytes: new Uint8Array(Buffer.from(hex, 'hex')) })),
]

const slowMs = 5

/** The least time of several tries: a busy machine makes one slow, not all. */
function leastMs(run: () => void, tries: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < tries && least > slowMs; attempt++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}

interface Outcome {
  readonly message?: Message
  readonly error?: WireError
}

function outcomeOf(bytes: Uint8Array, what: string): Outcome {
  try {
    return { message: decode(bytes) }
  } catch (error) {
    assert.ok(error instanceof WireError, `${what}: ${String(error)}`)
    return { error }
  }
}

const comparable = ({ message, error }: Outcome): unknown =>
  message === undefined ? { message: error?.message, at: error?.at, path: error?.path } : toJson(message)

/** The same bytes between others: what is read must not depend on them. */
function surrounded(bytes: Uint8Array, filling: number): Uint8Array {
  const all = new Uint8Array(bytes.length + 128).fill(filling)
  all.set(bytes, 64)
  return all.subarray(64, 64 + bytes.length)
}

function holds(bytes: Uint8Array, what: string): boolean {
  const outcome = outcomeOf(bytes, what)
  const repeat = (): void => void outcomeOf(bytes, what)
  assert.ok(leastMs(repeat, 20) <= slowMs, `${what}: decoding takes more than ${slowMs} ms`)
  for (const filling of [0x00, 0xff])
    assert.deepEqual(comparable(outcomeOf(surrounded(bytes, filling), what)), comparable(outcome), what)
  const { message } = outcome
  if (message === undefined) return false
  assert.doesNotThrow(() => print(message), what)
  try {
    encode(message)
  } catch (error) {
    // A value that was read can be written, but for what has become too long with its padding.
    assert.ok(error instanceof EncodeError && error.code === 'TOO_LONG', `${what}: ${String(error)}`)
  }
  return true
}

test('damaged messages are values or WireErrors', { timeout: 600_000 }, (context) => {
  const random = seededRandom(seed)
  let [values, refused] = [0, 0]
  for (const { name, bytes } of sources) {
    // Long messages cost more and have more of the same.
    const times = Math.max(2, Math.round(bytes.length > 2_000 ? rounds / 4 : rounds))
    for (let round = 0; round < times; round++) {
      const { what, bytes: damaged } = mutate(bytes, random)
      const told = `seed ${seed}, ${name}, ${what}, ${Buffer.from(damaged.subarray(0, 400)).toString('hex')}`
      if (holds(damaged, told)) values++
      else refused++
    }
  }
  context.diagnostic(`seed ${seed}: ${values} values, ${refused} refused, of ${sources.length} messages`)
  assert.ok(values > 1_000 && refused > 1_000, `${values} values, ${refused} refused`)
})

test('what decodes encodes to the same bytes, and prints', () => {
  for (const { name, bytes } of sources) {
    const { message } = outcomeOf(bytes, name)
    if (message === undefined) continue
    assert.equal(Buffer.from(encode(message)).toString('hex'), Buffer.from(bytes).toString('hex'), name)
    assert.match(print(message), /^(OFP|NX|ONF|\*)/, name)
  }
})

const streamed = sources.filter(
  ({ bytes }) => bytes.length >= 8 && bytes.length === ((bytes[2] ?? 0) << 8) + (bytes[3] ?? 0),
)

function framed(chunks: readonly Uint8Array[]): string[] {
  const framer = new Framer()
  return chunks.flatMap((chunk) => framer.push(chunk)).map((bytes) => Buffer.from(bytes).toString('hex'))
}

test('every split of a stream gives the same messages', () => {
  const whole = Buffer.concat(streamed.slice(0, 40).map(({ bytes }) => bytes))
  const expected = framed([whole])
  assert.equal(expected.length, 40)
  for (let cut = 0; cut <= whole.length; cut++)
    assert.deepEqual(framed([whole.subarray(0, cut), whole.subarray(cut)]), expected, `cut at ${cut}`)
  assert.deepEqual(framed(Array.from(whole, (_, index) => whole.subarray(index, index + 1))), expected)
})

test('random splits of all messages give the same messages', () => {
  const random = seededRandom(seed)
  const whole = Buffer.concat(streamed.map(({ bytes }) => bytes))
  const expected = streamed.map(({ bytes }) => Buffer.from(bytes).toString('hex'))
  for (let round = 0; round < 20; round++) {
    const chunks: Uint8Array[] = []
    const most = 2 ** (1 + Math.floor(random() * 16))
    for (let at = 0; at < whole.length; ) {
      const length = 1 + Math.floor(random() * most)
      chunks.push(whole.subarray(at, at + length))
      at += length
    }
    assert.deepEqual(framed(chunks), expected, `seed ${seed}, round ${round}`)
  }
})
