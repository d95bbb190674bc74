/**
 * Queries about MTUs: whether every port on the ways of a network carries what it is declared to carry. Only ports whose
 * MTU a database tells are compared.
 */
import type { Inputs } from './inputs.ts'
import { deepEqual } from './equal.ts'
import type { Memo, Read } from './memo.ts'
import type { Placements } from './placement.ts'
import type { Obstacle } from './program.ts'
import type { Transports } from './transports.ts'

interface Narrow {
  readonly switch: string
  readonly port: string
  readonly mtu: number
}

interface Sources {
  readonly inputs: Inputs
  readonly placements: Placements
  readonly transports: Transports
}

const namedPorts = 3

/** By network name. */
export function narrowWays(
  memo: Memo,
  { inputs, placements, transports }: Sources,
): Read<readonly Obstacle[]> {
  const narrow = (switchName: string, port: string, mtu: number): Narrow[] => {
    const found = inputs.mtu(inputs.switchNamed(switchName)?.datapathId ?? '', port)
    return found !== undefined && found < mtu ? [{ switch: switchName, port, mtu: found }] : []
  }
  const ends = memo.query<readonly Narrow[]>({
    compute: (bucket, mtu) =>
      inputs.nicsIn(bucket).flatMap((id) => {
        const nic = inputs.nic(id)
        return nic && 'nic' in placements.of(id) ? narrow(nic.switch, nic.port, Number(mtu)) : []
      }),
    equal: deepEqual,
  })
  const cables = memo.query<readonly Narrow[]>({
    compute: (switchName, network) => {
      const mtu = inputs.network(network)?.mtu
      const id = inputs.switchNamed(switchName)?.datapathId ?? ''
      const transport = transports.at(id, network)
      if (mtu === undefined || !transport) return []
      const legs = transports.legs(id, network)
      const ways = [...transport.treePorts, ...transport.accepts.map(({ port }) => port)]
      const ports = new Set(ways.flatMap((port) => legs.get(port)?.ports ?? port))
      return [...ports].flatMap((no) => narrow(switchName, inputs.portName(id, String(no)) ?? '', mtu))
    },
    equal: deepEqual,
  })
  return memo.query<readonly Obstacle[]>({
    compute: (network) => {
      const mtu = inputs.network(network)?.mtu
      if (mtu === undefined) return []
      const ways = inputs.switchNames('').flatMap((name) => cables(name, network))
      const nics = inputs
        .switchesOf(network)
        .flatMap((name) => inputs.bucketsOf(network, name).flatMap((bucket) => ends(bucket, String(mtu))))
      const text = tooNarrow([...ways, ...nics], mtu)
      return text === undefined ? [] : [{ owner: `network/${network}`, code: 'mtu', text }]
    },
    equal: deepEqual,
  })
}

function tooNarrow(ports: readonly Narrow[], mtu: number): string | undefined {
  if (ports.length === 0) return undefined
  const named = ports.slice(0, namedPorts).map((one) => `${one.switch}:${one.port} carries ${one.mtu}`)
  const more = ports.length - named.length
  const others = more > 0 ? `, ${more} more ports are too small as well` : ''
  return `packets of ${mtu} bytes do not fit: ${named.join(', ')}${others}; raise these MTUs or lower the network's`
}
