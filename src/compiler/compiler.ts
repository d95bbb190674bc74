/**
 * Intent and observation in, program out. `compile` computes from nothing; a `Compiler` remembers, and gives the same
 * program for the price of what changed.
 */
import { emptyIntent, type Intent } from '../model/intent.ts'
import { type Located, Locator } from '../model/located.ts'
import type { Observation } from '../model/observation.ts'
import type { Owner } from '../pipeline/rule.ts'
import { deepEqual } from './equal.ts'
import { canaryRule, discoveryRules } from './features/discovery.ts'
import { egressMeters } from './features/egress.ts'
import { meters } from './features/meters.ts'
import { InputCells } from './inputs.ts'
import { Memo } from './memo.ts'
import { narrowWays } from './mtu.ts'
import { placements } from './placement.ts'
import type { ChunkGroup, Fixtures, Obstacle, Program, SwitchProgram } from './program.ts'
import { sharings } from './sharing.ts'
import { switchGroups } from './switch-groups.ts'
import { compareText } from './topology.ts'
import { transports } from './transports.ts'

/** Pure: the same intent and observation give the same program on any machine. */
export function compile(intent: Intent, observation: Observation): Program {
  return new Compiler().update(intent, observation)
}

export class Compiler {
  readonly #locator = new Locator()
  readonly #memo = new Memo()
  readonly #cells = new InputCells(this.#memo)
  readonly #program = this.#programQuery()
  #located: Located = { intent: emptyIntent, unplugged: [], passing: [] }

  /** What did not change in the program keeps its identity. */
  update(intent: Intent, observation: Observation): Program {
    this.#located = this.#locator.update(intent, observation)
    this.#cells.set(this.#located, observation)
    return this.#program()
  }

  /** The intent of the last program, with every NIC where it is plugged in. */
  get located(): Intent {
    return this.#located.intent
  }

  /** How many queries ran so far. */
  get runs(): number {
    return this.#memo.runs
  }

  #programQuery(): () => Program {
    const memo = this.#memo
    const { inputs } = this.#cells
    const places = placements(memo, inputs)
    const ways = transports(memo, inputs, places)
    const sharing = sharings(memo, inputs)
    const groups = switchGroups(memo, { inputs, placements: places, transports: ways, sharing })
    const narrow = narrowWays(memo, { inputs, placements: places, transports: ways })
    const fixtures = memo.query<Fixtures>({
      compute: (name) => {
        const owner: Owner = `switch/${name}`
        const shared = sharing.at(name)
        return {
          meters: [...meters(owner), ...(shared ? egressMeters(owner, shared) : [])],
          spreads: ways.pathSets(inputs.switchNamed(name)?.datapathId ?? '').length > 0,
        }
      },
      equal: deepEqual,
    })
    const own = memo.query<SwitchProgram>({
      compute: (id) => {
        const name = inputs.switchNameOf(id)
        if (name === undefined) return discoveryProgram(id)
        const declared = inputs.switchNamed(name)
        const networks = declared?.role === 'fabric' ? ways.networksThrough(id) : inputs.networksOn(name)
        const all: ChunkGroup[] = [groups.own(name), groups.paths(name)]
        for (const network of networks) for (const group of groups.ofNetwork(name, network)) all.push(group)
        const shared = sharing.at(name)
        return {
          datapathId: id,
          fixtures: fixtures(name),
          groups: all,
          slots: groups.slots(name),
          ...(shared && { sharing: shared }),
        }
      },
    })
    const obstacles = memo.query<readonly Obstacle[]>({
      compute: () => {
        const found: Obstacle[] = []
        for (const name of inputs.switchNames('')) {
          for (const network of inputs.networksOn(name)) found.push(...groups.obstacles(name, network))
          found.push(...sharing.obstacles(name))
        }
        for (const network of inputs.networkNames(''))
          found.push(...ways.obstacles(network), ...narrow(network))
        for (const { nic, text } of inputs.unplugged('') ?? [])
          found.push({ owner: `nic/${nic}`, code: 'unplugged', text })
        return found.toSorted((a, b) => compareText(a.owner, b.owner) || compareText(a.code, b.code))
      },
      equal: deepEqual,
    })
    const ids = memo.query<readonly string[]>({
      compute: () => {
        const declared = inputs.switchNames('').flatMap((name) => inputs.switchNamed(name)?.datapathId ?? [])
        return [...new Set([...declared, ...inputs.observedDatapaths('')])].toSorted()
      },
      equal: deepEqual,
    })
    const program = memo.query<Program>({
      compute: () => ({
        switches: new Map(ids('').map((id) => [id, own(id)])),
        obstacles: obstacles(''),
      }),
    })
    return () => program('')
  }
}

/** A switch that connected although nobody declared it: we look for its links and leave its traffic alone. */
function discoveryProgram(id: string): SwitchProgram {
  const owner: Owner = `switch/${id}`
  const rules = [...discoveryRules(owner), canaryRule(owner)]
  const fixtures = { meters: meters(owner), spreads: false }
  return { datapathId: id, fixtures, groups: [{ key: 'switch', chunks: [{ owner, rules }] }], slots: [] }
}
