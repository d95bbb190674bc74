/** VMs move between hypervisors of a fabric while sessions to and from them go on; whatever becomes of the move, they live. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MoveView } from '../../src/api/controller.ts'
import type { ControllerProcess } from './support/controller.ts'
import type { Lab } from './support/lab.ts'
import { askMove, changedRules, rulesOfAll, untilPhase } from './support/moves.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

interface Moved {
  readonly move: MoveView
  readonly resumedAtMs: number
}

/** Of the blue network, for blue1, as the fabric might still bring it to a hypervisor that blue1 has left. */
const lateFrame = `020000000101020000000103810000650800${'00'.repeat(46)}`
const lateFrames = 3

/** As a hypervisor would that waits for the switches before the guest goes on; a few frames come late to the one it left. */
async function moveGuest(controller: ControllerProcess, lab: Lab, vm: string, to: string): Promise<Moved> {
  const from = (await hostOf(controller, vm)) ?? ''
  const { id } = await askMove(controller, { vms: [vm], to, settleS: 2, countSessions: true })
  // Until each session has sent something.
  await sleep(1_000)
  await lab.moveVm(vm, to, undefined, { pause: true })
  await untilPhase(controller, id, 'switched', 'settling', 'done')
  const resumedAtMs = await lab.resumeVm(vm, 'rarp')
  await untilPhase(controller, id, 'settling')
  const late = ['ovs-ofctl', 'packet-out', 'br0', `in_port=eth0 packet=${lateFrame} actions=table`]
  await Promise.all(Array.from({ length: lateFrames }, () => lab.ovs(from, late)))
  return { move: await untilPhase(controller, id, 'done'), resumedAtMs }
}

const hostOf = async (controller: ControllerProcess, vm: string) =>
  (await controller.list('vms')).find(({ name }) => name === vm)?.nics[0]?.switch

realTest(
  'VMs move to and fro: sessions live, and the rules are those of VMs declared there',
  async (context) => {
    await withNetwork({ topology: 'leaf-spine', id: 'moves' }, async (controller, lab) => {
      const before = await rulesOfAll(controller)
      const there = await lab.startTcpSessions('blue2', 'blue1', { count: 20, drainMs: 5_000 })
      const back = await lab.startTcpSessions('blue1', 'blue4', { count: 20, drainMs: 5_000 })
      const echo = await lab.startUdpEcho('blue3', 'blue1')
      const resumed: number[] = []
      for (const to of ['hv3', 'hv2', 'hv4', 'hv1']) {
        const { move, resumedAtMs } = await moveGuest(controller, lab, 'blue1', to)
        resumed.push(resumedAtMs)
        context.diagnostic(`to ${to}: ${JSON.stringify(move.report)}, ${move.timeline.length} steps`)
        assert.equal(await hostOf(controller, 'blue1'), to)
        assert.equal(move.report?.lateFrames, lateFrames)
        // Each of both meters' sessions sends every 20 ms.
        assert.deepEqual(move.report.sessions, { before: 40, carried: 40 })
        assert.equal(controller.log.includes('refused'), false, controller.log)
      }
      const { lost, lostAtMs, sent, duplicates, largestGapMs } = await echo.stop()
      const after = resumed.map((atMs) => lostAtMs.filter((at) => at > atMs && at < atMs + 1_000).length)
      context.diagnostic(
        `echo each ms: ${lost} of ${sent} lost, after the guest went on ${after.join(', ')}; gap ${largestGapMs} ms`,
      )
      assert.equal(duplicates, 0)
      for (const sessions of [await there.stop(), await back.stop()])
        assert.deepEqual([sessions.broken, sessions.lost], [0, 0])
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      assert.deepEqual(await changedRules(controller, before), {})

      // Cold: stopped here, started there, and nothing is left of it.
      const { id } = await askMove(controller, { vms: ['green1'], to: 'hv3', method: 'cold' })
      await lab.moveVm('green1', 'hv3')
      const { report } = await untilPhase(controller, id, 'done')
      context.diagnostic(`cold: ${JSON.stringify(report)}`)
      assert.equal(await hostOf(controller, 'green1'), 'hv3')
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
    })
  },
)
