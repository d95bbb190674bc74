/** Where in a YAML document things are: the node that a JSON pointer names, and its line and column. */
import { isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node, type Scalar } from 'yaml'
import type { Document } from 'yaml'
import type { Problem } from './problem.ts'
import { stepsOf } from './report.ts'
import { limits } from './schema.ts'
import { quoteIt, type ShapeProblem } from './shape.ts'

type Position = { readonly line: number; readonly column: number }

/** 1-based, from an offset into the text. */
export function lineAndColumn(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** What YAML allows and a topology does not: a key twice, a key that is not text, nesting without end. */
export function structureProblems(document: Document.Parsed, lines: LineCounter): readonly Problem[] {
  const problems: Problem[] = []
  const stack: { readonly node: unknown; readonly depth: number }[] = [{ node: document.contents, depth: 0 }]
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, depth } = top
    if (!isMap(node) && !isSeq(node)) continue
    if (depth > limits.yamlDepth) {
      return [
        {
          pointer: '',
          message: `nested deeper than ${limits.yamlDepth} levels`,
          ...startOf(node, lines),
        },
      ]
    }
    if (isMap(node)) problems.push(...keyProblems(node.items, lines))
    for (const item of node.items) stack.push({ node: isPair(item) ? item.value : item, depth: depth + 1 })
  }
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

function keyProblems(pairs: readonly { readonly key: unknown }[], lines: LineCounter): readonly Problem[] {
  const problems: Problem[] = []
  const first = new Map<string, Scalar>()
  for (const { key } of pairs) {
    if (!isScalar(key) || keyText(key) === undefined) {
      const at = startOf(key as Node | null, lines)
      problems.push({ pointer: '', message: 'a key must be text', hint: 'quote the key', ...at })
      continue
    }
    const text = String(key.value)
    const before = first.get(text)
    if (before) {
      const hint = `first declared in line ${startOf(before, lines).line}; keep one of the two`
      problems.push({ pointer: '', message: `key "${text}" is declared twice`, hint, ...startOf(key, lines) })
    } else first.set(text, key)
  }
  return problems
}

/** A plain `7` may be a name; a plain `0x10` would silently become "16". */
function keyText(key: Scalar): string | undefined {
  if (typeof key.value === 'string') return key.value
  return String(key.value) === key.source ? key.source : undefined
}

function startOf(node: Node | null | undefined, lines: LineCounter): Position {
  return lineAndColumn(lines, node?.range?.[0] ?? 0)
}

interface Found {
  readonly key?: Node
  readonly value?: Node
}

/** The problem with the line and column of the value it names, or of the nearest thing that exists. */
export function locate(problem: ShapeProblem, document: Document.Parsed, lines: LineCounter): Problem {
  const { atKey, ...plain } = problem
  const { key, value } = find(problem.pointer, document)
  const isLeaf = isScalar(value) || isAlias(value)
  const node = (atKey === true || !isLeaf ? key : undefined) ?? value
  const position = startOf(node, lines)
  if (plain.hint !== quoteIt || !isScalar(value) || value.source === undefined)
    return { ...plain, ...position }
  if (String(value.value) === value.source)
    return { ...plain, hint: `quote it: "${value.source}"`, ...position }
  const message = `expected text, but YAML reads ${value.source} as the ${typeof value.value} ${String(value.value)}`
  return { ...plain, message, hint: `quote it: "${value.source}"`, ...position }
}

function find(pointer: string, document: Document.Parsed): Found {
  let found: Found = document.contents === null ? {} : { value: document.contents }
  for (const step of stepsOf(pointer)) {
    const next = child(isAlias(found.value) ? found.value.resolve(document) : found.value, step)
    if (!next) return found
    found = next
  }
  return found
}

function child(node: Node | undefined, step: string): Found | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(step)]
    return item && { value: item }
  }
  if (!isMap<Node, Node | null>(node)) return undefined
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
  return pair && (pair.value ? { key: pair.key, value: pair.value } : { key: pair.key })
}
