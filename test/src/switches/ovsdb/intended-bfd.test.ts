/** What the intent wants of hosts for liveness: BFD at both ends of the cables that are to be watched. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildIntent } from '../../../../src/model/build.ts'
import type { SwitchSpec } from '../../../../src/model/schema.ts'
import { intendedHosts } from '../../../../src/switches/ovsdb/intended.ts'

/** Two hypervisors by two cables each to one leaf; `more` by name of the switch. */
function portsOf(more: Readonly<Record<string, Partial<SwitchSpec>>>) {
  const hypervisor = { role: 'hypervisor', uplinks: ['eth0', 'eth1', 'eth2'] } as const
  const switches = Object.fromEntries(
    Object.entries({ hv1: hypervisor, hv2: hypervisor, leaf: { role: 'fabric' } as const }).map(
      ([name, one], index) => [
        name,
        { datapath: `${index + 1}`.padStart(16, '0'), ovsdb: `unix:/${name}.sock`, ...one, ...more[name] },
      ],
    ),
  )
  const links = ['hv1', 'hv2'].flatMap((name) =>
    ['eth0', 'eth1'].map((port) => [`${name}:${port}`, `leaf:${name}-${port}`]),
  )
  const built = buildIntent({ name: 'cables', switches, links })
  assert.ok('intent' in built, JSON.stringify(built))
  const hosts = intendedHosts(built.intent, () => [])
  return (name: string) =>
    hosts
      .get(`unix:/${name}.sock`)
      ?.bridges[0]?.ports?.map((port) => [port.name, port.interfaces?.[0]?.bfd?.['min_rx']])
}

test('both ends of a cable speak BFD, as often as the end that is in more of a hurry wants', () => {
  const ports = portsOf({
    hv1: { liveness: 'bfd' },
    hv2: { liveness: 'carrier' },
    leaf: { liveness: 'bfd', bfdIntervalMs: 200 },
  })
  assert.deepEqual(ports('hv1'), [
    ['eth0', '100'],
    ['eth1', '100'],
    // Leads nowhere that is known.
    ['eth2', undefined],
  ])
  assert.deepEqual(ports('hv2'), [
    ['eth0', '200'],
    ['eth1', '200'],
    ['eth2', undefined],
  ])
  assert.deepEqual(ports('leaf'), [
    ['hv1-eth0', '100'],
    ['hv1-eth1', '100'],
    ['hv2-eth0', '200'],
    ['hv2-eth1', '200'],
  ])
  const quiet = portsOf({})
  assert.deepEqual(
    quiet('leaf')?.map(([, interval]) => interval),
    [undefined, undefined, undefined, undefined],
  )
})
