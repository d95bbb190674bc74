/** Revisions as entity tags (RFC 9110): `ETag: "12"` on what is declared, `If-Match: "12"` on a change of it. */
import type { FastifyRequest } from 'fastify'
import { ApiError } from './problem.ts'

export const entityTag = (revision: number): string => `"${revision}"`

export interface Target {
  readonly revision: number
  readonly exists: boolean
  /** `/v1/vms/web1`, for the error text. */
  readonly path: string
}

/**
 * The revision that a write insists on, or undefined when it insists on none.
 * Throws `stale-revision` when `If-Match` or `If-None-Match: *` cannot hold, `invalid-request` when it is malformed.
 */
export function requiredRevision(
  request: FastifyRequest,
  { revision, exists, path }: Target,
): number | undefined {
  const match = request.headers['if-match']
  const noneMatch = request.headers['if-none-match']
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*')
      throw new ApiError('invalid-request', 'On a write If-None-Match may only be *: create, do not replace.')
    if (exists) throw new ApiError('stale-revision', `${path} exists already.`, { revision })
  }
  if (match === undefined) return noneMatch === undefined ? undefined : revision
  if (match.trim() === '*') {
    if (!exists) throw new ApiError('stale-revision', `${path} does not exist.`, { revision })
    return revision
  }
  // A weak tag is well formed but never matches, because If-Match compares strongly.
  const tags = match.split(',').map((tag) => /^\s*(W\/)?"([0-9]+)"\s*$/.exec(tag))
  if (tags.includes(null))
    throw new ApiError(
      'invalid-request',
      'If-Match takes the ETag that a GET gave, quotes included, such as "12".',
    )
  if (tags.some((tag) => tag?.[1] === undefined && Number(tag?.[2]) === revision)) return revision
  throw stale(revision)
}

export function stale(revision: number): ApiError {
  const detail = `The intent has revision ${revision} by now: read it again, repeat the change on it, and send ETag ${entityTag(revision)}.`
  return new ApiError('stale-revision', detail, { revision })
}

/** Whether the client's copy, named by If-None-Match on a GET, is still the present one. */
export function isCurrent(request: FastifyRequest, revision: number): boolean {
  const tags = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(entityTag(revision)) || tags.includes('*')
}
