/** Runs `child.ts` and takes what it prints. */
import { fileURLToPath } from 'node:url'
import { run } from '../support/processes.ts'

const child = fileURLToPath(new URL('child.js', import.meta.url))

export async function measuredInChild<T>(
  name: string,
  { rounds = 0, flags = [] }: { readonly rounds?: number; readonly flags?: readonly string[] } = {},
): Promise<T> {
  const { stdout } = await run(process.execPath, [...flags, child, name, String(rounds)], process.env)
  return JSON.parse(stdout) as T
}
