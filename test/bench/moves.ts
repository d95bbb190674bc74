/**
 * What clients of a VM see while Throwbar moves it live between two hypervisors; plain learning bridges beside it.
 * Parts: `guests` (QEMU without hardware help, 10 ms pings from a client on each hypervisor, one TCP session that counts) and
 * `namespaces` (100 moves under 1 ms echoes and 100 TCP sessions each way). Takes root.
 */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { prepareGuests } from '../real/support/guest.ts'
import type { CountSeen } from '../real/support/guest-client.ts'
import { type Lab, type LabOptions, startLab } from '../real/support/lab.ts'
import {
  bareMover,
  declareGuest,
  guestTopology,
  type Mover,
  moverOf,
  type MoveSeen,
  MovingGuest,
} from '../real/support/moving-guest.ts'
import { obstacle } from '../real/support/real.ts'
import { Cleanup } from './support/cleanup.ts'
import { ControllerProcess } from './support/controller.ts'
import { quantile, showSpread, table } from './support/figures.ts'
import { until } from './support/processes.ts'
import { type Means, report } from './support/report.ts'
import { measureReplugs, type ReplugSide } from './moves/namespaces.ts'

export interface BenchOptions {
  readonly json: boolean
  /** Two moves of each, to see that it works. */
  readonly quick: boolean
  /** Of `parts`; all of them when there is none. */
  readonly part?: readonly string[]
}

const parts = ['guests', 'namespaces'] as const

/** That of Open vSwitch in the lab, which is that of its packages. */
const switchPriority = -10

interface GuestKind {
  readonly name: string
  readonly memoryMiB: number
  readonly writesMiB: number
  readonly moves: number
}

const kinds: readonly GuestKind[] = [
  { name: 'idle guest of 160 MiB', memoryMiB: 160, writesMiB: 0, moves: 10 },
  { name: 'guest of 256 MiB that writes 32 over and over', memoryMiB: 256, writesMiB: 32, moves: 10 },
]

interface Side {
  readonly name: string
  readonly guest: string
  readonly moves: readonly MoveSeen[]
  readonly session: CountSeen | undefined
  /** Why there are no more of them. */
  readonly ended?: string
}

interface MovesReport {
  readonly bench: 'moves'
  readonly machine: string
  readonly sides: readonly Side[]
  readonly replugs: readonly ReplugSide[]
}

/** Resolves with the exit status. */
export async function run(options: BenchOptions): Promise<number> {
  const unknown = options.part?.find((one) => !parts.some((part) => part === one))
  if (unknown !== undefined) {
    console.error(`there is no part ${unknown}; there is: ${parts.join(', ')}`)
    return 2
  }
  const missing = obstacle()
  if (missing !== undefined) {
    console.error(missing)
    return 2
  }
  return report({ json: options.json, measure: (means) => measure(options, means), show })
}

async function measure({ quick, part }: BenchOptions, { ovs, cleanup }: Means): Promise<MovesReport> {
  const wants = (one: (typeof parts)[number]) => part === undefined || part.includes(one)
  prepareGuests()
  const qemu = /version (\S+)/.exec(
    execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' }),
  )?.[1]
  const load = (loadavg()[0] ?? 0).toFixed(1)
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}, ${ovs}, QEMU ${qemu ?? 'unknown'}, load ${load} at the start`
  const sides: Side[] = []
  for (const kind of wants('guests') ? kinds.slice(0, quick ? 1 : kinds.length) : []) {
    const guest = quick ? { ...kind, moves: 2 } : kind
    sides.push(await byThrowbar(guest, cleanup), await byLearning(guest, cleanup))
  }
  const many = { moves: quick ? 4 : 100, sessions: quick ? 10 : 100, cleanup }
  return { bench: 'moves', machine, sides, replugs: wants('namespaces') ? await measureReplugs(many) : [] }
}

async function byThrowbar(kind: GuestKind, cleanup: Cleanup): Promise<Side> {
  const own = new Cleanup()
  cleanup.add(() => own.run())
  const controller = await ControllerProcess.start(own, { priority: switchPriority })
  const lab = await labOf(own, { controller: controller.openflow })
  await controller.put('/v1/intent', parse(readFileSync(guestTopology, 'utf8')))
  const side = await moved('Throwbar', { kind, lab }, async () => {
    await declareGuest(controller)
    await until('converged', async () =>
      (await controller.switches()).every(({ declared, state }) => !declared || state === 'converged'),
    )
    return moverOf(controller)
  })
  await own.run()
  return side
}

async function byLearning(kind: GuestKind, cleanup: Cleanup): Promise<Side> {
  const own = new Cleanup()
  cleanup.add(() => own.run())
  const lab = await labOf(own, { controller: 'none', failMode: 'standalone' })
  const side = await moved('learning bridges', { kind, lab }, () => Promise.resolve(bareMover))
  await own.run()
  return side
}

async function labOf(cleanup: Cleanup, options: Omit<LabOptions, 'id'>): Promise<Lab> {
  const lab = await startLab(guestTopology, { id: 'benchmove', ...options })
  cleanup.add(() => lab.stop())
  return lab
}

async function moved(
  name: string,
  { kind, lab }: { readonly kind: GuestKind; readonly lab: Lab },
  ready: () => Promise<Mover>,
): Promise<Side> {
  const guest = await MovingGuest.start(lab, kind)
  const mover = await ready()
  await guest.count()
  const moves: MoveSeen[] = []
  let ended: string | undefined
  for (let move = 0; move < kind.moves && ended === undefined; move++) {
    process.stderr.write(`${name}, ${kind.name}: move ${move + 1} of ${kind.moves}\n`)
    await guest.move(mover).then(
      (seen) => moves.push(seen),
      (error: unknown) =>
        (ended = `at move ${move + 1}: ${String(error)}\nIts console: ${guest.guest.said.slice(-1_000)}`),
    )
  }
  const session = await guest.stop()
  return { name, guest: kind.name, moves, session, ...(ended !== undefined && { ended }) }
}

function show({ machine, sides, replugs }: MovesReport): string {
  const tables = [
    ...(sides.length > 0 ? [showGuests(sides), showPredictions(sides)] : []),
    ...(replugs.length > 0 ? [showReplugs(replugs)] : []),
  ]
  return [machine, ...tables].join('\n\n')
}

function showGuests(sides: readonly Side[]): string {
  const rows = sides.map(({ name, guest, moves, session }) => {
    const pings = moves.flatMap((move) => move.pings)
    const over = moves.flatMap((move) => move.pings.map((seen) => seen.largestGapMs - move.stillMs))
    return [
      `${guest}: ${name} (${moves.length})`,
      showSpread(pings.map(({ lost }) => lost)),
      `${pings.reduce((sum, { answeredTwice }) => sum + answeredTwice, 0)}`,
      showSpread(moves.map(({ stillMs }) => stillMs)),
      showSpread(over),
      showSpread(moves.map(({ countGapMs }) => countGapMs)),
      session?.broken ?? 'whole',
    ]
  })
  const head = ['', 'lost', 'answered twice', 'still ms', 'gap over that', 'TCP gap ms', 'TCP session']
  const ends = sides.flatMap(({ name, guest, ended }) =>
    ended === undefined ? [] : [`${guest}: ${name} ended ${ended}`],
  )
  return [
    'Of each move and client: pings lost, answered twice in all, from the stop of the guest to its first instruction at the',
    'destination, and by how much the longest time between two answers is longer. Medians (least–most).',
    `Open vSwitch and the controller run at priority ${switchPriority}, as its own scripts start Open vSwitch: guests take the cores.`,
    '',
    table([head, ...rows]),
    ...ends,
  ].join('\n')
}

/** What a plan had said just before each transfer, and what came of it. */
function showPredictions(sides: readonly Side[]): string {
  const rows = sides.flatMap(({ name, guest, moves }) => {
    const views = moves.flatMap(({ view }) => view ?? [])
    if (views.length === 0) return []
    const foretold = views.flatMap(({ prediction }) => prediction ?? [])
    const came = views.flatMap(({ report }) => report?.transfer ?? [])
    const mebibytes = (bytes: number) => bytes / 2 ** 20
    return [
      [
        `${guest}: ${name} (${foretold.length} of ${views.length})`,
        showSpread(foretold.map(({ dirtyBytesPerS }) => mebibytes(dirtyBytesPerS))),
        showSpread(
          foretold.map(({ totalS }) => totalS),
          2,
        ),
        showSpread(
          came.map(({ totalMs }) => totalMs / 1000),
          2,
        ),
        showSpread(foretold.map(({ bytes }) => mebibytes(bytes))),
        showSpread(came.map(({ bytes }) => mebibytes(bytes))),
        foretold.length === 0
          ? '–'
          : `${showSpread(foretold.map(({ downtimeMs }) => downtimeMs))} to ${showSpread(foretold.map(({ downtimeMostMs }) => downtimeMostMs))}`,
        showSpread(moves.map(({ stillMs }) => stillMs)),
      ],
    ]
  })
  const head = [
    '',
    'writes MiB/s',
    'total s',
    'took s',
    'at most MiB',
    'sent MiB',
    'still ms',
    'stood still ms',
  ]
  return [
    'What a plan said just before each transfer, beside what came of it; of a guest that would have to be slowed it says no time.',
    '',
    table([head, ...rows]),
  ].join('\n')
}

function showReplugs(sides: readonly ReplugSide[]): string {
  const rows = sides.map(({ name, moves, sessions: { count, broken, lost } }) => {
    const after = moves.map(({ lostAfter }) => lostAfter)
    return [
      `${name} (${moves.length})`,
      showSpread(after),
      `${after.filter((each) => each === 0).length}`,
      quantile(after, 0.9).toFixed(0),
      showSpread(moves.map(({ lostForMs }) => lostForMs)),
      `${moves.reduce((sum, { twice }) => sum + twice, 0)}`,
      showSpread(moves.map(({ awayMs }) => awayMs)),
      `${count - broken} of ${count}`,
      `${lost}`,
    ]
  })
  const head = [
    '',
    'lost',
    'none lost',
    'p90',
    'last lost after ms',
    'twice',
    'away ms',
    'sessions whole',
    'records lost',
  ]
  return [
    'A namespace is unplugged here and plugged in there. Echoes sent each millisecond after it went on: lost, in how many moves',
    'none, answered twice in all; how long it was away; TCP sessions with checked data, both ways. Medians (least–most).',
    '',
    table([head, ...rows]),
  ].join('\n')
}
