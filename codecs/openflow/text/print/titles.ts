/** What ovs-ofctl calls messages: a family's prefix, its own name, and the version but for 1.0. */
import type { Message } from '../../message.ts'

/** Names that are not the type in capitals. */
const names: Readonly<Record<string, string>> = {
  bundle_add: 'BUNDLE_ADD_MESSAGE',
  nx_set_async: 'SET_ASYNC_CONFIG',
  nx_set_async2: 'SET_ASYNC_CONFIG2',
}

/** Types that an older version has as an extension, and the last version that does. */
const byNicira: Readonly<Record<string, number>> = {
  role_request: 2,
  role_reply: 2,
  set_async: 3,
  flow_monitor_cancel: 3,
  flow_monitor_paused: 3,
  flow_monitor_resumed: 3,
  requestforward: 3,
  group_mod: 1,
}
const byOnf = new Set([
  'bundle_control',
  'bundle_add',
  'role_status',
  'requestforward',
  'flow_monitor_cancel',
  'flow_monitor_paused',
  'flow_monitor_resumed',
])

const partsByNicira: Readonly<Record<string, number>> = {
  flow_monitor: 3,
  group: 1,
  group_desc: 1,
  group_features: 2,
}

function nameOf(message: Message): string {
  const { type, version } = message
  if (type === 'multipart_request' || type === 'multipart_reply') return partName(message)
  if (type === 'unknown') return `OFPT_${message.code}`
  const bare = type.replace(/^nx_/, '')
  const name = names[type] ?? bare.toUpperCase()
  if (type === 'set_async' && version <= 3) return 'NXT_SET_ASYNC_CONFIG'
  if (type !== bare || version <= (byNicira[type] ?? 0)) return `NXT_${name}`
  return version === 4 && byOnf.has(type) ? `ONFT_${name}` : `OFPT_${name}`
}

function partName({
  type,
  version,
  body,
}: Extract<Message, { type: 'multipart_request' | 'multipart_reply' }>): string {
  const bare = body.type.replace(/^nx_/, '')
  const extension = bare !== body.type || version <= (partsByNicira[bare] ?? 0)
  const onf = version === 4 && bare === 'flow_monitor'
  const prefix = extension ? 'NXST' : onf ? 'ONFST' : 'OFPST'
  return `${prefix}_${bare.toUpperCase()} ${type === 'multipart_request' ? 'request' : 'reply'}`
}

/** Without the xid. */
export function titleOf(message: Message): string {
  const { version } = message
  if (version === 1) return nameOf(message)
  const shown =
    version >= 1 && version <= 6 ? `OF1.${version - 1}` : `OF 0x${version.toString(16).padStart(2, '0')}`
  return `${nameOf(message)} (${shown})`
}
