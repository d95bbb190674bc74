/** `GET /v1/events`: what happens, as server-sent events with resume, a heartbeat and a bounded buffer per client. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Controller, ControllerEvent } from '../controller.ts'
import { ApiError } from '../problem.ts'
import { answers } from '../schemas.ts'

export interface StreamLimits {
  /** Streams open at once. */
  readonly clients: number
  /** A client that has more unread bytes than this is disconnected; it can resume. */
  readonly bufferBytes: number
  readonly heartbeatMs: number
}

export const streamLimits: StreamLimits = { clients: 128, bufferBytes: 1024 * 1024, heartbeatMs: 15_000 }

const query = Type.Object(
  {
    since: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Start after this event; Last-Event-ID says the same and wins',
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({ default: true, description: 'false: end after the events that are kept' }),
    ),
  },
  { additionalProperties: false },
)

const description = [
  'Each event is `id: N` and `data: {"id", "time", "type", "data"}`, with ids increasing by one.',
  'Without a start only new events are sent. When events after the start are no longer kept, an `event: gap` comes first:',
  'read the present state again. A client that reads too slowly is disconnected and can resume with Last-Event-ID.',
].join(' ')

export function eventRoutes(app: FastifyInstance, controller: Controller, limits: StreamLimits): void {
  const open = new Set<ServerResponse>()
  app.addHook('preClose', (done) => {
    for (const stream of open) stream.end()
    done()
  })
  const schema = {
    tags: ['events'],
    summary: 'What happens, live (server-sent events)',
    description,
    querystring: query,
    response: answers(
      { 200: { description: 'Events', content: { 'text/event-stream': { schema: Type.String() } } } },
      'invalid-request',
      'too-many-streams',
    ),
  }
  app.get<{ Querystring: { since?: number; follow?: boolean } }>(
    '/v1/events',
    { exposeHeadRoute: false, schema },
    (request, reply) => {
      const start = startAfter(request.headers['last-event-id'], request.query.since)
      if (open.size >= limits.clients)
        throw new ApiError(
          'too-many-streams',
          `${limits.clients} event streams are open; close one and try again.`,
        )
      reply.hijack()
      const stream = reply.raw
      stream.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      open.add(stream)
      stream.on('close', () => open.delete(stream))
      // A reset connection also ends in 'close'; without a listener it would end the process.
      stream.on('error', (error) => request.log.debug({ err: error }, 'event stream broke'))
      feed(stream, controller, { start, follow: request.query.follow ?? true, limits })
    },
  )
}

function startAfter(header: string | string[] | undefined, since: number | undefined): number | undefined {
  if (header === undefined || header === '') return since
  if (typeof header !== 'string' || !/^[0-9]{1,15}$/.test(header))
    throw new ApiError('invalid-request', 'Last-Event-ID must be the number of an event.')
  return Number(header)
}

interface Feed {
  readonly start: number | undefined
  readonly follow: boolean
  readonly limits: StreamLimits
}

/** Sends what is kept and then what comes; both happen in one turn, so nothing falls between them. */
function feed(stream: ServerResponse, controller: Controller, { start, follow, limits }: Feed): void {
  stream.write('retry: 2000\n\n')
  if (start !== undefined) {
    const { events, gap } = controller.events.since(start)
    if (gap) stream.write(gapText(start, events[0]))
    for (const event of events) stream.write(eventText(event))
  }
  if (!follow) {
    stream.end()
    return
  }
  // What was kept may be more than the limit; only what piles up on top of it counts against the client.
  const allowedBytes = limits.bufferBytes + stream.writableLength
  const send = (text: string): void => {
    stream.write(text)
    if (stream.writableLength > allowedBytes) stream.destroy()
  }
  const unsubscribe = controller.events.subscribe((event) => send(eventText(event)))
  const heartbeat = setInterval(() => send(': still here\n\n'), limits.heartbeatMs)
  heartbeat.unref()
  stream.on('close', () => {
    clearInterval(heartbeat)
    unsubscribe()
  })
}

const eventText = (event: ControllerEvent): string => `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`

function gapText(after: number, next: ControllerEvent | undefined): string {
  const data = { type: 'gap', data: { after, next: next?.id ?? null } }
  return `event: gap\ndata: ${JSON.stringify(data)}\n\n`
}
