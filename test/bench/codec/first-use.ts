/** In a process that has not met the package: the time to load it, and then to decode and encode each message once. */
import { vectorBytes } from './vectors.ts'

export interface FirstUse {
  /** The definitions of all versions, with `decode` and `encode`. */
  readonly codecMs: number
  /** The rest of the package on top: text and sessions. */
  readonly restMs: number
  /** Structures are compiled on first use: this is all of them that the vectors need. */
  readonly vectorsMs: number
  readonly vectors: number
  /** The one that took longest. */
  readonly slowestMs: number
}

export async function measureFirstUse(): Promise<FirstUse> {
  const all = vectorBytes()
  const index = import.meta.resolve('ts-openflow')
  const start = performance.now()
  const { decode, encode } = (await import(new URL('message.js', index).href)) as typeof import('ts-openflow')
  const codecMs = performance.now() - start
  await import(index)
  const restMs = performance.now() - start - codecMs
  const times = all.map((bytes) => {
    const begin = performance.now()
    try {
      encode(decode(bytes))
    } catch {
      // Some are malformed.
    }
    return performance.now() - begin
  })
  const vectorsMs = times.reduce((sum, ms) => sum + ms, 0)
  return { codecMs, restMs, vectorsMs, vectors: all.length, slowestMs: Math.max(...times) }
}
