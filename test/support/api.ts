/** An API over a fake controller, closed when the test ends. */
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { build, type BuildOptions } from '../../src/api/app.ts'
import { type FakeController, fakeController } from './fake-controller.ts'

export function api(
  t: TestContext,
  options: Partial<BuildOptions> = {},
): { app: FastifyInstance; fake: FakeController } {
  const fake = fakeController()
  const app = build({ controller: fake, version: '0.0.0', ...options })
  t.after(() => app.close())
  return { app, fake }
}
