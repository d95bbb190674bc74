/** What is read from the running system: installed rules, drops, metrics, health. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Controller, FlowView } from '../controller.ts'
import { notFound } from '../problem.ts'
import { named, resources } from '../resources.ts'
import { answers, components, ref } from '../schemas.ts'

interface FlowQuery {
  readonly table?: string
  readonly owner?: string
}

const flowQuery = Type.Object(
  {
    table: Type.Optional(Type.String({ description: 'Only rules of this table, by name' })),
    owner: Type.Optional(
      Type.String({ description: 'Only rules of this owner: nic/web1/0, or the start of one: nic/web1' }),
    ),
  },
  { additionalProperties: false },
)

export function observedRoutes(app: FastifyInstance, controller: Controller): void {
  const flows = {
    tags: ['switches'],
    summary: 'The rules that are installed on a switch, read from it now, each with its owner',
    params: Type.Object({ name: Type.String({ maxLength: 64 }) }),
    querystring: flowQuery,
    response: answers({ 200: Type.Array(ref(components.FlowView)) }, 'not-found'),
  }
  app.get<{ Params: { name: string }; Querystring: FlowQuery }>(
    '/v1/switches/:name/flows',
    { schema: flows },
    async (request, reply) => {
      const { name } = request.params
      const { table, owner } = request.query
      const [view] = named(resources.switches, controller, name)
      if (view === undefined)
        throw notFound(`There is no switch ${name}; GET /v1/switches lists what there is.`)
      const installed = await controller.flows(resources.switches.key(view))
      if (installed === undefined)
        throw notFound(`Switch ${name} is not connected, so its rules cannot be read.`)
      return reply.send(inTable(installed, table).filter((flow) => isOwnedBy(flow, owner)))
    },
  )
  const drops = {
    tags: ['switches'],
    summary: 'Packets that were dropped, by switch and reason',
    response: answers({ 200: Type.Array(ref(components.Drop)) }),
  }
  app.get('/v1/drops', { schema: drops }, async (_request, reply) => reply.send(await controller.drops()))
  const metrics = {
    tags: ['service'],
    summary: 'Metrics for Prometheus',
    response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: Type.String() } } } },
  }
  app.get('/metrics', { schema: metrics }, async (_request, reply) =>
    reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .serializer(String)
      .send(await controller.metrics()),
  )
  const health = Type.Object({ ok: Type.Boolean(), detail: Type.String() })
  const healthz = {
    tags: ['service'],
    summary: 'Whether the controller works; needs no token',
    response: { 200: health, 503: health },
  }
  app.get('/healthz', { schema: healthz }, (_request, reply) => {
    const state = controller.healthy()
    return reply.code(state.ok ? 200 : 503).send(state)
  })
}

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
