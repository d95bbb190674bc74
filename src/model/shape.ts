/** Does a document have the language's shape? Ajv's answer, put into words that name what was found and what would be right. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Problem } from './problem.ts'
import { hintFor, nearest } from './report.ts'
import {
  IntentSpec,
  limits,
  NetworkSpec,
  namePattern,
  portKeyPattern,
  ratePattern,
  SwitchSpec,
  VmSpec,
} from './schema.ts'

/** A problem of shape; `atKey` when it is the key at `pointer` that is wrong, not its value. */
export interface ShapeProblem extends Problem {
  readonly atKey?: true
}

const schemas = { intent: IntentSpec, switches: SwitchSpec, networks: NetworkSpec, vms: VmSpec } as const
type Shape = keyof typeof schemas

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: false,
  validateSchema: false,
  addUsedSchema: false,
})
const compiled = new Map<Shape, ValidateFunction>()

/** Ajv reports every branch of a choice; beyond this many the rest says nothing new. */
const MOST_ERRORS = 20 * limits.problems

/** The hint for a number or truth value where text is wanted. */
export const quoteIt = 'quote it'

const rateHint = 'write bit/s with k, M or G, such as 100M or 2.5G'
const nameHint = 'names are up to 40 lower-case letters, digits and inner hyphens'
const portHint = 'up to 15 letters, digits, and _ . - inside'
const nameRegExp = new RegExp(namePattern)

/** Checks `value` against a schema; `pointer` is where it stands in the whole document. */
export function checkShape(shape: Shape, value: unknown, pointer = ''): readonly ShapeProblem[] {
  let validate = compiled.get(shape)
  if (!validate) {
    validate = ajv.compile(schemas[shape])
    compiled.set(shape, validate)
  }
  if (validate(value)) return []
  const errors = (validate.errors ?? []).slice(0, MOST_ERRORS)
  return told(errors).map((error) => toProblem(error, pointer))
}

/** Instead of the errors of all branches of a choice, those of the one that was meant, choices within it alike. */
function told(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter((error) => error.keyword === 'anyOf')
  return errors
    .filter((error) => !choices.some((choice) => choice !== error && isBranch(choice, error)))
    .flatMap((error) => (error.keyword === 'anyOf' ? ofChoice(error, errors) : [error]))
}

/** Is `name` one that an object may have? */
export function checkName(name: string, pointer: string): readonly ShapeProblem[] {
  return nameRegExp.test(name)
    ? []
    : [{ pointer, message: `"${name}" is not a name`, hint: nameHint, atKey: true }]
}

function isBranch(choice: ErrorObject, error: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    isAtOrBelow(choice.instancePath, error.instancePath)
  )
}

function isAtOrBelow(path: string, other: string): boolean {
  return other === path || other.startsWith(`${path}/`)
}

/** Of a failed choice: the errors of the branch that the value was meant for, or the choice itself. */
function ofChoice(choice: ErrorObject, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const mismatch = (error: ErrorObject) =>
    error.instancePath === choice.instancePath && (error.keyword === 'type' || error.keyword === 'const')
  const inside = errors.filter((error) => error !== choice && isBranch(choice, error) && !mismatch(error))
  return inside.length > 0 ? told(inside) : [choice]
}

function toProblem(error: ErrorObject, prefix: string): ShapeProblem {
  const pointer = prefix + error.instancePath
  const params = error.params as Readonly<Record<string, unknown>>
  if (error.keyword === 'additionalProperties')
    return unknownKey(error, pointer, String(params['additionalProperty']))
  if (error.keyword === 'required') return missingKey(error, pointer, String(params['missingProperty']))
  const { message, hint } = describe(error, params)
  return hint === undefined ? { pointer, message } : { pointer, message, hint }
}

function unknownKey(error: ErrorObject, pointer: string, key: string): ShapeProblem {
  const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const parent = error.parentSchema as
    | { readonly properties?: object; readonly patternProperties?: object }
    | undefined
  if (parent?.patternProperties) return badName(key, at, portKeyPattern in parent.patternProperties)
  const allowed = Object.keys(parent?.properties ?? {})
  const near = nearest(key, allowed)
  const hint = near === undefined ? `possible here: ${allowed.join(', ')}` : `did you mean "${near}"?`
  return { pointer: at, message: `unknown key "${clip(key)}"`, hint, atKey: true }
}

function badName(key: string, pointer: string, isPort: boolean): ShapeProblem {
  const [message, hint] = isPort ? ['is not an interface name', portHint] : ['is not a name', nameHint]
  return { pointer, message: `"${clip(key)}" ${message}`, hint, atKey: true }
}

function missingKey(error: ErrorObject, pointer: string, key: string): ShapeProblem {
  const message = `"${key}" is missing`
  const hint = descriptionOf(error, key)
  return hint === undefined ? { pointer, message } : { pointer, message, hint }
}

/** The schema's own words about a property. */
function descriptionOf(error: ErrorObject, key: string): string | undefined {
  const parent = error.parentSchema as {
    readonly properties?: Readonly<Record<string, { description?: string }>>
  }
  return parent.properties?.[key]?.description
}

function describe(
  error: ErrorObject,
  params: Readonly<Record<string, unknown>>,
): { message: string; hint?: string } {
  const found = show(error.data)
  const about = (error.parentSchema as { readonly description?: string } | undefined)?.description
  const hint = about === undefined ? {} : { hint: about }
  const limit = String(params['limit'])
  switch (error.keyword) {
    case 'type':
      return wrongType(error, String(params['type']), hint)
    case 'anyOf':
      return wrongChoice(error)
    case 'pattern':
      if (params['pattern'] === ratePattern) return { message: `${found} is not a rate`, hint: rateHint }
      return params['pattern'] === namePattern
        ? { message: `${found} is not a name`, hint: nameHint }
        : { message: `${found} is not an interface name`, hint: 'letters, digits, and _ . - inside' }
    case 'maxLength':
      return { message: `${found} is too long: at most ${limit} characters`, ...hint }
    case 'minimum':
    case 'maximum': {
      const { minimum, maximum } = error.parentSchema as {
        readonly minimum: number
        readonly maximum: number
      }
      return { message: `${found} is not between ${minimum} and ${maximum}`, ...hint }
    }
    case 'minItems':
    case 'maxItems':
      return {
        message: `wrong number of entries: ${error.keyword === 'minItems' ? 'at least' : 'at most'} ${limit}`,
        ...hint,
      }
    case 'maxProperties':
      return { message: `too many entries: at most ${limit}` }
    case 'uniqueItems':
      return { message: 'an entry is repeated', ...hint }
    default:
      return { message: `${found} ${error.message ?? 'is not valid'}`, ...hint }
  }
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  array: 'a list',
  integer: 'a whole number',
}

function wrongType(
  error: ErrorObject,
  type: string,
  about: { hint?: string },
): { message: string; hint?: string } {
  const message = `expected ${words[type] ?? type}, got ${show(error.data)}`
  if (type !== 'string' || typeof error.data === 'object' || error.data === undefined)
    return { message, ...about }
  return { message, hint: quoteIt }
}

function wrongChoice(error: ErrorObject): { message: string; hint?: string } {
  const branches = error.schema as readonly { readonly const?: unknown }[]
  const constants = branches.flatMap((branch) => (typeof branch.const === 'string' ? [branch.const] : []))
  if (constants.length === 0)
    return { message: `expected a port name or { port, segment }, got ${show(error.data)}` }
  const message = `expected ${constants.join(' or ')}, got ${show(error.data)}`
  return typeof error.data === 'string'
    ? { message, hint: hintFor(error.data, 'value', constants) }
    : { message }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return `"${clip(value)}"`
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`
  return value === null || value === undefined ? 'nothing' : 'a mapping'
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
