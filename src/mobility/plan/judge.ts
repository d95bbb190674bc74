/** Which way of moving VMs fits, what each costs and loses, and why: from figures alone. Pure. */
import {
  assumedRestartMs,
  farRttMs,
  type Figures,
  leastBps,
  leastSpeed,
  nearRttMs,
  qemuDowntimeLimitMs,
} from './figures.ts'
import { type Precopy, precopy, throttledRatio, windowBps } from './precopy.ts'
import { bitRateText, byteRateText, bytesText, msText, percentText } from './words.ts'

export const planMethods = ['live', 'routed', 'balancer', 'cold'] as const
export type PlanMethod = (typeof planMethods)[number]

/** From best to worst. `conditions`: good where the reasons hold; `unwise`: possible, and those who know advise against it. */
export const fits = ['good', 'conditions', 'unwise', 'impossible'] as const
export type Fit = (typeof fits)[number]

export interface Reason {
  readonly fit: Fit
  readonly text: string
}

export interface Judgement {
  readonly method: PlanMethod
  /** The worst of the reasons. */
  readonly fit: Fit
  /** Whether Throwbar can do it. */
  readonly available: boolean
  readonly reasons: readonly Reason[]
  readonly totalS?: number
  readonly downtimeMs?: number
  readonly downtimeMostMs?: number
  readonly bytes?: number
  /** In words: what it takes and what is lost by it. */
  readonly costs: string
}

/** An internal network, some of whose members would stay behind. */
export interface SplitNetwork {
  readonly network: string
  readonly stay: readonly string[]
}

export interface Situation {
  readonly vms: readonly string[]
  readonly to: string
  readonly figures: Figures
  readonly split: readonly SplitNetwork[]
  /** No way between the hypervisors is known. */
  readonly apart: boolean
}

export interface Judged {
  readonly throughputBps?: number
  readonly precopy?: Precopy
  readonly methods: readonly Judgement[]
  /** Absent where none can be recommended. */
  readonly recommended?: PlanMethod
}

export function judge(situation: Situation): Judged {
  const { figures } = situation
  const throughputBps = throughputOf(figures)
  const predicted = predict(figures, throughputBps)
  const common = [...situation.split.map((one) => splitReason(one, situation)), ...apartReason(situation)]
  const methods = [
    live(situation, predicted, common),
    routed(figures, common),
    balancer(common),
    cold(common),
  ]
  const recommended = methods.find(
    ({ available, fit }) => available && (fit === 'good' || fit === 'conditions'),
  )?.method
  return {
    ...(throughputBps !== undefined && { throughputBps }),
    ...(predicted && { precopy: predicted }),
    methods,
    ...(recommended && { recommended }),
  }
}

/** What one connection gets there: no more than there is, and no more than a window each round trip. */
function throughputOf({ bandwidthBps, windowBytes, rttMs }: Figures): number | undefined {
  const window = windowBytes.value === undefined ? Infinity : windowBps(windowBytes.value, rttMs.value ?? 0)
  return bandwidthBps.value === undefined ? undefined : Math.min(bandwidthBps.value, window)
}

function predict(figures: Figures, throughputBps: number | undefined): Precopy | undefined {
  const memoryBytes = figures.memoryBytes.value
  const dirtyBytesPerS = figures.dirtyBytesPerS.value
  if (memoryBytes === undefined || dirtyBytesPerS === undefined || !throughputBps) return undefined
  return precopy({
    memoryBytes,
    dirtyBytesPerS,
    throughputBps,
    downtimeLimitMs: qemuDowntimeLimitMs,
    // The last byte has to arrive, and the destination's word that it has.
    restartMs: assumedRestartMs + (figures.rttMs.value ?? 0),
  })
}

function judgement(
  method: PlanMethod,
  reasons: readonly Reason[],
  rest: Omit<Judgement, 'method' | 'fit' | 'reasons'>,
): Judgement {
  const worst = Math.max(0, ...reasons.map(({ fit }) => fits.indexOf(fit)))
  return { method, fit: fits[worst] ?? 'good', reasons, ...rest }
}

const reason = (fit: Fit, text: string): Reason => ({ fit, text })

function splitReason({ network, stay }: SplitNetwork, { vms, to }: Situation): Reason {
  const all = [...vms, ...stay].slice(0, 20).join(' ')
  const text = `internal network ${network} never leaves its switch, and ${stay.slice(0, 5).join(', ')}${
    stay.length > 5 ? ` and ${stay.length - 5} more` : ''
  } would stay behind: move all of its VMs together (throwbar move ${all} --to ${to})`
  return reason('impossible', text)
}

const apartReason = ({ apart, to }: Situation): Reason[] =>
  apart
    ? [reason('unwise', `no way to ${to} over the fabric is known: its networks would not reach it there`)]
    : []

function live({ figures }: Situation, predicted: Precopy | undefined, common: readonly Reason[]): Judgement {
  const reasons = [...common, ...distance(figures), ...bandwidth(figures), ...writing(figures, predicted)]
  return judgement('live', reasons, {
    available: true,
    ...(predicted?.converges && {
      totalS: predicted.totalS,
      downtimeMs: predicted.downtimeMs,
      downtimeMostMs: predicted.downtimeMostMs,
      bytes: predicted.bytes,
    }),
    costs: 'all of its memory is sent, some of it several times; open sessions live',
  })
}

function distance({ rttMs: { value } }: Figures): Reason[] {
  if (value === undefined)
    return [
      reason(
        'conditions',
        `how far it is, is not known: up to ${nearRttMs} ms it is as in one rack, over ${farRttMs} ms nobody supports it (--rtt)`,
      ),
    ]
  if (value > farRttMs)
    return [
      reason(
        'unwise',
        `${msText(value)} of round trip are more than the ${farRttMs} ms up to which live migration is supported anywhere`,
      ),
    ]
  if (value > nearRttMs)
    return [
      reason(
        'conditions',
        `${msText(value)} of round trip are a long distance (more than ${nearRttMs} ms): it works up to ${farRttMs} ms where the move has ${bitRateText(leastBps)} for itself and the VM's storage is there as well; what peers and gateways on this side send it goes the long way from then on`,
      ),
    ]
  return [
    reason(
      'good',
      `${msText(value)} of round trip are within the ${nearRttMs} ms of live migration without conditions`,
    ),
  ]
}

function bandwidth(figures: Figures): Reason[] {
  const { bandwidthBps, windowBytes, rttMs } = figures
  if (bandwidthBps.value === undefined)
    return [
      reason(
        'conditions',
        `the bandwidth is not known: a move should have ${bitRateText(leastBps)} for itself (--bandwidth)`,
      ),
    ]
  if (bandwidthBps.value < leastBps)
    return [
      reason(
        'unwise',
        `${bitRateText(bandwidthBps.value)} are too little: a move should have ${bitRateText(leastBps)} for itself`,
      ),
    ]
  const got = throughputOf(figures) ?? 0
  const enough = reason(
    'good',
    `${bitRateText(got)} are no less than the ${bitRateText(leastBps)} that a move should have for itself`,
  )
  if (got >= bandwidthBps.value) return [enough]
  const needed = (Math.min(bandwidthBps.value, 1e12) / 8) * ((rttMs.value ?? 0) / 1000)
  const text = `a connection whose window is ${bytesText(windowBytes.value ?? 0)} gets ${bitRateText(got)} of ${bitRateText(bandwidthBps.value)} over ${msText(rttMs.value ?? 0)}; all of it takes a window of ${bytesText(needed)} (tcp_wmem and tcp_rmem at both hosts)`
  return got < leastBps ? [reason('unwise', text)] : [enough, reason('conditions', text)]
}

function writing(figures: Figures, predicted: Precopy | undefined): Reason[] {
  const { memoryBytes, dirtyBytesPerS } = figures
  const throughputBps = throughputOf(figures)
  if (!predicted) {
    const missing = [
      memoryBytes.value === undefined && 'its memory',
      dirtyBytesPerS.value === undefined && 'what it writes',
    ]
    const most =
      throughputBps === undefined
        ? ''
        : `; it ends while the guest writes less than ${byteRateText((throttledRatio * throughputBps) / 8)}`
    const names = missing.filter((one) => one !== false).join(' and ')
    return names === ''
      ? []
      : [reason('conditions', `${names} is not known, so no time is predicted${most} (--memory, --dirty)`)]
  }
  const written = byteRateText(dirtyBytesPerS.value ?? 0)
  const sent = byteRateText((throughputBps ?? 0) / 8)
  if (!predicted.converges) {
    const slow = predicted.slowedTo
    const ways = `auto-converge would slow the guest to ${percentText(slow)} of its speed until it ends (Throwbar's QEMU driver asks for it); post-copy, which Throwbar does not do, ends always but loses the guest when the way fails`
    return [
      reason(
        slow < leastSpeed ? 'unwise' : 'conditions',
        `it writes ${written} while ${sent} are sent, so pre-copy alone does not end: ${ways}; or move it cold, or when it writes less`,
      ),
    ]
  }
  if (predicted.dirtyRatio > throttledRatio)
    return [
      reason(
        'conditions',
        `it writes ${written} while ${sent} are sent, more than the half from which on QEMU slows a guest`,
      ),
    ]
  return [
    reason(
      'good',
      `it writes ${written} while ${sent} are sent: each pass leaves ${percentText(predicted.dirtyRatio)} to the next`,
    ),
  ]
}

function routed({ rttMs }: Figures, common: readonly Reason[]): Judgement {
  const near = rttMs.value !== undefined && rttMs.value <= nearRttMs
  const fit = near
    ? reason(
        'unwise',
        'both ends are near each other: its network can reach it there, and needs no other gateway',
      )
    : reason('good', 'far away the VM gets a gateway there, and only sessions that are open go the long way')
  return judgement('routed', [...common, fit], {
    available: false,
    costs:
      'memory as with live; the VM is in another subnet or behind another gateway afterwards; open sessions are sent after it',
  })
}

function balancer(common: readonly Reason[]): Judgement {
  return judgement(
    'balancer',
    [...common, reason('conditions', 'only for a VM that is one of several behind a service')],
    {
      available: false,
      costs:
        'no memory is sent: another VM takes new sessions, and the old one goes on until its last session ends',
    },
  )
}

function cold(common: readonly Reason[]): Judgement {
  return judgement(
    'cold',
    [...common, reason('good', 'neither distance, bandwidth nor what it writes matters')],
    {
      available: true,
      costs:
        'no memory is sent; every open session is lost, and the VM is away while it is shut down and boots',
    },
  )
}
