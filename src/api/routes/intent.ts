/** The whole declaration: read it, replace it, or see what replacing it would send. JSON, or YAML with line and column. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { IntentSpec } from '../../model/schema.ts'
import { parseTopology } from '../../model/yaml.ts'
import type { Controller } from '../controller.ts'
import { refusal, sendOutcome, type WriteQuery, writeQuery } from '../outcome.ts'
import { entityTag, isCurrent, requiredRevision } from '../preconditions.ts'
import { invalid } from '../problem.ts'
import { declarationOf } from '../validation.ts'
import { answers, components, ref, writeAnswers } from '../schemas.ts'

const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']
const tags = ['intent']

const body = {
  content: {
    'application/json': { schema: ref(components.IntentSpec) },
    ...Object.fromEntries(yamlTypes.map((type) => [type, { schema: Type.String() }])),
  },
}

export function intentRoutes(app: FastifyInstance, controller: Controller): void {
  app.addContentTypeParser(yamlTypes, { parseAs: 'string' }, (_request, text, done) => done(null, text))
  const read = {
    tags,
    summary: 'The declared document',
    description: 'The ETag is its revision; If-None-Match is honoured.',
    response: answers({ 200: ref(components.IntentSpec), 304: { description: 'Not changed', type: 'null' } }),
  }
  app.get('/v1/intent', { schema: read }, (request, reply) => {
    const { revision, spec } = controller.intent()
    void reply.header('etag', entityTag(revision))
    return isCurrent(request, revision) ? reply.code(304).send() : reply.send(spec)
  })
  const replace = {
    tags,
    summary: 'Replace the declared document',
    description: 'YAML as well as JSON; problems in YAML carry line and column.',
    querystring: writeQuery,
    body,
    response: writeAnswers({ creates: false }),
  }
  app.put<{ Body: unknown; Querystring: WriteQuery }>(
    '/v1/intent',
    { schema: replace },
    async (request, reply) => {
      const ifRevision = requiredRevision(request, {
        revision: controller.intent().revision,
        exists: true,
        path: '/v1/intent',
      })
      const spec = specOf(request.body)
      const options = { ...request.query, ...(ifRevision !== undefined && { ifRevision }) }
      const outcome = await controller.apply({ kind: 'replace', spec }, options)
      return sendOutcome(reply, outcome, { location: '/v1/switches', created: false })
    },
  )
  planRoute(app, controller)
}

function planRoute(app: FastifyInstance, controller: Controller): void {
  const plan = {
    tags,
    summary: 'What replacing the declared document would send',
    description: 'Nothing is changed.',
    body,
    response: answers(
      { 200: ref(components.PlanReport) },
      'invalid-request',
      'invalid-intent',
      'unproved',
      'not-stored',
      'body-too-large',
      'unsupported-media-type',
    ),
  }
  app.post<{ Body: unknown }>('/v1/plan', { schema: plan }, async (request, reply) => {
    const outcome = await controller.plan({ kind: 'replace', spec: specOf(request.body) })
    if (outcome.status !== 'planned') throw refusal(outcome)
    return reply.send(outcome.plan)
  })
}

/** Throws `invalid-intent`, with the lines and columns of mistakes in YAML. */
function specOf(document: unknown): IntentSpec {
  if (typeof document !== 'string') return declarationOf(document, 'intent', '')
  const parsed = parseTopology(document)
  if ('problems' in parsed) throw invalid('invalid-intent', parsed.problems)
  return parsed.spec
}
