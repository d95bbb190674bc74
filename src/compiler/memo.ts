/**
 * Memoised queries with recorded reads (law 5): cells are set from outside, queries compute from cells and other
 * queries, and each remembers what it read. Setting a cell marks what depends on it as stale, and reading re-runs only
 * stale queries some of whose inputs really changed; a result that comes out equal stops the change there.
 *
 *   cell ──► query ──► query        push: mark stale, once per node
 *     ▲                  │
 *     └──── read ◄───────┘          pull: check inputs in the order they were read, re-run if one changed
 *
 * A query that nobody reads any more is forgotten, so memory follows what exists.
 */

type State = 'clean' | 'check' | 'dirty' | 'running'

type Equal<V> = (a: V, b: V) => boolean

/** Values by one or two strings. */
export type Read<V> = (a: string, b?: string) => V

export interface Cells<V> {
  /** Undefined for a cell that is empty. */
  readonly read: Read<V | undefined>
  /** The value without recording a read. */
  readonly peek: Read<V | undefined>
  /** Undefined empties the cell. */
  readonly set: (a: string, b: string, value: V | undefined) => void
}

export interface QueryOptions<V> {
  readonly compute: (a: string, b: string) => V
  /** When two results count as the same, so that readers need not run again; identity by default. */
  readonly equal?: Equal<V>
  /**
   * Computed before anything else as soon as its inputs change, so that its readers are not even marked while its
   * result stays the same. For results that have many readers and rarely change.
   */
  readonly eager?: true
}

/** One value of the graph: a cell, or the result of a query. */
interface Node {
  value: unknown
  state: State
  /** Absent for cells. */
  readonly compute: (() => unknown) | undefined
  readonly equal: Equal<unknown>
  readonly eager: boolean
  /** An input changed while it was running: it has to run again. */
  missed: boolean
  /** Called when nobody reads it any more. */
  readonly forget: () => void
  /** What the last run read, in order. */
  deps: readonly Node[]
  readonly dependents: Set<Node>
  /** The run that recorded a read of this node last: keeps a run from recording it again and again. */
  readBy: number
}

interface Run {
  readonly id: number
  readonly node: Node
  readonly deps: Node[]
}

interface Runtime {
  runs: number
  current: Run | undefined
  /** Eager queries that are stale. */
  readonly pending: Node[]
}

const nothing: readonly Node[] = []

export class Memo {
  readonly #runtime: Runtime = { runs: 0, current: undefined, pending: [] }

  /** How many times queries ran so far: what tests count. */
  get runs(): number {
    return this.#runtime.runs
  }

  cells<V>(equal: Equal<V> = Object.is): Cells<V> {
    const table = new NodeTable()
    const runtime = this.#runtime
    const same = (x: unknown, y: unknown) =>
      x === y || (x !== undefined && y !== undefined && equal(x as V, y as V))
    const create = (a: string, b: string): Node => {
      const forget = () => {
        if (node.value === undefined) table.delete(a, b)
      }
      const node: Node = { ...blank(), state: 'clean', equal: same, forget }
      return table.add(a, b, node)
    }
    return {
      read: (a, b = '') => {
        const node = table.find(a, b) ?? create(a, b)
        record(runtime, node)
        return node.value as V | undefined
      },
      peek: (a, b = '') => table.find(a, b)?.value as V | undefined,
      set: (a, b, value) => {
        const node = table.find(a, b) ?? (value === undefined ? undefined : create(a, b))
        if (node === undefined) return
        if (same(node.value, value)) return
        node.value = value
        for (const dependent of node.dependents) markStale(runtime, dependent, 'dirty')
        if (value === undefined && node.dependents.size === 0) table.delete(a, b)
      },
    }
  }

  query<V>({ compute, equal = Object.is, eager }: QueryOptions<V>): Read<V> {
    const table = new NodeTable()
    const runtime = this.#runtime
    const create = (a: string, b: string): Node =>
      table.add(a, b, {
        ...blank(),
        compute: () => compute(a, b),
        equal: equal as Equal<unknown>,
        eager: eager === true,
        forget: () => {
          table.delete(a, b)
        },
      })
    return (a, b = '') => {
      if (runtime.current === undefined) settle(runtime)
      const node = table.find(a, b) ?? create(a, b)
      if (node.state !== 'clean') refresh(runtime, node)
      record(runtime, node)
      return node.value as V
    }
  }
}

const blank = () => ({
  value: undefined,
  state: 'dirty' as State,
  compute: undefined,
  eager: false,
  missed: false,
  deps: nothing,
  dependents: new Set<Node>(),
  readBy: 0,
})

/** Nodes by their two strings; most have only one. */
class NodeTable {
  readonly #single = new Map<string, Node>()
  readonly #rows = new Map<string, Map<string, Node>>()

  find(a: string, b: string): Node | undefined {
    return b === '' ? this.#single.get(a) : this.#rows.get(a)?.get(b)
  }

  add(a: string, b: string, node: Node): Node {
    const row = this.#rows.get(a)
    if (b === '') this.#single.set(a, node)
    else if (row) row.set(b, node)
    else this.#rows.set(a, new Map([[b, node]]))
    return node
  }

  delete(a: string, b: string): void {
    if (b === '') {
      this.#single.delete(a)
      return
    }
    const row = this.#rows.get(a)
    row?.delete(b)
    if (row?.size === 0) this.#rows.delete(a)
  }
}

function record({ current }: Runtime, node: Node): void {
  // A nested run may have overwritten the mark; then the node is listed twice, which costs little and harms nothing.
  if (current === undefined || node.readBy === current.id) return
  node.readBy = current.id
  // Where the reads are those of the run before, the reader is known there already.
  if (current.node.deps[current.deps.length] !== node) node.dependents.add(current.node)
  current.deps.push(node)
}

function markStale(runtime: Runtime, node: Node, state: 'check' | 'dirty'): void {
  const was = node.state
  if (was === 'running') node.missed = true
  if (was === 'running' || was === 'dirty' || was === state) return
  node.state = state
  if (was !== 'clean') return
  if (node.eager) runtime.pending.push(node)
  else for (const dependent of node.dependents) markStale(runtime, dependent, 'check')
}

/** Brings eager queries up to date; what they mark may be eager again. */
function settle(runtime: Runtime): void {
  for (let node = runtime.pending.pop(); node; node = runtime.pending.pop()) {
    if (node.state === 'clean' || node.dependents.size === 0) continue
    try {
      refresh(runtime, node)
    } catch (error) {
      // Its readers are not marked; it must come up again.
      runtime.pending.push(node)
      throw error
    }
  }
}

/** Makes a query clean; runs it only if something that it read has really changed. */
function refresh(runtime: Runtime, node: Node): void {
  if (node.state === 'running') throw new Error('a query depends on itself')
  if (node.state === 'check') {
    // In the order they were read: after an earlier change a later one would perhaps not be read at all.
    for (const dep of node.deps) {
      if (dep.state !== 'clean') refresh(runtime, dep)
      if (isDirty(node)) break
    }
  }
  while (isDirty(node)) {
    run(runtime, node)
    node.state = node.missed ? 'dirty' : 'clean'
    node.missed = false
  }
  node.state = 'clean'
}

/** `refresh` of an input changes the state of its readers. */
function isDirty(node: Node): boolean {
  return node.state === 'dirty'
}

function run(runtime: Runtime, node: Node): void {
  const before = runtime.current
  const isFirst = node.deps === nothing
  const current: Run = { id: ++runtime.runs, node, deps: [] }
  runtime.current = current
  node.state = 'running'
  try {
    const value = node.compute?.()
    if (isFirst || !node.equal(node.value, value)) {
      node.value = value
      for (const dependent of node.dependents) markStale(runtime, dependent, 'dirty')
    }
  } catch (error) {
    node.state = 'dirty'
    throw error
  } finally {
    runtime.current = before
  }
  replaceDeps(node, current.deps)
}

/** Releases what this run did not read again; costs little while the lists' beginnings and ends agree. */
function replaceDeps(node: Node, deps: readonly Node[]): void {
  const old = node.deps
  node.deps = deps
  let start = 0
  while (start < old.length && old[start] === deps[start]) start++
  let end = old.length
  for (let last = deps.length; end > start && last > start && old[end - 1] === deps[last - 1]; last--) end--
  if (end === start) return
  const kept = new Set(deps)
  for (let index = start; index < end; index++) {
    const dep = old[index]
    if (dep && !kept.has(dep)) release(dep, node)
  }
}

function release(dep: Node, reader: Node): void {
  dep.dependents.delete(reader)
  if (dep.dependents.size > 0) return
  dep.forget()
  if (dep.compute === undefined) return
  const { deps } = dep
  dep.deps = nothing
  dep.state = 'dirty'
  for (const next of new Set(deps)) release(next, dep)
}
