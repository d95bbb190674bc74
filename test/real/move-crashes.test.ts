/** Whatever dies during a move, it is completed or taken back by itself, and the sessions of the VM live. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { ControllerProcess } from './support/controller.ts'
import type { Lab } from './support/lab.ts'
import { askMove, changedRules, moveOf, rulesOfAll, untilPhase } from './support/moves.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

const phases = ['planned', 'prepared', 'transferring', 'switched', 'settling'] as const

/** Kills it at the first word of that phase. Resolves when it is dead. */
async function killAt(controller: ControllerProcess, phase: string): Promise<() => Promise<void>> {
  const asked = get(`${controller.url}/v1/events`)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const dead = new Promise<void>((resolve) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes(`"move.${phase}"`)) void controller.kill().then(resolve)
    })
  })
  response.on('error', () => undefined)
  return () => dead
}

/** Whoever has had no answer for long tries again as late: a session is quiet for up to twice the time for which it was cut off. */
const drainMs = 50_000

async function withSessions(lab: Lab, body: () => Promise<void>): Promise<void> {
  const meters = [
    await lab.startTcpSessions('blue2', 'blue1', { count: 20, intervalMs: 50, drainMs }),
    await lab.startTcpSessions('blue1', 'blue2', { count: 20, intervalMs: 50, drainMs }),
  ]
  await body()
  for (const meter of meters) {
    const { broken, lost } = await meter.stop()
    assert.deepEqual([broken, lost], [0, 0])
  }
}

realTest(
  'a controller killed in each phase of a move goes on with it, and sessions live',
  async (context) => {
    await withNetwork({ topology: 'linear', id: 'movecrash' }, async (controller, lab) => {
      const before = await rulesOfAll(controller)
      await withSessions(lab, async () => {
        let host = 'hv1'
        for (const phase of phases) {
          host = host === 'hv1' ? 'hv2' : 'hv1'
          const dead = await killAt(controller, phase)
          const { id } = await askMove(controller, {
            id: `to-${phase}`,
            vms: ['blue1'],
            to: host,
            settleS: 1,
          })
          await lab.moveVm('blue1', host, undefined, { pause: true })
          await dead()
          await lab.resumeVm('blue1', 'rarp')
          await controller.start()
          const { timeline } = await untilPhase(controller, id, 'done')
          context.diagnostic(`killed at ${phase}: ${timeline.map((step) => step.phase).join(' ')}`)
        }
      })
      await controller.converged()
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      // An odd number of moves: it is at hv2, and goes home for the comparison.
      const { id } = await askMove(controller, { vms: ['blue1'], to: 'hv1', settleS: 0.1 })
      await lab.moveVm('blue1', 'hv1')
      await untilPhase(controller, id, 'done')
      assert.deepEqual(await changedRules(controller, before), {})
    })
  },
)

realTest('a destination that dies, a move called off, a guest that says nothing', async () => {
  await withNetwork({ topology: 'linear', id: 'movefail' }, async (controller, lab) => {
    const before = await rulesOfAll(controller)
    await withSessions(lab, async () => {
      // Nothing of it at the source while the destination is away; and it may be called off.
      await lab.killVswitchd('hv2')
      const { id } = await askMove(controller, { vms: ['blue1'], to: 'hv2' })
      await controller.until('told that hv2 is away', async () =>
        /hv2/.test((await moveOf(controller, id)).timeline.at(-1)?.detail ?? ''),
      )
      const { status } = await controller.request('POST', `/v1/moves/${id}/abort`)
      assert.equal(status, 200)
      assert.match((await untilPhase(controller, id, 'aborted')).reason ?? '', /asked for/)
      await lab.startVswitchd('hv2')
      await controller.converged()

      const late = await askMove(controller, { vms: ['blue1'], to: 'hv2', timeoutS: 1 })
      assert.match(
        (await untilPhase(controller, late.id, 'aborted')).reason ?? '',
        /did not arrive within 1 s/,
      )
      assert.deepEqual(await changedRules(controller, before), {})

      // Without a word: it is plugged in, and that is enough.
      const silent = await askMove(controller, { vms: ['blue1'], to: 'hv2', settleS: 0.1 })
      await lab.moveVm('blue1', 'hv2')
      assert.equal((await untilPhase(controller, silent.id, 'done')).report?.signal, 'unplugged')
    })
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
  })
})
