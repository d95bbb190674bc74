/** Meter mods: flags, ids and bands as ovs-ofctl(8) shows them. */
import type { MeterCommand } from '../../support/ofctl.ts'
import type { Text, Wish } from './flow-texts.ts'
import { Random } from './random.ts'
import { numberText } from './values.ts'

const meterId = (random: Random): string => {
  const id = random.pick([
    '1',
    '7',
    '0x10',
    '4294901760',
    'controller',
    'slowpath',
    'all',
    `${random.between(1, 9999)}`,
  ])
  random.name(/^[a-z]/.test(id) ? `meter ${id}` : 'meter number')
  return `meter=${id}`
}

const band = (random: Random, burst: boolean): string => {
  const rate = `rate=${numberText(random, random.between(1, 0xffffffff))}`
  const remark = random.chance(0.4)
  random.name(remark ? 'band dscp_remark' : 'band drop')
  const rest = [
    rate,
    ...(burst ? [`burst_size=${numberText(random, random.between(1, 99999))}`] : []),
    ...(remark ? [`prec_level=${random.between(1, 255)}`] : []),
  ]
  return [`type=${remark ? 'dscp_remark' : 'drop'}`, ...random.shuffle(rest)].join(
    random.pick([',', ',', ' ', ', ']),
  )
}

const meterText = (random: Random, command: MeterCommand): string => {
  if (command === 'delete') return meterId(random)
  const more = random.shuffle(['burst', 'stats']).slice(0, random.below(3))
  const flags = random.shuffle([random.pick(['kbps', 'pktps']), ...more])
  for (const flag of flags) random.name(`meter ${flag}`)
  const front = random.shuffle([meterId(random), ...flags])
  const bands = Array.from({ length: random.between(1, 3) }, () => band(random, flags.includes('burst')))
  return `${front.join(random.pick([',', ' ', ', ', '\t']))},${random.pick(['bands', 'band'])}=${bands.join(random.pick([',', ' ']))}`
}

const commands: readonly MeterCommand[] = ['add', 'add', 'add', 'modify', 'delete']

/** Meter mods that ovs-ofctl 3.1 takes; meters begin with OpenFlow 1.3, version 4 on the wire. */
export const meterTexts = ({ seed, count }: Wish): readonly Text<MeterCommand>[] => {
  const random = new Random(seed)
  return Array.from({ length: count }, () => {
    const command = random.pick(commands)
    random.name(`meter command ${command}`)
    return { text: meterText(random, command), command, features: random.takeNames() }
  })
}
