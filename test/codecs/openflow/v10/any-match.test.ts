/** Whatever is in the places of a match of 1.0 or 1.1 comes back, and its fields alone read as themselves again. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, framed, without } from '../support/wire.ts'

/** Equal numbers below `below` for equal seeds. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

type Next = (below: number) => number

const pick = <T>(next: Next, choices: readonly [T, ...T[]]): T => choices[next(choices.length)] ?? choices[0]
const hexNumber = (value: number, size: number): string => value.toString(16).padStart(2 * size, '0')

/** Some bits, none, or all of so many bytes. */
const some = (next: Next, size: number): string =>
  pick(next, [
    '00'.repeat(size),
    'ff'.repeat(size),
    Array.from({ length: size }, () => hexNumber(next(256), 1)).join(''),
  ])

const ethTypes = ['0800', '0800', '86dd', '0806', '8035', '8847', '88cc', '05ff', '0000'] as const
const protocols = ['06', '11', '84', '01', '3a', '02', '00'] as const
const vlans = ['ffff', 'fffe', '0005', '0fff', '1005', '0000'] as const

/** TOS and protocol follow the Ethernet type in both versions. */
const network = (next: Next): string => `${pick(next, ethTypes)}${some(next, 1)}${pick(next, protocols)}`

function match10(next: Next): string {
  const wildcards = next(4) === 0 ? some(next, 4) : hexNumber(next(0x40_0000) & ~0x30, 4)
  return `${wildcards}${some(next, 2)}${some(next, 6)}${some(next, 6)}${pick(next, vlans)}${some(next, 1)}00
    ${network(next)}0000${some(next, 4)}${some(next, 4)}${some(next, 2)}${some(next, 2)}`
}

function match11(next: Next): string {
  const masked = (size: number): string => some(next, size) + some(next, size)
  const wildcards = next(4) === 0 ? some(next, 4) : hexNumber(next(0x400) & ~0x28, 4)
  return `00000058${some(next, 4)}${wildcards}${masked(6)}${masked(6)}${pick(next, vlans)}${some(next, 1)}00
    ${network(next)}${masked(4)}${masked(4)}${some(next, 2)}${some(next, 2)}${some(next, 4)}${some(next, 1)}000000
    ${masked(8)}`
}

const flowMod10 = (match: string): string =>
  framed(1, 14, `${match} 0000000000000000 0000 0000 0000 8000 ffffffff ffff 0000`)
const flowMod11 = (match: string): string =>
  framed(2, 14, `${'00'.repeat(16)} 00 00 0000 0000 8000 ${'ff'.repeat(12)} 0000 0000 ${match}`)

for (const [version, flowMod, matchOf] of [
  ['1.0', flowMod10, match10],
  ['1.1', flowMod11, match11],
] as const) {
  test(`any match of ${version}`, () => {
    const next = numbers(20_260_101)
    let kept = 0
    for (let round = 0; round < 1500; round++) {
      const hex = flowMod(matchOf(next))
      const message = decode(bytes(hex))
      assert.ok(message.type === 'flow_mod')
      assert.equal(hexOf(encode(message)), hex)
      if (!('matchBytes' in message)) continue
      kept++
      const fields = without(message, 'matchBytes')
      assert.deepEqual(decode(encode(fields)), fields, hex)
    }
    assert.ok(kept > 500, `only ${kept} were unusual`)
  })
}
