/**
 * Validation of what comes with a request. Query strings and paths are checked here, with numbers and booleans read from
 * text; declarations are checked by the model (`declarationOf`), nothing coerced or dropped, in the words that the
 * command line uses too.
 */
import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { type IntentSpec, limits, type NetworkSpec, type SwitchSpec, type VmSpec } from '../model/schema.ts'
import { checkShape } from '../model/shape.ts'
import { ApiError, invalid } from './problem.ts'
import { components } from './schemas.ts'

export function validateStrictly(app: FastifyInstance): void {
  const ajv = new Ajv({
    removeAdditional: false,
    useDefaults: false,
    coerceTypes: true,
    allErrors: true,
    strict: false,
  })
  for (const [name, schema] of Object.entries(components)) app.addSchema({ $id: name, ...schema })
  app.setValidatorCompiler(({ schema, httpPart }) =>
    httpPart === 'body' ? () => true : ajv.compile(schema as object),
  )
  // Response schemas are documentation: answers are written whole, whatever they say, and at JSON.stringify's speed.
  app.setSerializerCompiler(() => JSON.stringify)
  reportJsonErrors(app)
}

export type FlowAdd = Static<typeof components.FlowAdd>

/** Whether a body is as its schema says; nothing is coerced. */
export const isFlowAdd = new Ajv({ strict: false }).compile<FlowAdd>(components.FlowAdd)

interface Declarations {
  readonly intent: IntentSpec
  readonly switches: SwitchSpec
  readonly networks: NetworkSpec
  readonly vms: VmSpec
}

/** The body as what its shape says, or `invalid-intent` with pointers into the whole document, where it stands at `pointer`. */
export function declarationOf<Shape extends keyof Declarations>(
  body: unknown,
  shape: Shape,
  pointer: string,
): Declarations[Shape] {
  const problems = checkShape(shape, body, pointer)
  if (problems.length > 0)
    throw invalid(
      'invalid-intent',
      problems.slice(0, limits.problems).map(({ pointer: at, message, hint }) => ({
        pointer: at,
        message,
        ...(hint !== undefined && { hint }),
      })),
    )
  return body as Declarations[Shape]
}

/** Fastify's own parser says only that a body is not JSON; this one also says where. */
function reportJsonErrors(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    void parse(request, text, (error, value) => done(error === null ? null : jsonError(text), value))
  })
}

function jsonError(text: string): ApiError {
  if (text.trim() === '') return new ApiError('invalid-request', 'The body is empty.')
  try {
    JSON.parse(text)
  } catch (error) {
    const message = (error as Error).message
    const position = /at position (\d+)/.exec(message)?.[1]
    if (position === undefined) return new ApiError('invalid-request', `The body is not JSON: ${message}`)
    const before = text.slice(0, Number(position)).split('\n')
    const place = { pointer: '', message, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
    return new ApiError('invalid-request', `The body is not JSON: ${message}`, { errors: [place] })
  }
  return new ApiError(
    'invalid-request',
    'The body has a key __proto__ or constructor, which nothing here is called.',
  )
}
