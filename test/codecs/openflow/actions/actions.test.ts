/** Actions and instructions: every kind in every version comes back equal and encodes to the same bytes again. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type Action, decode, encode, type MessageInput } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { actionOf, actionTypesOf, anyActionOf, instructionOf } from './arbitrary.ts'

const versions = [1, 2, 3, 4, 5, 6]

/** In a message that every version has with a list of actions. */
function comesBack(version: number, actions: readonly Action[]): void {
  const packetOut = { type: 'packet_out', version, xid: 1, actions, data: new Uint8Array() }
  const bytes = encode({ ...packetOut, ...(version < 6 ? { inPort: 1 } : {}) } as MessageInput)
  const message = decode(bytes)
  assert.ok(message.type === 'packet_out')
  assert.deepEqual(message.actions, actions)
  assert.equal(hexOf(encode(message)), hexOf(bytes))
}

for (const version of versions) {
  test(`wire version ${version}: every kind of action comes back equal`, async (t) => {
    for (const type of actionTypesOf(version)) {
      await t.test(type, () => {
        fc.assert(
          fc.property(actionOf(version, type), (action) => comesBack(version, [action])),
          { numRuns: 40 },
        )
      })
    }
  })

  test(`wire version ${version}: actions in a row and in each other come back equal`, () => {
    fc.assert(
      fc.property(fc.array(anyActionOf(version), { maxLength: 5 }), (actions) => comesBack(version, actions)),
      { numRuns: 200 },
    )
  })
}

for (const version of versions.filter((one) => one >= 2)) {
  test(`wire version ${version}: any instructions come back equal`, () => {
    fc.assert(
      fc.property(fc.array(instructionOf(version), { maxLength: 4 }), (instructions) => {
        const flow = { type: 'flow_mod', version, xid: 1, command: 'add', match: [], instructions }
        const bytes = encode(flow as MessageInput)
        const message = decode(bytes)
        assert.ok(message.type === 'flow_mod')
        assert.deepEqual(message.instructions, instructions)
        assert.equal(hexOf(encode(message)), hexOf(bytes))
      }),
      { numRuns: 150 },
    )
  })
}
