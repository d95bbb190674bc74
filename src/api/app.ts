/** Builds the REST API over a controller. It never listens: `serve.ts` does, and tests inject requests. */
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { limits } from '../model/schema.ts'
import type { Controller } from './controller.ts'
import { serveDocs } from './docs.ts'
import { type Auth, guard } from './guard.ts'
import { answerProblems, sendProblem } from './problem.ts'
import { eventRoutes, type StreamLimits, streamLimits } from './routes/events.ts'
import { flowRoutes } from './routes/flows.ts'
import { moveRoutes } from './routes/moves.ts'
import { intentRoutes } from './routes/intent.ts'
import { movePlanRoutes } from './routes/move-plan.ts'
import { observedRoutes } from './routes/observed.ts'
import { resourceRoutes } from './routes/resources.ts'
import { ryuRoutes } from './routes/ryu.ts'
import { validateStrictly } from './validation.ts'

export interface BuildOptions {
  readonly controller: Controller
  /** Without it, only requests that name this machine as their host are answered. */
  readonly auth?: Auth
  /** Throwbar's version, for OpenAPI. */
  readonly version: string
  readonly logger?: FastifyBaseLogger
  readonly streams?: Partial<StreamLimits>
}

export function build({ controller, auth, version, logger, streams }: BuildOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    ...(logger !== undefined && { loggerInstance: logger }),
    // Of requests only writes are logged, below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.documentBytes,
    requestTimeout: 30_000,
    frameworkErrors: (error, request, reply) => {
      stamp(request, reply)
      void sendProblem(request, reply, error)
    },
  })
  app.removeContentTypeParser('text/plain')
  answerProblems(app)
  validateStrictly(app)
  guard(app, auth)
  app.addHook('onRequest', (request, reply, done) => {
    stamp(request, reply)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      request.log.info(
        {
          method: request.method,
          url: request.url,
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime * 10) / 10,
        },
        'write',
      )
    done()
  })
  serveDocs(app, version)
  void app.register((routes, _options, done) => {
    resourceRoutes(routes, controller)
    flowRoutes(routes, controller)
    movePlanRoutes(routes, controller)
    moveRoutes(routes, controller)
    observedRoutes(routes, controller)
    eventRoutes(routes, controller, { ...streamLimits, ...streams })
    ryuRoutes(routes, controller)
    done()
  })
  // A scope of its own: only these paths take YAML.
  void app.register((routes, _options, done) => {
    intentRoutes(routes, controller)
    done()
  })
  return app
}

/** Headers of every answer: its id in the log, and that it may be out of date at once. */
function stamp(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({
    'x-request-id': request.id,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
}
