/** A real guest that Throwbar moves live between two hypervisors, there and back, while clients at both talk to it. */
import assert from 'node:assert/strict'
import { ControllerProcess } from './support/controller.ts'
import { memoryBytesOf, prepareGuests } from './support/guest.ts'
import { startLab } from './support/lab.ts'
import { declareGuest, guestTopology, moverOf, MovingGuest } from './support/moving-guest.ts'
import { realTest } from './support/real.ts'

/** QEMU does not count what smaller ones write, so that nothing can be predicted of them. */
const memoryMiB = 160
/** More than a loaded machine takes to let a guest that runs again answer. */
const slackMs = 500

realTest(
  'a guest is moved there and back: its TCP session counts on, and nothing is answered twice',
  async (context) => {
    prepareGuests()
    const controller = await ControllerProcess.start(guestTopology)
    try {
      const lab = await startLab(guestTopology, { id: 'guests', controller: controller.target })
      try {
        const guest = await MovingGuest.start(lab, { memoryMiB })
        await declareGuest(controller)
        await controller.converged()
        await guest.count()
        let led = 0
        for (let move = 0; move < 2; move++) {
          const { view, ...seen } = await guest.move(moverOf(controller))
          const { prediction, report } = view ?? assert.fail()
          context.diagnostic(JSON.stringify({ ...seen, prediction, transfer: report?.transfer }))
          assert.ok(prediction && report?.transfer)
          // QEMU may stop a guest itself that hardly writes; this one is pinged and counts.
          led += report.aheadMs === undefined ? 0 : 1
          assert.equal(prediction.memoryBytes, memoryBytesOf({ memoryMiB }))
          assert.ok(report.transfer.bytes <= prediction.bytes, 'pages that were never written go as nothing')
          for (const { answeredTwice, largestGapMs } of seen.pings) {
            assert.equal(answeredTwice, 0)
            assert.ok(largestGapMs < seen.stillMs + slackMs, `${largestGapMs} ms`)
          }
        }
        const counts = { countSessions: true, settleS: 1 }
        const { view } = await guest.move(moverOf(controller, counts))
        context.diagnostic(JSON.stringify(view?.report))
        assert.deepEqual(view?.report?.sessions, { before: 1, carried: 1 })
        led += view.report.aheadMs === undefined ? 0 : 1
        assert.ok(led > 0, 'what was for it never waited at the destination')
        const counted = await guest.stop()
        assert.equal(counted?.broken, undefined)
      } finally {
        await lab.stop()
      }
    } finally {
      await controller.remove()
    }
  },
)
