/**
 * Two virtual switches with up to four cables between them, on one Open vSwitch's dummy datapath: frames go in at a VM's
 * port by the thousand, and each cable's file tells which of them it carried.
 */
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPcap } from '../../../codecs/packet/pcap.ts'
import type { Cleanup } from '../support/cleanup.ts'
import { OpenVSwitch } from '../support/open-vswitch.ts'
import {
  announcement,
  type BenchVm,
  type Flow,
  flowNumberOf,
  type Pattern,
  receiver,
  sendersOf,
} from './flows.ts'
import type { Placed, Side } from './side.ts'
import { Unixctl } from './unixctl.ts'

export const bridges = ['hv1', 'hv2'] as const
export type Bridge = (typeof bridges)[number]

export const uplinkName = (bridge: Bridge, index: number): string => `${bridge}-eth${index}`
export const datapathIdOf = (bridge: string): string => bridge.slice(2).padStart(16, '0')

/** A dummy port queues 100 frames and drops the rest. */
const burst = 90
/** Frames of one port that are sent in a millisecond or two: of 32, half were dropped. */
const batch = 16
/** When nothing more arrives for so long, nothing more is under way. */
const quietMs = 100

export class TwoBridges {
  readonly #ovs: OpenVSwitch
  readonly #control: Unixctl
  #uplinks = 0
  #plugged: readonly Placed[] = []

  private constructor(ovs: OpenVSwitch, control: Unixctl) {
    this.#ovs = ovs
    this.#control = control
  }

  static async start(cleanup: Cleanup): Promise<TwoBridges> {
    const ovs = await OpenVSwitch.start(cleanup)
    const control = await Unixctl.open(join(ovs.folder, 'vswitchd.ctl'))
    cleanup.add(() => control.close())
    return new TwoBridges(ovs, control)
  }

  /** From nothing, with this many cables and the VMs of a pattern plugged; nothing forwards yet. */
  async build(uplinks: number, pattern: Pattern): Promise<void> {
    for (const bridge of bridges) await this.#ovs.vsctl(['--if-exists', 'del-br', bridge])
    for (let index = 0; index < this.#uplinks; index++) await rm(this.#file(index, 'pcap'), { force: true })
    this.#uplinks = uplinks
    for (const bridge of ['hv2', 'hv1'] as const) {
      await this.#ovs.addBridge(bridge, datapathIdOf(bridge))
      const names = Array.from({ length: uplinks }, (_, index) => uplinkName(bridge, index))
      await this.#ovs.addPorts(bridge, names, (name) => this.#columns(name))
    }
    const placed = (vm: BenchVm, host: Bridge): Placed => ({ vm, host, port: vm.name })
    this.#plugged = [...sendersOf(pattern).map((vm) => placed(vm, 'hv1')), placed(receiver, 'hv2')]
    for (const bridge of bridges)
      await this.#ovs.addPorts(
        bridge,
        this.#plugged.filter(({ host }) => host === bridge).map(({ port }) => port),
      )
  }

  get plugged(): readonly Placed[] {
    return this.#plugged
  }

  side(bridge: Bridge): Side {
    return {
      bridge,
      declaredAs: bridge,
      uplinks: Array.from({ length: this.#uplinks }, (_, index) => uplinkName(bridge, index)),
      inward: 'drop',
      columns: (uplink) => this.#columns(uplink),
      vsctl: (args) => this.#ovs.vsctl(args),
      ofctl: async (command, args = []) => {
        await this.#ovs.ofctl(command, bridge, ['--names', ...args])
      },
      appctl: ([command = '', ...args]) => this.#control.call(command, args),
    }
  }

  /** Both ends lose the carrier, or have it again. */
  async setCarrier(index: number, up: boolean): Promise<void> {
    for (const bridge of bridges)
      await this.#control.call('netdev-dummy/set-admin-state', [
        uplinkName(bridge, index),
        up ? 'up' : 'down',
      ])
  }

  /** What the datapath has cached is thrown away, as its own revalidation does sooner or later. */
  async forgetCached(): Promise<void> {
    await this.#control.call('revalidator/purge', [])
  }

  /** Learning switches come to know where the receiver is. */
  async announceReceiver(): Promise<void> {
    await this.#inject(receiver.name, [{ frame: announcement() }])
    await sleep(50)
  }

  /** By flow number, the uplink of the first switch that it left by; undefined for a flow that arrived at none. */
  async uplinksOf(flows: readonly Flow[]): Promise<readonly (number | undefined)[]> {
    const found: (number | undefined)[] = flows.map(() => undefined)
    const offsets = [...(await this.#quietSizes())]
    // What was lost on the way, such as while a learning switch did not know the receiver, is sent again.
    for (let attempt = 0; attempt < 3; attempt++) {
      const missing = flows.filter(({ number }) => found[number] === undefined)
      for (const round of roundsOf(missing)) {
        for (const [port, frames] of round) await this.#inject(port, frames)
        await this.#arrive(round, offsets, found)
      }
    }
    return found
  }

  /** Traffic that nobody looks at, no faster than ports take it in: what their queues drop is not sent again. */
  async send(flows: readonly Flow[]): Promise<void> {
    for (const round of roundsOf(flows, batch)) {
      for (const [port, frames] of round) await this.#inject(port, frames)
      await sleep(1)
    }
  }

  /** Until every frame of the round has been seen on a cable, or no more come. */
  async #arrive(
    round: ReadonlyMap<string, readonly Flow[]>,
    offsets: number[],
    found: (number | undefined)[],
  ): Promise<void> {
    const awaited = [...round.values()].flat().map(({ number }) => number)
    let left = awaited.length
    for (let quietSince = performance.now(); performance.now() - quietSince < quietMs; ) {
      for (const index of this.#indexes) await this.#collect(index, offsets, found)
      const now = awaited.filter((number) => found[number] === undefined).length
      if (now === 0) return
      if (now < left) quietSince = performance.now()
      left = now
      await sleep(2)
    }
  }

  async #inject(port: string, flows: readonly Pick<Flow, 'frame'>[]): Promise<void> {
    const frames = flows.map(({ frame }) => Buffer.from(frame).toString('hex'))
    await this.#control.call('netdev-dummy/receive', [port, ...frames])
  }

  /** Takes in what was added to the cable's file since the last time. */
  async #collect(index: number, offsets: number[], found: (number | undefined)[]): Promise<void> {
    const from = offsets[index] ?? 0
    const size = await this.#size(index)
    if (size <= from) return
    const header = 24
    const file = await open(this.#file(index, 'pcap'), 'r')
    try {
      const bytes = Buffer.alloc(header + size - Math.max(from, header))
      await file.read(bytes, 0, header, 0)
      await file.read(bytes, header, bytes.length - header, Math.max(from, header))
      const { packets } = readPcap(bytes)
      offsets[index] = Math.max(from, header)
      for (const { bytes: frame } of packets) {
        offsets[index] += 16 + frame.length
        const number = flowNumberOf(frame)
        if (number === undefined) continue
        const before = found[number]
        if (before !== undefined && before !== index)
          throw new Error(`flow ${number} went over uplinks ${before} and ${index}`)
        found[number] = index
      }
    } finally {
      await file.close()
    }
  }

  /** Of the cables' files, once whatever was sent before is in them. */
  async #quietSizes(): Promise<readonly number[]> {
    const sizes = () => Promise.all(this.#indexes.map((index) => this.#size(index)))
    for (let before = await sizes(); ; ) {
      await sleep(quietMs)
      const after = await sizes()
      if (after.every((size, index) => size === before[index])) return after
      before = after
    }
  }

  async #size(index: number): Promise<number> {
    try {
      const file = await open(this.#file(index, 'pcap'), 'r')
      try {
        return (await file.stat()).size
      } finally {
        await file.close()
      }
    } catch {
      return 0
    }
  }

  get #indexes(): readonly number[] {
    return Array.from({ length: this.#uplinks }, (_, index) => index)
  }

  /** The second switch listens, the first calls and records. */
  #columns(uplink: string): readonly string[] {
    const [bridge, , digits] = /^(hv\d)-(eth(\d+))$/.exec(uplink)?.slice(1) ?? []
    const index = Number(digits)
    const socket = `unix:${this.#file(index, 'sock')}`
    return bridge === 'hv2'
      ? ['type=dummy', `options:pstream=p${socket}`]
      : ['type=dummy', `options:stream=${socket}`, `options:tx_pcap=${this.#file(index, 'pcap')}`]
  }

  #file(index: number, kind: string): string {
    return join(this.#ovs.folder, `cable${index}.${kind}`)
  }
}

/** Each takes as many flows of every sender as its port can queue. */
function roundsOf(flows: readonly Flow[], most = burst): readonly ReadonlyMap<string, readonly Flow[]>[] {
  const rounds: Map<string, Flow[]>[] = []
  const sent = new Map<string, number>()
  for (const flow of flows) {
    const port = flow.sender.name
    const count = sent.get(port) ?? 0
    sent.set(port, count + 1)
    const round = (rounds[Math.floor(count / most)] ??= new Map<string, Flow[]>())
    const own = round.get(port)
    if (own) own.push(flow)
    else round.set(port, [flow])
  }
  return rounds
}
