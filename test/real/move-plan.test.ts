/** The distance that a plan measures is the one that ping measures, over a cable on which each frame takes 10 ms. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MovePlan } from '../../src/mobility/plan/plan.ts'
import { checkout } from './support/checkout.ts'
import { ControllerProcess } from './support/controller.ts'
import { type Lab, startLab } from './support/lab.ts'
import { python } from './support/lab-process.ts'
import { realTest } from './support/real.ts'

const support = join(checkout, 'test', 'real', 'support')
const topology = join(support, 'far-hosts.yaml')
const oneWayMs = 10
const names = ['hv1', 'hv2'] as const
/** What two samples of a busy machine may differ by. */
const slackMs = 3

async function withLab(target: string, body: (lab: Lab) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'throwbar-far-'))
  const file = join(folder, 'apart.yaml')
  const declared = readFileSync(topology, 'utf8')
  writeFileSync(file, declared.replace(/^links: .*$/m, '').replaceAll(', uplinks: [eth0]', ''))
  const lab = await startLab(file, { id: 'farhosts', controller: target })
  try {
    await body(lab)
  } finally {
    await lab.stop()
    rmSync(folder, { recursive: true })
  }
}

async function layCable(lab: Lab): Promise<ChildProcess> {
  const namespaces = names.map((name) => lab.description.switches[name]?.namespace ?? '')
  const script = join(support, 'slow_cable.py')
  const cable = spawn(python, [script, ...namespaces, 'eth0', `${oneWayMs}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(cable.stdout, 'data')
  for (const name of names) await lab.ovs(name, ['ovs-vsctl', 'add-port', 'br0', 'eth0'])
  return cable
}

realTest('a plan measures what ping measures, and says how sure it is', async (context) => {
  const controller = await ControllerProcess.start(topology)
  try {
    await withLab(controller.target, async (lab) => {
      const cable = await layCable(lab)
      try {
        await controller.converged()
        const pinger = await lab.startPinger('web1', 'web2', { intervalMs: 20 })
        const request = { vms: ['web1'], to: 'hv2', memoryBytes: 2 ** 30, dirtyBytesPerS: 2 ** 20 }
        const { status, body } = await controller.request('POST', '/v1/moves/plan', request)
        assert.equal(status, 200, JSON.stringify(body))
        const { figures, way, methods } = body as MovePlan
        const { rttMs } = await pinger.stop()
        const { value = 0, error = 0, source } = figures.rttMs
        context.diagnostic(`planned ${value.toFixed(2)} ± ${error.toFixed(2)} ms, ping ${rttMs.p50} ms`)
        assert.deepEqual([source, way], ['measured', ['hv1:eth0', 'hv2:eth0']])
        assert.ok(rttMs.p50 >= 2 * oneWayMs)
        assert.ok(Math.abs(value - rttMs.p50) < error + slackMs)
        assert.match(
          methods
            .find(({ method }) => method === 'live')
            ?.reasons.map(({ text }) => text)
            .join() ?? '',
          /are a long distance \(more than 10 ms\)/,
        )
      } finally {
        cable.stdin?.end()
        await once(cable, 'exit')
      }
    })
  } finally {
    await controller.remove()
  }
})
