/** A fabric that loses cables, spines and has its VMs moved: traffic finds its way, and what is installed is what a fresh start would install. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { IntentSpec } from '../../src/model/schema.ts'
import { parseTopology } from '../../src/model/yaml.ts'
import { ControllerProcess, topologyFile } from './support/controller.ts'
import { type Lab, type MeterResult, startLab } from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

const topology = 'leaf-spine'
const spines = ['spine1', 'spine2'] as const

/** The spine that carries most of what hv1 sends hv4. */
async function spineInUse(lab: Lab): Promise<(typeof spines)[number]> {
  const framesIn = async () => {
    const counts = spines.map((spine) => lab.counters(spine, 'swp1'))
    return (await Promise.all(counts)).map(({ rx }) => rx.frames)
  }
  const before = await framesIn()
  const pinger = await lab.startPinger('blue1', 'blue4')
  await new Promise((resolve) => setTimeout(resolve, 300))
  await pinger.stop()
  const after = await framesIn()
  const [first = 0, second = 0] = after.map((frames, i) => frames - (before[i] ?? 0))
  return first > second ? 'spine1' : 'spine2'
}

const report = ({ sent, lost, largestGapMs }: MeterResult): string =>
  `${lost} of ${sent} lost, largest gap ${largestGapMs} ms`

/** Pings across the fabric by both families while `body` runs. */
async function underPings(lab: Lab, body: () => Promise<void>): Promise<string> {
  const pingers = [
    await lab.startPinger('blue1', 'blue4'),
    await lab.startPinger('blue1', 'blue4', { family: 6 }),
  ]
  await body()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const results = await Promise.all(pingers.map((pinger) => pinger.stop()))
  for (const { sent, lost } of results) assert.ok(lost < sent, 'traffic goes on')
  return results.map(report).join('; ')
}

const reaches = async (lab: Lab): Promise<boolean> =>
  (await lab.ping('blue1', 'blue4', { timeoutMs: 300 })).ok &&
  (await lab.ping('blue4', 'blue1', { family: 6, timeoutMs: 300 })).ok

realTest('the cable in use goes down and comes back: the other spine takes over', async (context) => {
  await withNetwork({ topology, id: 'usrfa' }, async (controller, lab) => {
    const spine = await spineInUse(lab)
    const port = spine === 'spine1' ? 'swp49' : 'swp50'
    const states = async () => {
      const links = await controller.list('links')
      const own = links.filter(({ from, to }) =>
        [from, to].some((end) => end.switch === 'leaf1' && end.port === port),
      )
      return own.map(({ state }) => state)
    }
    const down = await underPings(lab, async () => {
      await lab.linkDown('leaf1', port)
      await controller.until('the link is missed', async () =>
        (await states()).every((state) => state !== 'up'),
      )
      await controller.until('traffic goes on', () => reaches(lab))
    })
    context.diagnostic(`leaf1:${port} (${spine}) down: ${down}`)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    assert.notEqual(await spineInUse(lab), spine)
    const up = await underPings(lab, async () => {
      await lab.linkUp('leaf1', port)
      await controller.until(
        'the link is back',
        async () => (await states()).every((state) => state === 'up'),
        20_000,
      )
      await controller.converged()
    })
    context.diagnostic(`leaf1:${port} up: ${up}`)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
  })
})

realTest("a spine's vswitchd dies and returns; then its machine does", async (context) => {
  await withNetwork({ topology, id: 'usrfb' }, async (controller, lab) => {
    const spine = await spineInUse(lab)
    const isConnected = async () =>
      (await controller.list('switches')).find(({ name }) => name === spine)?.connected === true
    const kill = async () => {
      await lab.killVswitchd(spine)
      await controller.until(`${spine} is missed`, async () => !(await isConnected()))
    }
    const restart = async () => {
      await lab.startVswitchd(spine)
      await controller.until(`${spine} is back`, isConnected)
      await controller.converged(30_000)
      await controller.until('traffic goes on', () => reaches(lab), 20_000)
    }
    // A lost session by itself moves no traffic: a switch forwards on without a controller.
    const vswitchd = await underPings(lab, async () => {
      await kill()
      await restart()
    })
    context.diagnostic(`${spine}: vswitchd killed and restarted: ${vswitchd}`)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])

    const used = await spineInUse(lab)
    assert.equal(used, spine)
    const dead = await underPings(lab, async () => {
      await kill()
      for (const port of ['swp1', 'swp2']) await lab.linkDown(spine, port)
      await controller.until('traffic goes on', () => reaches(lab), 20_000)
    })
    context.diagnostic(`${spine}: machine dead, its cables too: ${dead}`)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    assert.notEqual(await spineInUse(lab), spine)
    const returned = await underPings(lab, async () => {
      for (const port of ['swp1', 'swp2']) await lab.linkUp(spine, port)
      await restart()
    })
    context.diagnostic(`${spine}: returned: ${returned}`)
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
  })
})

/** Of every switch, its rules without counters, times and cookies, in an order of their own. */
async function rulesOf(controller: ControllerProcess, spec: IntentSpec): Promise<Record<string, string[]>> {
  const names = Object.keys(spec.switches ?? {})
  const lists = names.map(async (name) => {
    const flows = await controller.flows(name)
    const text = ({ text, owner }: (typeof flows)[number]): string =>
      `${owner} ${text.replace(/(cookie|duration|n_packets|n_bytes|idle_age|hard_age)=[^\s,]+,? ?/g, '')}`
    return [name, flows.map(text).sort()] as const
  })
  return Object.fromEntries(await Promise.all(lists))
}

realTest(
  'a VM moves to another hypervisor with its session; the rules are those of a fresh start',
  async (context) => {
    const parsed = parseTopology(readFileSync(topologyFile(topology), 'utf8'))
    assert.ok(!('problems' in parsed))
    const blue4 = parsed.spec.vms?.['blue4']
    assert.ok(blue4)
    const moved: IntentSpec = {
      ...parsed.spec,
      vms: { ...parsed.spec.vms, blue4: { ...blue4, host: 'hv2' } },
    }
    const file = topologyFile(topology)
    const controller = await ControllerProcess.start(file)
    const fresh = await ControllerProcess.start()
    try {
      const lab: Lab = await startLab(file, { id: 'usrfc', controller: controller.target })
      try {
        await controller.converged()
        const session = await lab.startTcpSession('blue1', 'blue4')
        const pinger = await lab.startPinger('blue1', 'blue4')
        const { unpluggedMs } = await lab.moveVm('blue4', 'hv2')
        const receipt = await controller.put('/v1/vms/blue4', moved.vms?.['blue4'])
        assert.equal(receipt.complete, true)
        await controller.until('blue4 is active', async () =>
          (await controller.list('vms')).some(({ name, state }) => name === 'blue4' && state === 'active'),
        )
        await controller.until('blue4 answers', async () => (await lab.ping('blue1', 'blue4')).ok)
        await new Promise((resolve) => setTimeout(resolve, 1_000))
        const kept = await session.stop()
        context.diagnostic(
          `unplugged for ${unpluggedMs} ms; pings ${report(await pinger.stop())}; TCP ${report(kept)}`,
        )
        assert.equal(kept.broken, null)
        assert.equal(kept.lost, 0)
        assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
        const rules = await rulesOf(controller, moved)

        // The same switches, emptied, under a controller that never knew another place for it.
        await controller.stop()
        for (const name of Object.keys(moved.switches ?? {})) {
          await lab.ovs(name, ['ovs-vsctl', 'del-controller', 'br0'])
          await lab.ovs(name, ['ovs-ofctl', '-O', 'OpenFlow15', 'del-flows', 'br0'])
        }
        assert.equal((await fresh.request('PUT', '/v1/intent?wait=false', moved)).status, 202)
        for (const name of Object.keys(moved.switches ?? {}))
          await lab.ovs(name, ['ovs-vsctl', 'set-controller', 'br0', fresh.target])
        await fresh.converged(30_000)
        assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
        const expected = await rulesOf(fresh, moved)
        assert.ok(Object.values(expected).every((list) => list.length > 10))
        assert.deepEqual(rules, expected)
      } finally {
        await lab.stop()
      }
    } finally {
      await fresh.remove()
      await controller.remove()
    }
  },
)
