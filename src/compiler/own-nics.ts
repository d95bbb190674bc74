/** What a switch has for its own NICs of a network, bucket by bucket, and who of them gets the network's broadcasts. */
import { classifyNic } from './features/classification.ts'
import { deliverToPart, deliverUnicast, mostTogether } from './features/delivery.ts'
import { arrivingNic, expectedNic, leavingNic, shutNic, speakingNic } from './features/passing.ts'
import { nicSecurity } from './features/port-security.ts'
import { answers, passOwner } from './features/responder.ts'
import { noteSessions } from './features/sessions.ts'
import { dropReturned } from './features/standby.ts'
import type { Endpoint } from '../model/intent.ts'
import { bucketNumberOf, type Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import { placeNetwork, type PlacedNetwork, type PlacedNic } from './placed.ts'
import type { PassingNic, Placements } from './placement.ts'
import type { Chunk, ChunkGroup, Obstacle } from './program.ts'
import type { Rule } from '../pipeline/rule.ts'
import type { Sharings } from './sharing.ts'
import type { Transports } from './transports.ts'

export interface Sources {
  readonly inputs: Inputs
  readonly placements: Placements
  readonly transports: Transports
  readonly sharing: Sharings
}

/** What a switch has for the NICs of one network that are its own. */
export interface Here {
  readonly groups: readonly ChunkGroup[]
  readonly obstacles: readonly Obstacle[]
}

/** The same for those of one bucket, and where they are. */
interface InBucket extends Here {
  readonly ports: readonly number[]
}

export interface Own {
  /** By switch name and network name. */
  readonly here: Read<Here>
  readonly members: Members
}

export function ownNics(memo: Memo, sources: Sources): Own {
  const inBucket = inBucketQuery(memo, sources)
  const members = memberQueries(memo, sources, inBucket)
  return { here: hereQuery(memo, sources, { inBucket, members }), members }
}

/** By bucket id. */
function inBucketQuery(memo: Memo, sources: Sources): Read<InBucket> {
  const { inputs, placements, transports } = sources
  const hasLegs = memo.query<boolean>({ compute: (id) => transports.legs(id).size > 0 })
  const ownNic = memo.query<Chunk | undefined>({
    compute: (id) => {
      const placement = placements.of(id)
      if ('passing' in placement) return passingChunk(sources, placement.passing)
      if (!('nic' in placement)) return undefined
      const { datapathId } = placement.nic
      const awaited = isAwaited(inputs, id, datapathId)
      return ownNicChunk(placement.nic, {
        endpoint: inputs.nic(id),
        awaited,
        hasLegs: hasLegs(datapathId),
      })
    },
  })
  return memo.query<InBucket>({
    compute: (bucket) => {
      const ids = inputs.nicsIn(bucket)
      const chunks = ids.map((id) => ownNic(id)).filter((chunk) => chunk !== undefined)
      const found = ids.map((id) => placements.of(id))
      return {
        groups: chunks.length > 0 ? [{ key: `here/${bucket}`, chunks }] : [],
        ports: found.flatMap((placement) => ('nic' in placement ? placement.nic.port : [])),
        obstacles: found.flatMap((placement) => ('obstacle' in placement ? placement.obstacle : [])),
      }
    },
  })
}

export interface Members {
  /** By switch name and network name: so many that broadcasts are delivered to them by parts, which are the buckets. */
  readonly areMany: Read<boolean>
  /** By switch name and network name: sorted. */
  readonly ports: Read<readonly number[]>
  /** By switch name and network name: sorted. */
  readonly parts: Read<readonly number[]>
}

function memberQueries(memo: Memo, { inputs }: Sources, inBucket: Read<InBucket>): Members {
  const portsOf = (switchName: string, network: string) =>
    inputs.bucketsOf(network, switchName).map((bucket) => inBucket(bucket).ports)
  const hasPorts = memo.query<boolean>({ compute: (bucket) => inBucket(bucket).ports.length > 0 })
  return {
    areMany: memo.query<boolean>({
      compute: (switchName, network) =>
        portsOf(switchName, network).reduce((sum, { length }) => sum + length, 0) > mostTogether,
    }),
    ports: (switchName, network = '') => joined(portsOf(switchName, network)).toSorted((a, b) => a - b),
    parts: (switchName, network = '') =>
      inputs
        .bucketsOf(network, switchName)
        .filter((bucket) => hasPorts(bucket))
        .map(bucketNumberOf),
  }
}

/** By switch name and network name. */
function hereQuery(
  memo: Memo,
  { inputs }: Sources,
  { inBucket, members }: { readonly inBucket: Read<InBucket>; readonly members: Members },
): Read<Here> {
  const part = memo.query<Chunk | undefined>({
    compute: (bucket, name) => {
      const network = placedNetwork(inputs, name)
      const { ports } = inBucket(bucket)
      if (!network || ports.length === 0) return undefined
      return { owner: network.owner, rules: [deliverToPart(network, bucketNumberOf(bucket), ports)] }
    },
  })
  return memo.query<Here>({
    compute: (switchName, network) => {
      const ids = inputs.bucketsOf(network, switchName)
      const buckets = ids.map((id) => inBucket(id))
      const parts = members.areMany(switchName, network) ? ids.flatMap((id) => part(id, network) ?? []) : []
      return {
        groups: [
          ...joined(buckets.map(({ groups }) => groups)),
          ...(parts.length > 0 ? [{ key: `parts/${network}`, chunks: parts }] : []),
        ],
        obstacles: joined(buckets.map(({ obstacles }) => obstacles)),
      }
    },
  })
}

/** As `flat` does it, fifty times as fast. */
export function joined<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return ([] as readonly T[]).concat(...lists)
}

export function placedNetwork(inputs: Inputs, name: string): PlacedNetwork | undefined {
  const network = inputs.network(name)
  return network && placeNetwork(network)
}

/** Whether a NIC under way is sent to a switch that has had what delivers it there since long ago. */
export function isAwaited(inputs: Inputs, id: string, datapathId: PlacedNic['datapathId']): boolean {
  return inputs.nic(id)?.passing !== undefined && !leadsIntoSegment(inputs, datapathId)
}

/** Then there are uplinks by which others flood what is for a VM that is somewhere else. */
function leadsIntoSegment(inputs: Inputs, datapathId: PlacedNic['datapathId']): boolean {
  const declared = inputs.switchNamed(inputs.switchNameOf(datapathId) ?? '')
  return declared?.uplinks.some(({ segment }) => segment !== undefined) === true
}

function passingChunk(
  { inputs, placements, transports, sharing }: Sources,
  nic: PassingNic,
): Chunk | undefined {
  const { owner, id, datapathId, passing } = nic
  const name = inputs.switchNameOf(datapathId) ?? ''
  const floods = leadsIntoSegment(inputs, datapathId)
  const chunk = (rules: readonly Rule[]) => (rules.length > 0 ? { owner, rules } : undefined)
  if (passing === 'arriving') return chunk(arrivingNic(nic, { floods }))
  if (passing === 'speaking') return chunk(speakingNic(nic, { noted: nic.noted }))
  const network = inputs.network(inputs.nic(id)?.network ?? '')
  const there = placements.of(id)
  const hop =
    network && 'nic' in there
      ? transports.hopToward(datapathId, network.name, there.nic.datapathId)
      : undefined
  // What is sent back into a segment would make it look for the sender here.
  const returns = passing === 'returning' && !floods
  if (!returns || network?.vlan === undefined || !hop) return chunk(leavingNic(nic))
  return chunk(leavingNic(nic, { vlan: network.vlan, hop, marking: sharing.marking(name, network.name) }))
}

function ownNicChunk(
  nic: PlacedNic,
  {
    endpoint,
    awaited,
    hasLegs,
  }: { readonly endpoint: Endpoint | undefined; readonly awaited: boolean; readonly hasLegs: boolean },
): Chunk {
  const passing = endpoint?.passing
  const rules = [
    passing === 'led' ? shutNic(nic) : classifyNic(nic),
    ...nicSecurity(nic),
    ...(endpoint?.noted ? noteSessions(nic) : []),
    ...passOwner(nic),
    ...answers(nic),
    deliverUnicast(nic),
    ...(passing === undefined ? [] : [expectedNic(nic, { awaited })]),
    ...(hasLegs ? [dropReturned(nic)] : []),
  ]
  return { owner: nic.owner, rules }
}
