/** Texts of Nicira's larger actions: choosing, connection tracking, encapsulation, copies, samples. */
import type { Action } from '../../actions/actions.ts'
import type { EncapProperty } from '../../actions/encap.ts'
import { formatIpv4, formatIpv6 } from '../address.ts'
import { hexBytes } from '../generic.ts'
import { portName } from '../names.ts'
import { hexOrZero, hexPadded } from '../value.ts'
import { dotted } from './output.ts'
import {
  type ActionOf,
  inParentheses,
  namedBits,
  subfieldText,
  tableName,
  type TextOptions,
  type Texts,
} from './words.ts'

const word = (name: string | number): string => (typeof name === 'number' ? '<unknown>' : name)

const loadTarget = (one: ActionOf<'nx_multipath' | 'nx_bundle_load'>): string =>
  namedBits({ field: one.dst, oxmClass: one.dstOxmClass, bits: one.bits })

function bundle(one: ActionOf<'nx_bundle' | 'nx_bundle_load'>): string {
  const isLoad = one.type === 'nx_bundle_load'
  return inParentheses(isLoad ? 'bundle_load' : 'bundle', [
    word(one.fields),
    String(one.basis),
    word(one.algorithm),
    'ofport',
    isLoad && loadTarget(one),
    `members:${one.members.map(portName).join(',')}`,
  ])
}

const natFlags = { persistent: 'persistent', protocol_hash: 'hash', protocol_random: 'random' } as const

function natRange({
  ipv4Min,
  ipv4Max,
  ipv6Min,
  ipv6Max,
  portMin = 0,
  portMax = 0,
}: ActionOf<'nx_nat'>): string {
  const ports = portMin === 0 ? '' : `:${portMin}${portMax === 0 || portMax === portMin ? '' : `-${portMax}`}`
  if (ipv4Min !== undefined) {
    const end = ipv4Max === undefined || ipv4Max === 0 || ipv4Max === ipv4Min ? '' : `-${formatIpv4(ipv4Max)}`
    return `=${formatIpv4(ipv4Min)}${end}${ports}`
  }
  if (ipv6Min === undefined) return ports === '' ? '' : `=${ports}`
  const address = (one: bigint): string => (portMin === 0 ? formatIpv6(one) : `[${formatIpv6(one)}]`)
  const end = ipv6Max === undefined || ipv6Max === 0n || ipv6Max === ipv6Min ? '' : `-${address(ipv6Max)}`
  return `=${address(ipv6Min)}${end}${ports}`
}

/** Without a direction nothing else is said. */
function nat(one: ActionOf<'nx_nat'>): string {
  const { flags } = one
  const direction = flags.find((flag) => flag === 'src') ?? flags.find((flag) => flag === 'dst')
  if (direction === undefined) return 'nat'
  const range = natRange(one)
  const words = Object.entries(natFlags).map(
    ([flag, text]) => range !== '' && (flags as readonly string[]).includes(flag) && text,
  )
  return inParentheses('nat', [direction + range, ...words])
}

const none = 0xff

function ct(
  one: ActionOf<'nx_ct'>,
  options: TextOptions,
  nested: (list: readonly Action[]) => string,
): string {
  const { flags, zone, recircTable, alg, actions } = one
  const [first, ...others] = actions
  const translation = first?.type === 'nx_nat' ? first : undefined
  const executed = translation === undefined ? actions : others
  return inParentheses('ct', [
    flags.includes('commit') && 'commit',
    flags.includes('force') && 'force',
    recircTable !== none && `table=${tableName(recircTable, options)}`,
    typeof zone === 'number' ? zone !== 0 && `zone=${zone}` : `zone=${subfieldText(zone)}`,
    translation !== undefined && nat(translation),
    executed.length > 0 && `exec(${nested(executed)})`,
    alg !== 'none' && `alg=${alg}`,
  ])
}

const packetTypes: Readonly<Record<number, string>> = {
  0: 'ethernet',
  0x1894f: 'nsh',
  0x18847: 'mpls',
  0x18848: 'mpls_mc',
}

function encapProperty(one: EncapProperty): string {
  switch (one.type) {
    case 'nsh_md_type':
      return `md_type=${one.mdType}`
    case 'nsh_tlv':
      return `tlv(${hexPadded(one.tlvClass, 4)},${one.tlvType},${bytesText(one.value)})`
    case 'unknown':
      return `property(${one.propClass},${one.propType},${hexBytes(one.body)})`
  }
}

/** As one number, which zeros ahead do not lengthen. */
const bytesText = (bytes: Uint8Array): string => {
  const digits = hexBytes(bytes).replace(/^0+/, '')
  return digits === '' ? '0' : `0x${digits}`
}

function encap({ newPacketType, properties }: ActionOf<'nx_encap'>): string {
  const header = packetTypes[newPacketType] ?? 'UNKNOWN'
  if (properties.length === 0) return `encap(${header})`
  return `encap(${inParentheses(header, properties.map(encapProperty))})`
}

/** Whatever comes off is told by the header itself. */
const nextProtocol = 0xfffe

function decap({ newPacketType }: ActionOf<'nx_decap'>): string {
  if (newPacketType === nextProtocol) return 'decap()'
  return `decap(packet_type(ns=${newPacketType >>> 16},type=${hexOrZero(newPacketType & 0xffff)}))`
}

type Sample = ActionOf<'nx_sample' | 'nx_sample2' | 'nx_sample3'>
const noPort = 0xffff_ffff

function sample(one: Sample): string {
  const port = 'samplingPort' in one ? one.samplingPort : noPort
  const direction = 'direction' in one ? one.direction : 'default'
  return inParentheses('sample', [
    `probability=${one.probability}`,
    `collector_set_id=${one.collectorSetId}`,
    `obs_domain_id=${one.obsDomainId}`,
    `obs_point_id=${one.obsPointId}`,
    port !== noPort && `sampling_port=${portName(port)}`,
    (direction === 'ingress' || direction === 'egress') && direction,
  ])
}

export const niciraTexts: Texts<
  | 'nx_multipath'
  | 'nx_bundle'
  | 'nx_bundle_load'
  | 'nx_ct'
  | 'nx_nat'
  | 'nx_ct_clear'
  | 'nx_encap'
  | 'nx_decap'
  | 'nx_clone'
  | 'nx_note'
  | 'nx_exit'
  | 'nx_dec_ttl_cnt_ids'
  | 'nx_fin_timeout'
  | 'nx_conjunction'
  | 'nx_sample'
  | 'nx_sample2'
  | 'nx_sample3'
  | 'nx_debug_slow'
  | 'nx_debug_recirc'
> = {
  nx_multipath: (one) =>
    inParentheses('multipath', [
      word(one.fields),
      String(one.basis),
      word(one.algorithm),
      String(one.maxLink + 1),
      String(one.arg),
      loadTarget(one),
    ]),
  nx_bundle: bundle,
  nx_bundle_load: bundle,
  nx_ct: ct,
  nx_nat: nat,
  nx_ct_clear: () => 'ct_clear',
  nx_encap: encap,
  nx_decap: decap,
  nx_clone: ({ actions }, _options, nested) => `clone(${nested(actions)})`,
  nx_note: ({ note }) => `note:${dotted(note)}`,
  nx_exit: () => 'exit',
  nx_dec_ttl_cnt_ids: ({ controllerIds }) => inParentheses('dec_ttl', controllerIds.map(String)),
  nx_fin_timeout: ({ finIdleTimeoutS, finHardTimeoutS }) =>
    inParentheses('fin_timeout', [
      finIdleTimeoutS !== 0 && `idle_timeout=${finIdleTimeoutS}`,
      finHardTimeoutS !== 0 && `hard_timeout=${finHardTimeoutS}`,
    ]),
  nx_conjunction: ({ id, clause, nClauses }) => `conjunction(${id},${clause + 1}/${nClauses})`,
  nx_sample: sample,
  nx_sample2: sample,
  nx_sample3: sample,
  nx_debug_slow: () => 'debug_slow',
  nx_debug_recirc: () => 'debug_recirc',
}
