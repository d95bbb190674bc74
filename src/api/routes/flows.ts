/** The rules on a switch: read from it, each with its owner; added and deleted by hand. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { limits } from '../../model/schema.ts'
import type { Controller, FlowChange, FlowOutcome, FlowReceipt, FlowView } from '../controller.ts'
import { ApiError, invalid, notFound } from '../problem.ts'
import { named, resources } from '../resources.ts'
import { answers, components, ref } from '../schemas.ts'
import { type FlowAdd, isFlowAdd } from '../validation.ts'

interface FlowQuery {
  readonly table?: string
  readonly owner?: string
}

const flowQuery = Type.Object(
  {
    table: Type.Optional(Type.String({ description: 'Only rules of this table, by name' })),
    owner: Type.Optional(
      Type.String({
        description:
          'Only rules of this owner: nic/web1/0, or the start of one: nic/web1; operator: made by hand',
      }),
    ),
  },
  { additionalProperties: false },
)

interface DeleteQuery {
  readonly match?: string
  readonly strict?: boolean
}

const deleteQuery = Type.Object(
  {
    match: Type.Optional(
      Type.String({
        maxLength: limits.flowText,
        description: 'In ovs-ofctl syntax; every rule that was made by hand, unless given',
      }),
    ),
    strict: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Only the rule with this priority and exactly this match',
      }),
    ),
  },
  { additionalProperties: false },
)

const path = '/v1/switches/:name/flows'
const params = Type.Object({ name: Type.String({ maxLength: 64 }) })
const tags = ['switches']

interface Params {
  readonly name: string
}

export function flowRoutes(app: FastifyInstance, controller: Controller): void {
  const list = {
    tags,
    summary: 'The rules that are installed on a switch, read from it now, each with its owner',
    params,
    querystring: flowQuery,
    response: answers({ 200: Type.Array(ref(components.FlowView)) }, 'not-found'),
  }
  app.get<{ Params: Params; Querystring: FlowQuery }>(path, { schema: list }, async (request, reply) => {
    const { name } = request.params
    const { table, owner } = request.query
    const installed = await controller.flows(keyOf(controller, name))
    if (installed === undefined)
      throw notFound(`Switch ${name} is not connected, so its rules cannot be read.`)
    return reply.send(inTable(installed, table).filter((flow) => isOwnedBy(flow, owner)))
  })
  const add = {
    tags,
    summary: 'Add rules to a switch by hand: all of them, or none',
    description: `${byHand} A rule that does more than drop is taken only with unproved.`,
    params,
    body: ref(components.FlowAdd),
    response: changeAnswers,
  }
  app.post<{ Params: Params; Body: unknown }>(path, { schema: add }, async (request, reply) => {
    const { flows, unproved = false } = additionOf(request.body)
    const receipt = await change(controller, request.params.name, { kind: 'add', flows, unproved })
    return reply.send(receipt)
  })
  const remove = {
    tags,
    summary: 'Delete rules that were made by hand; no other rule is touched',
    params,
    querystring: deleteQuery,
    response: changeAnswers,
  }
  app.delete<{ Params: Params; Querystring: DeleteQuery }>(
    path,
    { schema: remove },
    async (request, reply) => {
      const { match = '', strict = false } = request.query
      return reply.send(await change(controller, request.params.name, { kind: 'delete', match, strict }))
    },
  )
}

const byHand =
  'Such rules are owned by operator and lie outside the program: Throwbar neither stores, restores nor removes them.'

const changeAnswers = answers(
  {
    200: {
      description: 'The switch has confirmed it',
      content: { 'application/json': { schema: ref(components.FlowReceipt) } },
    },
  },
  'invalid-request',
  'not-found',
  'unproved-by-hand',
  'place-taken',
  'body-too-large',
  'unsupported-media-type',
  'flow-refused',
  'unanswered',
)

/** The controller's own name for a switch that goes by `name`. */
function keyOf(controller: Controller, name: string): string {
  const [view] = named(resources.switches, controller, name)
  if (view === undefined) throw notFound(`There is no switch ${name}; GET /v1/switches lists what there is.`)
  return resources.switches.key(view)
}

function additionOf(body: unknown): FlowAdd {
  if (isFlowAdd(body)) return body
  const detail = `The body is {"flows": [...], "unproved": false}, with 1 to ${limits.flows} texts of up to ${limits.flowText} characters.`
  throw new ApiError('invalid-request', detail)
}

async function change(controller: Controller, name: string, asked: FlowChange): Promise<FlowReceipt> {
  const outcome = await controller.changeFlows(keyOf(controller, name), asked)
  if (outcome === undefined)
    throw notFound(`Switch ${name} is not connected, so its rules cannot be changed.`)
  if (outcome.status === 'confirmed') return outcome.receipt
  throw refusal(name, outcome)
}

function refusal(name: string, outcome: Exclude<FlowOutcome, { status: 'confirmed' }>): ApiError {
  switch (outcome.status) {
    case 'invalid':
      return invalid('invalid-request', outcome.problems)
    case 'unproved': {
      const detail = `It does more than drop, so it could carry frames between networks on ${name}. With "unproved": true it is taken, and no proof covers it.`
      return new ApiError('unproved-by-hand', detail, { violations: outcome.violations })
    }
    case 'taken': {
      const whose = outcome.owner === 'foreign' ? 'foreign' : `of ${outcome.owner}`
      return new ApiError(
        'place-taken',
        `The rule there is ${whose}. Choose another priority: ${outcome.rule}`,
      )
    }
    case 'refused': {
      const errors = [...new Set(outcome.refused.map(({ error }) => error))]
      const hint = errors.includes(overlap) ? ` ${overlapHint}` : ''
      return new ApiError('flow-refused', `${name} says ${errors.join(', ')}.${hint}`, {
        refused: outcome.refused,
      })
    }
    case 'unanswered':
      return new ApiError(
        'unanswered',
        `Nothing is known about the outcome; read the rules of ${name} before trying again.`,
      )
  }
}

const overlap = 'OFPFMFC_OVERLAP'
const overlapHint =
  'A rule that was not made by hand has this table and priority and matches some of the same packets: choose another priority.'

const tableOf = ({ text }: FlowView): string | undefined => /(?:^|[\s,])table=([^\s,]+)/.exec(text)?.[1]

/** A table without rules is more likely misspelt than of interest. */
function inTable(flows: readonly FlowView[], table: string | undefined): readonly FlowView[] {
  if (table === undefined || flows.length === 0) return flows
  const found = flows.filter((flow) => tableOf(flow) === table)
  if (found.length > 0) return found
  const tables = [...new Set(flows.map(tableOf))].join(', ')
  throw notFound(`No rule is in a table ${table}; there are rules in: ${tables}.`)
}

const isOwnedBy = (flow: FlowView, owner: string | undefined): boolean =>
  owner === undefined || flow.owner === owner || flow.owner.startsWith(`${owner}/`)
