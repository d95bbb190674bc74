/** A real guest that Throwbar moves live between two hypervisors, there and back, while clients at both talk to it. */
import assert from 'node:assert/strict'
import { ControllerProcess } from './support/controller.ts'
import { prepareGuests } from './support/guest.ts'
import { startLab } from './support/lab.ts'
import { declareGuest, guestTopology, moverOf, MovingGuest } from './support/moving-guest.ts'
import { realTest } from './support/real.ts'

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
        const guest = await MovingGuest.start(lab)
        await declareGuest(controller)
        await controller.converged()
        await guest.count()
        for (let move = 0; move < 2; move++) {
          const seen = await guest.move(moverOf(controller))
          context.diagnostic(JSON.stringify(seen))
          for (const { answeredTwice, largestGapMs } of seen.pings) {
            assert.equal(answeredTwice, 0)
            assert.ok(largestGapMs < seen.stillMs + slackMs, `${largestGapMs} ms`)
          }
        }
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
