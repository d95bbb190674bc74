/**
 * A message on one line, in ovs-ofctl's words where it has them: `OFPT_FLOW_MOD (OF1.3) (xid=0x2): ADD table:3 ...`.
 * What has no line of its own here is shown by its definition, field by field.
 */
import { announcedVersions } from '../common/hello.ts'
import { noBuffer, reservedPort } from '../common/names.ts'
import type { BundleAdd, Message, MessageOf, MessageType } from '../message.ts'
import { showActions, showInstructions } from './actions.ts'
import { hexBytes, showFields } from './generic.ts'
import { formatMac } from './address.ts'
import { durationText, flagText, printFlow, ruleText } from './flow.ts'
import { showMatch } from './match.ts'
import { portName } from './names.ts'

const hex = (value: number | bigint): string => `0x${value.toString(16)}`
const words = (...parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false && part !== '').join(' ')
const bufferText = (bufferId: number): string | false =>
  bufferId !== noBuffer && `buffer=0x${bufferId.toString(16).padStart(8, '0')}`

const commandWords = {
  add: 'ADD',
  modify: 'MOD',
  modify_strict: 'MOD_STRICT',
  delete: 'DEL',
  delete_strict: 'DEL_STRICT',
}

function flowMod(message: MessageOf<'flow_mod'>): string {
  const { command, tableId, priority, match, cookie, cookieMask, importance } = message
  return words(
    commandWords[command],
    tableId !== 0 && `table:${tableId === 0xff ? 'ALL' : tableId}`,
    ruleText(priority, match),
    // A mask says that the cookie selects flows; adding selects none, and its cookie is the new flow's.
    cookieMask === 0n || command === 'add'
      ? cookie !== 0n && `cookie:${hex(cookie)}`
      : `cookie:${hex(cookie)}/${hex(cookieMask)}`,
    message.idleTimeoutS > 0 && `idle:${message.idleTimeoutS}`,
    message.hardTimeoutS > 0 && `hard:${message.hardTimeoutS}`,
    importance !== undefined && importance > 0 && `importance:${importance}`,
    message.bufferId !== noBuffer && `buf:${hex(message.bufferId)}`,
    message.outPort !== reservedPort.any && `out_port:${portName(message.outPort)}`,
    flagText(message.flags).trimEnd(),
    `actions=${showInstructions(message.instructions)}`,
  )
}

function packetIn({
  tableId,
  cookie,
  totalLen,
  match,
  reason,
  data,
  bufferId,
}: MessageOf<'packet_in'>): string {
  return words(
    tableId !== 0 && `table_id=${tableId}`,
    `cookie=${hex(cookie)}`,
    `total_len=${totalLen}`,
    showMatch(match),
    `(via ${reason})`,
    `data_len=${data.length}`,
    bufferId === noBuffer ? '(unbuffered)' : bufferText(bufferId),
  )
}

function packetOut({ inPort, match, actions, data, bufferId }: MessageOf<'packet_out'>): string {
  const origin = [inPort === undefined ? '' : `in_port=${portName(inPort)}`, showMatch(match ?? [])]
  return words(
    origin.filter((part) => part !== '').join(','),
    `actions=${showActions(actions)}`,
    bufferId === noBuffer ? `data_len=${data.length}` : bufferText(bufferId),
  )
}

const removedWords: Readonly<Record<string, string>> = { idle_timeout: 'idle', hard_timeout: 'hard' }

function flowRemoved(message: MessageOf<'flow_removed'>): string {
  const { reason, cookie, durationS, durationNs } = message
  return words(
    ruleText(message.priority, message.match),
    `reason=${removedWords[reason] ?? reason}`,
    `table_id=${message.tableId}`,
    cookie !== 0n && `cookie:${hex(cookie)}`,
    `duration${durationText(durationS, durationNs)}`,
    message.idleTimeoutS > 0 && `idle${message.idleTimeoutS}`,
    message.hardTimeoutS > 0 && `hard${message.hardTimeoutS}`,
    `pkts${message.packetCount}`,
    `bytes${message.byteCount}`,
  )
}

type Port = MessageOf<'port_status'>['port']

const portText = ({ portNo, name, hwAddr, config, state }: Port): string =>
  words(
    `${portName(portNo)}(${name}): addr:${formatMac(hwAddr)}`,
    `config:${config.length === 0 ? '0' : config.join(',').toUpperCase()}`,
    `state:${state.length === 0 ? '0' : state.join(',').toUpperCase()}`,
  )

const portReasonWords: Readonly<Record<string, string>> = { add: 'ADD', delete: 'DEL', modify: 'MOD' }
const roleWords: Readonly<Record<string, string>> = { master: 'primary', slave: 'secondary' }

const role = ({ role: name, generationId }: MessageOf<'role_request' | 'role_reply'>): string =>
  name === 'nochange' ? 'role=nochange' : `role=${roleWords[name] ?? name} generation_id=${generationId}`

function reply({ flags, body }: MessageOf<'multipart_reply'>, otherwise: () => string): string {
  const more = flags.includes('more') && 'flags=[more]'
  if (body.type === 'flow') return words(more, body.entries.map((flow) => printFlow(flow)).join('; '))
  if (body.type === 'port_desc') return words(more, body.entries.map(portText).join('; '))
  return otherwise()
}

const bundleFlags = (flags: readonly string[]): string | false =>
  flags.length > 0 && `flags=${flags.join(' ')}`

function bundleAdd({ bundleId, flags, message }: BundleAdd): string {
  return words(`bundle_id=${hex(bundleId)}`, bundleFlags(flags), print(message))
}

type Lines = { readonly [T in MessageType]?: (message: MessageOf<T>, otherwise: () => string) => string }

const lines: Lines = {
  hello: ({ elements }) => {
    const versions = announcedVersions(elements).map(
      (version) => `0x${version.toString(16).padStart(2, '0')}`,
    )
    return versions.length === 0 ? '' : `version bitmap: ${versions.join(', ')}`
  },
  error: ({ code, errorType, data }) =>
    words(
      typeof code === 'string' ? code : `type ${errorType}, code ${code}`,
      data.length > 0 && `(${data.length} bytes of data)`,
    ),
  echo_request: ({ data }) => `${data.length} bytes of payload`,
  echo_reply: ({ data }) => `${data.length} bytes of payload`,
  features_reply: ({ datapathId, nTables, nBuffers, auxiliaryId, capabilities }) =>
    words(
      `dpid:${datapathId.toString(16).padStart(16, '0')}`,
      `n_tables:${nTables}, n_buffers:${nBuffers}${auxiliaryId === 0 ? '' : `, auxiliary_id:${auxiliaryId}`}`,
      `capabilities: ${capabilities.join(' ').toUpperCase()}`,
    ),
  flow_mod: flowMod,
  packet_in: packetIn,
  packet_out: packetOut,
  flow_removed: flowRemoved,
  port_status: ({ reason, port }) => `${portReasonWords[reason] ?? reason}: ${portText(port)}`,
  role_request: role,
  role_reply: role,
  multipart_reply: reply,
  bundle_control: ({ bundleId, control, flags }) =>
    words(`bundle_id=${hex(bundleId)}`, `type=${control.toUpperCase()}`, bundleFlags(flags)),
  bundle_add: bundleAdd,
}

function title(message: Message): string {
  if (message.type === 'multipart_request') return `OFPST_${message.body.type.toUpperCase()} request`
  if (message.type === 'multipart_reply') return `OFPST_${message.body.type.toUpperCase()} reply`
  if (message.type === 'bundle_add') return 'OFPT_BUNDLE_ADD_MESSAGE'
  if (message.type === 'unknown') return `OFPT_${message.code}`
  return `OFPT_${message.type.toUpperCase()}`
}

const byDefinition = (message: Message): string =>
  message.type === 'unknown' ? hexBytes(message.body) : showFields(message, ['type', 'version', 'xid'])

export function print(message: Message): string {
  const line = lines[message.type] as ((message: Message, otherwise: () => string) => string) | undefined
  const otherwise = (): string => byDefinition(message)
  const body = line === undefined ? otherwise() : line(message, otherwise)
  const head = `${title(message)} (OF1.${message.version - 1}) (xid=${hex(message.xid)}):`
  return words(head, body)
}
