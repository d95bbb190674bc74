/** The types of what goes through a session: a message before it has its version and xid, and what answers what. */
import type { Message, MessageInput, MultipartReply } from './message.ts'

/** Leaves out what the session fills in. */
type WithoutHeader<M> = M extends unknown ? Omit<M, 'version' | 'xid'> : never

/** A message to be sent: the session gives it the version in use and an xid. */
export type Unsent = WithoutHeader<MessageInput>

/** `barrier_request` is answered by `barrier_reply`, and so on; the two others answer themselves. */
type ReplyName<T> = T extends `${infer Name}_request`
  ? `${Name}_reply`
  : T extends 'bundle_control' | 'experimenter'
    ? T
    : never

type RequestName = `${string}_request` | 'bundle_control' | 'experimenter'

export type Request = Extract<Unsent, { type: RequestName }>

/** The type of the message that answers a request of this type; undefined for what is no request. */
export function replyTypeOf(type: string): string | undefined {
  if (type.endsWith('_request')) return type.replace(/_request$/, '_reply')
  return type === 'bundle_control' || type === 'experimenter' ? type : undefined
}

/** Whether this comes only in answer to something; an experimenter's messages come unasked too. */
export function isOnlyReply(type: string): boolean {
  return type.endsWith('_reply') || type === 'bundle_control'
}

type ReplyParts<T> = MultipartReply extends infer M
  ? M extends { body: infer B }
    ? Omit<M, 'body'> & { readonly body: Extract<B, { type: T }> }
    : never
  : never

/** The reply to a request; of a multipart request, the one with the same kind of body. */
export type ReplyTo<R extends Request> = R extends { type: 'multipart_request'; body: { type: infer T } }
  ? ReplyParts<T>
  : Extract<Message, { type: ReplyName<R['type']> }>
