/** Lines of ports: what they are, how they change, what went through them. */
import type { MessageOf, PortEntry, PortStats } from '../../message.ts'
import { formatMac } from '../address.ts'
import { portName } from '../names.ts'
import { durationText, flagWords } from './words.ts'

type Ethernet = {
  readonly curr: readonly string[]
  readonly advertised: readonly string[]
  readonly supported: readonly string[]
  readonly peer: readonly string[]
  readonly currSpeedKbps?: number
  readonly maxSpeedKbps?: number
}

/** Without hardware behind it no counter is known; Open vSwitch then says all ones. */
const unknownCount = 0xffff_ffff_ffff_ffffn
const count = (value: bigint | undefined): string =>
  value === undefined || value === unknownCount ? '?' : String(value)

const featureWords: Readonly<Record<string, string>> = {
  '10mb_hd': '10MB-HD',
  '10mb_fd': '10MB-FD',
  '100mb_hd': '100MB-HD',
  '100mb_fd': '100MB-FD',
  '1gb_hd': '1GB-HD',
  '1gb_fd': '1GB-FD',
  '10gb_fd': '10GB-FD',
  '40gb_fd': '40GB-FD',
  '100gb_fd': '100GB-FD',
  '1tb_fd': '1TB-FD',
  other: 'OTHER',
  copper: 'COPPER',
  fiber: 'FIBER',
  autoneg: 'AUTO_NEG',
  pause: 'AUTO_PAUSE',
  pause_asym: 'AUTO_PAUSE_ASYM',
}

const speedBits: readonly (readonly [string, number])[] = [
  ['1tb_fd', 1_000_000],
  ['100gb_fd', 100_000],
  ['40gb_fd', 40_000],
  ['10gb_fd', 10_000],
  ['1gb_hd', 1_000],
  ['1gb_fd', 1_000],
  ['100mb_hd', 100],
  ['100mb_fd', 100],
  ['10mb_hd', 10],
  ['10mb_fd', 10],
]

const mostOf = (features: readonly string[]): number =>
  speedBits.find(([bit]) => features.includes(bit))?.[1] ?? 0

export const featureText = (features: readonly string[]): string =>
  flagWords(
    features.map((one) => featureWords[one] ?? one),
    { separator: ' ' },
  )

const mbps = (kbps: number): string => `${Math.floor(kbps / 1000)} Mbps`

function ethernetLines(ethernet: Ethernet): string[] {
  const { curr, advertised, supported, peer } = ethernet
  const lines: string[] = []
  if (curr.length > 0) lines.push(`     current:    ${featureText(curr)}`)
  if (advertised.length > 0) lines.push(`     advertised: ${featureText(advertised)}`)
  if (supported.length > 0) lines.push(`     supported:  ${featureText(supported)}`)
  if (peer.length > 0) lines.push(`     peer:       ${featureText(peer)}`)
  const now = ethernet.currSpeedKbps ?? mostOf(curr) * 1000
  const most = ethernet.maxSpeedKbps ?? mostOf(supported) * 1000
  return [...lines, `     speed: ${mbps(now)} now, ${mbps(most)} max`]
}

const noEthernet: Ethernet = { curr: [], advertised: [], supported: [], peer: [] }

/** What 1.0 says of a port's place in a spanning tree, which is two bits together. */
function stateText(state: readonly string[]): string {
  const tree = ['stp_learn', 'stp_forward'].filter((bit) => state.includes(bit))
  const others = state.filter((bit) => !tree.includes(bit))
  if (tree.length === 0) return flagWords(others, { upper: true })
  const word = tree.length === 2 ? 'STP_BLOCK' : tree[0] === 'stp_learn' ? 'STP_LEARN' : 'STP_FORWARD'
  return [...(others.length === 0 ? [] : [flagWords(others, { upper: true })]), word].join(' ')
}

export function portText({ portNo, name, hwAddr, config, state, properties }: PortEntry): string {
  const found = properties.find((one) => one.type === 'ethernet') as Ethernet | undefined
  return [
    `${portName(portNo)}(${name}): addr:${formatMac(hwAddr)}`,
    `     config:     ${flagWords(config, { upper: true })}`,
    `     state:      ${stateText(state)}`,
    ...ethernetLines(found ?? noEthernet),
  ].join('\n')
}

export const portLines = (ports: readonly PortEntry[]): string =>
  [...ports]
    .sort((a, b) => a.portNo - b.portNo)
    .map((port) => `\n ${portText(port)}`)
    .join('')

const reasonWords: Readonly<Record<string, string>> = { add: 'ADD', delete: 'DEL', modify: 'MOD' }

export const portStatus = ({ reason, port }: MessageOf<'port_status'>): string =>
  ` ${reasonWords[reason] ?? reason}: ${portText(port)}`

export function portMod(message: MessageOf<'port_mod'>): string {
  const { portNo, hwAddr, config, mask } = message
  const properties = (message as { properties?: readonly { type: string; advertise?: readonly string[] }[] })
    .properties
  const ethernet = properties?.find((one) => one.type === 'ethernet')
  const advertise = ethernet?.advertise ?? (message as { advertise?: readonly string[] }).advertise ?? []
  return [
    ` port: ${portName(portNo)}: addr:${formatMac(hwAddr)}`,
    `     config: ${flagWords(config, { upper: true })}`,
    `     mask:   ${flagWords(mask, { upper: true })}`,
    `     advertise: ${advertise.length === 0 ? 'UNCHANGED' : featureText(advertise)}`,
  ].join('\n')
}

interface CustomCounter {
  readonly name: string
  readonly value: bigint
}

/** Three to a line. */
function customLines(counters: readonly CustomCounter[]): string[] {
  if (counters.length === 0) return []
  const rows = Array.from({ length: Math.ceil(counters.length / 3) }, (_, row) => {
    const three = counters.slice(3 * row, 3 * row + 3)
    return `                      ${three.map(({ name, value }) => `${name}=${value},`).join(' ')}`
  })
  return ['           CUSTOM Statistics', ...rows]
}

interface Counters extends Partial<Record<'rxFrameErr' | 'rxOverErr' | 'rxCrcErr' | 'collisions', bigint>> {
  readonly type: string
}

function portStatsText(one: PortStats): string {
  const { portNo, durationS, durationNs } = one
  const ethernet = (one.properties as readonly Counters[]).find(({ type }) => type === 'ethernet')
  const lines = [
    `  port ${portName(portNo).padStart(2)}: rx pkts=${count(one.rxPackets)}, bytes=${count(one.rxBytes)}, drop=${count(one.rxDropped)}, ` +
      `errs=${count(one.rxErrors)}, frame=${count(ethernet?.rxFrameErr)}, over=${count(ethernet?.rxOverErr)}, crc=${count(ethernet?.rxCrcErr)}`,
    `           tx pkts=${count(one.txPackets)}, bytes=${count(one.txBytes)}, drop=${count(one.txDropped)}, ` +
      `errs=${count(one.txErrors)}, coll=${count(ethernet?.collisions)}`,
  ]
  if (durationS !== undefined && !(durationS === 0xffff_ffff && durationNs === 0xffff_ffff))
    lines.push(`           duration=${durationText(durationS, durationNs ?? 0)}`)
  const custom = (one.properties as readonly { type: string; counters?: readonly CustomCounter[] }[]).find(
    ({ type }) => type === 'intel_custom',
  )
  return [...lines, ...customLines(custom?.counters ?? [])].join('\n')
}

export const portStats = ({ entries }: { readonly entries: readonly PortStats[] }): string =>
  ` ${entries.length} ports${entries.map((one) => `\n${portStatsText(one)}`).join('')}`
