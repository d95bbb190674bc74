/** What cannot be encoded: the error says which field, and which version cannot carry it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encode, EncodeError, type MessageInput } from 'ts-openflow'
import { hexOf } from './support/vectors.ts'

const head = { version: 4, xid: 0x12345678 } as const
const noBytes = new Uint8Array()

const refusals: readonly { name: string; message: unknown; code: string; path: string; says?: RegExp }[] = [
  {
    name: 'importance on 1.3',
    message: { type: 'flow_mod', ...head, command: 'add', importance: 1 },
    code: 'VERSION',
    path: 'flow_mod.importance',
    says: /OpenFlow 1\.3/,
  },
  {
    name: 'copy_field on 1.2',
    message: {
      type: 'packet_out',
      ...head,
      version: 3,
      actions: [{ type: 'copy_field', nBits: 1, srcOffset: 0, dstOffset: 0, src: 'reg0', dst: 'reg1' }],
    },
    code: 'VERSION',
    path: 'packet_out.actions[0]',
    says: /copy_field/,
  },
  {
    name: 'a move of Nicira on 1.5',
    message: {
      type: 'packet_out',
      ...head,
      version: 6,
      actions: [{ type: 'nx_reg_move', nBits: 1, srcOffset: 0, dstOffset: 0, src: 'reg0', dst: 'reg1' }],
    },
    code: 'VERSION',
    path: 'packet_out.actions[0]',
  },
  {
    name: 'a masked set_field below 1.5',
    message: {
      type: 'flow_mod',
      ...head,
      command: 'add',
      instructions: [
        { type: 'goto_table', tableId: 1 },
        {
          type: 'apply_actions',
          actions: [{ type: 'set_field', field: { field: 'reg0', value: 1, mask: 3 } }],
        },
      ],
    },
    code: 'VERSION',
    path: 'flow_mod.instructions[1].apply_actions.actions[0].set_field.field',
    says: /reg0/,
  },
  {
    name: 'a meter instruction on 1.5',
    message: {
      type: 'flow_mod',
      ...head,
      version: 6,
      command: 'add',
      instructions: [{ type: 'meter', meterId: 1 }],
    },
    code: 'VERSION',
    path: 'flow_mod.instructions[0]',
  },
  {
    name: 'a field of 1.4 on 1.3',
    message: { type: 'flow_mod', ...head, command: 'add', match: [{ field: 'pbb_uca', value: 1 }] },
    code: 'VERSION',
    path: 'flow_mod.match[0].pbb_uca',
  },
  {
    name: 'bucket numbers on 1.3',
    message: {
      type: 'group_mod',
      ...head,
      command: 'add',
      groupId: 1,
      buckets: [{ bucketId: 1, actions: [] }],
    },
    code: 'VERSION',
    path: 'group_mod.buckets[0].bucketId',
  },
  {
    name: 'pipeline fields in a packet-out of 1.3',
    message: { type: 'packet_out', ...head, match: [{ field: 'metadata', value: 1n }], actions: [] },
    code: 'VERSION',
    path: 'packet_out.match',
  },
  {
    name: 'a number where a bigint belongs',
    message: { type: 'flow_mod', ...head, command: 'add', match: [{ field: 'metadata', value: 1 }] },
    code: 'INVALID',
    path: 'flow_mod.match[0].metadata',
  },
  {
    name: 'a bigint where a number belongs',
    message: { type: 'flow_mod', ...head, command: 'add', match: [{ field: 'in_port', value: 1n }] },
    code: 'INVALID',
    path: 'flow_mod.match[0].in_port',
  },
  {
    name: 'a priority of 17 bits',
    message: { type: 'flow_mod', ...head, command: 'add', priority: 0x10000 },
    code: 'RANGE',
    path: 'flow_mod.priority',
  },
  {
    name: 'a negative value',
    message: { type: 'flow_mod', ...head, command: 'add', match: [{ field: 'eth_dst', value: -1 }] },
    code: 'RANGE',
    path: 'flow_mod.match[0].eth_dst',
  },
  { name: 'no command', message: { type: 'flow_mod', ...head }, code: 'MISSING', path: 'flow_mod.command' },
  {
    name: 'no port',
    message: { type: 'packet_out', ...head, actions: [{ type: 'output' }] },
    code: 'MISSING',
    path: 'packet_out.actions[0].output.port',
  },
  {
    name: 'an unknown flag',
    message: { type: 'flow_mod', ...head, command: 'add', flags: ['important'] },
    code: 'INVALID',
    path: 'flow_mod.flags',
  },
  {
    name: 'no match list',
    message: { type: 'flow_mod', ...head, command: 'add', match: 5 },
    code: 'INVALID',
    path: 'flow_mod.match',
  },
  {
    name: 'an object for a list',
    message: { type: 'flow_mod', ...head, command: 'add', instructions: {} },
    code: 'INVALID',
    path: 'flow_mod.instructions',
  },
  ...[1, 2].map((version) => ({
    name: `no match in a packet-in of wire version ${version}`,
    message: {
      type: 'packet_in',
      version,
      xid: 1,
      bufferId: 0,
      totalLen: 0,
      reason: 'action',
      data: noBytes,
    },
    code: 'MISSING',
    path: 'packet_in.match',
  })),
  {
    name: 'a type above 255',
    message: { type: 'unknown', ...head, code: 0x100, body: noBytes },
    code: 'RANGE',
    path: 'code',
  },
  {
    name: 'an element type above 65535',
    message: {
      type: 'flow_mod',
      ...head,
      command: 'add',
      instructions: [{ type: 'unknown', code: 0x1_0000, body: noBytes }],
    },
    code: 'RANGE',
    path: 'flow_mod.instructions[0]',
  },
  {
    name: 'more than a message can hold',
    message: { type: 'echo_request', ...head, data: new Uint8Array(0xffff) },
    code: 'TOO_LONG',
    path: 'echo_request.data',
  },
  {
    name: 'another xid inside a bundle',
    message: {
      type: 'bundle_add',
      ...head,
      bundleId: 1,
      message: { type: 'flow_mod', version: 4, xid: 1, command: 'add' },
    },
    code: 'INVALID',
    path: 'bundle_add.message',
  },
  {
    name: 'a message of no version',
    message: { type: 'flow_mod', version: 9, xid: 1, command: 'add' },
    code: 'VERSION',
    path: '',
  },
]

for (const { name, message, code, path, says = /./ } of refusals) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => encode(message as MessageInput),
      (error: unknown) => {
        assert.ok(error instanceof EncodeError, String(error))
        assert.deepEqual([error.code, error.path], [code, path])
        assert.match(error.message, says)
        return true
      },
    )
    // A refusal leaves nothing behind.
    assert.equal(hexOf(encode({ type: 'barrier_request', ...head })), '0414000812345678')
  })
}
