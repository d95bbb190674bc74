/**
 * A message as `ovs-ofctl ofp-print` shows it: `OFPT_FLOW_MOD (OF1.3) (xid=0x2): ADD table:3 ...`. What ovs-ofctl has no
 * words for is shown field by field.
 */
import type { Message, MessageType, MultipartReply, MultipartRequest } from '../message.ts'
import { hexBytes, showFields } from './generic.ts'
import { replyLines, requestLines } from './print/multipart.ts'
import { messageLines } from './print/messages.ts'
import { titleOf } from './print/titles.ts'

type Line = (message: never, print: (message: Message) => string) => string

function multipartText({ body, flags, ...message }: MultipartRequest | MultipartReply): string {
  const lines: Readonly<Record<string, Line>> =
    message.type === 'multipart_request' ? requestLines : replyLines
  const line = Object.hasOwn(lines, body.type) ? lines[body.type] : undefined
  const more =
    flags.length === 0 ? '' : flags.includes('more') ? ' flags=[more]' : ` flags=${flags.join(' ')}`
  if (line !== undefined) return more + line({ ...body, version: message.version } as never, print)
  const rest = showFields(body, ['type'])
  return `${more}${rest === '' ? '' : ` ${rest}`}`
}

function lineOf(message: Message): string {
  if (message.type === 'unknown') return message.body.length === 0 ? '' : ` ${hexBytes(message.body)}`
  if (message.type === 'multipart_request' || message.type === 'multipart_reply')
    return multipartText(message)
  const lines: Readonly<Partial<Record<MessageType, Line>>> = messageLines
  const line = lines[message.type]
  if (line !== undefined) return line(message as never, print)
  const rest = showFields(message, ['type', 'version', 'xid'])
  return rest === '' ? '' : ` ${rest}`
}

/** The message on one line, or on several where ovs-ofctl takes several; without a newline at the end. Never throws. */
export function print(message: Message): string {
  return `${titleOf(message)} (xid=0x${message.xid.toString(16)}):${lineOf(message)}`
}
