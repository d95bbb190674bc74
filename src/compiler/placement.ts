/**
 * Queries about where NICs (and hypervisors' own interfaces) are: which of those declared have a port now, and which
 * switches are members of a network.
 */
import { type Endpoint, ownerOf } from '../model/intent.ts'
import { deepEqual } from './equal.ts'
import type { Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import { placeNic, type PlacedNic } from './placed.ts'
import type { Obstacle } from './program.ts'

export type Placement =
  | { readonly nic: PlacedNic }
  | { readonly obstacle: Obstacle }
  | { readonly nowhere: true }

export interface Placements {
  /** By NIC id. */
  readonly of: Read<Placement>
  /** Whether a network (first) has a NIC with a port on a switch (second, by name). */
  readonly isMember: Read<boolean>
  /** Sorted datapath ids of the hypervisors where a network has such NICs. */
  readonly membersOf: Read<readonly string[]>
}

const nowhere: Placement = { nowhere: true }

export function placements(memo: Memo, inputs: Inputs): Placements {
  const of = memo.query({ compute: (id) => place(inputs, inputs.nic(id)), equal: deepEqual })
  const isMember = memo.query({
    compute: (network, name) => {
      const isPlaced = (id: string) => 'nic' in of(id)
      return inputs.bucketsOf(network, name).some((bucket) => inputs.nicsIn(bucket).some(isPlaced))
    },
  })
  const membersOf = memo.query({
    compute: (network) =>
      inputs
        .switchesOf(network)
        .filter((name) => isMember(network, name))
        .flatMap((name) => inputs.switchNamed(name)?.datapathId ?? [])
        .toSorted(),
    equal: deepEqual,
    eager: true,
  })
  return { of, isMember, membersOf }
}

function place(inputs: Inputs, nic: Endpoint | undefined): Placement {
  const network = nic && inputs.network(nic.network)
  const host = nic && inputs.switchNamed(nic.switch)
  if (!network || host?.role !== 'hypervisor') return nowhere
  const others = inputs.nicsAt(nic.switch, nic.port)
  const [first] = others
  const where = `port ${nic.port} of ${nic.switch}`
  if (host.uplinks.some(({ port }) => port === nic.port)) {
    return { obstacle: obstacle(nic, 'port-duplicate', `${where} is an uplink`) }
  }
  if (first !== nic.id) {
    return {
      obstacle: obstacle(nic, 'port-duplicate', `${where} is declared for ${first ?? 'another NIC'} too`),
    }
  }
  const port = inputs.port(host.datapathId, nic.port)
  if (!port) return { obstacle: obstacle(nic, 'port-absent', `${where} does not exist`) }
  return { nic: placeNic(nic, network, { datapathId: host.datapathId, port: port.no }) }
}

function obstacle(nic: Endpoint, code: Obstacle['code'], text: string): Obstacle {
  return { owner: ownerOf(nic), code, text }
}
