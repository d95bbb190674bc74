/** Flow-mods that we encode, sent to a real Open vSwitch and read back by our decoder, and their text beside ovs-ofctl's. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { printFlow, splitXregs } from 'ts-openflow'
import { PlainClient, type RealSwitch, startSwitch, whyNoSwitch } from '../codecs/openflow/support/ovs.ts'
import { pipelineFlows } from '../codecs/openflow/support/pipeline-flows.ts'
import { byName, normal, prepare, readFlows } from '../codecs/openflow/support/read-back.ts'

const reason = whyNoSwitch()
if (reason !== undefined && process.env['CI']) throw new Error(`in CI this test must run, but it ${reason}`)
const options = reason === undefined ? {} : { skip: reason }

let ovs: RealSwitch
before(async () => {
  if (reason === undefined) ovs = await startSwitch('cdc0')
})
after(async () => {
  if (reason === undefined) await ovs.stop()
})

for (const version of [4, 5, 6]) {
  const wanted = Object.entries(pipelineFlows).map(([name, make], index) => ({
    name,
    priority: 100 + index,
    ...make(version),
  }))

  test(`wire version ${version}: flows come back as they were sent`, options, async () => {
    const client = await PlainClient.connect(ovs.socketPath, version)
    await prepare(client)
    for (const { match, instructions, priority } of wanted) {
      client.send({
        type: 'flow_mod',
        version,
        xid: client.nextXid(),
        command: 'add',
        priority,
        cookie: 0x5a03_0001_0000_0042n,
        idleTimeoutS: 600,
        flags: ['send_flow_rem'],
        ...(version >= 5 ? { importance: 3 } : {}),
        match,
        instructions,
      })
    }
    await client.ask({ type: 'barrier_request' })
    assert.deepEqual(client.errors(), [])
    const flows = await readFlows(client)
    client.close()
    assert.equal(flows.length, wanted.length)
    for (const { name, match, instructions, priority } of wanted) {
      const flow = flows.find((one) => one.priority === priority)
      assert.ok(flow, name)
      assert.deepEqual(byName(splitXregs(flow.match)), byName(match), name)
      assert.deepEqual(normal(flow.instructions), normal(instructions), name)
      assert.equal(flow.cookie, 0x5a03_0001_0000_0042n)
      assert.deepEqual([flow.tableId, flow.idleTimeoutS, flow.hardTimeoutS], [0, 600, 0])
      assert.deepEqual(flow.flags, ['send_flow_rem'])
      assert.equal(flow.importance, version >= 5 ? 3 : undefined)
      assert.deepEqual([flow.packetCount, flow.byteCount, typeof flow.durationNs], [0n, 0n, 'number'])
    }
  })

  test(`wire version ${version}: text is ovs-ofctl's`, options, async () => {
    const client = await PlainClient.connect(ovs.socketPath, version)
    const ours = (await readFlows(client)).map((flow) => printFlow(flow))
    client.close()
    const changing = / duration=[^ ]*| idle_age=[^ ]*/g
    const theirs = ovs.ofctl(version, '--no-names', 'dump-flows', '@').split('\n').slice(1)
    assert.deepEqual(
      ours.map((line) => ` ${line}`.replace(changing, '')).sort(),
      theirs
        .filter((line) => line !== '')
        .map((line) => line.replace(changing, ''))
        .sort(),
    )
  })
}
