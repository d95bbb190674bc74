/** Moves of VMs: asked for, looked at, hurried and called off. */
import { Ajv } from 'ajv'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { MoveRequest } from '../../mobility/move.ts'
import { limits } from '../../model/schema.ts'
import type { Controller, MoveChange, MoveWait } from '../controller.ts'
import { moveId, moveWait } from '../move-schemas.ts'
import { ApiError, invalid, notFound } from '../problem.ts'
import { answers, components, ref } from '../schemas.ts'

const tags = ['moves']
const path = '/v1/moves'

interface Params {
  readonly id: string
}

const isMoveRequest = new Ajv({ strict: false, allErrors: true }).compile<MoveRequest>(components.MoveRequest)

export function moveRoutes(app: FastifyInstance, controller: Controller): void {
  const ask = {
    tags,
    summary: 'Move VMs to another hypervisor',
    description:
      'The destination is prepared, then the hypervisor moves the guest, then all switches send to it there. Wait for flowsReady before the guest runs at the destination: no frame is lost then.',
    querystring: moveWait,
    body: ref(components.MoveRequest),
    response: answers(
      { 200: ref(components.MoveView), 201: ref(components.MoveView) },
      'invalid-request',
      'not-stored',
      'move-exists',
    ),
  }
  app.post<{ Body: unknown; Querystring: MoveWait }>(path, { schema: ask }, async (request, reply) => {
    const outcome = await controller.move(requestOf(request.body), request.query)
    if (outcome.status === 'invalid') throw invalid('invalid-request', outcome.problems)
    if (outcome.status === 'conflict') {
      const { id, vms, to } = outcome.move
      throw new ApiError('move-exists', `Move ${id} is that of ${vms.join(', ')} to ${to}.`)
    }
    const { move, created } = outcome
    return reply
      .code(created ? 201 : 200)
      .header('location', `${path}/${move.id}`)
      .send(move)
  })
  const show = {
    tags,
    summary: 'One move, with its timeline and, when it is over, its report',
    params: moveId,
    response: answers({ 200: ref(components.MoveView) }, 'not-found'),
  }
  app.get<{ Params: Params }>(`${path}/:id`, { schema: show }, (request, reply) => {
    const { id } = request.params
    const move = controller.moves().find((one) => one.id === id)
    if (!move) throw absent(id)
    return reply.send(move)
  })
  changeRoutes(app, controller)
}

function changeRoutes(app: FastifyInstance, controller: Controller): void {
  const response = answers({ 200: ref(components.MoveView) }, 'not-found', 'move-over')
  const common = { tags, params: moveId, response }
  const hurry = {
    ...common,
    summary: 'The guest runs at the destination: switch now',
    description: 'For a guest that nobody sees arrive: its hypervisor does not say so, and it stays silent.',
  }
  app.post<{ Params: Params }>(`${path}/:id/switch`, { schema: hurry }, (request, reply) =>
    answer(reply, request.params.id, controller.switchMove(request.params.id)),
  )
  const abort = { ...common, summary: 'Call a move off, before the guest runs at the destination' }
  app.post<{ Params: Params }>(`${path}/:id/abort`, { schema: abort }, async (request, reply) =>
    answer(reply, request.params.id, await controller.abortMove(request.params.id)),
  )
}

function answer(reply: FastifyReply, id: string, change: MoveChange): FastifyReply {
  if (change.status === 'absent') throw absent(id)
  if (change.status === 'over') throw new ApiError('move-over', `Move ${id} is ${change.move.phase}.`)
  return reply.send(change.move)
}

const absent = (id: string) => notFound(`There is no move ${id}; GET ${path} lists the last ones.`)

function requestOf(body: unknown): MoveRequest {
  if (isMoveRequest(body)) return body
  const problems = (isMoveRequest.errors ?? [])
    .slice(0, limits.problems)
    .map(({ instancePath, message, params }) => {
      const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : ''
      return { pointer: instancePath, message: `${message ?? 'is not valid'}${extra}` }
    })
  throw invalid('invalid-request', problems)
}
