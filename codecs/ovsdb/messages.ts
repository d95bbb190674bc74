/** JSON-RPC 1.0 as OVSDB speaks it (RFC 7047 4): requests, replies, notifications, and the echo that both sides answer. */
import { OvsdbError } from './errors.ts'
import type { Json } from './values.ts'

export type RpcMessage =
  | {
      readonly type: 'request'
      readonly id: Json
      readonly method: string
      readonly params: readonly unknown[]
    }
  | { readonly type: 'notification'; readonly method: string; readonly params: readonly unknown[] }
  | { readonly type: 'reply'; readonly id: Json; readonly result: unknown; readonly error: unknown }

export type RpcRequest = Extract<RpcMessage, { type: 'request' }>
export type RpcReply = Extract<RpcMessage, { type: 'reply' }>
export type RpcNotification = Extract<RpcMessage, { type: 'notification' }>

function refuse(why: string): OvsdbError {
  return new OvsdbError('MESSAGE', why)
}

/** Takes what the framer gives; throws `OvsdbError` MESSAGE. An absent member counts as null. */
export function readMessage(json: unknown): RpcMessage {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw refuse('no JSON object')
  const { method, params, id, result, error } = json as Readonly<Record<string, unknown>>
  if (method === undefined || method === null) {
    if (id === undefined || id === null) throw refuse('neither a method nor an id')
    if (result === undefined && error === undefined) throw refuse('neither a method nor a result')
    return { type: 'reply', id: id as Json, result: result ?? null, error: error ?? null }
  }
  if (typeof method !== 'string') throw refuse('a method that is no string')
  const list = params ?? []
  if (!Array.isArray(list)) throw refuse('params that are no array')
  return id === undefined || id === null
    ? { type: 'notification', method, params: list }
    : { type: 'request', id: id as Json, method, params: list }
}

export function writeRequest(id: Json, method: string, params: readonly unknown[]): string {
  return JSON.stringify({ id, method, params })
}

export function writeReply(
  id: Json,
  { result = null, error = null }: { result?: unknown; error?: unknown },
): string {
  return JSON.stringify({ id, result, error })
}

/** What a peer that asks whether we are there must hear; undefined for any other request. */
export function echoReply(message: RpcMessage): string | undefined {
  if (message.type !== 'request' || message.method !== 'echo') return undefined
  return writeReply(message.id, { result: message.params })
}

/** An error in a reply or an operation's result as one line: OVSDB's own name, and its details where it gives any. */
export function errorText(error: unknown): { readonly error: string; readonly details: string } {
  if (typeof error === 'string') return { error, details: '' }
  if (typeof error === 'object' && error !== null && 'error' in error && typeof error.error === 'string') {
    const details = 'details' in error && typeof error.details === 'string' ? error.details : ''
    return { error: error.error, details }
  }
  return { error: 'unknown error', details: JSON.stringify(error) }
}
