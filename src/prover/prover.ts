/**
 * Proves that a program keeps networks apart, before anything of it is sent: every rule is typed (`typing.ts`).
 * A `Prover` remembers what it proved: a chunk is proved once, and again only when a port or network that it relied on
 * is lost or means something else.
 */
import { chunkDelta } from '../compiler/delta.ts'
import type { Chunk, Program, SwitchProgram } from '../compiler/program.ts'
import type { Intent, SwitchRole } from '../model/intent.ts'
import type { DatapathId, Observation } from '../model/observation.ts'
import type { Owner, Rule } from '../pipeline/rule.ts'
import { FactTable, networkFacts, type Passages, type Reader, sameNetworkFact } from './facts.ts'
import { PortFacts } from './port-facts.ts'
import { untypable, type Permissions } from './typing.ts'

/** A rule that could carry frames from one network to another. */
export interface RuleViolation {
  readonly datapathId: DatapathId
  readonly rule: Rule
  readonly owner: Owner
  readonly reason: string
}

/** Empty when the program keeps networks apart. */
export function prove(program: Program, intent: Intent, observation: Observation): readonly RuleViolation[] {
  return new Prover().check(program, intent, observation)
}

interface Standing extends Reader {
  /** Facts at which it is listed as a reader. */
  readonly ports: Set<number>
  readonly networks: Set<number>
  violations: readonly RuleViolation[]
}

interface Proved {
  program: SwitchProgram
  readonly role: SwitchRole | undefined
  readonly chunks: Map<Chunk, Standing>
}

const noPassages: Passages = new Map()

export class Prover {
  readonly #ports = new PortFacts()
  readonly #networks = new FactTable(sameNetworkFact)
  readonly #switches = new Map<DatapathId, Proved>()
  readonly #violating = new Set<Standing>()
  #intent: Intent | undefined
  #passages = noPassages
  #networkKeys: ReadonlySet<number> = new Set()

  /** Costs what changed since the last check, whether or not that program was ever sent. */
  check(program: Program, intent: Intent, observation: Observation): readonly RuleViolation[] {
    const again = this.#updateFacts(intent, observation)
    // What was refused may be right now; what is new is added below.
    for (const standing of this.#violating) again.add(standing)
    const roles = rolesOf(intent)
    for (const id of this.#switches.keys()) if (!program.switches.has(id)) this.#forgetSwitch(id)
    for (const [id, next] of program.switches) this.#takeSwitch(next, roles.get(id))
    for (const reader of again) {
      const { datapathId, chunk } = reader
      const proved = this.#switches.get(datapathId)
      const standing = proved?.chunks.get(chunk)
      if (proved && standing === reader) this.#prove(standing, proved.role)
    }
    return [...this.#violating].flatMap(({ violations }) => violations)
  }

  #updateFacts(intent: Intent, observation: Observation): Set<Reader> {
    const spoiled = this.#ports.update(intent, observation)
    // Interfaces of switches say where networks are pinned, and passages of VMs where their frames may be sent after them.
    const { passages = noPassages } = observation
    const moved = passages !== this.#passages || (passages.size > 0 && intent.vms !== this.#intent?.vms)
    this.#passages = passages
    if (moved || intent.networks !== this.#intent?.networks || intent.switches !== this.#intent.switches) {
      const facts = networkFacts(intent, passages)
      for (const key of new Set([...this.#networkKeys, ...facts.keys()])) {
        for (const reader of this.#networks.set(key, facts.get(key))) spoiled.add(reader)
      }
      this.#networkKeys = new Set(facts.keys())
    }
    this.#intent = intent
    return spoiled
  }

  #takeSwitch(next: SwitchProgram, role: SwitchRole | undefined): void {
    const id = next.datapathId
    let proved = this.#switches.get(id)
    if (proved && proved.role !== role) {
      this.#forgetSwitch(id)
      proved = undefined
    }
    if (proved?.program === next) return
    const { removed, added } = chunkDelta(proved?.program, next)
    proved ??= { program: next, role, chunks: new Map() }
    proved.program = next
    this.#switches.set(id, proved)
    for (const chunk of removed) this.#forgetChunk(proved, chunk)
    for (const chunk of added) {
      const standing: Standing = {
        datapathId: id,
        chunk,
        ports: new Set(),
        networks: new Set(),
        violations: [],
      }
      proved.chunks.set(chunk, standing)
      this.#prove(standing, role)
    }
  }

  #prove(standing: Standing, role: SwitchRole | undefined): void {
    this.#release(standing)
    const { datapathId: id, chunk } = standing
    const ports = this.#ports.of(id)
    const may: Permissions = {
      datapathId: id,
      role,
      portUse: (port) => ports.read(port, standing, standing.ports),
      network: (key) => this.#networks.read(key, standing, standing.networks),
    }
    standing.violations = chunk.rules.flatMap((rule) => {
      const reason = untypable(rule, may)
      return reason === undefined ? [] : [{ datapathId: id, rule, owner: rule.owner, reason }]
    })
    if (standing.violations.length > 0) this.#violating.add(standing)
    else this.#violating.delete(standing)
  }

  #forgetSwitch(id: DatapathId): void {
    const proved = this.#switches.get(id)
    for (const chunk of proved?.chunks.keys() ?? []) if (proved) this.#forgetChunk(proved, chunk)
    this.#switches.delete(id)
  }

  #forgetChunk(proved: Proved, chunk: Chunk): void {
    const standing = proved.chunks.get(chunk)
    if (!standing) return
    proved.chunks.delete(chunk)
    this.#violating.delete(standing)
    this.#release(standing)
  }

  #release(standing: Standing): void {
    this.#ports.of(standing.datapathId).release(standing, standing.ports)
    this.#networks.release(standing, standing.networks)
  }
}

function rolesOf({ switches }: Intent): Map<DatapathId, SwitchRole> {
  return new Map([...switches.values()].map(({ datapathId, role }) => [datapathId, role]))
}
