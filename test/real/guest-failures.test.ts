/**
 * What can go wrong while Throwbar moves a real guest: the controller is killed, the transfer is given up, QEMU at the
 * destination ends, nobody announces the guest. It is at one end afterwards, and its TCP session goes on counting.
 */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MoveView } from '../../src/api/controller.ts'
import { ControllerProcess } from './support/controller.ts'
import { prepareGuests } from './support/guest.ts'
import { startLab } from './support/lab.ts'
import {
  bareMover,
  declareGuest,
  guestTopology,
  type Mover,
  MovingGuest,
  type MoveSeen,
} from './support/moving-guest.ts'
import { realTest } from './support/real.ts'

type Moment = (guests: Parameters<Mover>[2], id: string) => Promise<unknown>

/** Bytes per second: slow enough for something to happen before the guest stops. */
const bytesPerS = { slow: 30_000_000, fast: 1_000_000_000 } as const

/** Moves that something happens to. */
class Accidents {
  readonly #controller: ControllerProcess
  readonly #guest: MovingGuest
  readonly #context: TestContext

  constructor(parts: { controller: ControllerProcess; guest: MovingGuest; context: TestContext }) {
    this.#controller = parts.controller
    this.#guest = parts.guest
    this.#context = parts.context
  }

  /** The controller is killed then, and started again: the move goes on by itself. */
  async crash(id: string, speed: keyof typeof bytesPerS, moment: Moment): Promise<void> {
    const seen = await this.#guest.move(async (driver, to, guests) => {
      await this.#begin(id, { to, driver }, { guests, speed })
      await moment(guests, id)
      await this.#controller.kill()
      await this.#controller.start()
      await guests.source.order('migrate-set-parameters', { 'max-bandwidth': bytesPerS.fast })
      const view = await this.until(id, 'done', 'aborted')
      assert.equal(view.phase, 'done')
      return view
    })
    this.#check(id, seen)
  }

  /** Something ends the transfer then: the move is taken back, and tells why. */
  async failure(id: string, reason: RegExp, moment: Moment): Promise<void> {
    const seen = await this.#guest.stay(async (driver, to, guests) => {
      await this.#begin(id, { to, driver }, { guests, speed: 'slow' })
      await moment(guests, id)
      const view = await this.until(id, 'done', 'aborted')
      const { phase, reason: told } = view
      assert.equal(phase, 'aborted')
      assert.match(told ?? '', reason)
      this.#context.diagnostic(`${id}: ${told ?? ''}`)
      return view
    })
    this.#check(id, seen)
  }

  /** Somebody else moves it once it may come, and QEMU says nothing on its behalf when it runs there. */
  async unannounced(id: string): Promise<void> {
    const seen = await this.#guest.move(async (ends, to, guests) => {
      await this.#begin(id, { to }, { guests, speed: 'slow' })
      assert.equal((await this.until(id, 'prepared', 'transferring')).flowsReady, true)
      const moved = bareMover(ends)
      await sleep(200)
      await guests.destination.order('migrate-set-parameters', { 'announce-rounds': 0 })
      await guests.source.order('migrate-set-parameters', { 'max-bandwidth': bytesPerS.fast })
      await moved
      const view = await this.until(id, 'done')
      assert.equal(view.report?.signal, 'frame')
      return view
    })
    this.#check(id, seen)
  }

  async request(method: string, path: string): Promise<void> {
    const { status, body } = await this.#controller.request(method, path)
    assert.equal(status, 200, JSON.stringify(body))
  }

  async until(id: string, ...phases: readonly MoveView['phase'][]): Promise<MoveView> {
    let view: MoveView | undefined
    const isThere = async () => {
      view = (await this.#controller.request('GET', `/v1/moves/${id}`)).body as MoveView
      return phases.includes(view.phase)
    }
    await this.#controller.until(`move ${id} is ${phases.join(' or ')}`, isThere, 20_000)
    assert.ok(view)
    return view
  }

  async #begin(
    id: string,
    move: { readonly to: string; readonly driver?: Parameters<Mover>[0] },
    { guests, speed }: { readonly guests: Parameters<Mover>[2]; readonly speed: keyof typeof bytesPerS },
  ): Promise<void> {
    await guests.source.order('migrate-set-parameters', { 'max-bandwidth': bytesPerS[speed] })
    const asked = { id, vms: ['guest'], settleS: 0.2, ...move }
    const { status, body } = await this.#controller.request('POST', '/v1/moves', asked)
    assert.equal(status, 201, JSON.stringify(body))
  }

  #check(id: string, { pings, countGapMs }: Omit<MoveSeen, 'stillMs'>): void {
    this.#context.diagnostic(`${id}: ${JSON.stringify({ pings, countGapMs })}`)
    for (const { answeredTwice } of pings) assert.equal(answeredTwice, 0, id)
  }
}

realTest('whatever goes wrong, a guest is at one end, and its session goes on', async (context) => {
  prepareGuests()
  const controller = await ControllerProcess.start(guestTopology)
  try {
    const lab = await startLab(guestTopology, { id: 'guests', controller: controller.target })
    try {
      const guest = await MovingGuest.start(lab)
      await declareGuest(controller)
      await controller.converged()
      await guest.count()
      await happen(new Accidents({ controller, guest, context }))
      const counted = await guest.stop()
      context.diagnostic(JSON.stringify(counted))
      assert.equal(counted?.broken, undefined)
    } finally {
      await lab.stop()
    }
  } finally {
    await controller.remove()
  }
})

async function happen(accidents: Accidents): Promise<void> {
  const sending: Moment = async (_, id) => {
    await accidents.until(id, 'transferring')
    await sleep(200)
  }
  await accidents.crash('killed-sending', 'slow', sending)
  await accidents.crash('killed-stopped', 'fast', ({ source }) => source.turn('STOP'))
  await accidents.crash('killed-switched', 'fast', ({ destination }) => destination.turn('RESUME'))
  // QEMU 7.2 shuts its connection before it notes that it was told to: it may take that for a failure itself.
  await accidents.failure('cancelled-by-hand', /cancelled|Broken pipe/, async (guests, id) => {
    await sending(guests, id)
    await guests.source.order('migrate_cancel')
  })
  await accidents.failure('aborted', /asked for/, async (guests, id) => {
    await sending(guests, id)
    await accidents.request('POST', `/v1/moves/${id}/abort`)
  })
  await accidents.failure(
    'destination-died',
    /QEMU gave the transfer up/,
    async ({ source, destination }) => {
      await source.order('migrate-set-parameters', { 'max-bandwidth': bytesPerS.fast })
      await source.turn('STOP')
      await destination.kill()
    },
  )
  await accidents.unannounced('unannounced')
}
