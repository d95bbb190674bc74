/** Lines of queues: what they are promised, and what went through them. */
import { portName } from '../names.ts'
import { durationText } from './words.ts'

interface Property {
  readonly type: string
  readonly rate?: number
}

/** Tenths of a percent; above 1000 the rate is off. */
function rateText(name: string, properties: readonly Property[], type: string): string {
  const rate = properties.find((one) => one.type === type)?.rate
  if (rate === undefined || rate === 0xffff) return ''
  return ` ${name}:${rate > 1000 ? '(disabled)' : `${Math.floor(rate / 10)}.${rate % 10}%`}`
}

interface Queue {
  readonly queueId: number
  readonly portNo?: number
  readonly properties: readonly Property[]
}

const queueText = ({ queueId, properties }: Queue): string =>
  `queue ${queueId}:${rateText('min_rate', properties, 'min_rate')}${rateText('max_rate', properties, 'max_rate')}`

const byNumber = (queues: readonly Queue[]): readonly Queue[] =>
  [...queues].sort((a, b) => (a.portNo ?? 0) - (b.portNo ?? 0) || a.queueId - b.queueId)

/** One port's queues. */
export const queueConfig = ({
  portNo,
  queues,
}: {
  readonly portNo: number
  readonly queues: readonly Queue[]
}): string =>
  ` port=${portName(portNo)}${byNumber(queues)
    .map((one) => `\n${queueText(one)}`)
    .join('')}`

/** Queues of several ports, each port once before its queues. */
export function queueDescriptions({ entries }: { readonly entries: readonly Queue[] }): string {
  let port: number | undefined
  const lines = byNumber(entries).flatMap((one) => {
    const head = one.portNo === port ? [] : [`port=${portName(one.portNo ?? 0)}`]
    port = one.portNo
    return [...head, queueText(one)]
  })
  return lines.length === 0 ? '' : ` ${lines.join('\n')}`
}

interface Counters {
  readonly portNo: number
  readonly queueId: number
  readonly txBytes: bigint
  readonly txPackets: bigint
  readonly txErrors: bigint
  readonly durationS?: number
  readonly durationNs?: number
}

const unknownCount = 0xffff_ffff_ffff_ffffn
const unknownDuration = 0xffff_ffff
const count = (value: bigint): string => (value === unknownCount ? '?' : String(value))

function countersText({ portNo, queueId, txBytes, txPackets, txErrors, ...one }: Counters): string {
  const { durationS = unknownDuration, durationNs = 0 } = one
  const duration = durationS === unknownDuration ? '?' : durationText(durationS, durationNs)
  return `  port ${portName(portNo)} queue ${queueId}: bytes=${count(txBytes)}, pkts=${count(txPackets)}, errors=${count(txErrors)}, duration=${duration}`
}

export const queueStats = ({ entries }: { readonly entries: readonly Counters[] }): string =>
  ` ${entries.length} queues${entries.map((one) => `\n${countersText(one)}`).join('')}`
