/** What Open vSwitch sends and takes in 1.0 to 1.2, and Nicira's messages of every version: typed, and the same bytes. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, type Message, WireError } from 'ts-openflow'
import { type OvsVector, ovsVectors } from '../support/ovs-vectors.ts'
import { hexOf } from '../support/vectors.ts'
import { bytes } from '../support/wire.ts'

const early = new Set(['1.0', '1.1', '1.2'])
const nicira = '00002320'

/** An experimenter message, or statistics of an experimenter, of Nicira's. */
function isNicira({ hex }: OvsVector): boolean {
  const [version, code] = [hex.slice(0, 2), hex.slice(2, 4)]
  if (code === '04') return hex.slice(16, 24) === nicira
  if (version === '01')
    return /^1[01]$/.test(code) && hex.startsWith(`ffff`, 16) && hex.slice(24, 32) === nicira
  return /^1[23]$/.test(code) && hex.startsWith('ffff', 16) && hex.slice(32, 40) === nicira
}

const chosen = ovsVectors.filter((one) => early.has(one.version) || isNicira(one))

/** What Open vSwitch refuses was sent to see how it does. */
const isBad = ({ print }: OvsVector): boolean => print.includes('***decode error')

function isTyped(message: Message): boolean {
  if (message.type === 'unknown' || message.type === 'experimenter') return false
  if (message.type !== 'multipart_request' && message.type !== 'multipart_reply') return true
  return message.body.type !== 'unknown' && message.body.type !== 'experimenter'
}

test('there are vectors of each kind', () => {
  const count = (one: (vector: OvsVector) => boolean): number => chosen.filter(one).length
  for (const version of early) assert.ok(count((one) => one.version === version) > 20, version)
  assert.ok(count(isNicira) > 50)
})

for (const vector of chosen.filter((one) => !isBad(one))) {
  test(`same bytes: ${vector.name}`, () => {
    const message = decode(bytes(vector.hex))
    assert.ok(isTyped(message), message.type)
    assert.equal(hexOf(encode(message)), vector.hex)
  })
}

for (const vector of chosen.filter(isBad)) {
  test(`the same bytes or a WireError: ${vector.name}`, () => {
    try {
      assert.equal(hexOf(encode(decode(bytes(vector.hex)))), vector.hex)
    } catch (error) {
      assert.ok(error instanceof WireError, String(error))
    }
  })
}
