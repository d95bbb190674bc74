/** What a lab may have left on this machine: nothing, once it has stopped. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

/** Namespaces, devices, files and processes that carry the lab's id. */
export function leftovers(id: string): readonly string[] {
  const named = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : [])
  const ours = (name: string): boolean => name.startsWith(`tb-${id}-`)
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n')
  return [
    ...named('/run/netns').filter(ours),
    ...named('/sys/class/net').filter(ours),
    ...named('/run/throwbar-lab').filter((name) => name === id || name === `${id}.lock`),
    ...processes.filter((line) => line.includes(`/throwbar-lab/${id}/`)),
  ]
}
