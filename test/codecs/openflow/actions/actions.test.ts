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

/** In a packet-out of 1.3: what the bytes read as. They must encode the same again. */
function read(hex: string, version = 4): Action {
  const head = encode({
    type: 'packet_out',
    version,
    xid: 1,
    actions: [],
    inPort: 1,
    data: new Uint8Array(),
  })
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const bytes = new Uint8Array([...head.subarray(0, 24), ...body])
  new DataView(bytes.buffer).setUint16(2, bytes.length)
  new DataView(bytes.buffer).setUint16(16, body.length)
  const message = decode(bytes)
  assert.ok(message.type === 'packet_out')
  assert.equal(hexOf(encode(message)), hexOf(bytes))
  const [action, ...others] = message.actions
  assert.ok(action !== undefined && others.length === 0)
  return action
}

test('a field by another than its usual number keeps its class', () => {
  const load = { type: 'nx_reg_load', dst: 'eth_src', bits: { offset: 0, nBits: 48 }, value: 1n }
  assert.deepEqual(read('ffff0018 00002320 0007 002f 00000406 0000000000000001'), load)
  const later = { ...load, dstOxmClass: 0x8000 }
  assert.deepEqual(read('ffff0018 00002320 0007 002f 80000806 0000000000000001'), later)
  const fromPort = { type: 'nx_reg_move', nBits: 16, srcOffset: 0, dstOffset: 0, src: 'in_port', dst: 'reg0' }
  assert.deepEqual(read('ffff0018 00002320 0006 0010 0000 0000 00000002 00010004'), fromPort)
})

test('a tunnel option is as wide in an action as the switch has it', () => {
  const push = { type: 'nx_stack_push', src: 'tun_metadata0', bits: { offset: 0, nBits: 8 } }
  assert.deepEqual(read('ffff0018 00002320 001b 0000 0001507c 0008 000000000000'), push)
  assert.deepEqual(read('ffff0018 00002320 001b 0000 00015004 0008 000000000000'), { ...push, srcWidth: 4 })
})

test('what has no typed form stays bytes', () => {
  const unusual = [
    // Fields that no table has, and a mask where there is none.
    'ffff0018 00002320 0007 002f 7fff0806 0000000000000001',
    'ffff0018 00002320 0007 002f 00000506 0000000000000001',
    // A learn action with more zeros than fill it, with reserved bits, and with a number to output.
    'ffff0030 00002320 0010 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 0000000000000000 0000000000000000',
    'ffff0028 00002320 0010 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 4010 000000000000',
    'ffff0028 00002320 0010 0000 0000 8000 0000000000000000 0000 01 00 0000 0000 3010 000500000000',
    // Members that are no ports, and fewer than there is room for.
    'ffff0028 00002320 000c 0000 0000 0000 00010004 0001 0000 00000000 00000000 0001000000000000',
    'ffff0030 00002320 000c 0000 0000 0000 00000002 0001 0000 00000000 00000000 00010000000000000000000000000000',
    // Properties in another order, and one twice.
    'ffff0020 00002320 0025 000000000000 0002000505000000 0000000800010000',
    'ffff0020 00002320 0025 000000000000 0004000400000000 0004000400000000',
    // A range of a kind that does not exist, and a decapsulation with properties.
    'ffff0010 00002320 0024 0000 0001 0040',
    'ffff0018 00002320 002f 0000 00000000 0004010501000000',
  ]
  for (const hex of unusual) assert.equal(read(hex).type, 'experimenter', hex)
})

test('what an action cannot say is refused', () => {
  const refused = (version: number, action: object, expected: object): void => {
    const packetOut = { type: 'packet_out', version, xid: 1, actions: [action], data: new Uint8Array() }
    assert.throws(
      () => encode({ ...packetOut, ...(version < 6 ? { inPort: 1 } : {}) } as MessageInput),
      expected,
    )
  }
  const bits = { offset: 0, nBits: 8 }
  refused(
    4,
    { type: 'nx_output_reg', src: 'nsh_spi', bits },
    { code: 'INVALID', path: /nx_output_reg\.src$/ },
  )
  refused(
    4,
    { type: 'nx_reg_load', dst: 'reg0', bits: { offset: 0, nBits: 65 }, value: 0n },
    { code: 'RANGE' },
  )
  refused(
    6,
    { type: 'nx_reg_load', dst: 'reg0', bits, value: 0n },
    { code: 'VERSION', message: /nx_reg_load/ },
  )
  refused(4, { type: 'meter', meterId: 1 }, { code: 'VERSION' })
  refused(3, { type: 'nx_encap', newPacketType: 0 }, { code: 'VERSION' })
  refused(4, { type: 'set_field', field: { field: 'reg0', value: 1, mask: 1 } }, { code: 'VERSION' })
  refused(2, { type: 'set_field', field: { field: 'reg0', value: 1 } }, { code: 'VERSION' })
  const output = { type: 'output', nBits: 16, value: 1n }
  refused(4, { type: 'nx_learn', specs: [output] }, { code: 'INVALID', path: /nx_learn\.specs\[0\]$/ })
  refused(4, { type: 'nx_controller2', pause: false }, { code: 'INVALID', path: /nx_controller2\.pause$/ })
  refused(
    4,
    {
      type: 'nx_encap',
      newPacketType: 0,
      properties: [{ type: 'nsh_tlv', tlvClass: 0, tlvType: 0, value: new Uint8Array(250) }],
    },
    { code: 'TOO_LONG' },
  )
})
