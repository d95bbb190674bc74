/** Queries about how the flows of a switch are spread over paths: the rules of its slots, and the tables that they follow. */
import type { SlotTable } from '../model/observation.ts'
import { deal, keyOfPorts } from '../pipeline/deal.ts'
import { fnv1a32 } from '../pipeline/hash.ts'
import type { Owner } from '../pipeline/rule.ts'
import type { WeightedPort } from '../pipeline/slots.ts'
import { deepEqual } from './equal.ts'
import { slotRules } from './features/paths.ts'
import type { Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import type { PathSet } from './paths.ts'
import type { Chunk, ChunkGroup } from './program.ts'
import type { Sharings } from './sharing.ts'
import { compareText } from './topology.ts'
import type { Transports } from './transports.ts'

interface Sources {
  readonly inputs: Inputs
  readonly transports: Transports
  readonly sharing: Sharings
}

/** By the name of a declared switch. */
export interface PathGroups {
  readonly paths: Read<ChunkGroup>
  /** Sorted by ports. */
  readonly slots: Read<readonly SlotTable[]>
}

export function pathGroups(memo: Memo, { inputs, transports, sharing }: Sources): PathGroups {
  const datapathOf = (switchName: string) => inputs.switchNamed(switchName)?.datapathId ?? ''
  const table = memo.query<SlotTable>({
    compute: (id, ports) =>
      deal(JSON.parse(ports) as readonly WeightedPort[], fnv1a32(id), inputs.slotTables(id)),
    equal: deepEqual,
  })
  const tableOf = (id: string, { ports }: PathSet) =>
    table(id, JSON.stringify(ports.map(({ name, weight }) => ({ name, weight }))))
  const chunk = memo.query<Chunk>({
    compute: (switchName, text) => {
      const owner: Owner = `switch/${switchName}`
      const set = JSON.parse(text) as PathSet
      const slots = tableOf(datapathOf(switchName), set)
      const shared = sharing.at(switchName) !== undefined
      return { owner, rules: slotRules(owner, set, { slots, shared }) }
    },
  })
  const paths = memo.query<ChunkGroup>({
    compute: (switchName) => {
      const sets = transports.pathSets(datapathOf(switchName))
      return { key: 'paths', chunks: sets.map((set) => chunk(switchName, JSON.stringify(set))) }
    },
  })
  const slots = memo.query<readonly SlotTable[]>({
    compute: (switchName) => {
      const id = datapathOf(switchName)
      const tables = transports.pathSets(id).map((set) => tableOf(id, set))
      // Sets that differ in what is usable now have one table.
      return [...new Map(tables.map((one) => [keyOfPorts(one.ports), one])).entries()]
        .toSorted(([a], [b]) => compareText(a, b))
        .map(([, one]) => one)
    },
    equal: deepEqual,
  })
  return { paths, slots }
}
