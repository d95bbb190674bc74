/**
 * Problem documents (RFC 9457): every error of the REST API is one of these types, in one shape.
 * The statuses are a promise to scripts: nothing was changed by any of them, except `refused-by-switch`;
 * after `unanswered` and `internal` nothing is known.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../model/problem.ts'
import { NotStoredError } from './controller.ts'

export const problemTypes = {
  'invalid-request': { status: 400, title: 'The request cannot be understood' },
  'invalid-intent': { status: 400, title: 'The declaration is not valid; nothing was changed' },
  unauthorized: { status: 401, title: 'A token is required' },
  'foreign-host': { status: 403, title: 'The Host header does not name this machine' },
  'cross-site': { status: 403, title: 'A page of another site may not change anything' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method' },
  unproved: { status: 409, title: 'The change would break the isolation of networks; nothing was changed' },
  'unproved-by-hand': {
    status: 409,
    title: 'The rule is not shown to keep networks isolated; nothing was changed',
  },
  'place-taken': {
    status: 409,
    title: 'Another rule has this table, priority and match; nothing was changed',
  },
  'move-exists': { status: 409, title: 'Another move has this id; nothing was changed' },
  'move-over': { status: 409, title: 'The move has gone too far for that; nothing was changed' },
  'stale-revision': { status: 412, title: 'The intent has another revision than the request expects' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has a content type that this path does not take',
  },
  'refused-by-switch': { status: 422, title: 'The declaration is stored, but a switch refused a part of it' },
  'flow-refused': { status: 422, title: 'The switch refused the rule; nothing was changed' },
  internal: { status: 500, title: 'The controller failed; its log has the details' },
  'not-stored': { status: 503, title: 'The change could not be stored; nothing was changed' },
  unanswered: { status: 504, title: 'The switch did not answer' },
  'too-many-streams': { status: 503, title: 'Too many event streams are open' },
} as const

export type ProblemType = keyof typeof problemTypes

/** What a route throws to answer with a problem document. */
export class ApiError extends Error {
  readonly type: ProblemType
  readonly extra: Readonly<Record<string, unknown>>

  constructor(type: ProblemType, detail: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail)
    this.name = 'ApiError'
    this.type = type
    this.extra = extra
  }
}

export const notFound = (detail: string): ApiError => new ApiError('not-found', detail)

/** A refusal of what the user wrote, one entry per mistake. */
export function invalid(type: 'invalid-request' | 'invalid-intent', problems: readonly Problem[]): ApiError {
  const first = problems[0]
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  const where = first === undefined || first.pointer === '' ? '' : `${first.pointer}: `
  return new ApiError(type, `${where}${first?.message ?? 'not valid'}${more}`, { errors: problems })
}

/** What fastify puts on the error of a request whose path or query string its schema refused. */
interface SchemaRefusal {
  readonly validation: readonly {
    readonly instancePath: string
    readonly message?: string
    readonly params: object
  }[]
  readonly validationContext: string
}

/** The problem document of an error; what the client has no part in stays in the log. */
function describe(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof NotStoredError) return new ApiError('not-stored', error.message)
  const { validation, validationContext } = error as Partial<SchemaRefusal>
  if (validation !== undefined) {
    const prefix = validationContext === undefined ? '' : `/${validationContext}`
    return invalid(
      'invalid-request',
      validation.map(({ instancePath, message, params }) => {
        const unknown = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : ''
        return { pointer: prefix + instancePath, message: (message ?? 'not valid') + unknown }
      }),
    )
  }
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ApiError(
      'unsupported-media-type',
      'Send application/json; /v1/intent and /v1/plan also take application/yaml.',
    )
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new ApiError('invalid-request', 'A part of the path is too long, or its %-encoding is broken.')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413)
    return new ApiError('body-too-large', 'A body may have up to 10 MiB.')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError('invalid-request', message ?? 'not valid')
  return new ApiError(
    'internal',
    'Nothing is known about the outcome; read the present state before trying again.',
  )
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const { type, message, extra } = describe(error)
  const { status, title } = problemTypes[type]
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  if (type === 'unauthorized') void reply.header('www-authenticate', 'Bearer realm="throwbar"')
  const document = {
    type: `urn:throwbar:problem:${type}`,
    title,
    status,
    detail: message,
    instance: request.url,
    requestId: request.id,
    ...extra,
  }
  return reply.code(status).type('application/problem+json').serializer(JSON.stringify).send(document)
}

/**
 * Makes unknown paths, wrong methods and every thrown error answer with a problem document.
 * Call before any route is added, because the methods that a path takes are collected as routes appear.
 */
export function answerProblems(app: FastifyInstance): void {
  const methodsOf = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsOf.get(url) ?? new Set()
    for (const each of [method].flat()) methods.add(each)
    methodsOf.set(url, methods)
  })
  let patterns: readonly { readonly pattern: RegExp; readonly methods: ReadonlySet<string> }[] = []
  app.addHook('onReady', (done) => {
    patterns = [...methodsOf].map(([url, methods]) => ({ pattern: pathPattern(url), methods }))
    done()
  })
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error))
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = [
      ...new Set(patterns.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods])),
    ]
    if (allowed.length === 0)
      return sendProblem(request, reply, notFound(`There is no path ${path}; GET /docs lists all paths.`))
    void reply.header('allow', allowed.join(', '))
    const detail = `${path} takes ${allowed.join(', ')}.`
    return sendProblem(request, reply, new ApiError('method-not-allowed', detail))
  })
}

function pathPattern(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    if (part === '*') return '.*'
    return part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.')
  })
  return new RegExp(`^${parts.join('/')}$`)
}
