/** Classes of traffic on one uplink: reservations and limits under load, what is lent and taken back, and a controller that is gone. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ControllerProcess } from './support/controller.ts'
import { type Lab, startLab } from './support/lab.ts'
import { realTest } from './support/real.ts'

const file = fileURLToPath(new URL('support/classes.yaml', import.meta.url))
/** As the file declares. */
const [reserved, limit] = [20e6, 10e6]
const tolerance = 0.1
/** For loads to begin and for lent rates to follow them. */
const followMs = 2_500
const measureMs = 1_500
/** The lease's 3 s, and the second that Open vSwitch takes to see that it ended. */
const leaseMs = 4_200

const udp = (rateBps: number) => ({ protocol: 'udp', rateBps }) as const

type Span = readonly [number, number]

async function measured(): Promise<Span> {
  const fromMs = performance.now()
  await sleep(measureMs)
  return [fromMs, performance.now()]
}

const hasLease = async (lab: Lab): Promise<boolean> => {
  const flows = await lab.ovs('hv1', ['ovs-ofctl', '-O', 'OpenFlow13', 'dump-flows', 'br0'])
  return flows.includes('hard_timeout=3')
}

realTest(
  'a class keeps its reservation and its limit beside whatever the others send, and gets what they leave',
  async (context) => {
    const controller = await ControllerProcess.start(file)
    try {
      const lab = await startLab(file, { id: 'classes', controller: controller.target })
      try {
        await controller.converged()
        const loads = { vm: await lab.startBulk('web1', 'web2', { protocol: 'tcp', count: 4 }) }
        await sleep(followMs)
        const alone = await measured()
        const classes = (await controller.list('classes')).filter((one) => one.switch === 'hv1')
        assert.deepEqual(
          classes.map((one) => [one.class, one.state]),
          [
            ['migration', 'lent'],
            ['storage', 'lent'],
            ['vm', 'lent'],
          ],
        )
        const vm = classes.find((one) => one.class === 'vm') ?? assert.fail()
        assert.ok((vm.heldBps ?? Infinity) < 10e6 && (vm.rateBps ?? 0) > 40e6, JSON.stringify(vm))
        assert.ok((vm.useBps ?? 0) > 30e6, JSON.stringify(vm))
        assert.ok((await controller.flows('hv1')).every(({ foreign }) => !foreign))

        const flood = await lab.startBulk('web1', 'web2', udp(60e6))
        const broadcast = await lab.startBulk('web1', 'web2', { protocol: 'broadcast', rateBps: 20e6 })
        const storage = await lab.startBulk('hv1:stor', 'hv2:stor', { protocol: 'tcp', count: 4 })
        const migration = await lab.startBulk('hv1:move', 'hv2:move', { protocol: 'tcp', count: 4 })
        await sleep(followMs)
        const together = await measured()
        await controller.kill()
        await sleep(leaseMs)
        assert.equal(await hasLease(lab), false)
        const orphaned = await measured()

        const [vms, disks, moves] = [await loads.vm.stop(), await storage.stop(), await migration.stop()]
        const floods = [await flood.stop(), await broadcast.stop()]
        const spans = { alone, together, orphaned }
        for (const [name, span] of Object.entries(spans)) {
          const figures = [vms, disks, moves, ...floods].map(({ received }) =>
            (received(...span) / 1e6).toFixed(1),
          )
          context.diagnostic(`${name}: vm, storage, migration, floods ${figures.join(', ')} Mbit/s`)
        }
        const first = [0, 500, 1_000, 1_500, 2_000].map((ms) => {
          const fromMs = storage.startedMs + ms
          return (disks.received(fromMs, fromMs + 500) / 1e6).toFixed(1)
        })
        context.diagnostic(`storage from its start on, each half second: ${first.join(', ')} Mbit/s`)
        assert.ok(vms.received(...alone) > 40e6 * (1 - tolerance))
        for (const span of [together, orphaned]) {
          assert.ok(disks.received(...span) >= reserved * (1 - tolerance))
          assert.ok(moves.received(...span) <= limit * (1 + tolerance))
        }
      } finally {
        await lab.stop()
      }
    } finally {
      await controller.remove()
    }
  },
)
