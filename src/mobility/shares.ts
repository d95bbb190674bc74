/** What transfers at the same time may use of the migration network: each the same. */
import type { Journey } from './journey.ts'
import type { Move } from './move.ts'

/** What all transfers that a move competes with may use together, if anything says. */
export type WholeBps = (move: Move) => number | undefined

/** For one that begins; it makes the others slower. */
export function shareOf(move: Move, journeys: Iterable<Journey>, wholeBps: WholeBps): number | undefined {
  const whole = wholeBps(move)
  if (whole === undefined) return undefined
  const others = transfersOf(journeys).filter((journey) => journey.move.id !== move.id)
  const share = Math.floor(whole / (others.length + 1))
  for (const journey of others) journey.limit(share)
  return share
}

/** After one has ended. */
export function shareAgain(journeys: Iterable<Journey>, wholeBps: WholeBps): void {
  const transfers = transfersOf(journeys)
  for (const journey of transfers) {
    const whole = wholeBps(journey.move)
    if (whole !== undefined) journey.limit(Math.floor(whole / transfers.length))
  }
}

const transfersOf = (journeys: Iterable<Journey>): Journey[] =>
  [...journeys].filter((journey) => journey.transfers)
