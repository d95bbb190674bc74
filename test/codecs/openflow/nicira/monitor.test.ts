/** Flow monitors of 1.0 to 1.2. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encode, type MessageInput } from 'ts-openflow'
import { framed, same } from '../support/wire.ts'

/** Request or reply, up to the body. */
function statistics(version: number, kind: 'request' | 'reply', body: string): string {
  const [code, head, padding] = version === 1 ? [16, 'ffff 0000', '00000000'] : [18, 'ffff 0000 00000000', '']
  return framed(version, kind === 'request' ? code : code + 1, `${head} 00002320 00000002 ${padding} ${body}`)
}

for (const version of [1, 2, 3]) {
  test(`what to monitor, in version ${version}`, () => {
    const hex =
      '00000007 003f ffff 0006 ff 0000000000 00000002 0001 0000 00000008 0002 0003 0000 05 0000000000'
    same(statistics(version, 'request', hex), {
      type: 'multipart_request',
      version,
      xid: 1,
      flags: [],
      body: {
        type: 'flow_monitor',
        entries: [
          {
            monitorId: 7,
            flags: ['initial', 'add', 'removed', 'modify', 'instructions', 'no_abbrev'],
            outPort: 0xffff_ffff,
            tableId: 0xff,
            command: 'add',
            match: [{ field: 'in_port', value: 1 }],
          },
          { monitorId: 8, flags: ['add'], outPort: 3, tableId: 5, command: 'add', match: [] },
        ],
      },
    })
  })

  test(`updates, in version ${version}`, () => {
    const output = version === 1 ? '0000 0008 0002 0000' : '0000 0010 00000002 0000 000000000000'
    const length = version === 1 ? '0028' : '0030'
    const added = `${length} 0000 0000 8000 000a 0014 0006 03 00 0000000000000007 00000002 0001 0000 ${output}`
    const removed = '0018 0001 0002 8000 0000 0000 0000 03 00 0000000000000007'
    const abbreviated = '0008 0003 00000063'
    const unknown = '0008 0009 01020304'
    same(statistics(version, 'reply', `${added} ${removed} ${abbreviated} ${unknown}`), {
      type: 'multipart_reply',
      version,
      xid: 1,
      flags: [],
      body: {
        type: 'flow_monitor',
        entries: [
          {
            event: 'added',
            priority: 0x8000,
            idleTimeoutS: 10,
            hardTimeoutS: 20,
            tableId: 3,
            cookie: 7n,
            match: [{ field: 'in_port', value: 1 }],
            instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 2, maxLen: 0 }] }],
          },
          {
            event: 'removed',
            reason: 'delete',
            priority: 0x8000,
            idleTimeoutS: 0,
            hardTimeoutS: 0,
            tableId: 3,
            cookie: 7n,
            match: [],
            instructions: [],
          },
          { event: 'abbrev', xid: 0x63 },
          { event: 9, body: Uint8Array.of(1, 2, 3, 4) },
        ],
      },
    })
  })
}

test('what these monitors cannot do is refused', () => {
  const request = (entry: object): MessageInput =>
    ({
      type: 'multipart_request',
      version: 1,
      xid: 1,
      body: { type: 'flow_monitor', entries: [{ monitorId: 1, ...entry }] },
    }) as unknown as MessageInput
  for (const entry of [{ command: 'delete' }, { outGroup: 1 }, { flags: ['only_own'] }])
    assert.throws(() => encode(request(entry)), { name: 'EncodeError', code: 'VERSION' })
})
