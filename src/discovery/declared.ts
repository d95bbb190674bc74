/** What discovery needs to know of the intent: where NICs are declared, and which ports may carry links. */
import { type Endpoint, endpointsOf, type Intent, type Switch } from '../model/intent.ts'
import type { DatapathId } from '../model/observation.ts'

/** Of NICs, and of hypervisors' own interfaces alike. */
export interface Declared {
  readonly switchOf: (datapathId: DatapathId) => Switch | undefined
  readonly datapathOf: (nic: Endpoint) => DatapathId | undefined
  readonly nics: () => Iterable<Endpoint>
  readonly nicById: (id: string) => Endpoint | undefined
  readonly nicAt: (datapathId: DatapathId, port: string) => Endpoint | undefined
  readonly nicsWithMac: (mac: number) => readonly Endpoint[]
  /**
   * Whether links may end at this port and probes may leave by it. A VM must never see a probe: so only uplinks of a
   * hypervisor, where a port that is not declared may be a VM's, but every port of fabric and of undeclared switches;
   * and never the port of a NIC.
   */
  readonly mayLink: (datapathId: DatapathId, port: string) => boolean
}

interface Index {
  readonly byId: ReadonlyMap<string, Endpoint>
  readonly byPlace: ReadonlyMap<string, Endpoint>
  readonly byMac: ReadonlyMap<number, readonly Endpoint[]>
}

/** Indexes are made when first asked for: a change of intent by itself costs nothing here. */
export function declaredFrom(intent: Intent): Declared {
  let index: Index | undefined
  const nicIndex = () => (index ??= indexNics(intent))
  let byDatapath: ReadonlyMap<DatapathId, Switch> | undefined
  const switchOf = (datapathId: DatapathId) => {
    byDatapath ??= new Map([...intent.switches.values()].map((each) => [each.datapathId, each]))
    return byDatapath.get(datapathId)
  }
  const nicAt = (datapathId: DatapathId, port: string) => {
    const name = switchOf(datapathId)?.name
    return name === undefined ? undefined : nicIndex().byPlace.get(`${name}/${port}`)
  }
  return {
    switchOf,
    datapathOf: (nic) => intent.switches.get(nic.switch)?.datapathId,
    nics: () => nicIndex().byId.values(),
    nicById: (id) => nicIndex().byId.get(id),
    nicAt,
    nicsWithMac: (mac) => nicIndex().byMac.get(mac) ?? [],
    mayLink: (datapathId, port) => {
      const declared = switchOf(datapathId)
      if (declared === undefined) return true
      const role = declared.role === 'fabric' || declared.uplinks.some((uplink) => uplink.port === port)
      return role && nicAt(datapathId, port) === undefined
    },
  }
}

function indexNics(intent: Intent): Index {
  const byId = new Map<string, Endpoint>()
  const byPlace = new Map<string, Endpoint>()
  const byMac = new Map<number, Endpoint[]>()
  for (const nic of endpointsOf(intent)) {
    byId.set(nic.id, nic)
    byPlace.set(`${nic.switch}/${nic.port}`, nic)
    const sameMac = byMac.get(nic.mac)
    if (sameMac) sameMac.push(nic)
    else byMac.set(nic.mac, [nic])
  }
  return { byId, byPlace, byMac }
}
