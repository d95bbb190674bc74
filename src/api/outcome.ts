/**
 * What became of a change, as a status that scripts can rely on:
 * 200 or 201: every switch in scope has confirmed everything. 202: stored, but not confirmed by all of them yet.
 * 422: stored, but a switch refused a part. Any other: nothing was changed.
 */
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { ApplyOutcome, PlanOutcome, Receipt } from './controller.ts'
import { entityTag, stale } from './preconditions.ts'
import { ApiError, invalid, notFound } from './problem.ts'

export const writeQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Boolean({ default: true, description: 'false: answer 202 as soon as the declaration is durable' }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 600_000, description: 'How long to wait for the switches' }),
    ),
  },
  { additionalProperties: false },
)

export interface WriteQuery {
  readonly wait?: boolean
  readonly timeoutMs?: number
}

export interface Written {
  /** Where the result can be looked at. */
  readonly location: string
  readonly created: boolean
}

export function sendOutcome(
  reply: FastifyReply,
  outcome: ApplyOutcome,
  { location, created }: Written,
): FastifyReply {
  switch (outcome.status) {
    case 'accepted': {
      const { revision } = outcome
      return tag(reply, revision).code(202).header('location', location).send({ revision, complete: false })
    }
    case 'applied':
      return sendReceipt(reply, outcome.receipt, { location, created })
    case 'conflict':
      throw stale(outcome.revision)
    case 'invalid':
    case 'absent':
    case 'unproved':
      throw refusal(outcome)
  }
}

const tag = (reply: FastifyReply, revision: number): FastifyReply => reply.header('etag', entityTag(revision))

function sendReceipt(reply: FastifyReply, receipt: Receipt, { location, created }: Written): FastifyReply {
  void tag(reply, receipt.revision)
  const refusing = receipt.switches.filter(({ state, refused }) => state === 'refused' || refused.length > 0)
  if (refusing.length > 0) {
    const errors = [...new Set(refusing.flatMap(({ refused }) => refused.map(({ error }) => error)))]
    const names = refusing.map((each) => each.switch).join(', ')
    const detail = `Revision ${receipt.revision} is stored; refused by ${names}: ${errors.join(', ')}.`
    throw new ApiError('refused-by-switch', detail, { ...receipt })
  }
  if (!receipt.complete) return reply.code(202).header('location', location).send(receipt)
  if (created) void reply.header('location', location)
  return reply.code(created ? 201 : 200).send(receipt)
}

/** The error that answers a change which was not made. */
export function refusal(outcome: Exclude<PlanOutcome, { status: 'planned' }>): ApiError {
  switch (outcome.status) {
    case 'invalid':
      return invalid('invalid-intent', outcome.problems)
    case 'absent':
      return notFound('It is not declared.')
    case 'unproved': {
      const owners = [...new Set(outcome.violations.map(({ owner }) => owner))].join(', ')
      return new ApiError('unproved', `Rules of ${owners} would leave their network.`, {
        violations: outcome.violations,
      })
    }
  }
}
