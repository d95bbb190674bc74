/**
 * What clients of a VM see while it goes to and fro between two hypervisors: a network namespace whose interface is unplugged
 * here and plugged in there, with an echo each millisecond and TCP sessions whose every byte is checked.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { topologyFile } from '../../real/support/checkout.ts'
import { type Lab, type LabOptions, startLab } from '../../real/support/lab.ts'
import { Cleanup } from '../support/cleanup.ts'
import { ControllerProcess } from '../support/controller.ts'
import { until } from '../support/processes.ts'

export interface Replugged {
  /** Of the echoes sent after the guest went on, those without an answer. */
  readonly lostAfter: number
  /** From there to the last of them. */
  readonly lostForMs: number
  readonly lost: number
  readonly twice: number
  /** From the unplugging until the guest went on. */
  readonly awayMs: number
  readonly largestGapMs: number
}

export interface ReplugSide {
  readonly name: string
  readonly moves: readonly Replugged[]
  /** Both ways together. */
  readonly sessions: { readonly count: number; readonly broken: number; readonly lost: number }
}

export interface ReplugOptions {
  readonly moves: number
  readonly sessions: number
  readonly cleanup: Cleanup
}

/** Takes the guest to a hypervisor; resolves with when it was unplugged and when it went on, by the lab's clock. */
type Replug = (to: string) => Promise<{ readonly unpluggedAtMs: number; readonly resumedAtMs: number }>

const vm = 'blue1'
const client = 'blue2'
const topology = topologyFile('linear')
const aroundMs = 300

export async function measureReplugs(options: ReplugOptions): Promise<ReplugSide[]> {
  return [
    await withThrowbar('Throwbar, the hypervisor waits for the switches', options, waits),
    await withThrowbar('Throwbar, it does not wait', options, hurries),
    await withLearning(options),
  ]
}

const waits =
  (controller: ControllerProcess, lab: Lab): Replug =>
  async (to) => {
    const id = await asked(controller, { vms: [vm], to, settleS })
    const { unpluggedAtMs } = await lab.moveVm(vm, to, undefined, { pause: true })
    await asked(controller, { id, vms: [vm], to, settleS }, 'switched')
    return { unpluggedAtMs, resumedAtMs: await lab.resumeVm(vm, 'rarp') }
  }

const hurries =
  (controller: ControllerProcess, lab: Lab): Replug =>
  async (to) => {
    await asked(controller, { vms: [vm], to, settleS })
    return bare(lab)(to)
  }

const bare =
  (lab: Lab): Replug =>
  async (to) => {
    const { unpluggedAtMs } = await lab.moveVm(vm, to, undefined, { pause: true })
    return { unpluggedAtMs, resumedAtMs: await lab.resumeVm(vm, 'rarp') }
  }

/** So that the next move finds nothing of the last one. */
const settleS = 0.2

/** The interface can only be at one place, so switches are ready for it no sooner than it is there. */
async function asked(controller: ControllerProcess, request: object, phase?: string): Promise<string> {
  const response = await fetch(
    `${controller.url}/v1/moves${phase === undefined ? '' : `?until=${phase}&timeoutMs=10000`}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    },
  )
  const text = await response.text()
  if (!response.ok) throw new Error(`not moved: ${text}`)
  return (JSON.parse(text) as { id: string }).id
}

async function withThrowbar(
  name: string,
  options: ReplugOptions,
  replug: (controller: ControllerProcess, lab: Lab) => Replug,
): Promise<ReplugSide> {
  return withLab(options.cleanup, async (own) => {
    const controller = await ControllerProcess.start(own)
    const lab = await labOf(own, { controller: controller.openflow })
    await controller.put('/v1/intent', parse(readFileSync(topology, 'utf8')))
    await until('converged', async () =>
      (await controller.switches()).every(({ declared, state }) => !declared || state === 'converged'),
    )
    const over = async () => {
      const response = await fetch(`${controller.url}/v1/moves`)
      const moves = (await response.json()) as readonly { readonly phase: string }[]
      return moves.every(({ phase }) => phase === 'done')
    }
    return moved(name, { lab, options, replug: replug(controller, lab), over })
  })
}

function withLearning(options: ReplugOptions): Promise<ReplugSide> {
  return withLab(options.cleanup, async (own) => {
    const lab = await labOf(own, { controller: 'none', failMode: 'standalone' })
    return moved('learning bridges', { lab, options, replug: bare(lab), over: () => Promise.resolve(true) })
  })
}

async function withLab(cleanup: Cleanup, body: (own: Cleanup) => Promise<ReplugSide>): Promise<ReplugSide> {
  const own = new Cleanup()
  cleanup.add(() => own.run())
  const side = await body(own)
  await own.run()
  return side
}

async function labOf(cleanup: Cleanup, options: Omit<LabOptions, 'id'>): Promise<Lab> {
  const lab = await startLab(topology, { id: 'benchplug', ...options })
  cleanup.add(() => lab.stop())
  return lab
}

interface Moving {
  readonly lab: Lab
  readonly options: ReplugOptions
  readonly replug: Replug
  /** Nothing of the last move is left. */
  readonly over: () => Promise<boolean>
}

async function moved(name: string, { lab, options, replug, over }: Moving): Promise<ReplugSide> {
  const held = { count: options.sessions, intervalMs: 50, drainMs: 10_000 }
  const there = await lab.startTcpSessions(client, vm, held)
  const back = await lab.startTcpSessions(vm, client, held)
  const moves: Replugged[] = []
  for (let move = 0; move < options.moves; move++) {
    if (move % 10 === 0) process.stderr.write(`${name}: move ${move + 1} of ${options.moves}\n`)
    moves.push(await one(lab, () => replug(move % 2 === 0 ? 'hv2' : 'hv1')))
    await until('the move is over', over)
  }
  const seen = [await there.stop(), await back.stop()]
  const sum = (of: 'broken' | 'lost') => seen.reduce((all, each) => all + each[of], 0)
  return { name, moves, sessions: { count: 2 * held.count, broken: sum('broken'), lost: sum('lost') } }
}

async function one(lab: Lab, replug: () => ReturnType<Replug>): Promise<Replugged> {
  const echo = await lab.startUdpEcho(client, vm, { drainMs: 500 })
  await sleep(aroundMs)
  const { unpluggedAtMs, resumedAtMs } = await replug()
  await sleep(aroundMs)
  const { lost, lostAtMs, duplicates: twice, largestGapMs } = await echo.stop()
  const after = lostAtMs.filter((atMs) => atMs > resumedAtMs)
  return {
    lostAfter: after.length,
    lostForMs: (after.at(-1) ?? resumedAtMs) - resumedAtMs,
    lost,
    twice,
    awayMs: resumedAtMs - unpluggedAtMs,
    largestGapMs,
  }
}
