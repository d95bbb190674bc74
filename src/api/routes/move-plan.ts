/** Which way of moving VMs to another hypervisor fits: measured and judged, nothing is changed. */
import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import type { PlanRequest } from '../../mobility/plan/plan.ts'
import { limits } from '../../model/schema.ts'
import type { Controller } from '../controller.ts'
import { invalid } from '../problem.ts'
import { answers, components, ref } from '../schemas.ts'

const isPlanRequest = new Ajv({ strict: false, allErrors: true }).compile<PlanRequest>(
  components.MovePlanRequest,
)

export function movePlanRoutes(app: FastifyInstance, controller: Controller): void {
  const plan = {
    tags: ['moves'],
    summary: 'Which way of moving VMs to another hypervisor fits, what each costs, and why',
    description:
      'Nothing is changed. The round trip between the hypervisors is measured; what cannot be measured may be given, and each figure says where it comes from.',
    body: ref(components.MovePlanRequest),
    response: answers(
      { 200: ref(components.MovePlan) },
      'invalid-request',
      'body-too-large',
      'unsupported-media-type',
    ),
  }
  app.post<{ Body: unknown }>('/v1/moves/plan', { schema: plan }, async (request, reply) => {
    const outcome = await controller.planMove(requestOf(request.body))
    if (outcome.status === 'invalid') throw invalid('invalid-request', outcome.problems)
    return reply.send(outcome.plan)
  })
}

function requestOf(body: unknown): PlanRequest {
  if (isPlanRequest(body)) return body
  const problems = (isPlanRequest.errors ?? [])
    .slice(0, limits.problems)
    .map(({ instancePath, message, params }) => {
      const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : ''
      return { pointer: instancePath, message: `${message ?? 'is not valid'}${extra}` }
    })
  throw invalid('invalid-request', problems)
}
