/** Switches that come, go and come back changed, as the wired controller sees them. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { pino } from 'pino'
import { Throwbar } from '../../../src/controller/throwbar.ts'
import type { IntentSpec } from '../../../src/model/schema.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { SimulatedSwitch, simulatedPort } from '../../support/simulated-switch.ts'

const declared = '0000000000000001'
const stranger = '00000000000000aa'

const spec: IntentSpec = {
  name: 'one',
  switches: { hv1: { datapath: declared, role: 'hypervisor' } },
  networks: { blue: { kind: 'internal', switch: 'hv1', subnets: ['10.0.1.0/24'] } },
  vms: {
    web1: {
      host: 'hv1',
      nics: [{ network: 'blue', mac: '02:00:00:00:01:01', ips: ['10.0.1.11'], port: 'p1' }],
    },
  },
}

async function setup(context: TestContext, store?: Store) {
  const throwbar = await Throwbar.open({
    store: store ?? (await memoryStore()),
    log: pino({ level: 'silent' }),
    probeKey: Buffer.alloc(32, 7),
  })
  const { address } = await throwbar.registry.listen({ host: '127.0.0.1', port: 0 })
  const switches: SimulatedSwitch[] = []
  const join = async (datapathId: string, ...ports: ReturnType<typeof simulatedPort>[]) => {
    const joined = await SimulatedSwitch.connect({ port: address.port, datapathId, version: 6, ports })
    switches.push(joined)
    await until(() => throwbar.registry.live(datapathId) !== undefined)
    return joined
  }
  context.after(async () => {
    for (const each of switches) await each.close()
    await throwbar.close()
  })
  return { controller: throwbar.controller, throwbar, join, port: address.port }
}

test('a switch that nobody declared is looked at again when it comes back unchanged', async (context) => {
  const { throwbar, join } = await setup(context)
  const simulated = await join(stranger, simulatedPort(1, 'eth1'))
  await until(() => simulated.flows.size === 2)
  simulated.drop()
  await until(() => throwbar.registry.live(stranger) === undefined)
  simulated.flows.clear()
  await simulated.reconnect()
  await until(() => simulated.flows.size === 2)
})

test('a switch that comes back with other port numbers gets no rule for the old ones', async (context) => {
  const store = await memoryStore()
  const gate = { wait: Promise.resolve() }
  const slow: Store = {
    load: () => store.load(),
    commit: async (commit) => {
      await gate.wait
      return store.commit(commit)
    },
    log: (limit) => store.log(limit),
    remember: (key, value) => store.remember(key, value),
    recall: (key) => store.recall(key),
    close: () => store.close(),
  }
  const { controller, throwbar, join } = await setup(context, slow)
  const simulated = await join(declared, simulatedPort(1, 'p1'))
  await controller.apply({ kind: 'replace', spec })
  simulated.drop()
  await until(() => throwbar.registry.live(declared) === undefined)
  simulated.flows.clear()
  simulated.portStatus('delete', simulatedPort(1, 'p1'))
  simulated.portStatus('add', simulatedPort(7, 'p1'))
  let open = (): void => undefined
  gate.wait = new Promise((resolve) => (open = resolve))
  const applying = controller.apply({
    kind: 'replace',
    spec: { ...spec, description: 'while it comes back' },
  })
  await simulated.reconnect()
  await until(() => throwbar.registry.live(declared) !== undefined)
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2))
  const ports = () =>
    simulated.flows.all.flatMap(({ match }) =>
      match.filter(({ field }) => field === 'in_port').map((m) => m.value),
    )
  assert.deepEqual([...new Set(ports())], [])
  open()
  await applying
  await until(() => ports().length > 0)
  assert.deepEqual([...new Set(ports())], [7])
})

test('nothing is sent to a switch that has rules of ours while nothing is declared yet', async (context) => {
  const { controller, throwbar, join, port } = await setup(context)
  const simulated = await join(declared, simulatedPort(1, 'p1'))
  const applied = await controller.apply({ kind: 'replace', spec })
  assert.ok(applied.status === 'applied' && applied.receipt.complete)
  await throwbar.close()
  // The same controller, started again without its store.
  const again = await Throwbar.open({
    store: await memoryStore(),
    log: pino({ level: 'silent' }),
    probeKey: Buffer.alloc(32, 8),
  })
  context.after(() => again.close())
  await again.registry.listen({ host: '127.0.0.1', port })
  const changes = () => simulated.count('bundle_add') + simulated.count('flow_mod')
  const before = changes()
  const reads = simulated.count('multipart_request')
  await simulated.reconnect()
  await until(() => again.controller.switches()[0]?.rules === simulated.flows.size)
  assert.ok(simulated.count('multipart_request') > reads)
  assert.ok((await again.controller.apply({ kind: 'replace', spec })).status === 'applied')
  assert.equal(changes(), before)
})

/** Waits for what happens over a socket; the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
