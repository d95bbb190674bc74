/** A registry under test that listens on loopback, simulated switches for it, and a log of what it told. */
import type { TestContext } from 'node:test'
import type { ObservedSwitch } from '../../src/model/observation.ts'
import type { SwitchIncident } from '../../src/switches/incident.ts'
import type { LiveSwitch } from '../../src/switches/live-switch.ts'
import { type RegistryOptions, SwitchRegistry } from '../../src/switches/registry.ts'
import type { FlowMod } from '../../src/switches/round.ts'
import { SimulatedSwitch, type SimulatedSwitchOptions } from './simulated-switch.ts'

export const A = '00000000000000aa'

export interface Bench {
  readonly registry: SwitchRegistry
  readonly port: number
  /** Names of what was called, in order. */
  readonly log: string[]
  readonly incidents: SwitchIncident[]
  readonly observed: ObservedSwitch[]
  /** Resolves when `done` holds; looked at after every call of a handler. */
  readonly until: (done: () => boolean) => Promise<void>
  readonly simulate: (options?: Partial<SimulatedSwitchOptions>) => Promise<SimulatedSwitch>
}

export async function bench(t: TestContext, options: Partial<RegistryOptions> = {}): Promise<Bench> {
  const log: string[] = []
  const incidents: SwitchIncident[] = []
  const observed: ObservedSwitch[] = []
  const watchers: (() => void)[] = []
  const tell = (line: string) => {
    log.push(line)
    for (const look of watchers.splice(0)) look()
  }
  const registry = new SwitchRegistry({
    ...options,
    onUp: (live) => tell(`up ${live.datapathId}`),
    onDown: (live, ending) => tell(`down ${live.datapathId} ${ending.code}`),
    onPorts: (value) => {
      observed.push(value)
      tell(`ports ${[...value.ports.keys()].join(' ')}`)
    },
    onPacketIn: (live, message) => {
      tell(`packet-in ${message.data.length}`)
      return options.onPacketIn?.(live, message)
    },
    onError: (_, error) => tell(`error ${error.code}`),
    onIncident: (incident) => {
      incidents.push(incident)
      tell(`incident ${incident.code}`)
    },
  })
  const { address } = await registry.listen({ port: 0 })
  const simulated: SimulatedSwitch[] = []
  t.after(async () => {
    await Promise.all(simulated.map((one) => one.close()))
    await registry.close()
  })
  return {
    registry,
    port: address.port,
    log,
    incidents,
    observed,
    until: async (done) => {
      while (!done()) await new Promise<void>((resolve) => watchers.push(resolve))
    },
    simulate: async (given) => {
      const one = await SimulatedSwitch.connect({ port: address.port, datapathId: A, ...given })
      simulated.push(one)
      return one
    },
  }
}

export async function liveOf({ registry, until }: Bench, datapathId = A): Promise<LiveSwitch> {
  await until(() => registry.live(datapathId) !== undefined)
  return registry.live(datapathId) as LiveSwitch
}

export const flow = (priority: number, command: FlowMod['command'] = 'add'): FlowMod => ({
  type: 'flow_mod',
  command,
  tableId: 3,
  priority,
  cookie: BigInt(priority),
  match: [{ field: 'in_port', value: priority }],
  instructions: [{ type: 'apply_actions', actions: [{ type: 'output', port: 1 }] }],
})
