/** Asks a simulated world for moves, and waits for how far they come. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Move, MovePhase, MoveRequest } from '../../../src/mobility/move.ts'
import type { SimulatedWorld } from './simulated-world.ts'

export const web1: MoveRequest = { vms: ['web1'], to: 'hv2', settleS: 0.01 }

export async function asked(world: SimulatedWorld, request: MoveRequest = web1): Promise<string> {
  const outcome = await world.moves.ask(request)
  assert.ok(outcome.status === 'accepted', JSON.stringify(outcome))
  return outcome.move.id
}

export async function until(
  world: SimulatedWorld,
  id: string,
  ...phases: readonly MovePhase[]
): Promise<Move> {
  for (let tries = 0; tries < 500; tries++) {
    const move = world.moves.get(id)
    if (move && phases.includes(move.phase)) return move
    await sleep(10)
  }
  assert.fail(
    `${id} is ${world.moves.get(id)?.phase ?? 'nowhere'}, not ${phases.join(' or ')}: ${world.log.join('; ')}`,
  )
}
