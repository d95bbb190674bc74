/** Lending: who is looked after, what is read and sent, and what becomes of it when switches, sessions and programs change. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sharing } from '../../../src/compiler/features/egress.ts'
import type { SwitchProgram } from '../../../src/compiler/program.ts'
import { Lending } from '../../../src/controller/lending.ts'
import type { ClassUse } from '../../../src/controller/lent-rates.ts'
import { classMeters } from '../../../src/pipeline/shares.ts'
import type { LentRate } from '../../../src/reconciler/lend.ts'
import type { MeterStats } from '../../../src/switches/read.ts'
import { switchProgram } from '../../support/small-programs.ts'
import { quiet } from '../../support/stepped-reconciler.ts'

const id = '1'
const sharing: Sharing = {
  by: 'meters',
  uplinks: [{ name: 'eth0', index: 0, port: 1, bandwidthBps: 100e6 }],
  classes: [
    { name: 'vm', shares: 10, reservationBps: 0 },
    { name: 'storage', shares: 10, reservationBps: 40e6 },
  ],
}
const vm = classMeters(0, 1)

class FakeSession {
  bytes = 0
  reads = 0
  answer: Promise<void> = Promise.resolve()

  readonly readMeterCounters = async (): Promise<readonly MeterStats[]> => {
    this.reads++
    await this.answer
    const bands = [{ packetBandCount: 0n, byteBandCount: 0n }]
    const common = { flowCount: 1, packetInCount: 0n, durationS: 0, durationNs: 0, bands }
    return [{ ...common, meterId: vm.held, byteInCount: BigInt(this.bytes) }]
  }
}

function setup() {
  const sent: (readonly LentRate[])[] = []
  const uses: ClassUse[] = []
  const state = { live: new FakeSession() as FakeSession | undefined, nowMs: 0, accepts: true }
  let step: () => void = () => undefined
  const lending = new Lending({
    timers: { every: (_, run) => (step = run) },
    reconciler: {
      lend: (_, rates) => {
        sent.push(rates)
        return Promise.resolve(state.accepts)
      },
    },
    live: () => state.live,
    clockMs: () => state.nowMs,
    onUse: (_, told) => uses.push(...told),
  })
  const adopt = (...programs: (SwitchProgram & { sharing?: Sharing })[]) =>
    lending.adopted({ switches: new Map(programs.map((one) => [one.datapathId, one])) })
  /** A second in which VMs send so many bytes. */
  const second = async (bytes = 0) => {
    state.nowMs += 1_000
    if (state.live) state.live.bytes += bytes
    step()
    await quiet()
  }
  return { lending, adopt, second, sent, uses, state }
}

const shared = (one: Sharing = sharing) => ({ ...switchProgram(id, []), sharing: one })

test('what VMs send beyond their own is lent to them after the second reading', async () => {
  const { lending, adopt, second, sent, uses } = setup()
  adopt(shared())
  await second()
  assert.deepEqual([sent.length, lending.ledger(id)?.lent], [0, false])
  await second(4e6)
  assert.equal(sent[0]?.find((one) => one.id === vm.lent)?.rate, 97_000)
  assert.equal(lending.ledger(id)?.lent, true)
  assert.deepEqual(
    uses.map(({ name, useBps }) => [name, useBps]),
    [
      ['vm', 32e6],
      ['storage', 0],
    ],
  )
})

test('nothing is read where nothing is shared, by queues, or at no known speed, nor when it is withdrawn', async () => {
  const { lending, adopt, second, state } = setup()
  adopt(switchProgram(id, []))
  await second()
  adopt(shared({ ...sharing, by: 'queues' }))
  await second()
  adopt(shared({ ...sharing, uplinks: [{ name: 'eth0', index: 0, port: 1 }] }))
  await second()
  assert.equal(state.live?.reads, 0)
  adopt(shared())
  await second()
  adopt()
  await second()
  assert.deepEqual([state.live.reads, lending.ledger(id)], [1, undefined])
})

test('a switch that does not answer is asked once', async () => {
  const { adopt, second, state } = setup()
  adopt(shared())
  let free: () => void = () => undefined
  if (state.live) state.live.answer = new Promise((resolve) => (free = resolve))
  await second()
  await second()
  assert.equal(state.live?.reads, 1)
  free()
  await quiet()
  await second()
  assert.equal(state.live.reads, 2)
})

test('another session begins with a reading of its own, and rates that were not confirmed are sent again', async () => {
  const { lending, adopt, second, sent, state } = setup()
  adopt(shared())
  await second()
  state.accepts = false
  await second(12e6)
  assert.equal(lending.ledger(id)?.lent, false)
  await second(12e6)
  assert.deepEqual(sent[1], sent[0])

  state.live = undefined
  await second()
  assert.equal(lending.ledger(id), undefined)
  state.live = new FakeSession()
  await second(4e6)
  assert.equal(sent.length, 2)
  assert.deepEqual(lending.ledger(id)?.uses, [])
})

test('rates of the program before are not kept', async () => {
  const { adopt, second, sent } = setup()
  adopt(shared())
  await second()
  await second(4e6)
  adopt(shared({ ...sharing, classes: sharing.classes.map((one) => ({ ...one, limitBps: 50e6 })) }))
  await second(4e6)
  assert.equal(sent[1]?.find((one) => one.id === vm.lent)?.rate, 50_000)
})
