/** How long a program waits for the package: fresh processes, with and without it, turn by turn. */
import { spawnSync } from 'node:child_process'
import { measuredInChild } from './children.ts'
import type { FirstUse } from './first-use.ts'

export interface Loading {
  /** Wall time of a process that does nothing. */
  readonly emptyMs: number[]
  /** And of one that imports the package; the same index is the same round. */
  readonly importMs: number[]
  readonly firstUse: FirstUse[]
}

export async function measureLoading(rounds: number): Promise<Loading> {
  const loading: Loading = { emptyMs: [], importMs: [], firstUse: [] }
  for (let round = -1; round < rounds; round++) {
    const emptyMs = wallMs('')
    const importMs = wallMs(`await import(${JSON.stringify(import.meta.resolve('ts-openflow'))})`)
    const firstUse = await measuredInChild<FirstUse>('first-use')
    if (round < 0) continue
    loading.emptyMs.push(emptyMs)
    loading.importMs.push(importMs)
    loading.firstUse.push(firstUse)
  }
  return loading
}

function wallMs(program: string): number {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
  if (status !== 0) throw new Error(`a process that should import the package ended with ${status}`)
  return performance.now() - start
}
