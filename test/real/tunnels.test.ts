/**
 * Networks over tunnels and patch cables that Throwbar makes: isolated as over any cable, and VMs move over them. The cable of
 * `two-hosts` belongs to a bridge of the hosts' own here, as in a routed underlay.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IntentSpec } from '../../src/model/schema.ts'
import { topologyFile } from './support/controller.ts'
import type { Lab } from './support/lab.ts'
import { askMove, untilPhase } from './support/moves.ts'
import { type Staged, withUndeclared } from './support/network.ts'
import { realTest } from './support/real.ts'
import { withDatabases } from './support/with-databases.ts'

const hosts = ['hv1', 'hv2'] as const
const remotes = { hv1: '172.31.0.2', hv2: '172.31.0.1' } as const
const locals = { hv1: remotes.hv2, hv2: remotes.hv1 } as const
const genevePort = 6081

type Uplinks = (host: (typeof hosts)[number]) => NonNullable<IntentSpec['switches']>[string]['uplinks']

/** `two-hosts` with databases, and other uplinks than its cable. */
function declared(lab: Lab, uplinks: Uplinks, more: Partial<IntentSpec> = {}): IntentSpec {
  const spec = withDatabases(topologyFile('two-hosts'), lab)
  const switches = Object.fromEntries(
    hosts.map((host) => [
      host,
      { ...(spec.switches?.[host] ?? assert.fail()), uplinks: uplinks(host) ?? [] },
    ]),
  )
  return { ...spec, switches, links: [], ...more }
}

/** The cable goes from `br0` to a learning bridge of the host's own, with `more` about that. */
async function giveCable(lab: Lab, host: string, more: readonly string[]): Promise<void> {
  const made = [
    'add-br',
    'br-phy',
    '--',
    'set',
    'bridge',
    'br-phy',
    'datapath_type=netdev',
    'fail_mode=standalone',
  ]
  const moved = ['del-port', 'br0', 'eth0', '--', ...made, '--', 'add-port', 'br-phy', 'eth0']
  await lab.ovs(host, ['ovs-vsctl', ...moved, ...more])
}

const stage = (id: string, body: Staged): Promise<void> =>
  withUndeclared(topologyFile('two-hosts'), { id }, body)

const typeOf = (lab: Lab, host: string, name: string) =>
  lab.ovs(host, ['ovs-vsctl', '--if-exists', 'get', 'interface', name, 'type'])

realTest(
  'two hypervisors over a tunnel: networks are apart, a VM moves, and nothing else leaves',
  async (context) => {
    await stage('tunnel', async (controller, lab) => {
      for (const host of hosts) {
        await giveCable(lab, host, [])
        await lab.run(host, ['ip', 'addr', 'add', `${locals[host]}/24`, 'dev', 'br-phy'])
        await lab.run(host, ['ip', 'link', 'set', 'br-phy', 'up'])
      }
      const tunnels: Uplinks = (host) => [{ port: 'gnv0', tunnel: { remote: remotes[host], key: 7 } }]
      const spec = declared(lab, tunnels, { links: [['hv1:gnv0', 'hv2:gnv0']] })
      await controller.declare(spec)
      await controller.converged()
      for (const host of hosts) assert.equal((await typeOf(lab, host, 'gnv0')).trim(), 'geneve')

      const capture = await lab.capture('hv1', 'eth0')
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      const { frames } = await capture.stop()
      const others = frames.filter(({ bytes }) => !isTunnelled(bytes) && !isUnderlay(bytes))
      context.diagnostic(`${frames.filter(({ bytes }) => isTunnelled(bytes)).length} frames in the tunnel`)
      assert.ok(frames.some(({ bytes }) => isTunnelled(bytes)))
      assert.deepEqual(
        others.map(({ bytes }) => bytes.toString('hex')),
        [],
      )

      const sessions = await lab.startTcpSessions('blue3', 'blue1', { count: 10, drainMs: 5_000 })
      const { id } = await askMove(controller, { vms: ['blue1'], to: 'hv2', settleS: 2, countSessions: true })
      await sleep(1_500)
      await lab.moveVm('blue1', 'hv2', undefined, { pause: true })
      await untilPhase(controller, id, 'switched', 'settling', 'done')
      await lab.resumeVm('blue1', 'rarp')
      const { report } = await untilPhase(controller, id, 'done')
      const { broken, lost, largestGapMs } = await sessions.stop()
      context.diagnostic(`${JSON.stringify(report)}, longest silence ${largestGapMs} ms`)
      assert.deepEqual([broken, lost], [0, 0])
      assert.deepEqual(report?.sessions, { before: 10, carried: 10 })
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])

      await controller.declare(declared(lab, () => [], { networks: {}, vms: {} }))
      await controller.until(
        'the tunnel is taken away',
        async () => (await typeOf(lab, 'hv1', 'gnv0')) === '',
      )
    })
  },
)

realTest("a patch cable to a bridge of the host's own leads out, and Throwbar makes its end", async () => {
  await stage('patch', async (controller, lab) => {
    const far = ['--', 'add-port', 'br-phy', 'to-int', '--', 'set', 'interface', 'to-int', 'type=patch']
    for (const host of hosts) await giveCable(lab, host, [...far, 'options:peer=to-phy'])
    const out: Uplinks = () => [{ port: 'to-phy', patch: 'to-int', segment: 'lan' }]
    await controller.declare(declared(lab, out, { segments: { lan: {} } }))
    await controller.converged()
    for (const host of hosts) assert.equal((await typeOf(lab, host, 'to-phy')).trim(), 'patch')
    assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
  })
})

const etherType = (bytes: Buffer): number => bytes.readUInt16BE(12)
const ipv4 = 0x0800

const isTunnelled = (bytes: Buffer): boolean =>
  etherType(bytes) === ipv4 && bytes[23] === 17 && bytes.readUInt16BE(36) === genevePort

/** What the hosts' kernels say of their own addresses: ARP for those beneath, and IPv6 from link-local ones of none of the VMs. */
function isUnderlay(bytes: Buffer): boolean {
  if (etherType(bytes) === 0x0806) return bytes.toString('hex', 28, 30) === 'ac1f'
  const isVm = bytes.toString('hex', 6, 9) === '020000'
  return etherType(bytes) === 0x86dd && !isVm && ['fe80', '0000'].includes(bytes.toString('hex', 22, 24))
}
