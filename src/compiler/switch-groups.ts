/** The chunks of one switch, as queries: what it has for itself, and what it has for each network. */
import type { SwitchRole } from '../model/intent.ts'
import type { Owner, Rule } from '../pipeline/rule.ts'
import { classifyUplinks, dropOtherVlans } from './features/classification.ts'
import { deliverBroadcast, dropUnknown } from './features/delivery.ts'
import { canaryRule, discoveryRules } from './features/discovery.ts'
import { forwardBroadcast, forwardUnicast } from './features/forwarding.ts'
import { dropCounters, missRules } from './features/misses.ts'
import { commonSecurity } from './features/port-security.ts'
import { answers, dropForeignProbes, finishAdvertisement } from './features/responder.ts'
import { takeInLegs } from './features/standby.ts'
import type { Memo, Read } from './memo.ts'
import { egressRules, type Sharing } from './features/egress.ts'
import { pathGroups, type PathGroups } from './path-groups.ts'
import type { Hop } from './paths.ts'
import { isAwaited, joined, type Members, ownNics, placedNetwork, type Sources } from './own-nics.ts'
import { type Marking, placeNetwork, type PlacedNetwork, type PlacedNic } from './placed.ts'
import type { Chunk, ChunkGroup, Obstacle } from './program.ts'
import type { Leg } from './topology.ts'
import type { SwitchTransport } from './transport.ts'

export interface SwitchGroups extends PathGroups {
  /** By the name of a declared switch. */
  readonly own: Read<ChunkGroup>
  /** By switch name and network name; only groups that have chunks. */
  readonly ofNetwork: Read<readonly ChunkGroup[]>
  /** By switch name and network name. */
  readonly obstacles: Read<readonly Obstacle[]>
}

export function switchGroups(memo: Memo, sources: Sources): SwitchGroups {
  const { inputs, placements, transports, sharing } = sources
  const { here, members } = ownNics(memo, sources)
  const elsewhere = elsewhereQuery(memo, sources)
  const networkWide = networkWideQuery(memo, sources, members)
  const own = memo.query<ChunkGroup>({
    compute: (switchName) => {
      const { role = 'hypervisor', datapathId = '' } = inputs.switchNamed(switchName) ?? {}
      return {
        key: 'switch',
        chunks: ownChunks(`switch/${switchName}`, {
          role,
          cablePorts: transports.cablePorts(datapathId),
          legs: transports.legs(datapathId),
          sharing: sharing.at(switchName),
        }),
      }
    },
  })
  const ofNetwork = memo.query<readonly ChunkGroup[]>({
    compute: (switchName, network) => {
      const role = inputs.switchNamed(switchName)?.role
      const member = role === 'hypervisor' && placements.isMember(network, switchName)
      const groups: ChunkGroup[] = []
      if (member) groups.push(...here(switchName, network).groups)
      if (member || transports.at(inputs.switchNamed(switchName)?.datapathId ?? '', network)) {
        groups.push(networkWide(switchName, network), ...elsewhere(switchName, network))
      }
      return groups
    },
  })
  const obstacles = memo.query<readonly Obstacle[]>({
    compute: (switchName, network) => here(switchName, network).obstacles,
    equal: (a, b) => a.length === 0 && b.length === 0,
  })
  return { own, ...pathGroups(memo, sources), ofNetwork, obstacles }
}

/** By switch name and network name: what a switch has for the NICs of other switches. */
function elsewhereQuery(
  memo: Memo,
  { inputs, placements, transports, sharing }: Sources,
): Read<readonly ChunkGroup[]> {
  const foreignNic = memo.query<Chunk | undefined>({
    compute: (switchName, id) => {
      const placement = placements.of(id)
      const declared = inputs.switchNamed(switchName)
      const network = inputs.network(inputs.nic(id)?.network ?? '')
      if (!('nic' in placement) || !declared || !network) return undefined
      const hop = transports.hopToward(declared.datapathId, network.name, placement.nic.datapathId)
      const marking = sharing.marking(switchName, network.name)
      const { datapathId } = placement.nic
      return foreignNicChunk(placement.nic, {
        role: declared.role,
        network: placeNetwork(network),
        hop,
        marking,
        awaited: isAwaited(inputs, id, datapathId),
      })
    },
  })
  const inBucket = memo.query<ChunkGroup>({
    compute: (switchName, bucket) => {
      const chunks = inputs.nicsIn(bucket).map((id) => foreignNic(switchName, id))
      return { key: `elsewhere/${bucket}`, chunks: chunks.filter((chunk) => chunk !== undefined) }
    },
  })
  return memo.query<readonly ChunkGroup[]>({
    compute: (switchName, network) => {
      const others = inputs.switchesOf(network).filter((name) => name !== switchName)
      const buckets = joined(others.map((name) => inputs.bucketsOf(network, name)))
      return buckets.map((bucket) => inBucket(switchName, bucket)).filter(({ chunks }) => chunks.length > 0)
    },
  })
}

/** What a switch has for a network as a whole, in chunks that change for different reasons. */
function networkWideQuery(memo: Memo, sources: Sources, members: Members): Read<ChunkGroup> {
  const { inputs, transports, placements, sharing } = sources
  const deliver = memo.query<Chunk | undefined>({
    compute: (switchName, name) => {
      const network = placedNetwork(inputs, name)
      if (!network || !placements.isMember(name, switchName)) return undefined
      const to = members.areMany(switchName, name)
        ? { parts: members.parts(switchName, name) }
        : { ports: members.ports(switchName, name) }
      return { owner: network.owner, rules: [deliverBroadcast(network, to)] }
    },
  })
  const carry = memo.query<Chunk | undefined>({
    compute: (switchName, name) => {
      const network = placedNetwork(inputs, name)
      const declared = inputs.switchNamed(switchName)
      if (!network || !declared) return undefined
      const { role, datapathId } = declared
      const legs = transports.legs(datapathId, name)
      const marking = sharing.marking(switchName, name)
      return carryChunk(network, { role, transport: transports.at(datapathId, name), legs, marking })
    },
  })
  return memo.query<ChunkGroup>({
    compute: (switchName, name) => {
      const chunks = [deliver(switchName, name), carry(switchName, name)].filter(
        (chunk) => chunk !== undefined,
      )
      return { key: `network/${name}`, chunks }
    },
  })
}

function ownChunks(
  owner: Owner,
  at: {
    role: SwitchRole
    cablePorts: readonly number[]
    legs: ReadonlyMap<number, Leg>
    sharing: Sharing | undefined
  },
): Chunk[] {
  const rules: Rule[] = [
    ...discoveryRules(owner),
    ...(at.role === 'hypervisor' ? [...commonSecurity(owner), dropForeignProbes(owner)] : []),
    ...missRules(owner, { role: at.role, shared: at.sharing !== undefined }),
    ...dropCounters(owner),
    canaryRule(owner),
  ]
  const cables = at.cablePorts.map((port) => dropOtherVlans(owner, port))
  const legs = takeInLegs(owner, at.legs.values())
  const egress = at.sharing ? egressRules(owner, at.sharing) : []
  return [rules, cables, legs, egress]
    .filter(({ length }) => length > 0)
    .map((some) => ({ owner, rules: some }))
}

function foreignNicChunk(
  nic: PlacedNic,
  at: {
    role: SwitchRole
    network: PlacedNetwork
    hop: Hop | undefined
    marking: Marking
    awaited: boolean
  },
): Chunk | undefined {
  const { vlan } = at.network
  const rules = [
    ...(at.role === 'hypervisor' ? answers(nic) : []),
    ...(vlan !== undefined && at.hop !== undefined
      ? [forwardUnicast(nic, vlan, { hop: at.hop, marking: at.marking, awaited: at.awaited })]
      : []),
  ]
  return rules.length > 0 ? { owner: nic.owner, rules } : undefined
}

function carryChunk(
  network: PlacedNetwork,
  at: {
    role: SwitchRole
    transport: SwitchTransport | undefined
    legs: ReadonlyMap<number, Leg>
    marking: Marking
  },
): Chunk {
  const { role, transport, legs, marking } = at
  const uplinks = transport
    ? [
        ...classifyUplinks(network, { ...transport, legs }, role === 'fabric' ? 'remote' : 'local'),
        ...forwardBroadcast(network, { ...transport, legs }, { role, marking }),
      ]
    : []
  const rest =
    role === 'fabric'
      ? [dropUnknown(network, 'remote')]
      : [finishAdvertisement(network), dropUnknown(network, 'local')]
  return { owner: network.owner, rules: [...uplinks, ...rest] }
}
