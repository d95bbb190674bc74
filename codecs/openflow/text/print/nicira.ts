/** Lines of Nicira's messages that no standard message corresponds to. */
import type { MessageOf } from '../../message.ts'
import { formatIpv4, formatIpv6 } from '../address.ts'
import { hexOrZero } from './words.ts'

interface Mapping {
  readonly optionClass: number
  readonly optionType: number
  readonly optionLength: number
  readonly index: number
}

const mappingTable = (mappings: readonly Mapping[]): string =>
  [
    ' mapping table:',
    '  class  type  length  match field',
    ' ------  ----  ------  --------------',
    ...mappings.map(
      ({ optionClass, optionType, optionLength, index }) =>
        ` ${hexOrZero(optionClass).padStart(6)}  ${hexOrZero(optionType).padStart(4)}  ${String(optionLength).padStart(6)}  tun_metadata${index}`,
    ),
  ].join('\n')

const commandWords: Readonly<Record<string, string>> = { add: 'ADD', delete: 'DEL', clear: 'CLEAR' }

export function tlvTableMod({ command, mappings }: MessageOf<'nx_tlv_table_mod'>): string {
  const word = commandWords[command] ?? command
  return command === 'clear' ? `\n ${word}` : `\n ${word}${mappingTable(mappings)}`
}

export function tlvTableReply({
  maxOptionSpace,
  maxFields,
  mappings,
}: MessageOf<'nx_tlv_table_reply'>): string {
  const used = mappings.reduce((sum, { optionLength }) => sum + optionLength, 0)
  return `\n max option space=${maxOptionSpace} max fields=${maxFields}\n allocated option space=${used}\n\n${mappingTable(mappings)}`
}

type Property = MessageOf<'nx_ct_flush'>['properties'][number]

const mappedIpv4 = 0xffff_0000_0000n

/** IPv4 addresses are IPv6 ones that begin with ::ffff. */
const address = (value: bigint): string =>
  value >> 32n === mappedIpv4 >> 32n ? formatIpv4(Number(value & 0xffff_ffffn)) : formatIpv6(value)

interface Tuple {
  readonly src: bigint
  readonly dst: bigint
  readonly srcPort: number
  readonly dstPort: number
  readonly icmpId: number
  readonly icmpType: number
  readonly icmpCode: number
}

function tupleOf(properties: readonly Property[], type: 'orig_tuple' | 'reply_tuple'): Tuple {
  const found = properties.find((one) => one.type === type)
  const parts = (found?.type === type ? found.properties : []) as readonly Readonly<Record<string, unknown>>[]
  const value = <T>(name: string, field: string, otherwise: T): T =>
    (parts.find((one) => one['type'] === name)?.[field] as T | undefined) ?? otherwise
  return {
    src: value('src', 'address', 0n),
    dst: value('dst', 'address', 0n),
    srcPort: value('src_port', 'port', 0),
    dstPort: value('dst_port', 'port', 0),
    icmpId: value('icmp_id', 'id', 0),
    icmpType: value('icmp_type', 'icmpType', 0),
    icmpCode: value('icmp_code', 'icmpCode', 0),
  }
}

const isIpv4 = ({ src, dst }: Tuple): boolean => [src, dst].some((one) => one >> 32n === 0xffffn)

function tupleText(
  tuple: Tuple,
  { ipv6, ipProto }: { readonly ipv6: boolean; readonly ipProto: number },
): string[] {
  const family = ipv6 ? 'ipv6' : 'nw'
  const addresses = [`ct_${family}_src=${address(tuple.src)}`, `ct_${family}_dst=${address(tuple.dst)}`]
  const isIcmp = ipProto === 1 || ipProto === 58
  return isIcmp
    ? [...addresses, `icmp_id=${tuple.icmpId}`, `icmp_type=${tuple.icmpType}`, `icmp_code=${tuple.icmpCode}`]
    : [...addresses, `ct_tp_src=${tuple.srcPort}`, `ct_tp_dst=${tuple.dstPort}`]
}

export function ctFlush({ ipProto, properties }: MessageOf<'nx_ct_flush'>): string {
  const [orig, reply] = [tupleOf(properties, 'orig_tuple'), tupleOf(properties, 'reply_tuple')]
  const ipv6 = !isIpv4(orig) && !isIpv4(reply)
  const zone = properties.find((one) => one.type === 'zone')
  const of = (tuple: Tuple): string[] => tupleText(tuple, { ipv6, ipProto })
  const first = [...of(orig), `ct_nw_proto=${ipProto}`].join(',')
  return ` zone=${zone?.type === 'zone' ? zone.zone : 0} '${first}' '${of(reply).join(',')}'`
}

interface Ipfix {
  readonly totalFlows: bigint
  readonly currentFlows: bigint
  readonly packets: bigint
  readonly ipv4Packets: bigint
  readonly ipv6Packets: bigint
  readonly errorPackets: bigint
  readonly ipv4ErrorPackets: bigint
  readonly ipv6ErrorPackets: bigint
  readonly txPackets: bigint
  readonly txErrors: bigint
  readonly collectorSetId: number
}

const ipfixText = (one: Ipfix, head: string): string =>
  `${head}: flows=${one.totalFlows}, current flows=${one.currentFlows}, sampled pkts=${one.packets}, ` +
  `ipv4 ok=${one.ipv4Packets}, ipv6 ok=${one.ipv6Packets}, tx pkts=${one.txPackets}\n` +
  `${' '.repeat(head.length + 2)}pkts errs=${one.errorPackets}, ipv4 errs=${one.ipv4ErrorPackets}, ` +
  `ipv6 errs=${one.ipv6ErrorPackets}, tx errs=${one.txErrors}`

type Entries = { readonly entries: readonly Ipfix[] }

export const ipfixBridge = ({ entries }: Entries): string =>
  entries.map((one) => `\n${ipfixText(one, '  bridge ipfix')}`).join('')

export const ipfixFlow = ({ entries }: Entries): string =>
  ` ${entries.length} ids${entries.map((one) => `\n${ipfixText(one, `  id ${String(one.collectorSetId).padStart(3)}`)}`).join('')}`
