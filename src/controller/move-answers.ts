/** Answers what REST and the command line ask about moves. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Controller, MoveChange, MoveWait } from '../api/controller.ts'
import { isOver, type Move, type MovePhase } from '../mobility/move.ts'
import type { Moves } from '../mobility/moves.ts'

const defaultWaitMs = 30_000

const reaching: Readonly<Record<NonNullable<MoveWait['until']>, readonly MovePhase[]>> = {
  prepared: ['prepared', 'transferring', 'switched', 'settling'],
  switched: ['switched', 'settling'],
  done: [],
}

export function moveAnswers({
  moves,
}: {
  readonly moves: Moves
}): Pick<Controller, 'moves' | 'move' | 'switchMove' | 'abortMove'> {
  return {
    moves: () => moves.list,
    move: async (request, wait = {}) => {
      const outcome = await moves.ask(request)
      if (outcome.status !== 'accepted' || wait.until === undefined) return outcome
      const move = await reached(moves, outcome.move, reaching[wait.until], wait.timeoutMs ?? defaultWaitMs)
      return { ...outcome, move }
    },
    switchMove: (id) => {
      const move = moves.get(id)
      if (!move) return { status: 'absent' }
      return { status: moves.switchNow(id) ? 'done' : 'over', move: moves.get(id) ?? move }
    },
    abortMove: async (id): Promise<MoveChange> => {
      const move = moves.get(id)
      if (!move) return { status: 'absent' }
      const aborted = await moves.abort(id, 'asked for')
      if (!aborted) return { status: 'over', move: moves.get(id) ?? move }
      return { status: 'done', move: await reached(moves, move, [], defaultWaitMs) }
    },
  }
}

/** The move when it has come so far or is over, or as it is after that time. */
async function reached(
  moves: Moves,
  first: Move,
  phases: readonly MovePhase[],
  timeoutMs: number,
): Promise<Move> {
  const over = new AbortController()
  const late = sleep(timeoutMs, 'late' as const, { signal: over.signal }).catch(() => 'late' as const)
  try {
    let waited: 'late' | undefined
    for (;;) {
      const move = moves.get(first.id) ?? first
      if (isOver(move) || phases.includes(move.phase) || waited === 'late') return move
      waited = await Promise.race([moves.stepped, late])
    }
  } finally {
    over.abort()
  }
}
