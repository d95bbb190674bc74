/** What the product promises, for every example: whoever shares a network reaches each other, nobody else does, and an internal network never shows on an uplink. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseTopology } from '../../src/model/yaml.ts'
import type { Intent } from '../../src/model/intent.ts'
import { topologyFile } from './support/controller.ts'
import { type Flood, floodKinds, type Lab } from './support/lab.ts'
import { withNetwork } from './support/network.ts'
import { realTest } from './support/real.ts'

const examples = readdirSync(dirname(topologyFile('one-switch')))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))

assert.ok(examples.length >= 4)

for (const example of examples) {
  for (const protocols of ['OpenFlow13', undefined]) {
    // The oldest and the newest version; one example is enough for the older one.
    if (protocols !== undefined && example !== 'linear') continue
    realTest(
      `${example}${protocols ? ` over ${protocols}` : ''}: isolated, and internal networks stay inside`,
      async (context) => {
        const network = { topology: example, id: 'iso', ...(protocols && { protocols }) }
        await withNetwork(network, async (_controller, lab) => {
          const matrix = await lab.pingMatrix()
          assert.deepEqual(lab.surprises(matrix), [])
          const inside = matrix.filter(({ ok }) => ok).length
          assert.ok(inside > 0 && inside < matrix.length)
          context.diagnostic(`${matrix.length} probes, ${inside} inside a network, all as declared`)
          await internalStaysInside(lab, intentOf(topologyFile(example)))
        })
      },
    )
  }
}

function intentOf(file: string): Intent {
  const parsed = parseTopology(readFileSync(file, 'utf8'))
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return parsed.intent
}

/** Floods from a VM of each internal network while every port that leaves a switch is watched. */
async function internalStaysInside(lab: Lab, intent: Intent): Promise<void> {
  const internal = [...intent.networks.values()].filter(({ kind }) => kind === 'internal')
  const nics = [...intent.vms.values()].flatMap((vm) => vm.nics)
  const outward = [...intent.switches.values()].flatMap(({ name, uplinks }) =>
    uplinks.map(({ port }) => [name, port] as const),
  )
  const ends = intent.cables.flatMap(({ ends: both }) => both.map((end) => [end.switch, end.port] as const))
  const places = [...new Map([...outward, ...ends].map((place) => [place.join(':'), place])).values()]
  assert.ok(internal.length > 0 && places.length > 0, 'the example has an internal network and a way out')
  const captures = await Promise.all(places.map(([name, port]) => lab.capture(name, port)))
  const floods: Flood[] = []
  let deliveredInside = 0
  for (const network of internal) {
    const [source, fellow] = nics.filter((nic) => nic.network === network.name)
    const stranger = nics.find((nic) => nic.network !== network.name)
    assert.ok(source && fellow && stranger)
    const inside = await lab.capture(fellow.id, undefined, { direction: 'in' })
    const vlans = [...intent.networks.values()].flatMap(({ vlan }) => vlan ?? [])
    for (const kind of floodKinds) {
      const vlan = vlans[0]
      floods.push(
        await lab.flood(source.id, kind, { target: stranger.id, victim: stranger.id, ...(vlan && { vlan }) }),
      )
    }
    const broadcast = await lab.flood(source.id, 'broadcast')
    floods.push(broadcast)
    const heard = await inside.stop()
    deliveredInside += heard.seen(broadcast)
    assert.equal(heard.seen(broadcast), broadcast.sent, 'a broadcast does reach the other member')
  }
  assert.ok(deliveredInside > 0)
  for (const [index, capture] of captures.entries()) {
    const { missed, seen } = await capture.stop()
    assert.equal(missed, 0)
    for (const flood of floods)
      assert.equal(seen(flood), 0, `${flood.kind} on ${places[index]?.join(':') ?? ''}`)
  }
}
