/** Reads a server-sent event stream (HTML standard, section 9.2) from chunks of bytes. */

export interface ServerSentEvent {
  /** `message` unless the stream names it. */
  readonly event: string
  readonly data: string
}

/** A line of an event that is longer than this ends the stream with an error. */
const maxLineLength = 16 * 1024 * 1024

export async function* readServerSentEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let event = 'message'
  let data: string[] = []
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxLineLength) throw new Error('a line of the event stream is too long')
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event, data: data.join('\n') }
        event = 'message'
        data = []
        continue
      }
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
      if (field === 'event') event = value
      if (field === 'data') data.push(value)
    }
  }
}
