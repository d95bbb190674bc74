/** Plain Mininet beside a lab: what later tests connect to the controller by `mn --controller=remote`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { startLab } from './support/lab.ts'
import { startPlainMn } from './support/plain-mn.ts'
import { realTest } from './support/real.ts'

realTest('plain mn runs beside a lab, reaches the controller on 127.0.0.1, and leaves nothing', async () => {
  const connected = createServer((socket) => socket.on('error', () => undefined))
  connected.listen(16741, '127.0.0.1')
  await once(connected, 'listening')
  const lab = await startLab(fileURLToPath(new URL('support/lab-test.yaml', import.meta.url)), {
    id: 'labmn',
    controller: 'none',
    failMode: 'standalone',
  })
  const first = once(connected, 'connection')
  const mn = await startPlainMn({ controllerPort: 16741, protocols: 'OpenFlow13' })
  try {
    await first
    assert.match(
      await mn.ovs(['ovs-vsctl', 'get', 'bridge', 's2', 'fail_mode', 'datapath_type']),
      /secure\s+netdev/,
    )
    assert.match(await mn.run('h1 ping -c 1 -W 1 h2'), /100% packet loss/)
    for (const name of ['s1', 's2', 's3'])
      await mn.ovs(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', name, 'actions=NORMAL'])
    assert.match(await mn.run('pingall'), /0% dropped \(6\/6 received\)/)
    assert.deepEqual(
      (await lab.pingMatrix()).filter(({ ok }) => !ok),
      [],
    )
  } finally {
    await mn.stop()
    await lab.stop()
    connected.close()
  }
  assert.deepEqual(
    readdirSync('/sys/class/net').filter((name) => /^s[123](-|$)/.test(name)),
    [],
  )
})
