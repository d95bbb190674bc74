/**
 * The typing of one rule (law 6). A rule of network N matches N and nothing else, writes no other network, and lets
 * packets out only to N's VMs, or over cables tagged with N's VLAN. Then no sequence of rules can carry a frame
 * from one network to another: whatever the compiler meant, the types forbid it. Where N is reserved for hypervisors, the
 * same holds with their interfaces in place of VMs, and where it is pinned, with those cables in place of all.
 *
 * Frames are untagged wherever they pass from table to table, since tags come off at the door and go on at the exit.
 */
import type { OxmField } from 'ts-openflow'
import type { Rule, RuleAction } from '../pipeline/rule.ts'
import { isDeclaredTable, tables, tableIdOf } from '../pipeline/tables.ts'
import type { SwitchRole } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'
import type { NetworkFact, PortUse } from './facts.ts'

/** Permissions of one switch; every question is recorded by who asks. */
export interface Permissions {
  readonly datapathId: DatapathId
  readonly role: SwitchRole | undefined
  readonly portUse: (port: number) => PortUse | undefined
  readonly network: (key: number) => NetworkFact | undefined
}

const vlanPresent = 0x1000

/** What is wrong with the rule; undefined when it is well-typed. */
export function untypable(rule: Rule, may: Permissions): string | undefined {
  const way = badWay(rule)
  if (way !== undefined) return way
  if (rule.table === 'path' && rule.goto !== 'drop') return untypablePath(rule, may)
  if (rule.table === 'lease') return untypableLease(rule)
  if (rule.table === 'egress' && rule.goto !== 'drop') return untypableEgress(rule, may)
  if (rule.setNetwork !== undefined) return untypableDoor(rule, rule.setNetwork, may)
  if (rule.network === undefined || rule.table === 'classify') return untypableNeutral(rule)
  if (exact(rule.match, 'metadata') !== BigInt(rule.network))
    return `does not match network ${rule.network} alone`
  const fact = may.network(rule.network)
  if (!fact) return `there is no network with key ${rule.network}`
  return new Exit(rule, { key: rule.network, ...fact }, may).problem()
}

/** Only ahead, and only where the table may lead: so nothing circles, and nothing goes round port security. */
function badWay({ table, goto }: Rule): string | undefined {
  if (!isDeclaredTable(table)) return `there is no table ${table}`
  if (goto === undefined) return undefined
  if (tableIdOf(goto) <= tableIdOf(table)) return `leads back to ${goto}`
  return tables[table].goto.includes(goto) ? undefined : `may not lead from ${table} to ${goto}`
}

/** A rule that gives packets their network: only by the port, on cables with the VLAN, that belongs to it. */
function untypableDoor(
  { table, match, network, actions, goto }: Rule,
  key: number,
  may: Permissions,
): string | undefined {
  if (table !== 'classify') return 'writes the network outside classification'
  if (network !== key) return `writes network ${key} although it belongs to ${network ?? 'none'}`
  const fact = may.network(key)
  if (!fact) return `there is no network with key ${key}`
  const port = exact(match, 'in_port')
  const use = port === undefined ? undefined : may.portUse(Number(port))
  if (!use) return 'takes in packets from a port that belongs to no network'
  if (use.kind === 'nic') {
    if (use.network !== key) return `takes in packets of network ${use.network} as network ${key}`
    if (use.own !== fact.reserved)
      return `takes in packets of ${whoseOf(use)} as ${sortOf(fact)} network ${key}`
    return goto === 'l2_security' && actions.length === 0 ? undefined : 'lets a VM past port security'
  }
  if (fact.vlan === undefined) return `takes in internal network ${key} from a cable`
  if (exact(match, 'vlan_vid') !== (vlanPresent | fact.vlan)) return `takes in another VLAN than ${fact.vlan}`
  if (fact.pins.get(may.datapathId)?.has(use.name) === false)
    return `takes in network ${key} from ${use.name}, where it is pinned to another uplink`
  const [untag, find, ...more] = actions
  if (untag?.type !== 'pop_vlan' || more.length > 0) return 'does not take the tag off'
  if (find !== undefined && find.type !== 'first_up') return 'does more than to take the tag off'
  const inside = may.role === 'fabric' ? ['remote'] : ['local', 'uplink']
  return inside.includes(goto ?? '')
    ? undefined
    : `what comes in by a cable goes to ${inside.join(' or ')} only`
}

/** A rule that sends what rules of table `remote` have tagged: over cables only, and as it is. */
function untypablePath({ network, setNetwork, actions, goto }: Rule, may: Permissions): string | undefined {
  if (network !== undefined || setNetwork !== undefined)
    return 'belongs to a network where every network passes'
  if (goto !== undefined && goto !== 'lease') return `passes on a tagged frame to ${goto}`
  // What leaves by table egress must have had its port chosen here: another may be left from before.
  const sends = goto === 'lease' ? 'first_up' : 'failover'
  if (goto === 'lease' && actions.length === 0) return 'chooses no port for what is to leave'
  for (const action of actions) {
    if (action.type !== sends) return `does ${action.type} to frames of every network`
    const other = action.ports.find((port) => may.portUse(port)?.kind !== 'cable')
    if (other !== undefined) return `sends frames of every network to port ${other}, which is no cable`
  }
  return undefined
}

/** Between the choice of a port and the way out nothing happens to a frame. */
function untypableLease({ match, network, setNetwork, actions, goto }: Rule): string | undefined {
  if (network !== undefined || setNetwork !== undefined || match.length > 0)
    return 'belongs to a network where every network passes'
  const bad = actions.find((action) => action.type !== 'set_field' || action.field.field !== 'reg10')
  if (bad) return `does ${bad.type} to frames of every network`
  return goto === 'egress' ? undefined : 'holds frames up on their way out'
}

/** The way out: by the port that was chosen and no other, which is a cable; only the mark of IP packets is written. */
function untypableEgress(
  { match, network, setNetwork, actions, goto }: Rule,
  may: Permissions,
): string | undefined {
  if (network !== undefined || setNetwork !== undefined)
    return 'belongs to a network where every network passes'
  if (goto !== undefined) return `passes on a tagged frame to ${goto}`
  const chosen = exact(match, 'reg11')
  for (const action of actions) {
    if (action.type === 'set_queue') continue
    if (action.type === 'set_field' && action.field.field === 'ip_dscp') continue
    if (action.type !== 'output') return `does ${action.type} to frames of every network`
    if (action.port !== chosen)
      return `sends to port ${action.port} what is to leave by ${chosen ?? 'any port'}`
    if (may.portUse(action.port)?.kind !== 'cable')
      return `sends frames of every network to port ${action.port}, which is no cable`
  }
  return undefined
}

/** What it notes goes into a table where no packet comes. */
const isHarmless = (action: RuleAction): boolean =>
  action.type === 'controller' ||
  action.type === 'note_session' ||
  (action.type === 'set_field' && action.field.field === 'reg15')

/** A rule of no network: it may drop, punt or pass on. */
function untypableNeutral({ table, actions, goto }: Rule): string | undefined {
  const bad = actions.find((action) => !isHarmless(action))
  if (bad) return `does ${bad.type} without belonging to a network`
  if (goto === 'path' || goto === 'lease') return 'passes frames of no network on to the paths'
  if (table === 'classify' && goto !== undefined && goto !== 'drop')
    return 'passes on without giving a network'
  return undefined
}

/** Follows the tag through the actions of a rule of one network. */
class Exit {
  readonly #rule: Rule
  readonly #network: NetworkFact & { readonly key: number }
  readonly #may: Permissions
  #tag: number | undefined
  /** Whether this rule has chosen a port for what leaves by table egress. */
  #chosen = false

  constructor(rule: Rule, network: NetworkFact & { readonly key: number }, may: Permissions) {
    this.#rule = rule
    this.#network = network
    this.#may = may
  }

  problem(): string | undefined {
    for (const action of this.#rule.actions) {
      const problem = this.#step(action)
      if (problem !== undefined) return problem
    }
    const { goto } = this.#rule
    if (goto === 'path' && this.#network.pins.has(this.#may.datapathId))
      return `spreads network ${this.#network.key}, which is pinned, over paths`
    if (goto === 'lease') return this.#leaves()
    if (goto === 'path') return this.#overCable('the paths')
    return goto !== undefined && this.#tag !== undefined ? 'passes on a tagged frame' : undefined
  }

  #step(action: RuleAction): string | undefined {
    switch (action.type) {
      case 'output':
        return this.#output(action.port)
      case 'output_in_port':
        if (this.#tag !== undefined) return 'returns a tagged frame'
        // Only VMs' packets come there.
        return this.#rule.table.startsWith('respond') ? undefined : 'returns packets outside the responder'
      case 'controller':
        return undefined
      case 'push_vlan':
        if (this.#tag !== undefined) return 'tags twice'
        this.#tag = 0
        return undefined
      case 'pop_vlan':
        if (this.#tag === undefined) return 'takes off a tag that it did not put on'
        this.#tag = undefined
        return undefined
      case 'set_field':
        return this.#write(action.field.field, Number(action.field.value))
      case 'move':
        return action.to === 'vlan_vid' ? 'computes a VLAN' : this.#write(action.to, 0)
      case 'failover':
        return firstOf(action.ports, (port) => this.#output(port))
      case 'first_up':
        if (this.#rule.table !== 'remote' && !this.#sendsAfter)
          return 'looks for a port in a table that chooses none'
        return firstOf(action.ports, (port) => this.#choose(port))
      case 'copy':
        return this.#copy(action.table)
      case 'set_queue':
        return 'chooses a queue before the way out'
      case 'note_session':
        return 'notes sessions behind port security'
      case 'allow_return':
        return this.#sendsAfter ? undefined : 'lets frames leave by the port that they came by'
      case 'spread':
        return this.#rule.goto === 'path' ? undefined : 'spreads what does not go to the paths'
    }
  }

  #choose(port: number): string | undefined {
    this.#chosen = true
    return this.#output(port)
  }

  #leaves(): string | undefined {
    return this.#chosen ? this.#overCable('the uplinks') : 'chooses no port for what is to leave'
  }

  /** What rules of a later table do to a frame, they are typed for. */
  #copy(table: Rule['table']): string | undefined {
    if (this.#rule.table === 'local' && table === 'flood')
      return this.#tag === undefined ? undefined : 'copies a tagged frame'
    if (this.#rule.table !== 'remote') return `copies to ${table} what may have come by a cable`
    if (table === 'lease') return this.#leaves()
    if (table !== 'local') return `copies to ${table}`
    return this.#tag === undefined ? undefined : 'copies a tagged frame'
  }

  #write(field: OxmField['field'], value: number): string | undefined {
    if (field === 'metadata' || field === 'in_port' || field === 'unknown') return `writes ${field}`
    if (field === 'reg11') return this.#choose(value)
    if (field === 'vlan_pcp')
      return this.#tag === undefined ? 'writes the priority of a frame that it did not tag' : undefined
    if (field !== 'vlan_vid') return undefined
    if (this.#tag === undefined) return 'writes the VLAN of a frame that it did not tag'
    this.#tag = value
    return undefined
  }

  /** To a VM that has left this switch, when all others send to where it is: then it comes there and not back. */
  get #sendsAfter(): boolean {
    const mac = exact(this.#rule.match, 'eth_dst')
    const left = this.#network.left.get(this.#may.datapathId)
    return this.#rule.table === 'local' && mac !== undefined && left?.has(Number(mac)) === true
  }

  #output(port: number): string | undefined {
    const { key, pins, reserved } = this.#network
    const use = this.#may.portUse(port)
    if (!use) return `sends to port ${port}, which belongs to no network`
    if (use.kind === 'nic') {
      if (use.network !== key) return `sends to port ${port} of network ${use.network}`
      if (use.own !== reserved)
        return `sends ${sortOf(this.#network)} network ${key} to ${whoseOf(use)} on port ${port}`
      return this.#tag === undefined ? undefined : `sends a tagged frame to a VM on port ${port}`
    }
    if (pins.get(this.#may.datapathId)?.has(use.name) === false)
      return `sends network ${key} over ${use.name}, where it is pinned to another uplink`
    return this.#overCable(`cable port ${port}`)
  }

  #overCable(where: string): string | undefined {
    const { vlan } = this.#network
    if (vlan === undefined) return `sends an internal network over ${where}`
    if (this.#rule.table !== 'remote' && !this.#sendsAfter)
      return `sends over ${where} what may have come by a cable`
    return this.#tag === (vlanPresent | vlan) ? undefined : `sends over ${where} without VLAN ${vlan}`
  }
}

const whoseOf = ({ own }: { readonly own: boolean }) => (own ? 'a hypervisor itself' : 'a VM')
const sortOf = ({ reserved }: NetworkFact) => (reserved ? 'reserved' : 'VM')

function firstOf<T>(items: readonly T[], problem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item)
    if (found !== undefined) return found
  }
  return undefined
}

function exact(match: readonly OxmField[], name: OxmField['field']): number | bigint | undefined {
  return match.find(({ field, mask }) => field === name && mask === undefined)?.value
}
