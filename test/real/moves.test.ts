/** VMs move between hypervisors of a fabric while sessions to and from them go on; whatever becomes of the move, they live. */
import assert from 'node:assert/strict'
import type { MoveView } from '../../src/api/controller.ts'
import type { ControllerProcess } from './support/controller.ts'
import type { Lab } from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

const moveOf = async (controller: ControllerProcess, id: string): Promise<MoveView> =>
  (await controller.request('GET', `/v1/moves/${id}`)).body as MoveView

async function ask(controller: ControllerProcess, request: object, until = ''): Promise<MoveView> {
  const { status, body } = await controller.request('POST', `/v1/moves${until && `?until=${until}`}`, request)
  assert.ok(status === 200 || status === 201, JSON.stringify(body))
  return body as MoveView
}

async function phase(
  controller: ControllerProcess,
  id: string,
  ...phases: readonly string[]
): Promise<MoveView> {
  await controller.until(`move ${id} is ${phases.join(' or ')}`, async () =>
    phases.includes((await moveOf(controller, id)).phase),
  )
  return moveOf(controller, id)
}

/** As a hypervisor would that waits for the switches before the guest goes on. */
async function moveGuest(controller: ControllerProcess, lab: Lab, vm: string, to: string): Promise<MoveView> {
  const { id } = await ask(controller, { vms: [vm], to, settleS: 1 })
  await lab.moveVm(vm, to, undefined, { pause: true })
  await phase(controller, id, 'switched', 'settling', 'done')
  await lab.resumeVm(vm)
  return phase(controller, id, 'done')
}

/** What is installed, but for counters, ages and the numbers of ports, which are new where an interface was plugged in again. */
const texts = async (controller: ControllerProcess, name: string) =>
  (await controller.flows(name))
    .map(({ text }) =>
      text
        .replaceAll(/(n_packets|n_bytes|duration|idle_age|hard_age)=[^,]*, /g, '')
        .replaceAll(/(in_port=|output:)\d+/g, '$1')
        .replaceAll(/(output:,?)+/g, 'outputs'),
    )
    .toSorted()

realTest(
  'VMs move to and fro: sessions live, and the rules are those of VMs declared there',
  async (context) => {
    await withNetwork({ topology: 'leaf-spine', id: 'moves' }, async (controller, lab) => {
      const hosts = ['hv1', 'hv2', 'hv3', 'hv4', 'leaf1', 'leaf2', 'spine1', 'spine2']
      const before = new Map<string, readonly string[]>()
      for (const host of hosts) before.set(host, await texts(controller, host))
      const there = await lab.startTcpSessions('blue2', 'blue1', { count: 20, drainMs: 5_000 })
      const back = await lab.startTcpSessions('blue1', 'blue4', { count: 20, drainMs: 5_000 })
      const echo = await lab.startUdpEcho('blue3', 'blue1')
      for (const to of ['hv3', 'hv2', 'hv4', 'hv1']) {
        const { report, timeline } = await moveGuest(controller, lab, 'blue1', to)
        context.diagnostic(`to ${to}: ${JSON.stringify(report)}, ${timeline.length} steps`)
        assert.equal((await controller.list('vms')).find(({ name }) => name === 'blue1')?.nics[0]?.switch, to)
      }
      const { lost, sent, duplicates, largestGapMs } = await echo.stop()
      context.diagnostic(`echo each ms: ${lost} of ${sent} lost, ${duplicates} twice, gap ${largestGapMs} ms`)
      assert.equal(duplicates, 0)
      for (const sessions of [await there.stop(), await back.stop()])
        assert.deepEqual([sessions.broken, sessions.lost], [0, 0])
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      for (const host of hosts) {
        const after = await texts(controller, host)
        const gone = before.get(host)?.filter((text) => !after.includes(text))
        const left = after.filter((text) => !before.get(host)?.includes(text))
        assert.deepEqual([gone, left], [[], []], host)
      }
    })
  },
)
