/** A registry with a real bridge that calls it, a log of what it told, and rules to send. */
import type { SwitchIncident } from '../../../src/switches/incident.ts'
import type { LiveSwitch } from '../../../src/switches/live-switch.ts'
import { SwitchRegistry } from '../../../src/switches/registry.ts'
import type { FlowMod } from '../../../src/switches/round.ts'
import { DummyBridge } from './dummy-bridge.ts'

export const datapathId = '00000000000c5e50'
export const name = 'sesbr'

export interface Bench {
  readonly registry: SwitchRegistry
  readonly bridge: DummyBridge
  readonly log: string[]
  readonly incidents: SwitchIncident[]
  readonly until: (done: () => boolean) => Promise<void>
  readonly live: () => Promise<LiveSwitch>
}

export async function withBridge(
  { port, protocols }: { port: number; protocols?: readonly string[] },
  body: (bench: Bench) => Promise<void>,
): Promise<void> {
  const log: string[] = []
  const incidents: SwitchIncident[] = []
  const watchers: (() => void)[] = []
  const tell = (line: string) => {
    log.push(line)
    for (const look of watchers.splice(0)) look()
  }
  const registry = new SwitchRegistry({
    onUp: ({ version }) => tell(`up ${version}`),
    onDown: (_, { code }) => tell(`down ${code}`),
    onPorts: ({ ports }) =>
      tell(
        `ports ${[...ports.values()]
          .map((one) => `${one.name}:${one.up}`)
          .sort()
          .join(' ')}`,
      ),
    onIncident: (incident) => incidents.push(incident),
  })
  await registry.listen({ port })
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((resolve) => watchers.push(resolve))
  }
  try {
    const bridge = await DummyBridge.start({
      name,
      datapathId,
      controllerPort: port,
      ...(protocols && { protocols }),
    })
    const live = async () => {
      await until(() => registry.live(datapathId) !== undefined)
      return registry.live(datapathId) as LiveSwitch
    }
    try {
      await body({ registry, bridge, log, incidents, until, live })
    } finally {
      await bridge.stop()
    }
  } finally {
    await registry.close()
  }
}

export const flow = (index: number, tableId = 1): FlowMod => ({
  type: 'flow_mod',
  command: 'add',
  tableId,
  priority: 100 + (index % 7),
  cookie: (0xabcdn << 32n) | BigInt(index),
  match: [
    { field: 'eth_type', value: 0x0800 },
    { field: 'ipv4_dst', value: (0x0a000000 + index) >>> 0 },
  ],
  instructions: [
    {
      type: 'apply_actions',
      actions: [
        { type: 'set_field', field: { field: 'reg0', value: index } },
        { type: 'output', port: 1, maxLen: 0xffff },
      ],
    },
    { type: 'goto_table', tableId: tableId + 1 },
  ],
})

export const flows = (count: number, tableId = 1): FlowMod[] =>
  Array.from({ length: count }, (_, index) => flow(index, tableId))
