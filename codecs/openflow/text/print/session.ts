/** Lines of the messages that keep a session: hello, echo, features, configuration, roles. */
import { announcedVersions } from '../../common/hello.ts'
import type { MessageOf } from '../../message.ts'
import { actionWords } from './action-words.ts'
import { portLines } from './port.ts'
import { flagWords, hexDump, words } from './words.ts'

export function hello({ elements, version }: MessageOf<'hello'>): string {
  const announced = announcedVersions(elements)
  // Without a bitmap the header's version stands for itself and all before it.
  const versions = announced.length > 0 ? announced : Array.from({ length: version }, (_, index) => index + 1)
  const list = versions
    .filter((one) => one > 0 && one < 32)
    .map((one) => `0x${one.toString(16).padStart(2, '0')}`)
  return `\n version bitmap: ${list.join(', ')}`
}

export function echo({ data }: MessageOf<'echo_request' | 'echo_reply'>): string {
  return ` ${data.length} bytes of payload${data.length === 0 ? '' : `\n${hexDump(data)}`}`
}

/** In the order of Open vSwitch's own bits. */
const capabilityOrder = [
  'flow_stats',
  'table_stats',
  'port_stats',
  'group_stats',
  'stp',
  'ip_reasm',
  'queue_stats',
  'arp_match_ip',
  'port_blocked',
  'bundles',
  'flow_monitoring',
]

export function featuresReply(message: MessageOf<'features_reply'>): string {
  const { datapathId, nTables, nBuffers, capabilities } = message
  const { auxiliaryId, actions, ports } = message as {
    auxiliaryId?: number
    actions?: readonly string[]
    ports?: Parameters<typeof portLines>[0]
  }
  const known = capabilityOrder.filter((name) => (capabilities as readonly string[]).includes(name))
  const lines = [
    ` dpid:${datapathId.toString(16).padStart(16, '0')}`,
    `n_tables:${nTables}, n_buffers:${nBuffers}${auxiliaryId ? `, auxiliary_id:${auxiliaryId}` : ''}`,
    `capabilities: ${flagWords(known, { upper: true })}`,
  ]
  if (actions !== undefined) lines.push(`actions: ${actionWords(actions)}`)
  return lines.join('\n') + (ports === undefined ? '' : portLines(ports))
}

const fragments = ['normal', 'drop', 'reassemble', 'nx-match']

export function config({ flags, missSendLen }: MessageOf<'get_config_reply' | 'set_config'>): string {
  const mode = (flags.includes('frag_drop') ? 1 : 0) + (flags.includes('frag_reasm') ? 2 : 0)
  const expired =
    (flags as readonly string[]).includes('invalid_ttl_to_controller') && 'invalid_ttl_to_controller'
  return ` ${words(`frags=${fragments[mode]}`, expired, `miss_send_len=${missSendLen}`)}`
}

const roleWords: Readonly<Record<string, string>> = { master: 'primary', slave: 'secondary' }
const roleWord = (role: string | number): string => roleWords[role] ?? String(role)

const noGeneration = 0xffff_ffff_ffff_ffffn

export function role(message: MessageOf<'role_request' | 'role_reply'>): string {
  const { role: name } = message
  const generationId = 'generationId' in message ? message.generationId : undefined
  // A switch that was never told one says all ones; a role that does not change has none.
  const shown = generationId !== undefined && generationId !== noGeneration && name !== 'nochange'
  return ` ${words(`role=${roleWord(name)}`, shown && `generation_id=${generationId}`)}`
}

const reasonWords: Readonly<Record<string, string>> = { master_request: 'primary_request' }

export function roleStatus({ role: name, generationId, reason }: MessageOf<'role_status'>): string {
  const cause = reasonWords[reason] ?? reason
  return ` role=${roleWord(name)} generation_id=${generationId} reason=${cause}`
}
