/**
 * A real guest: QEMU without hardware help, in a hypervisor's namespace of a lab, plugged into its switch by a tap as libvirt
 * would. It ends with `stop()`, and with the test's process however that ends.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultQmpLimits, type QmpHandlers, QmpSession } from '../../../src/mobility/qemu/session.ts'
import { checkout } from './checkout.ts'
import type { Lab } from './lab.ts'

const images = join(checkout, 'node_modules', '.cache', 'guest')

export interface GuestOptions {
  readonly hypervisor: string
  readonly mac: string
  /** With their prefix lengths; not of a guest that is awaited: it brings them along. */
  readonly addresses?: readonly string[]
  /** Where it is awaited, as `-incoming` takes it; without, it is booted. */
  readonly incoming?: string
  /** Name of its interface of the switch; made up unless given. */
  readonly port?: string
  /** What the database says that it is, as libvirt would. */
  readonly iface?: string
  /** Memory that it writes over and over. */
  readonly writesMiB?: number
  readonly memoryMiB?: number
}

/** Fetches a kernel and packs the guest, once per checkout. */
export function prepareGuests(): void {
  execFileSync('sh', [join(checkout, 'mininet', 'guest', 'install.sh'), images], { stdio: 'pipe' })
}

export class Guest {
  readonly hypervisor: string
  /** Its interface of the hypervisor's switch. */
  readonly tap: string
  readonly #lab: Lab
  readonly #folder = mkdtempSync(join(tmpdir(), 'throwbar-guest-'))
  readonly #child: ChildProcess
  /** When it stopped or ran, as a monitor of the test's own told. */
  readonly turns: { readonly name: string; readonly atMs: number }[] = []
  readonly #turned: { readonly name: string; readonly resolve: () => void }[] = []
  #said = ''
  #watch: QmpSession | undefined

  /** Resolves when its services answer, or when it waits for what is to come in. */
  static async start(lab: Lab, options: GuestOptions): Promise<Guest> {
    const guest = new Guest(lab, options, await plug(lab, options))
    try {
      await guest.#listens()
      guest.#watch = await QmpSession.open(guest.#monitor('watch'), guest.#handlers, defaultQmpLimits)
      if (options.incoming === undefined) await guest.#says('guest: ready')
      return guest
    } catch (error) {
      await guest.stop()
      throw error
    }
  }

  private constructor(lab: Lab, options: GuestOptions, tap: string) {
    this.#lab = lab
    this.hypervisor = options.hypervisor
    this.tap = tap
    const namespace = lab.description.switches[options.hypervisor]?.namespace ?? ''
    const monitors = ['qmp', 'watch'].flatMap((name) => ['-qmp', `${this.#monitor(name)},server=on,wait=off`])
    const command = ['qemu-system-x86_64', ...machine(options, tap), ...monitors]
    const bound = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', namespace]
    this.#child = spawn('setpriv', [...bound, ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => (this.#said = (this.#said + text).slice(-8_000)))
  }

  get qmp(): string {
    return this.#monitor('qmp')
  }

  /** What it and its QEMU have said. */
  get said(): string {
    return this.#said
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** A command of somebody else's than the driver's: an operator, or libvirt. */
  async order(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return this.#watch?.execute(command, args)
  }

  /** Resolves when it stops, or runs, the next time. */
  async turn(name: 'STOP' | 'RESUME'): Promise<void> {
    await new Promise<void>((resolve) => this.#turned.push({ name, resolve }))
  }

  /** At once, as a machine that loses power. */
  async kill(): Promise<void> {
    if (!this.hasEnded) {
      const exited = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await exited
    }
  }

  /** Ends it and takes its interface out of the switch. */
  async stop(): Promise<void> {
    await this.kill()
    this.#watch?.close()
    const namespace = this.#lab.description.switches[this.hypervisor]?.namespace ?? ''
    await this.#lab.ovs(this.hypervisor, ['ovs-vsctl', '--if-exists', 'del-port', this.tap])
    execFileSync('ip', ['-n', namespace, 'link', 'del', this.tap])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #monitor(name: string): string {
    return `unix:${join(this.#folder, name)}`
  }

  get #handlers(): QmpHandlers {
    return {
      onEvent: (name) => {
        if (name !== 'STOP' && name !== 'RESUME') return
        this.turns.push({ name, atMs: performance.now() })
        for (const waiting of this.#turned) if (waiting.name === name) waiting.resolve()
      },
      onClosed: () => undefined,
    }
  }

  async #says(words: string): Promise<void> {
    const deadlineMs = performance.now() + 60_000
    while (!this.#said.includes(words)) await this.#wait(words, deadlineMs)
  }

  async #listens(): Promise<void> {
    const deadlineMs = performance.now() + 10_000
    while (!existsSync(join(this.#folder, 'watch'))) await this.#wait('its monitor listens', deadlineMs)
  }

  async #wait(what: string, deadlineMs: number): Promise<void> {
    if (this.hasEnded) throw new Error(`QEMU has ended: ${this.#said}`)
    if (performance.now() > deadlineMs) throw new Error(`not in time: ${what}. ${this.#said}`)
    await sleep(20)
  }
}

/**
 * QEMU 7.2 loses writes of a guest under its emulated processor where memory is a whole number of 256 KiB: a fast way of
 * reading which pages were written does not make the processor tell of the next write. So it has two pages more.
 */
export const memoryBytesOf = ({ memoryMiB = 96 }: Pick<GuestOptions, 'memoryMiB'>): number =>
  (memoryMiB * 1024 + 8) * 1024

/** Both ends of a transfer must have the same machine. */
function machine(
  { mac, addresses = [], incoming, writesMiB = 0, ...memory }: GuestOptions,
  tap: string,
): string[] {
  const kibibytes = `${memoryBytesOf(memory) / 1024}K`
  const settings = `guest.address=${addresses.join(',')} guest.writes=${writesMiB}`
  return [
    ...['-accel', 'tcg,tb-size=16', '-M', 'pc-i440fx-7.2', '-cpu', 'qemu64', '-m', kibibytes],
    ...['-nodefaults', '-display', 'none', '-serial', 'stdio', '-monitor', 'none'],
    ...['-kernel', join(images, 'vmlinuz'), '-initrd', join(images, 'initramfs.gz')],
    ...['-append', `console=ttyS0 quiet loglevel=3 nokaslr mitigations=off ${settings}`],
    // Open vSwitch reads a tap without the header that QEMU would put before each frame.
    ...['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no,vnet_hdr=off`],
    ...['-device', `virtio-net-pci,netdev=net0,mac=${mac},romfile=`],
    ...(incoming === undefined ? [] : ['-incoming', incoming]),
  ]
}

let taps = 0

async function plug(lab: Lab, { hypervisor, mac, port, iface }: GuestOptions): Promise<string> {
  const namespace = lab.description.switches[hypervisor]?.namespace ?? ''
  const tap = port ?? `tap${++taps}`
  execFileSync('ip', ['-n', namespace, 'tuntap', 'add', tap, 'mode', 'tap'])
  execFileSync('ip', ['-n', namespace, 'link', 'set', tap, 'up'])
  const ids = [
    `external_ids:attached-mac="${mac}"`,
    ...(iface === undefined ? [] : [`external_ids:iface-id=${iface}`]),
  ]
  await lab.ovs(hypervisor, ['ovs-vsctl', 'add-port', 'br0', tap, '--', 'set', 'interface', tap, ...ids])
  return tap
}
