/** How a test says that a bent document is refused, where, and with which words. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { buildIntent } from '../../../src/model/build.ts'
import { bent, type Draft } from './fixture.ts'

export type Case = readonly [
  what: string,
  bend: (spec: Draft) => void,
  pointer: string,
  message: RegExp,
  hint?: RegExp,
]

/** Each case bends the small document in one way, and the first problem is at `pointer` and says `message` and `hint`. */
export function refuses(cases: readonly Case[]): void {
  for (const [what, bend, pointer, message, hint] of cases) {
    test(`refused: ${what}`, () => {
      const result = buildIntent(bent(bend))
      assert.ok('problems' in result, 'was accepted')
      const problem = result.problems.find((one) => one.pointer === pointer)
      assert.ok(problem, JSON.stringify(result.problems))
      assert.match(problem.message, message)
      if (hint) assert.match(problem.hint ?? '', hint)
      assert.ok(result.problems.length <= 2, JSON.stringify(result.problems))
    })
  }
}

export const nic = (spec: Draft, vm = 'web2', index = 0): Record<string, unknown> =>
  spec.vms[vm]?.nics[index] ?? {}
export const object = (section: Record<string, Record<string, unknown>>, name: string) => section[name] ?? {}
