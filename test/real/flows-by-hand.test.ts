/** Rules made by hand on a real Open vSwitch, through the built command line: confirmed by it, refused by it, left alone. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FlowReceipt } from '../../src/api/controller.ts'
import { ControllerProcess } from './support/controller.ts'
import { DummyBridge } from './support/dummy-bridge.ts'
import { realTest } from './support/real.ts'

const datapathId = '00000000000000f4'
const topology = {
  name: 'by-hand',
  switches: { hv1: { datapath: datapathId, role: 'hypervisor' } },
  networks: { blue: { kind: 'vm', vlan: 101, subnets: ['10.0.1.0/24'] } },
  vms: {
    web1: {
      host: 'hv1',
      nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.11'], port: 'web1' }],
    },
  },
}

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
/** An audit comes every ten seconds; this is after one. */
const auditedMs = 25_000

realTest('rules made by hand are confirmed, guarded, listed, kept and deleted', async () => {
  const controller = await ControllerProcess.start()
  const options = { name: 'hand', datapathId, controllerPort: controller.openflowPort }
  const bridge = await DummyBridge.start(options)
  const throwbar = (...args: readonly string[]) => {
    const command = [program, '--server', controller.url, 'flows', 'hv1', ...args]
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  const dump = () => bridge.ofctl('OpenFlow15', 'dump-flows', '--no-stats')
  const rules = () =>
    dump()
      .split('\n')
      .filter((line) => line.includes('cookie=0x')).length
  try {
    bridge.addPort('web1', 1)
    await controller.put('/v1/intent', topology)
    await controller.converged()
    const ours = rules()

    const drop = 'table=local,priority=900,dl_dst=02:00:00:00:01:01'
    const added = throwbar('add', `${drop},actions=drop`, 'cookie=7,table=30,ip,actions=drop')
    assert.deepEqual([added.status, added.stderr], [0, ''])
    assert.match(added.stdout, /hv1 has confirmed: 2 rules added\n$/)
    assert.match(
      dump(),
      /cookie=0x5b00000000000000, table=60, priority=900,dl_dst=02:00:00:00:01:01 actions=drop/,
    )
    assert.match(dump(), /cookie=0x5b00000000000007, table=30, ip actions=drop/)

    const unproved = throwbar('add', 'table=30,in_port=1,actions=NORMAL')
    assert.equal(unproved.status, 1)
    assert.match(unproved.stderr, /more than drop/)
    const taken = throwbar('add', '--unproved', 'table=30,in_port=1,actions=NORMAL')
    assert.equal(taken.status, 0)
    assert.match(taken.stderr, /no proof covers this rule/)
    assert.match(throwbar('--owner', 'operator').stdout, /^operator \(unproved\) .*actions=NORMAL$/m)

    const wrong = throwbar('add', `${drop},actions=drop`, 'table=30,tcp,tp_dst=70000,actions=drop')
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /^rule:1:21: 70000 does not fit .*\n.*tp_dst=70000.*\n {24}\^/)
    const nowhere = throwbar('add', '--unproved', 'table=30,actions=drop', 'table=30,udp,actions=group:77')
    assert.equal(nowhere.status, 1)
    assert.match(nowhere.stderr, /udp actions=group:77.*\nthrowbar: .*hv1 says OFPBAC_BAD_OUT_GROUP/)

    // What is ours and only reads differently: the switch itself sees that it is the same.
    const miss = throwbar('add', 'table=local,priority=0,actions=drop')
    assert.match(miss.stderr, /Another rule has this table/)
    const disguised = throwbar('add', 'table=local,priority=0,metadata=0/0,vlan_tci=0/0,actions=drop')
    assert.notEqual(disguised.status, 0)
    const overlapping = throwbar('add', 'table=local,priority=0,tcp,actions=drop')
    assert.match(overlapping.stderr, /OFPFMFC_OVERLAP/)
    assert.equal(rules(), ours + 3)

    // Neither an audit that heals our own rules nor a new controller touches them.
    bridge.ofctl('OpenFlow15', 'del-flows', 'table=60,cookie=0x5a00000000000000/0xff00000000000000')
    assert.ok(rules() < ours + 3)
    await controller.until('healed', () => Promise.resolve(rules() === ours + 3), auditedMs)
    await controller.kill()
    await controller.start()
    await controller.converged()
    assert.equal(rules(), ours + 3)
    assert.deepEqual(
      (await controller.list('switches')).map(({ operatorRules }) => operatorRules),
      [3],
    )

    const one = throwbar('del', '-o', 'json', 'cookie=7/0xff')
    assert.equal(one.status, 0)
    assert.equal((JSON.parse(one.stdout) as FlowReceipt).deleted.length, 1)
    assert.match(throwbar('del').stdout, /hv1 has confirmed: 2 rules deleted\n$/)
    assert.match(throwbar('del').stdout, /nothing deleted\n$/)
    assert.equal(rules(), ours)
    assert.ok((await controller.flows('hv1')).every(({ owner }) => !/operator|foreign|withdrawn/.test(owner)))
  } finally {
    await bridge.stop()
    await controller.remove()
  }
})
