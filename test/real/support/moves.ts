/** Moves over REST, and the rules of switches before and after them as they can be compared. */
import assert from 'node:assert/strict'
import type { MoveView } from '../../../src/api/controller.ts'
import type { ControllerProcess } from './controller.ts'

export async function moveOf(controller: ControllerProcess, id: string): Promise<MoveView> {
  return (await controller.request('GET', `/v1/moves/${id}`)).body as MoveView
}

export async function askMove(controller: ControllerProcess, request: object): Promise<MoveView> {
  const { status, body } = await controller.request('POST', '/v1/moves', request)
  assert.ok(status === 200 || status === 201, JSON.stringify(body))
  return body as MoveView
}

/** The move, once it is in one of these phases. */
export async function untilPhase(
  controller: ControllerProcess,
  id: string,
  ...phases: readonly string[]
): Promise<MoveView> {
  let move = await moveOf(controller, id)
  await controller.until(`move ${id} is ${phases.join(' or ')}`, async () => {
    move = await moveOf(controller, id)
    return phases.includes(move.phase)
  })
  return move
}

/** What is installed, but for counters, ages and the numbers of ports, which are new where an interface was plugged in again. */
async function rulesOf(controller: ControllerProcess, name: string): Promise<readonly string[]> {
  const flows = await controller.flows(name)
  return flows
    .map(({ text }) =>
      text
        .replaceAll(/(n_packets|n_bytes|duration|idle_age|hard_age)=[^,]*, /g, '')
        .replaceAll(/(in_port=|output:)\d+/g, '$1')
        .replaceAll(/(output:,?)+/g, 'outputs'),
    )
    .toSorted()
}

/** The rules of all switches, to be compared with those of later. */
export async function rulesOfAll(controller: ControllerProcess): Promise<Map<string, readonly string[]>> {
  const rules = new Map<string, readonly string[]>()
  for (const { name, declared } of await controller.list('switches'))
    if (declared) rules.set(name, await rulesOf(controller, name))
  return rules
}

/** By switch: rules that are not there any more, and rules that were not there. */
export async function changedRules(
  controller: ControllerProcess,
  before: ReadonlyMap<string, readonly string[]>,
): Promise<Record<string, { gone: string[]; left: string[] }>> {
  const changed: Record<string, { gone: string[]; left: string[] }> = {}
  for (const [name, after] of await rulesOfAll(controller)) {
    const earlier = before.get(name) ?? []
    const gone = earlier.filter((text) => !after.includes(text))
    const left = after.filter((text) => !earlier.includes(text))
    if (gone.length > 0 || left.length > 0) changed[name] = { gone, left }
  }
  return changed
}
