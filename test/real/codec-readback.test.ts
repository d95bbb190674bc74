/** Flows, groups and meters of every kind, encoded by us, kept by a real bridge in each version, and read by us and ovs-ofctl. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  decode,
  encode,
  type Message,
  type MessageInput,
  parseFlow,
  parseGroup,
  parseMeter,
  print,
  printFlow,
} from 'ts-openflow'
import { PlainClient, type RealSwitch, startSwitch, whyNoSwitch } from '../codecs/openflow/support/ovs.ts'
import { actionTexts, flowOf } from '../codecs/openflow/support/read-back-actions.ts'
import { clear, mapTunnelOptions, read, replies } from '../codecs/openflow/support/read-back-bridge.ts'
import {
  keptBands,
  keptInstructions,
  keptMatch,
  keptText,
} from '../codecs/openflow/support/read-back-kept.ts'
import { matchTexts } from '../codecs/openflow/support/read-back-matches.ts'
import { groupTexts, meterTexts } from '../codecs/openflow/support/read-back-objects.ts'

const reason = whyNoSwitch()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }

const versions = [1, 2, 3, 4, 5, 6]
let ovs: RealSwitch
before(async () => {
  if (reason !== undefined) return
  ovs = await startSwitch('cdc2', versions)
  await mapTunnelOptions(ovs.socketPath)
})
after(async () => {
  if (reason === undefined) await ovs.stop()
})

/** What is sent, with its defaults, by the text it was made of. */
type Sent = readonly { readonly text: string; readonly message: Message }[]

const cookie = 0x5a03_0001_0000_0000n
const keys = 'idle_timeout=600,hard_timeout=3600'

const flowsOf = (version: number): Sent => {
  const matches = matchTexts(version).map((text) => `${text}${text === '' ? '' : ','}actions=drop`)
  return [...matches, ...actionTexts(version).map(flowOf)].map((one, at) => {
    const flags =
      at % 2 === 1 ? `,send_flow_rem${version >= 4 ? ',no_packet_counts,no_byte_counts' : ''}` : ''
    const more = `${flags}${version >= 5 ? ',importance=3' : ''}`
    const text = `cookie=${cookie + BigInt(at)},priority=${at + 1},${keys}${more},${one}`
    return { text, message: whole(parseFlow(text, { version }), version) }
  })
}

const whole = (parsed: object, version: number): Message =>
  decode(encode({ ...parsed, version, xid: 0 } as MessageInput))

/** Sends all and fails with the texts that were refused. */
async function accepted(client: PlainClient, sent: Sent): Promise<void> {
  const texts = new Map<number, string>()
  for (const { text, message } of sent) {
    const xid = client.nextXid()
    texts.set(xid, text)
    client.send({ ...message, xid })
  }
  await client.ask({ type: 'barrier_request' })
  assert.deepEqual(
    client.errors().map(({ xid, code }) => `${texts.get(xid)}: ${code}`),
    [],
  )
}

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '')

for (const version of versions) {
  test(`wire version ${version}: flows, groups and meters come back as they were sent`, options, async () => {
    await clear(ovs.socketPath)
    const client = await PlainClient.connect(ovs.socketPath, version)
    const meters: Sent =
      version < 4 ? [] : meterTexts.map((text) => ({ text, message: whole(parseMeter(text), version) }))
    const groups: Sent = groupTexts(version).map((text) => ({
      text,
      message: whole(parseGroup(text, { version }), version),
    }))
    const flows = flowsOf(version)
    await accepted(client, meters)
    await accepted(client, groups)
    await accepted(client, flows)

    if (version >= 4) {
      const { entries } = await read(client, 'meter_config')
      assert.equal(entries.length, meters.length)
      for (const { text, message } of meters) {
        assert.ok(message.type === 'meter_mod')
        const { meterId, flags, bands } = message
        const entry = entries.find((one) => one.meterId === meterId)
        assert.deepEqual(entry, { flags, meterId, bands: keptBands(bands, flags) }, text)
      }
    }

    const { entries: keptGroups } = await read(client, 'group_desc')
    assert.equal(keptGroups.length, groups.length)
    for (const { text, message } of groups) {
      assert.ok(message.type === 'group_mod')
      const { groupId, groupType, buckets } = message
      const properties = 'properties' in message ? { properties: message.properties } : {}
      const entry = keptGroups.find((one) => one.groupId === groupId)
      assert.deepEqual(entry, { groupType, groupId, buckets, ...properties }, text)
    }

    const { entries } = await read(client, version === 1 ? 'nx_flow' : 'flow')
    assert.equal(entries.length, flows.length)
    for (const { text, message } of flows) {
      assert.ok(message.type === 'flow_mod' || message.type === 'nx_flow_mod')
      const entry = entries.find((one) => one.cookie === message.cookie)
      assert.ok(entry, text)
      assert.deepEqual(keptMatch(entry.match, version), keptMatch(message.match, version), text)
      assert.deepEqual(keptInstructions(entry.instructions), keptInstructions(message.instructions), text)
      assert.deepEqual(
        [entry.priority, entry.tableId, entry.idleTimeoutS, entry.hardTimeoutS],
        [message.priority, message.tableId, 600, 3600],
        text,
      )
      // Flow statistics tell the flags from 1.3 on, the importance from 1.4 on.
      if (version >= 4 && 'flags' in entry) assert.deepEqual(entry.flags, message.flags, text)
      if (version >= 5 && 'importance' in entry) assert.equal(entry.importance, 3, text)
    }

    const theirs = lines(ovs.ofctl(version, '--no-names', 'dump-flows', '@'))
      .map(keptText)
      .sort()
    assert.deepEqual(entries.map((one) => keptText(printFlow(one, { version }))).sort(), theirs)
    for (const [type, command] of [
      ['group_desc', 'dump-groups'],
      ['meter_config', 'dump-meters'],
    ] as const) {
      if (type === 'meter_config' && version < 4) continue
      const ours = (await replies(client, type)).flatMap((message) => lines(print(message)))
      assert.deepEqual([...ours].sort(), [...lines(ovs.ofctl(version, command, '@'))].sort())
    }
    client.close()
  })
}
