/** What QEMU's monitor says: its greeting, answers to commands, and events. No socket, no clock. */

export type QmpMessage =
  | { readonly type: 'greeting'; readonly version: string }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly id: number; readonly reason: string }
  | { readonly type: 'event'; readonly name: string; readonly data: Fields }
  | { readonly type: 'unknown'; readonly why: string }

export type Fields = Readonly<Record<string, unknown>>

/** An object's members; none of what is no object. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

export const textIn = (fields: Fields, name: string): string | undefined => {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

export const numberIn = (fields: Fields, name: string): number | undefined => {
  const value = fields[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function readMessage(json: unknown): QmpMessage {
  const fields = fieldsOf(json)
  if ('QMP' in fields) {
    const { major, minor, micro } = fieldsOf(fieldsOf(fieldsOf(fields['QMP'])['version'])['qemu'])
    return { type: 'greeting', version: [major, minor, micro].map(String).join('.') }
  }
  const name = textIn(fields, 'event')
  if (name !== undefined) return { type: 'event', name, data: fieldsOf(fields['data']) }
  const id = numberIn(fields, 'id')
  const reason = textIn(fieldsOf(fields['error']), 'desc')
  if (id !== undefined && 'return' in fields) return { type: 'answer', id, value: fields['return'] }
  if (id !== undefined && reason !== undefined) return { type: 'refusal', id, reason }
  // An error without an id is about bytes that it could not read.
  return {
    type: 'unknown',
    why: reason ?? `neither an answer nor an event: ${JSON.stringify(json).slice(0, 100)}`,
  }
}

export function writeCommand(id: number, command: string, args: Fields = {}): string {
  return `${JSON.stringify({ execute: command, arguments: args, id })}\n`
}
