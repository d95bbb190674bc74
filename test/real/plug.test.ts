/**
 * VMs that hypervisors plug in: the database says where, and their traffic follows at once; what else is in the database
 * stays as it was, and killed daemons cost nothing that stays.
 */
import assert from 'node:assert/strict'
import type { ControllerEvent, Receipt } from '../../src/api/controller.ts'
import type { IntentSpec, VmSpec } from '../../src/model/schema.ts'
import { type ControllerProcess, topologyFile } from './support/controller.ts'
import type { Lab } from './support/lab.ts'
import { withUndeclared } from './support/network.ts'
import { realTest } from './support/real.ts'
import { withDatabases } from './support/with-databases.ts'

/** two-hosts, with the databases of its hosts declared and every NIC of network blue followed. */
function followed(lab: Lab): IntentSpec {
  const spec = withDatabases(topologyFile('two-hosts'), lab)
  const follow = (name: string, vm: VmSpec): VmSpec =>
    vm.nics.some(({ network }) => network === 'blue')
      ? { nics: vm.nics.map((nic, index) => ({ ...nic, iface: `${name}/${index}` })) }
      : vm
  const vms = Object.fromEntries(Object.entries(spec.vms ?? {}).map(([name, vm]) => [name, follow(name, vm)]))
  return { ...spec, vms }
}

const stage = (
  body: (controller: ControllerProcess, lab: Lab, spec: IntentSpec) => Promise<void>,
): Promise<void> =>
  withUndeclared(topologyFile('two-hosts'), { id: 'usrpl' }, (controller, lab) =>
    body(controller, lab, followed(lab)),
  )

const nicOf = async (controller: ControllerProcess, vm: string) =>
  (await controller.list('vms')).find(({ name }) => name === vm)?.nics[0]

const events = async (controller: ControllerProcess, type: string): Promise<readonly ControllerEvent[]> => {
  const { body } = await controller.request('GET', '/v1/events?follow=false&since=0')
  const lines = String(body)
    .split('\n')
    .filter((line) => line.startsWith('data: '))
  return lines
    .map((line) => JSON.parse(line.slice('data: '.length)) as ControllerEvent)
    .filter((event) => event.type === type)
}

const reaches = async (lab: Lab, from: string, to: string): Promise<boolean> =>
  (await lab.ping(from, to, { timeoutMs: 500 })).ok

/** Network blue is to carry more than its cable, until the cable is made to carry it at both ends. */
async function mtuIsCompared(controller: ControllerProcess, lab: Lab, spec: IntentSpec): Promise<void> {
  const blue = async () => (await controller.list('networks')).find(({ name }) => name === 'blue')
  const put = (mtu: number | undefined) =>
    controller.request('PUT', '/v1/networks/blue', { ...spec.networks?.['blue'], ...(mtu && { mtu }) })
  const { body } = await put(1600)
  const warned = JSON.stringify((body as Receipt).obstacles)
  for (const port of ['hv1:eth0', 'hv2:eth0']) assert.match(warned, new RegExp(`${port} carries 1500`))
  for (const host of ['hv1', 'hv2']) await lab.run(host, ['ip', 'link', 'set', 'eth0', 'mtu', '1600'])
  await controller.until('the cable is no longer named', async () => {
    const { narrow } = (await blue()) ?? {}
    return narrow !== undefined && !narrow.includes('eth0')
  })
  assert.match((await blue())?.narrow ?? '', /hv1:blue1-0 carries 1500/)
  await put(undefined)
  assert.equal((await blue())?.narrow, undefined)
  for (const host of ['hv1', 'hv2']) await lab.run(host, ['ip', 'link', 'set', 'eth0', 'mtu', '1500'])
}

realTest(
  'NICs are where hypervisors plug them in, and nothing else of the databases is touched',
  async (context) => {
    await stage(async (controller, lab, spec) => {
      const foreign = async () => {
        const lists = ['bridge brx', 'port px', 'interface px'].map((row) =>
          lab.ovs('hv1', [
            'ovs-vsctl',
            '--columns=name,external_ids,other_config',
            'list',
            ...row.split(' '),
          ]),
        )
        return (await Promise.all(lists)).join('\n')
      }
      await lab.ovs('hv1', [
        'ovs-vsctl',
        'add-br',
        'brx',
        '--',
        'set',
        'bridge',
        'brx',
        'datapath_type=netdev',
      ])
      const px = [
        'add-port',
        'brx',
        'px',
        '--',
        'set',
        'interface',
        'px',
        'type=internal',
        'external_ids:iface-id=green2/0',
      ]
      await lab.ovs('hv1', ['ovs-vsctl', ...px])
      const before = await foreign()

      const { hosts } = await controller.declare(spec)
      assert.deepEqual(
        hosts?.map(({ state }) => state),
        ['confirmed', 'confirmed'],
      )
      await controller.converged()
      assert.deepEqual(lab.surprises(await lab.pingMatrix()), [])
      assert.deepEqual(
        await Promise.all(['blue1', 'blue2'].map(async (vm) => (await nicOf(controller, vm))?.switch)),
        ['hv1', 'hv2'],
      )

      await mtuIsCompared(controller, lab, spec)

      const ids = (...words: string[]) => lab.ovs('hv2', ['ovs-vsctl', ...words])
      await ids('remove', 'interface', 'blue2-0', 'external_ids', 'iface-id')
      await controller.until(
        'unplugged',
        async () => (await nicOf(controller, 'blue2'))?.state === 'unplugged',
      )
      await controller.until('gone', async () => !(await reaches(lab, 'blue1', 'blue2')))
      assert.equal(await reaches(lab, 'blue1', 'blue3'), true)
      await ids('set', 'interface', 'blue2-0', 'external_ids:iface-id=blue2/0')
      await controller.until('plugged in', async () => (await nicOf(controller, 'blue2'))?.state === 'active')
      assert.equal(await reaches(lab, 'blue1', 'blue2'), true)

      await ids('set', 'interface', 'blue2-0', 'external_ids:attached-mac="02:00:00:00:09:09"')
      await controller.until(
        'another MAC',
        async () => (await nicOf(controller, 'blue2'))?.state === 'unplugged',
      )
      await ids('set', 'interface', 'blue2-0', 'external_ids:attached-mac="02:00:00:00:01:02"')
      await controller.until('its MAC', async () => (await nicOf(controller, 'blue2'))?.state === 'active')

      const session = await lab.startTcpSession('blue3', 'blue2')
      await lab.moveVm('blue2', 'hv1')
      await controller.until('followed', async () => (await nicOf(controller, 'blue2'))?.switch === 'hv1')
      await controller.until('again', () => reaches(lab, 'blue3', 'blue2'))
      const { lost, sent } = await session.stop()
      assert.ok(lost < sent)
      const told = await events(controller, 'nic.plugged')
      const last = told.at(-1)?.data
      assert.deepEqual(
        [last?.['nic'], last?.['at'], last?.['confirmed']],
        ['blue2/0', { switch: 'hv1', port: 'blue2-0' }, true],
      )
      context.diagnostic(`re-plugged: confirmed after ${String(last?.['confirmedAfterMs'])} ms`)
      assert.equal(await foreign(), before)
    })
  },
)

realTest(
  'databases and switches that are killed come back, and so does what somebody changed meanwhile',
  async (context) => {
    await stage(async (controller, lab, spec) => {
      await controller.declare(spec)
      await controller.converged()
      const ovsdb = async () => {
        const views = await controller.list('switches')
        return views.find(({ name }) => name === 'hv2')?.ovsdb?.state
      }
      const pinger = await lab.startPinger('blue1', 'blue2')
      await lab.killDatabase('hv2')
      await controller.until('missed', async () => (await ovsdb()) === 'disconnected')
      assert.equal((await nicOf(controller, 'blue2'))?.state, 'active')
      await lab.startDatabase('hv2')
      await controller.until('back', async () => (await ovsdb()) === 'confirmed')
      assert.equal((await nicOf(controller, 'blue2'))?.state, 'active')
      // Without its database vswitchd does nothing, polling the ports of this datapath included, and it looks once a second.
      const { largestGapMs } = await pinger.stop()
      await controller.until('reached', () => reaches(lab, 'blue1', 'blue2'))
      context.diagnostic(`ovsdb-server killed and started: largest gap ${largestGapMs} ms`)

      await lab.killVswitchd('hv2')
      await lab.ovs('hv2', ['ovs-vsctl', '--no-wait', 'set-fail-mode', 'br0', 'standalone'])
      await lab.startVswitchd('hv2')
      const failMode = () => lab.ovs('hv2', ['ovs-vsctl', 'get-fail-mode', 'br0'])
      await controller.until('mended', async () => (await failMode()).trim() === 'secure')
      await controller.converged()
      await controller.until('reached', () => reaches(lab, 'blue1', 'blue2'))
      assert.ok((await controller.metric('throwbar_incidents_total', 'ovsdb-repaired')) >= 1)
    })
  },
)
