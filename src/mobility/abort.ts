/** Why a move is taken back: the guest stays where it was. */
export class Abort extends Error {
  override readonly name = 'Abort'
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
