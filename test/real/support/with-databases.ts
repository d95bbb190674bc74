/** A topology with the databases of a lab's hypervisors declared, as where hypervisors plug VMs in by themselves. */
import { readFileSync } from 'node:fs'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { parseTopology } from '../../../src/model/yaml.ts'
import type { Lab } from './lab.ts'

export function withDatabases(file: string, lab: Lab): IntentSpec {
  const parsed = parseTopology(readFileSync(file, 'utf8'))
  if (!('spec' in parsed)) throw new Error(`${file} is no topology`)
  const switches = Object.fromEntries(
    Object.entries(parsed.spec.switches ?? {}).map(([name, one]) => [
      name,
      { ...one, ovsdb: `unix:${lab.description.switches[name]?.ovsdb ?? ''}`, bridge: 'br0' },
    ]),
  )
  return { ...parsed.spec, switches }
}
