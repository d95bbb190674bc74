/**
 * Who may talk to the API. With a token, whoever shows it; without one, only this machine: requests whose Host header
 * names it (so no DNS name that an attacker points at 127.0.0.1), and no writes on behalf of another site's page.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './problem.ts'

export interface Auth {
  readonly token: string
}

const openPaths = /^\/(healthz|docs)([/?]|$)/
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function guard(app: FastifyInstance, auth: Auth | undefined): void {
  const check = auth === undefined ? checkLocal : checkToken(auth.token)
  app.addHook('onRequest', (request, _reply, done) => {
    const refusal = check(request)
    if (refusal === undefined) done()
    else done(refusal)
  })
}

/** True for `localhost`, 127.0.0.0/8 and ::1: addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}

function checkToken(token: string): (request: FastifyRequest) => ApiError | undefined {
  const expected = digest(token)
  return (request) => {
    if (openPaths.test(request.url)) return undefined
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined)
      return new ApiError(
        'unauthorized',
        'Send the header "Authorization: Bearer TOKEN" (throwbar --token-file FILE, or THROWBAR_TOKEN).',
      )
    // Digests have one length whatever was sent, so the comparison takes the same time for every wrong token.
    return timingSafeEqual(digest(given), expected)
      ? undefined
      : new ApiError('unauthorized', 'The token is wrong.')
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function checkLocal(request: FastifyRequest): ApiError | undefined {
  const host = request.headers.host ?? ''
  if (!isLoopback(host.replace(/:\d*$/, '')))
    return new ApiError(
      'foreign-host',
      'Without a token only requests to localhost, 127.0.0.1 or [::1] are answered.',
    )
  if (safeMethods.has(request.method)) return undefined
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  const sameSite =
    site === undefined
      ? origin === undefined || hostOf(origin) === host
      : site === 'same-origin' || site === 'none'
  return sameSite
    ? undefined
    : new ApiError('cross-site', `The page ${origin ?? 'of another site'} may not change anything here.`)
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
