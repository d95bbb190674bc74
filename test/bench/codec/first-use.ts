/** In a process that has not met the package: the time to load it, and then to decode and encode each message once. */
import { vectorBytes } from './vectors.ts'

export interface FirstUse {
  /** The package: the definitions of all versions, text and sessions. */
  readonly importMs: number
  /** Structures are compiled on first use: this is all of them that the vectors need. */
  readonly vectorsMs: number
  readonly vectors: number
  /** The one that took longest. */
  readonly slowestMs: number
}

export async function measureFirstUse(): Promise<FirstUse> {
  const all = vectorBytes()
  const start = performance.now()
  const { decode, encode } = await import('ts-openflow')
  const importMs = performance.now() - start
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
  return { importMs, vectorsMs, vectors: all.length, slowestMs: Math.max(...times) }
}
