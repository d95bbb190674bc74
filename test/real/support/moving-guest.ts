/** A real guest that goes back and forth between two hypervisors, and what its clients at both see of each move. */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import type { MoveView } from '../../../src/api/controller.ts'
import type { MoveRequest } from '../../../src/mobility/move.ts'
import { qemuDriver } from '../../../src/mobility/qemu/driver.ts'
import { checkout } from './checkout.ts'
import { Guest, type GuestOptions } from './guest.ts'
import { type Counting, type CountSeen, type PingsSeen, startCounting, startPings } from './guest-client.ts'
import type { Lab } from './lab.ts'

/** The lab for it; the guest itself is not in it. */
export const guestTopology = join(checkout, 'test', 'real', 'support', 'guests.yaml')

/** What databases call it. */
export const guestIface = 'guest/0'
export const guestNic = {
  network: 'blue',
  mac: '02:00:00:00:01:11',
  ips: ['10.0.1.11', 'fd00:1::11'],
} as const
const [address] = guestNic.ips

/** As a move's `driver` wants it. */
export interface Ends {
  readonly kind: 'qemu'
  readonly source: string
  readonly destination: string
  readonly uri: string
}

export interface MoveSeen {
  /** From the source's STOP to the destination's RESUME. */
  readonly stillMs: number
  /** By the client on the first hypervisor, and by that on the second. */
  readonly pings: readonly PingsSeen[]
  /** Longest time that the TCP session did not count. */
  readonly countGapMs: number
  /** As Throwbar tells it, where Throwbar moved it. */
  readonly view?: MoveView
}

export type Mover = (
  ends: Ends,
  to: string,
  guests: { readonly source: Guest; readonly destination: Guest },
) => Promise<MoveView | undefined>

/** Over which guests are sent. */
const cable = { hv1: '10.98.0.1', hv2: '10.98.0.2' } as const

/** As it takes them when it is not busy; a guest is seen to answer before and after. */
const aroundMs = 300

export class MovingGuest {
  readonly #lab: Lab
  readonly #options: Omit<GuestOptions, 'hypervisor' | 'incoming'>
  #guest: Guest
  #counting: Counting | undefined

  /** On hv1. The hypervisors get a cable of their own for it: the switches in user space would drop frames of others for it. */
  static async start(
    lab: Lab,
    options: Pick<GuestOptions, 'writesMiB' | 'memoryMiB'> = {},
  ): Promise<MovingGuest> {
    const own = {
      ...options,
      mac: guestNic.mac,
      addresses: [`${address}/24`, 'fd00:1::11/64'],
      port: 'guest-0',
      iface: guestIface,
    }
    layCable(lab)
    const guest = await Guest.start(lab, { ...own, hypervisor: 'hv1' })
    return new MovingGuest(lab, own, guest)
  }

  private constructor(lab: Lab, options: Omit<GuestOptions, 'hypervisor' | 'incoming'>, guest: Guest) {
    this.#lab = lab
    this.#options = options
    this.#guest = guest
  }

  get guest(): Guest {
    return this.#guest
  }

  /** One TCP session for all moves to come. */
  async count(): Promise<void> {
    this.#counting = await startCounting(this.#namespace('client1'), address)
  }

  /** To the other hypervisor; what it left there is taken away. */
  async move(mover: Mover): Promise<MoveSeen> {
    const source = this.#guest
    const { destination, ...seen } = await this.#attempt(mover)
    this.#guest = destination
    const stillMs = timeOf(destination, 'RESUME') - timeOf(source, 'STOP')
    await source.stop()
    return { stillMs, ...seen }
  }

  /** As `move`, by one that does not get it away; what came of it at the other hypervisor is taken away. */
  async stay(mover: Mover): Promise<Omit<MoveSeen, 'stillMs'>> {
    const { destination, ...seen } = await this.#attempt(mover)
    await destination.stop()
    return seen
  }

  async #attempt(mover: Mover): Promise<Omit<MoveSeen, 'stillMs'> & { readonly destination: Guest }> {
    const source = this.#guest
    const to = source.hypervisor === 'hv1' ? 'hv2' : 'hv1'
    const uri = `tcp:${cable[to]}:4444`
    const destination = await Guest.start(this.#lab, { ...this.#options, hypervisor: to, incoming: uri })
    const clients = [
      await startPings(this.#namespace('client1'), address),
      await startPings(this.#namespace('client2'), address),
    ]
    await sleep(aroundMs)
    this.#counting?.gapMs()
    let view: MoveView | undefined
    try {
      const ends = { kind: 'qemu', source: source.qmp, destination: destination.qmp, uri } as const
      view = await mover(ends, to, { source, destination })
      await sleep(aroundMs)
    } catch (error) {
      await Promise.all(clients.map((client) => client.stop()))
      await destination.stop()
      throw error
    }
    const countGapMs = this.#counting?.gapMs() ?? 0
    const pings = await Promise.all(clients.map((client) => client.stop()))
    return { destination, pings, countGapMs, ...(view && { view }) }
  }

  /** Ends it, and tells what the TCP session was. */
  async stop(): Promise<CountSeen | undefined> {
    const seen = await this.#counting?.stop()
    await this.#guest.stop()
    return seen
  }

  #namespace(vm: string): string {
    return this.#lab.description.nics.find((nic) => nic.vm === vm)?.namespace ?? ''
  }
}

/** Ends with the namespaces. */
function layCable(lab: Lab): void {
  const of = (name: string) => lab.description.switches[name]?.namespace ?? ''
  const ip = (...args: readonly string[]) => execFileSync('ip', args)
  ip(
    'link',
    'add',
    'stream',
    'netns',
    of('hv1'),
    'type',
    'veth',
    'peer',
    'name',
    'stream',
    'netns',
    of('hv2'),
  )
  for (const [name, address] of Object.entries(cable)) {
    ip('-n', of(name), 'addr', 'add', `${address}/30`, 'dev', 'stream')
    ip('-n', of(name), 'link', 'set', 'stream', 'up')
  }
}

const timeOf = ({ turns }: Guest, name: string): number =>
  turns.findLast((turn) => turn.name === name)?.atMs ?? NaN

/** Without a controller: nobody but the switches' own learning follows it. */
export async function bareMover({ source, destination, uri }: Ends): Promise<undefined> {
  const driver = qemuDriver({ source, destination, uri, stopsAhead: false })
  try {
    await driver.check()
    await new Promise<void>((resolve, reject) => {
      driver.start(
        {
          onProgress: () => undefined,
          onStopping: () => Promise.resolve(),
          onStopped: () => Promise.resolve(),
          onResumed: () => undefined,
          onCompleted: () => resolve(),
          onFailed: (reason) => reject(new Error(reason)),
        },
        {},
      )
    })
  } finally {
    driver.close()
  }
}

interface Controller {
  /** Of its REST API. */
  readonly url: string
}

/** As a VM of the network `blue` on hv1, where its interface is called `guest-0` as everywhere. */
export async function declareGuest(controller: Controller): Promise<void> {
  const { status, text } = await ask(controller, 'PUT', '/v1/vms/guest', { host: 'hv1', nics: [guestNic] })
  if (status >= 300) throw new Error(`the guest was not declared: ${text}`)
}

/** By Throwbar, until nothing of the move is left. */
export const moverOf =
  (controller: Controller, more: Readonly<Partial<MoveRequest>> = {}): Mover =>
  async (driver, to) => {
    const move: MoveRequest = { vms: ['guest'], to, driver, settleS: 0.2, ...more }
    const { status, text } = await ask(controller, 'POST', '/v1/moves?until=done&timeoutMs=120000', move)
    const view = JSON.parse(text) as MoveView
    if (status !== 201 || view.phase !== 'done') throw new Error(`the guest was not moved: ${text}`)
    return view
  }

async function ask({ url }: Controller, method: string, path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
  return { status: response.status, text: await response.text() }
}
