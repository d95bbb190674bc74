/** Every field and every action in the words that ovs-ofctl 3.1 has for it, as recorded in `printed.jsonl`. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { decode, encode, type OxmField, showActions, showInstructions, showMatch } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'

interface Printed {
  readonly version: number
  /** The field or action that it is about. */
  readonly subject: string
  readonly hex: string
  readonly print: string
}

const printed = readFileSync(new URL('printed.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Printed)

for (const version of [1, 2, 3, 4, 5, 6]) {
  test(`wire version ${version}: as ovs-ofctl shows it`, () => {
    const some = printed.filter((one) => one.version === version)
    assert.ok(some.length > 100)
    for (const { subject, hex, print } of some) {
      const message = decode(new Uint8Array(Buffer.from(hex, 'hex')))
      assert.ok(message.type === 'flow_mod' || message.type === 'nx_flow_mod')
      const match = showMatch(message.match, { version })
      const actions = showInstructions(message.instructions, { version })
      const line = `${match}${match === '' ? '' : ' '}actions=${actions}`
      assert.equal(line, /: ADD (.*)$/.exec(print)?.[1]?.trim(), subject)
      assert.equal(hexOf(encode(message)), hex, subject)
      const list = message.instructions.flatMap((one) => (one.type === 'apply_actions' ? one.actions : []))
      assert.ok(
        list.every(({ type }) => type !== 'unknown' && type !== 'experimenter'),
        subject,
      )
    }
  })
}

test('a field of a protocol that the match does not say is shown at the end', () => {
  const shown = (...match: readonly OxmField[]): string => showMatch(match)
  assert.equal(shown({ field: 'ipv6_src', value: 1n }), 'ipv6_src=::1')
  assert.equal(shown({ field: 'tcp_flags', value: 2, mask: 2 }), 'tcp_flags=+syn')
  assert.equal(
    shown({ field: 'arp_sha', value: 1 }, { field: 'reg0', value: 3 }),
    'reg0=0x3,arp_sha=00:00:00:00:00:01',
  )
  assert.equal(shown({ field: 'nsh_si', value: 3 }), 'nsh_si=3')
  assert.equal(shown({ field: 'pbb_isid', value: 0x12 }), 'pbb_isid=0x12')
})

test('a packet type is decimal up to nine', () => {
  assert.equal(showMatch([{ field: 'packet_type', value: 0x1_0009 }]), 'packet_type=(1,9)')
  assert.equal(showMatch([{ field: 'packet_type', value: 0x1_000a }]), 'packet_type=(1,0xa)')
})

test('actions that Open vSwitch has no words for', () => {
  assert.equal(
    showActions([{ type: 'copy_ttl_in' }, { type: 'push_pbb', ethertype: 0x88e7 }]),
    'copy_ttl_in,push_pbb:0x88e7',
  )
  assert.equal(
    showActions([{ type: 'unknown', code: 99, body: Uint8Array.of(1, 2, 3, 4) }]),
    'action(99,01020304)',
  )
  const body = Uint8Array.of(0xab)
  assert.equal(showActions([{ type: 'experimenter', experimenter: 0x10, body }]), 'experimenter(0x10,ab)')
})

test('a VLAN is set in the words of the version', () => {
  const actions = [{ type: 'set_vlan_vid', vlanVid: 5 }] as const
  assert.equal(showActions(actions), 'mod_vlan_vid:5')
  assert.equal(showActions(actions, { version: 2 }), 'set_vlan_vid:5')
})
