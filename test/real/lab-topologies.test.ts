/** The lab builds every example of topologies/, and its matrix judges isolation rightly where VLAN switches provide it. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Lab, startLab } from './support/lab.ts'
import { leftovers } from './support/leftovers.ts'
import { realTest } from './support/real.ts'

const examples = fileURLToPath(new URL('../../topologies/', import.meta.url))

/** Makes every switch what a network engineer would do by hand: a VLAN for each network, rapid spanning tree against loops. */
async function separateByVlan(lab: Lab): Promise<void> {
  const { switches, segments, nics } = lab.description
  for (const name of [...Object.keys(switches), ...segments]) {
    await lab.ovs(name, ['ovs-vsctl', 'set', 'bridge', 'br0', 'rstp_enable=true', 'fail_mode=standalone'])
  }
  const networks = [...new Set(nics.map(({ network }) => network))]
  for (const nic of nics) {
    await lab.ovs(nic.switch, [
      'ovs-vsctl',
      'set',
      'port',
      nic.port,
      `tag=${10 + networks.indexOf(nic.network)}`,
    ])
  }
}

for (const example of readdirSync(examples).filter((name) => name.endsWith('.yaml'))) {
  realTest(
    `topologies/${example} builds, and the matrix sees what plain VLAN switches make of it`,
    async (context) => {
      const started = performance.now()
      const lab = await startLab(examples + example, { id: 'labx', controller: 'none' })
      const up = performance.now()
      try {
        await separateByVlan(lab)
        const deadline = performance.now() + 30_000
        let surprises: readonly string[]
        do surprises = lab.surprises(await lab.pingMatrix({ timeoutMs: 800 }))
        while (surprises.length > 0 && performance.now() < deadline)
        assert.deepEqual(surprises, [])
      } finally {
        const stopping = performance.now()
        await lab.stop()
        context.diagnostic(
          `up in ${Math.round(up - started)} ms, stopped in ${Math.round(performance.now() - stopping)} ms`,
        )
      }
      assert.deepEqual(leftovers('labx'), [])
    },
  )
}
