/** What is read from the running system: drops, metrics, health. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Controller } from '../controller.ts'
import { answers, components, ref } from '../schemas.ts'

export function observedRoutes(app: FastifyInstance, controller: Controller): void {
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
