/** Opens the REST API on an address: on this machine as it is, elsewhere only with a token. */
import type { FastifyInstance } from 'fastify'
import { build, type BuildOptions } from './app.ts'
import { isLoopback } from './guard.ts'

export interface ServeOptions extends BuildOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
}

/** The address and the rules of who may ask do not fit together. */
export class UnguardedError extends Error {
  readonly code = 'API_UNGUARDED'
}

/** Rejects with UnguardedError, or with the system's error when the address cannot be had. */
export async function serve({
  host,
  port,
  ...options
}: ServeOptions): Promise<{ app: FastifyInstance; url: string }> {
  if (options.auth === undefined && !isLoopback(host))
    throw new UnguardedError(
      `The REST API would listen on ${host}, where others can reach it, without a token. ` +
        'Give one with --token-file FILE or in the environment as THROWBAR_TOKEN, or listen on 127.0.0.1.',
    )
  const app = build(options)
  // Enough for many consoles and scripts, few enough that idle connections cannot use up the descriptors.
  app.server.maxConnections = 1_024
  const url = await app.listen({ host, port })
  return { app, url }
}
