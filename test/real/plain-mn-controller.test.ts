/** A plain `mn --controller=remote` beside a lab: the controller sees its switches and cables, and the declared network goes on. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ControllerProcess, topologyFile } from './support/controller.ts'
import { type Lab, startLab } from './support/lab.ts'
import { startPlainMn } from './support/plain-mn.ts'
import { realTest } from './support/real.ts'

const cables = ['s1-eth2>s2-eth2', 's2-eth2>s1-eth2', 's2-eth3>s3-eth2', 's3-eth2>s2-eth3']

interface RyuPort {
  readonly dpid: string
  readonly name: string
}

async function ryu<View>(controller: ControllerProcess, name: string): Promise<readonly View[]> {
  const { status, body } = await controller.request('GET', `/v1.0/topology/${name}`)
  assert.equal(status, 200)
  return body as View[]
}

/** Mininet numbers its switches 1, 2, 3, as the example does; here the example's are others. */
function renumbered(folder: string): string {
  const text = readFileSync(topologyFile('two-hosts'), 'utf8').replaceAll(
    '"00000000000000',
    '"000000000000ff',
  )
  const file = join(folder, 'renumbered.yaml')
  writeFileSync(file, text)
  return file
}

async function besideLab(body: (controller: ControllerProcess, lab: Lab) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'throwbar-mn-'))
  try {
    const file = renumbered(folder)
    const controller = await ControllerProcess.start(file)
    try {
      const lab = await startLab(file, { id: 'usrmn', controller: controller.target })
      try {
        await controller.converged()
        await body(controller, lab)
      } finally {
        await lab.stop()
      }
    } finally {
      await controller.remove()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

realTest(
  'the switches and links of a plain mn appear; the declared network beside it is undisturbed',
  async (context) => {
    await besideLab(async (controller, lab) => {
      const pinger = await lab.startPinger('blue1', 'blue2')
      const mn = await startPlainMn({ controllerPort: controller.openflowPort })
      try {
        const undeclared = async () => (await controller.list('switches')).filter(({ declared }) => !declared)
        const found = async () => (await controller.list('links')).filter(({ declared }) => !declared)
        await controller.until('three switches', async () => (await undeclared()).length === 3)
        await controller.until('four directions of links', async () => (await found()).length === 4, 20_000)
        assert.deepEqual(
          (await undeclared()).map(({ datapathId, connected, state }) => [datapathId, connected, state]),
          ['1', '2', '3'].map((id) => [id.padStart(16, '0'), true, 'observed']),
        )
        assert.deepEqual((await found()).map(({ from, to }) => `${from.port}>${to.port}`).sort(), cables)
        const switches = await ryu<{ dpid: string; ports: RyuPort[] }>(controller, 'switches')
        assert.equal(switches.length, 5)
        const s2 = switches.find(({ ports }) => ports.some(({ name }) => name === 's2-eth3'))
        assert.equal(s2?.dpid, '0000000000000002')
        const links = await ryu<{ src: RyuPort; dst: RyuPort }>(controller, 'links')
        const names = links.map(({ src, dst }) => `${src.name}>${dst.name}`)
        assert.deepEqual(names.filter((name) => name.startsWith('s')).sort(), cables)
        assert.match(
          await mn.run('h1 ping -c 1 -W 1 h3'),
          /100% packet loss/,
          'what nobody declared is not connected',
        )
        const installed = (await controller.flows('0000000000000002')).map(({ text }) =>
          text.replace(/^.*priority/, 'priority'),
        )
        context.diagnostic(`on a switch that nobody declared: ${installed.join('; ')}`)
        await mn.run('link s1 s2 down')
        await controller.until('the cable is gone', async () => (await found()).length === 2)
        assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      } finally {
        await mn.stop()
      }
      await controller.until(
        'its switches are gone',
        async () => (await controller.list('switches')).length === 2,
      )
      const { sent, lost, largestGapMs } = await pinger.stop()
      context.diagnostic(
        `${lost} of ${sent} pings lost in the declared network, largest gap ${largestGapMs} ms`,
      )
      assert.equal(lost, 0)
      await controller.converged()
    })
  },
)
