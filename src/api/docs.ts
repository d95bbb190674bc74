/** OpenAPI 3.1 of the running API at `/docs/json`, and a page to read and try it at `/docs`; needs nothing from the network. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

const description = [
  'Declare networks, VMs and switches; read what was made of them.',
  'A write answers 200 or 201 when every switch in scope has confirmed everything, 202 when it is stored but not yet confirmed',
  'by all of them, 422 when it is stored but a switch refused a part; any other status means that nothing was changed.',
  'Errors are problem documents (RFC 9457).',
].join(' ')

export function serveDocs(app: FastifyInstance, version: string): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Throwbar', version, description },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'Needed when the API listens beyond this machine',
          },
        },
      },
      security: [{ token: [] }, {}],
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, i) =>
        typeof schema['$id'] === 'string' ? schema['$id'] : `schema-${i}`,
    },
  })
  void app.register(swaggerUi, {
    routePrefix: '/docs',
    // Swagger's own validator would be asked over the Internet.
    uiConfig: { validatorUrl: null },
    staticCSP:
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'",
  })
}
