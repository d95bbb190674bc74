/** The version in package.json, the only place that has it. */
import { readFileSync } from 'node:fs'

export function packageVersion(): string {
  // From the sources the file is one folder up, from the build two.
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as Record<
        string,
        string
      >
      if (name === 'throwbar' && version !== undefined) return version
    } catch {
      // Not here: try the next.
    }
  }
  return 'unknown'
}
