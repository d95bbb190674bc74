/** The types of what goes through a session: a message before it has its version and xid, and what answers what. */
import type { Message, MessageInput, MessageOf, MultipartReply } from './message.ts'

/** Leaves out what the session fills in. */
type WithoutHeader<M> = M extends unknown ? Omit<M, 'version' | 'xid'> : never

/** A message to be sent: the session gives it the version in use and an xid. */
export type Unsent = WithoutHeader<MessageInput>

/** What answers what. */
export interface Replies {
  features_request: 'features_reply'
  echo_request: 'echo_reply'
  get_config_request: 'get_config_reply'
  barrier_request: 'barrier_reply'
  role_request: 'role_reply'
  multipart_request: 'multipart_reply'
  bundle_control: 'bundle_control'
  experimenter: 'experimenter'
}

export const replyTypes: Readonly<Replies> = {
  features_request: 'features_reply',
  echo_request: 'echo_reply',
  get_config_request: 'get_config_reply',
  barrier_request: 'barrier_reply',
  role_request: 'role_reply',
  multipart_request: 'multipart_reply',
  bundle_control: 'bundle_control',
  experimenter: 'experimenter',
}

export type Request = Extract<Unsent, { type: keyof Replies }>

type ReplyParts<T> = MultipartReply extends infer M
  ? M extends { body: infer B }
    ? Omit<M, 'body'> & { readonly body: Extract<B, { type: T }> }
    : never
  : never

/** The reply to a request; of a multipart request, the one with the same kind of body. */
export type ReplyTo<R extends Request> = R extends { type: 'multipart_request'; body: { type: infer T } }
  ? ReplyParts<T>
  : R extends { type: infer T extends keyof Replies }
    ? Extract<Message, MessageOf<Replies[T]>>
    : never
