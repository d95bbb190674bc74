/** What must not be felt: a controller that dies and returns, an unchanged file applied again, a change elsewhere, a vswitchd that restarts. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { VmSpec } from '../../src/model/schema.ts'
import { parseTopology } from '../../src/model/yaml.ts'
import { type ControllerProcess, topologyFile } from './support/controller.ts'
import type { Lab, MeterResult } from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

const file = topologyFile('two-hosts')

/** Every change of the switch's flow table while `body` runs, as the switch itself reports it. */
async function tableChanges(lab: Lab, name: string, body: () => Promise<void>): Promise<string[]> {
  const rundir = lab.description.switches[name]?.rundir ?? ''
  const monitor = spawn('ovs-ofctl', ['monitor', 'br0', 'watch:!initial'], {
    env: { ...process.env, OVS_RUNDIR: rundir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [monitor.stdout, monitor.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const exited = once(monitor, 'exit')
  try {
    await sleep(300)
    await body()
    await sleep(300)
  } finally {
    monitor.kill('SIGTERM')
    await exited
  }
  return output.split('\n').filter((line) => /event=(ADDED|DELETED|MODIFIED)/.test(line))
}

/** Pings from hv1 to hv2 each millisecond, by both families, while `body` runs. */
async function underPings(lab: Lab, body: () => Promise<void>): Promise<MeterResult[]> {
  const pingers = [
    await lab.startPinger('blue1', 'blue2'),
    await lab.startPinger('blue1', 'blue2', { family: 6 }),
  ]
  await sleep(300)
  await body()
  await sleep(300)
  return Promise.all(pingers.map((pinger) => pinger.stop()))
}

function noneLost(results: readonly MeterResult[]): string {
  for (const { sent, lost, duplicates } of results) {
    assert.ok(sent > 300, `${sent} sent`)
    assert.deepEqual({ lost, duplicates }, { lost: 0, duplicates: 0 })
  }
  return results
    .map(({ sent, lost, largestGapMs }) => `${lost} of ${sent} lost, largest gap ${largestGapMs} ms`)
    .join('; ')
}

realTest('kill -9 of the controller and its restart: no packet lost, nothing sent', async (context) => {
  await withNetwork({ topology: 'two-hosts', id: 'cont' }, async (controller, lab) => {
    const [before] = await Promise.all([
      lab.ovs('hv1', ['ovs-ofctl', '-O', 'OpenFlow15', 'dump-flows', 'br0']),
    ])
    assert.ok(before.includes('write_metadata'))
    const changes = await tableChanges(lab, 'hv1', async () => {
      const results = await underPings(lab, async () => {
        await controller.kill()
        await sleep(1_000)
        await controller.start()
        await controller.converged()
        // Longer than it takes until links would be doubted and switches be audited.
        await sleep(6_000)
        await controller.converged()
      })
      context.diagnostic(noneLost(results))
    })
    assert.deepEqual(changes, [])
    assert.equal(await controller.metric('throwbar_rule_operations_total'), 0)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
  })
})

realTest('the monitor that proves "nothing sent" does see a change', async () => {
  await withNetwork({ topology: 'two-hosts', id: 'contm' }, async (controller, lab) => {
    const vm = { host: 'hv1', nics: [{ network: 'blue', mac: '02:00:00:00:01:77', ips: ['10.0.1.77'] }] }
    await lab.addPort('hv1', 'late-0')
    const changes = await tableChanges(lab, 'hv1', async () => {
      const receipt = await controller.put('/v1/vms/late', vm)
      assert.equal(receipt.complete, true)
    })
    assert.ok(changes.length > 0)
  })
})

realTest(
  'apply of an unchanged file sends nothing; a change in another network is not felt',
  async (context) => {
    await withNetwork({ topology: 'two-hosts', id: 'conta' }, async (controller, lab) => {
      const parsed = parseTopology(readFileSync(file, 'utf8'))
      assert.ok(!('problems' in parsed))
      const unchanged = await tableChanges(lab, 'hv2', async () => {
        const receipt = await controller.put('/v1/intent', parsed.spec)
        assert.equal(receipt.complete, true)
        assert.deepEqual(
          receipt.switches.map(({ state, added, modified, deleted }) => [state, added, modified, deleted]),
          [
            ['confirmed', 0, 0, 0],
            ['confirmed', 0, 0, 0],
          ],
        )
      })
      assert.deepEqual(unchanged, [])
      const green = parsed.spec.vms?.['green2'] as VmSpec
      const results = await underPings(lab, async () => {
        for (let round = 0; round < 10; round++) {
          assert.equal((await controller.request('DELETE', '/v1/vms/green2')).status, 200)
          assert.equal((await controller.put('/v1/vms/green2', green)).complete, true)
        }
      })
      context.diagnostic(`20 changes of network green under pings in blue: ${noneLost(results)}`)
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    })
  },
)

realTest('ovs-vswitchd killed and restarted: all rules are back by themselves', async (context) => {
  await withNetwork({ topology: 'two-hosts', id: 'contv' }, async (controller, lab) => {
    const rules = (await controller.flows('hv1')).length
    for (const signal of ['KILL', 'TERM'] as const) {
      await lab.killVswitchd('hv1', signal)
      await controller.until(
        'the loss is noticed',
        async () => !(await switchOf(controller, 'hv1')).connected,
      )
      await lab.startVswitchd('hv1')
      await controller.until('reconnected', async () => (await switchOf(controller, 'hv1')).connected)
      const reconnected = performance.now()
      await controller.converged()
      context.diagnostic(
        `${rules} rules back ${(performance.now() - reconnected).toFixed(0)} ms after reconnection (${signal})`,
      )
      assert.equal((await controller.flows('hv1')).length, rules)
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    }
  })
})

realTest(
  'a rule deleted or changed behind our back is put right; a foreign rule stays and is shown',
  async () => {
    await withNetwork({ topology: 'two-hosts', id: 'contd' }, async (controller, lab) => {
      const rules = (await controller.flows('hv1')).length
      await lab.ovs('hv1', ['ovs-ofctl', '-O', 'OpenFlow15', 'del-flows', 'br0', 'table=60'])
      await lab.ovs('hv1', ['ovs-ofctl', '-O', 'OpenFlow15', 'mod-flows', 'br0', 'table=55,actions=drop'])
      await lab.ovs('hv1', [
        'ovs-ofctl',
        '-O',
        'OpenFlow15',
        'add-flow',
        'br0',
        'table=200,priority=7,icmp,actions=drop',
      ])
      assert.notDeepEqual(lab.surprises(await lab.pingMatrix({ protocols: ['icmp'] })), [])
      await controller.until(
        'healed',
        async () => lab.surprises(await lab.pingMatrix({ protocols: ['icmp'] })).length === 0,
        30_000,
      )
      const flows = await controller.flows('hv1')
      assert.equal(flows.length, rules + 1)
      assert.equal(flows.filter(({ foreign }) => foreign).length, 1)
      assert.equal((await switchOf(controller, 'hv1')).foreignRules, 1)
    })
  },
)

async function switchOf(controller: ControllerProcess, name: string) {
  const found = (await controller.list('switches')).find((each) => each.name === name)
  assert.ok(found)
  return found
}
