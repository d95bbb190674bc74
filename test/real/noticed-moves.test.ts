/** A real guest that somebody else moves: Throwbar is not asked, sees it in the databases of the hypervisors, and follows. */
import assert from 'node:assert/strict'
import type { MoveView } from '../../src/api/controller.ts'
import { ControllerProcess } from './support/controller.ts'
import { prepareGuests } from './support/guest.ts'
import { startLab } from './support/lab.ts'
import { untilPhase } from './support/moves.ts'
import { bareMover, guestIface, guestNic, guestTopology, MovingGuest } from './support/moving-guest.ts'
import { realTest } from './support/real.ts'
import { withDatabases } from './support/with-databases.ts'

realTest(
  'a guest that appears on a second hypervisor is prepared for, and switched to when it speaks there',
  async (context) => {
    prepareGuests()
    const controller = await ControllerProcess.start()
    try {
      const lab = await startLab(guestTopology, { id: 'noticed', controller: controller.target })
      try {
        const spec = withDatabases(guestTopology, lab)
        const guest = await MovingGuest.start(lab)
        const vms = { ...spec.vms, guest: { nics: [{ ...guestNic, iface: guestIface }] } }
        await controller.put('/v1/intent', { ...spec, vms })
        await controller.converged()
        await guest.count()
        let move: MoveView | undefined
        const seen = await guest.move(async (ends, to) => {
          await controller.until('the move is noticed and prepared', async () => {
            move = (await controller.list('moves'))[0]
            return move?.phase === 'transferring'
          })
          assert.deepEqual(
            [move?.origin, move?.from, move?.to, move?.flowsReady],
            ['noticed', 'hv1', to, true],
          )
          await bareMover(ends)
          move = await untilPhase(controller, move?.id ?? '', 'switched', 'settling', 'done')
        })
        for (const { answeredTwice } of seen.pings) assert.equal(answeredTwice, 0)
        const { report } = await untilPhase(controller, move?.id ?? '', 'done')
        context.diagnostic(JSON.stringify({ ...seen, report }))
        assert.equal(report?.signal, 'frame')
        assert.equal(
          (await controller.list('vms')).find(({ name }) => name === 'guest')?.nics[0]?.switch,
          'hv2',
        )
        assert.equal((await guest.stop())?.broken, undefined)
      } finally {
        await lab.stop()
      }
    } finally {
      await controller.remove()
    }
  },
)
