/** Lists and single resources: everything under `/v1/{switches,links,hosts,networks,vms}`, made from their descriptions. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { limits, namePattern } from '../../model/schema.ts'
import type { Change, Controller } from '../controller.ts'
import { sendOutcome, type WriteQuery, writeQuery } from '../outcome.ts'
import { entityTag, requiredRevision } from '../preconditions.ts'
import { notFound } from '../problem.ts'
import { type DeclaredName, declared, named, type Resource, resources } from '../resources.ts'
import { answers, ref, writeAnswers } from '../schemas.ts'
import { declarationOf } from '../validation.ts'

interface ListQuery {
  readonly name?: string
  readonly limit?: number
  readonly cursor?: string
}

export function resourceRoutes(app: FastifyInstance, controller: Controller): void {
  for (const resource of Object.values(resources)) {
    listRoute(app, controller, resource)
    if (isDeclared(resource.name)) {
      singleRoute(app, controller, resource)
      writeRoutes(app, controller, resource.name)
    }
  }
}

const isDeclared = (name: Resource['name']): name is DeclaredName => name in declared

function listRoute(app: FastifyInstance, controller: Controller, resource: Resource): void {
  const querystring = Type.Object(
    {
      name: Type.Optional(
        Type.String({ description: 'Only those that go by this name, address or datapath id' }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: limits.vms, description: 'All, unless given' }),
      ),
      cursor: Type.Optional(Type.String({ description: 'From the Link header of the page before' })),
    },
    { additionalProperties: false },
  )
  const schema = {
    tags: [resource.name],
    summary: resource.summary,
    querystring,
    response: answers({ 200: Type.Array(ref(resource.view)) }, 'invalid-request'),
  }
  app.get<{ Querystring: ListQuery }>(`/v1/${resource.name}`, { schema }, (request, reply) => {
    const { name, limit, cursor } = request.query
    const views = name === undefined ? resource.list(controller) : named(resource, controller, name)
    const keyed = views.map((view) => ({ key: resource.key(view), view }))
    keyed.sort((a, b) => (a.key < b.key ? -1 : 1))
    const rest = cursor === undefined ? keyed : keyed.filter(({ key }) => key > cursor)
    const page = limit === undefined ? rest : rest.slice(0, limit)
    const last = page.at(-1)
    if (last !== undefined && page.length < rest.length) {
      const next = new URLSearchParams({
        ...(name !== undefined && { name }),
        limit: String(limit),
        cursor: last.key,
      })
      void reply.header('link', `</v1/${resource.name}?${next.toString()}>; rel="next"`)
    }
    return reply.send(page.map(({ view }) => view))
  })
}

const anyName = Type.Object({ name: Type.String({ maxLength: 64 }) })
const declaredName = Type.Object({ name: Type.String({ pattern: namePattern }) })

function singleRoute(app: FastifyInstance, controller: Controller, resource: Resource): void {
  const schema = {
    tags: [resource.name],
    summary: `One ${resource.singular}`,
    description: 'The ETag is the revision of the intent, for If-Match on a change.',
    params: anyName,
    response: answers({ 200: ref(resource.view) }, 'not-found'),
  }
  app.get<{ Params: { name: string } }>(`/v1/${resource.name}/:name`, { schema }, (request, reply) => {
    const { name } = request.params
    const [view] = named(resource, controller, name)
    if (view === undefined)
      throw notFound(
        `There is no ${resource.singular} ${name}; GET /v1/${resource.name} lists what there is.`,
      )
    return reply.header('etag', entityTag(controller.intent().revision)).send(view)
  })
}

function writeRoutes(app: FastifyInstance, controller: Controller, resource: DeclaredName): void {
  const { singular } = resources[resource]
  const common = { tags: [resource], params: declaredName, querystring: writeQuery }
  const put = {
    ...common,
    summary: `Declare a ${singular}, or change its declaration`,
    description: 'If-Match (a revision, or *) and If-None-Match: * are honoured and optional.',
    body: ref(declared[resource]),
    response: writeAnswers({ creates: true }),
  }
  type Write = { Params: { name: string }; Querystring: WriteQuery }
  const write = async (
    request: Parameters<typeof requiredRevision>[0] & { params: { name: string }; query: WriteQuery },
    reply: FastifyReply,
    change: Change,
  ): Promise<FastifyReply> => {
    const { revision, spec } = controller.intent()
    const path = `/v1/${resource}/${request.params.name}`
    const exists = Object.hasOwn(spec[resource] ?? {}, request.params.name)
    if (change.kind === 'delete' && !exists) throw notFound(`${path} is not declared.`)
    const ifRevision = requiredRevision(request, { revision, exists, path })
    const outcome = await controller.apply(change, {
      ...request.query,
      ...(ifRevision !== undefined && { ifRevision }),
    })
    return sendOutcome(reply, outcome, {
      location: change.kind === 'delete' ? `/v1/${resource}` : path,
      created: change.kind === 'put' && !exists,
    })
  }
  app.put<Write & { Body: unknown }>(`/v1/${resource}/:name`, { schema: put }, (request, reply) =>
    write(request, reply, putOf(resource, request.params.name, request.body)),
  )
  const remove = {
    ...common,
    summary: `Take a declared ${singular} away`,
    response: writeAnswers({ creates: false }),
  }
  app.delete<Write>(`/v1/${resource}/:name`, { schema: remove }, (request, reply) =>
    write(request, reply, { kind: 'delete', resource, name: request.params.name }),
  )
}

function putOf(resource: DeclaredName, name: string, body: unknown): Change {
  const pointer = `/${resource}/${name}`
  switch (resource) {
    case 'switches':
      return { kind: 'put', resource, name, spec: declarationOf(body, resource, pointer) }
    case 'networks':
      return { kind: 'put', resource, name, spec: declarationOf(body, resource, pointer) }
    case 'vms':
      return { kind: 'put', resource, name, spec: declarationOf(body, resource, pointer) }
  }
}
