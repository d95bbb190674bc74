/** How the model's checks say what is wrong: JSON pointers, names for people, and the nearest declared name. */
import type { Problem } from './problem.ts'

/** Collects one problem. */
export type Report = (pointer: string, message: string, hint?: string) => void

export function reporter(into: Problem[]): Report {
  return (pointer, message, hint) => {
    into.push(hint === undefined ? { pointer, message } : { pointer, message, hint })
  }
}

/** RFC 6901. */
export function pointerOf(...path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `/vms/web1/nics/0/mac` as `NIC 0 of VM web1`. */
export function placeOf(pointer: string): string {
  const [section = '', name = '', part, index] = stepsOf(pointer)
  if (section === 'vms') return index === undefined ? `VM ${name}` : `NIC ${index} of VM ${name}`
  if (section === 'switches')
    return part === 'interfaces' && index !== undefined
      ? `interface ${index} of switch ${name}`
      : `switch ${name}`
  if (section === 'networks') return `network ${name}`
  return section === 'links' ? `link ${name}` : pointer
}

const MOST_NAMES = 8

/** What to write instead of a name that is not declared. */
export function hintFor(name: string, what: string, declared: readonly string[]): string {
  if (declared.length === 0) return `no ${what} is declared`
  const near = nearest(name, declared)
  if (near !== undefined) return `did you mean "${near}"?`
  const more = declared.length > MOST_NAMES ? `, and ${declared.length - MOST_NAMES} more` : ''
  return `declared: ${declared.slice(0, MOST_NAMES).join(', ')}${more}`
}

/** The candidate that takes the fewest edits to reach, when that is at most a third of the name (and at least one). */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > 64) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let twoBack: readonly number[] = []
  let back: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (back[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min((back[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (twoBack[j - 2] ?? cost) + 1)
      row.push(cost)
    }
    twoBack = back
    back = row
  }
  return back[b.length] ?? 0
}
