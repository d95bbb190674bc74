/** The named schemas of the API, and what every route answers besides its result; OpenAPI shows both. */
import { type TSchema, Type } from 'typebox'
import { IntentSpec, NetworkSpec, SwitchSpec, VmSpec } from '../model/schema.ts'
import { MovePlan, MovePlanRequest } from './move-plan-schemas.ts'
import { MoveRequest, MoveView } from './move-schemas.ts'
import { type ProblemType, problemTypes } from './problem.ts'
import * as views from './views.ts'

/** Component name to schema. */
export const components = {
  IntentSpec,
  SwitchSpec,
  NetworkSpec,
  VmSpec,
  SwitchView: views.SwitchView,
  LinkView: views.LinkView,
  TeamView: views.TeamView,
  ClassView: views.ClassView,
  HostView: views.HostView,
  InterfaceView: views.InterfaceView,
  NetworkView: views.NetworkView,
  VmView: views.VmView,
  MoveView,
  MoveRequest,
  FlowView: views.FlowView,
  FlowAdd: views.FlowAdd,
  FlowReceipt: views.FlowReceipt,
  Drop: views.Drop,
  Receipt: views.Receipt,
  Accepted: views.Accepted,
  PlanReport: views.PlanReport,
  MovePlanRequest,
  MovePlan,
  Problem: views.ProblemDocument,
} as const satisfies Record<string, TSchema>

const nameOf = new Map<TSchema, string>(Object.entries(components).map(([name, schema]) => [schema, name]))

/** A reference to one of the components. */
export function ref(schema: TSchema): TSchema {
  const name = nameOf.get(schema)
  if (name === undefined) throw new Error('the schema is not one of the components')
  return Type.Ref(`${name}#`)
}

type Answers = Readonly<Record<number, unknown>>

/** The successes and the problems that a route answers with. */
export function answers(successes: Answers, ...problems: readonly ProblemType[]): Answers {
  const content = { 'application/problem+json': { schema: ref(components.Problem) } }
  const failures: Record<number, { description: string; content: typeof content }> = {}
  for (const type of problems) {
    const { status, title } = problemTypes[type]
    const before = failures[status]?.description
    failures[status] = { description: before === undefined ? title : `${before}; or: ${title}`, content }
  }
  return { ...successes, ...failures }
}

const json = (description: string, schema: TSchema) => ({
  description,
  content: { 'application/json': { schema } },
})

/** What every change of the intent answers. */
export function writeAnswers({ creates }: { readonly creates: boolean }): Answers {
  const receipt = ref(components.Receipt)
  const confirmed = json('Every switch in scope has confirmed everything', receipt)
  const stored =
    'Stored; not confirmed by every switch yet, or not waited for. Location shows the present state'
  const refused = {
    description: `${problemTypes['refused-by-switch'].title}; the members of the receipt are among those of the problem`,
    content: { 'application/problem+json': { schema: Type.Intersect([ref(components.Problem), receipt]) } },
  }
  return {
    ...answers(
      { 200: confirmed, 202: json(stored, Type.Union([receipt, ref(components.Accepted)])) },
      'invalid-request',
      'invalid-intent',
      'not-found',
      'unproved',
      'not-stored',
      'stale-revision',
      'body-too-large',
      'unsupported-media-type',
    ),
    ...(creates && { 201: json('As 200, and it was not declared before', receipt) }),
    422: refused,
  }
}
