/** Whatever happens in whatever order: what is called confirmed is installed, and in the end every table is the program. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isOurs } from '../../../src/pipeline/cookies.ts'
import type { Rule } from '../../../src/pipeline/rule.ts'
import { FakeTarget } from '../../support/fake-target.ts'
import { delivers, program, sends } from '../../support/small-programs.ts'
import { quiet, second, steppedReconciler } from '../../support/stepped-reconciler.ts'

type Id = '1' | '2'
const ids: readonly Id[] = ['1', '2']

const rules = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.boolean()), {
    selector: ([mac, , local]) => `${mac} ${local}`,
  })
  .map((list) => list.map(([mac, port, local]) => (local ? delivers(mac, port) : sends(mac, port))))
const id = fc.constantFrom(...ids)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('program' as const), one: rules, two: rules }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('receipt' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stall', 'go', 'audit'), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('down', 'up', 'break', 'wipe'), id }) },
  fc.record({ do: fc.constant('meddle' as const), id, mac: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('refuse' as const), id, mac: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant('elapse' as const), ms: fc.constantFrom(0, 500, 1_500, 40_000) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** A switch whose answers can be held back, and whose sessions end. */
class Unruly {
  readonly target: FakeTarget
  #hold: Promise<void> | undefined
  #go = (): void => undefined
  #broken = false
  /** Whether somebody changed it since it was last read or written. */
  disturbed = false

  constructor(id: Id) {
    this.target = new FakeTarget(id)
    for (const name of ['commit', 'commitEach', 'readFlows', 'readMeters', 'readGroups'] as const) {
      const original = this.target[name] as (...args: unknown[]) => Promise<unknown>
      const unruly = async (...args: unknown[]) => {
        await this.#hold
        const result = await original(...args)
        if (name === 'readFlows') this.disturbed = false
        if (this.#broken) throw new Error('broke off')
        return result
      }
      Object.assign(this.target, { [name]: unruly })
    }
  }

  stall(): void {
    this.#hold ??= new Promise((resolve) => (this.#go = resolve))
  }

  go(): void {
    this.#go()
    this.#hold = undefined
    this.#broken = false
  }

  break(): void {
    this.#broken = true
  }
}

/** Our rules there; a place that somebody else holds counts as no rule. */
const ours = ({ target }: Unruly) =>
  [...target.table]
    .filter(([, { cookie }]) => isOurs(cookie))
    .map(([key, { instructions }]) => [key, instructions])

function expected(wanted: readonly Rule[]) {
  const target = new FakeTarget('0')
  for (const rule of wanted) target.put(rule)
  return [...target.table].map(([key, { instructions }]) => [key, instructions]).sort()
}

async function play(steps: readonly Step[]): Promise<void> {
  const { reconciler, elapse } = steppedReconciler()
  const switches = { '1': new Unruly('1'), '2': new Unruly('2') }
  const up = new Set<Id>()
  let wanted: Readonly<Record<Id, readonly Rule[]>> = { '1': [], '2': [] }
  const check = (answers: readonly { datapathId: string; state: string }[], made: typeof wanted) => {
    for (const one of ids) {
      const confirmed = answers.some(({ datapathId, state }) => datapathId === one && state === 'confirmed')
      if (confirmed && made === wanted && !switches[one].disturbed)
        assert.deepEqual(ours(switches[one]).sort(), expected(wanted[one]))
    }
  }
  const act = async (one: Step): Promise<void> => {
    if (one.do === 'program') {
      wanted = { '1': one.one, '2': one.two }
      reconciler.setProgram(program(wanted))
    } else if (one.do === 'receipt') {
      const made = wanted
      void reconciler.receipt(ids, { timeoutMs: 5 * second, startedAtMs: 0 }).then((answers) => {
        check(answers, made)
      })
    } else if (one.do === 'elapse') await elapse(one.ms)
    else if (one.do === 'meddle') {
      switches[one.id].target.put(delivers(one.mac, 9), one.mac === 4 ? 0xfeedn : undefined)
      switches[one.id].disturbed = true
    } else if (one.do === 'refuse') {
      switches[one.id].target.refuses = ({ match, command }) =>
        command === 'add' && match[0]?.value === one.mac ? 'OFPFMFC_TABLE_FULL' : undefined
    } else if (one.do === 'up') {
      if (!up.has(one.id)) reconciler.switchUp(switches[one.id].target)
      up.add(one.id)
    } else if (one.do === 'down') {
      reconciler.switchDown(one.id, switches[one.id].target)
      up.delete(one.id)
    } else if (one.do === 'audit') reconciler.audit(one.id)
    else if (one.do === 'stall') switches[one.id].stall()
    else if (one.do === 'go') switches[one.id].go()
    else if (one.do === 'break') switches[one.id].break()
    else {
      switches[one.id].target.table.clear()
      switches[one.id].disturbed = true
    }
  }
  reconciler.setProgram(program(wanted))
  for (const one of ids) await act({ do: 'up', id: one })
  for (const one of steps) {
    await act(one)
    await quiet()
  }
  for (const one of ids) {
    switches[one].go()
    switches[one].target.refuses = () => undefined
    for (const [key, { cookie }] of switches[one].target.table)
      if (!isOurs(cookie)) switches[one].target.table.delete(key)
    if (!up.has(one)) reconciler.switchUp(switches[one].target)
  }
  for (let turn = 0; turn < 4; turn++) {
    await elapse(700 * second)
    for (const one of ids) reconciler.audit(one)
    await quiet()
  }
  const answers = reconciler.receipt(ids, { timeoutMs: second, startedAtMs: 0 })
  await elapse(2 * second)
  assert.deepEqual(
    (await answers).map(({ state }) => state),
    ['confirmed', 'confirmed'],
  )
  for (const one of ids) assert.deepEqual(ours(switches[one]).sort(), expected(wanted[one]))
}

test('random programs, sessions, refusals, meddlers and stalls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => play(steps)),
    { numRuns: 300 },
  )
})
