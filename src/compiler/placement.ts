/**
 * Queries about where NICs (and hypervisors' own interfaces) are: which of those declared have a port now, and which
 * switches are members of a network.
 */
import {
  type ElsewherePassing,
  type Endpoint,
  isElsewhere,
  type Network,
  nicIdOf,
  ownerOf,
} from '../model/intent.ts'
import { deepEqual } from './equal.ts'
import type { Inputs } from './inputs.ts'
import type { Memo, Read } from './memo.ts'
import { placeNic, type PlacedNic } from './placed.ts'
import type { Obstacle } from './program.ts'

/** Where nothing is sent to a NIC, but its VM is on its way to or from. */
export interface PassingNic extends Omit<PlacedNic, 'port'> {
  /** Its network is to be led there: the VM's own id of the NIC. */
  readonly id: string
  readonly passing: ElsewherePassing
  /** Whether its sessions are noted there. */
  readonly noted: boolean
  /** Undefined before it is plugged in there, or after. */
  readonly port: number | undefined
}

export type Placement =
  | { readonly nic: PlacedNic }
  | { readonly passing: PassingNic }
  | { readonly obstacle: Obstacle }
  | { readonly nowhere: true }

export interface Placements {
  /** By NIC id. */
  readonly of: Read<Placement>
  /** Whether a network (first) has a NIC with a port on a switch (second, by name), or one on its way to or from there. */
  readonly isMember: Read<boolean>
  /** Sorted datapath ids of the hypervisors where a network has such NICs. */
  readonly membersOf: Read<readonly string[]>
}

const nowhere: Placement = { nowhere: true }

export function placements(memo: Memo, inputs: Inputs): Placements {
  const of = memo.query({ compute: (id) => place(inputs, inputs.nic(id)), equal: deepEqual })
  const isMember = memo.query({
    compute: (network, name) => {
      const isPlaced = (id: string) => {
        const placement = of(id)
        return 'nic' in placement || 'passing' in placement
      }
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
  if (isElsewhere(nic.passing)) return placePassing(inputs, nic, network, host.datapathId)
  const [first] = claimants(inputs, nic)
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

/** Ids of the NICs that are declared or plugged in at the port of this one: only passing ones give way. */
function claimants(inputs: Inputs, { switch: host, port }: Endpoint): readonly string[] {
  const all = inputs.nicsAt(host, port)
  if (all.length < 2) return all
  return all.filter((id) => {
    const other = inputs.nic(id)
    return other !== undefined && !isElsewhere(other.passing)
  })
}

function placePassing(inputs: Inputs, nic: Endpoint, network: Network, datapathId: string): Placement {
  const { passing } = nic
  // An internal network goes to another switch all at once.
  const confined = network.switch !== undefined && network.switch !== nic.switch
  if (!isElsewhere(passing) || confined) return nowhere
  const taken = claimants(inputs, nic).some((id) => id !== nic.id)
  if (taken && passing === 'arriving') {
    const text = `port ${nic.port} of ${nic.switch}, where ${nicIdOf(nic.id)} is to arrive, is another NIC's`
    return { obstacle: obstacle(nic, 'port-duplicate', text) }
  }
  const no = taken || nic.port === '' ? undefined : inputs.port(datapathId, nic.port)?.no
  const placed = placeNic(nic, network, { datapathId, port: 0 })
  return { passing: { ...placed, port: no, id: nicIdOf(nic.id), passing, noted: nic.noted === true } }
}

function obstacle(nic: Endpoint, code: Obstacle['code'], text: string): Obstacle {
  return { owner: ownerOf(nic), code, text }
}
