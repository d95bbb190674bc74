/** What a switch says unasked: packets, flows that end, ports that change, requests of others, tables that fill. */
import { frames } from './frames.ts'
import { tlv, u32 } from './hex.ts'
import type { RawController } from './raw-controller.ts'
import { continuations, packets } from './scenario-packets.ts'
import { minors, type Stage } from './stage.ts'

export async function events(stage: Stage): Promise<void> {
  for (const minor of minors) {
    stage.step('events')
    const controller = await stage.dial(minor)
    // A connection of this kind is told nothing until it has asked for a part of the packets.
    controller.send(9, '0000 00ff')
    want(controller, false)
    await packets(stage, controller)
    if ([0, 3, 5].includes(minor)) await continuations(stage, controller)
    await removals(stage, controller)
    await ports(stage, controller)
    await requests(stage, controller)
    await tables(stage, controller)
    await stage.hangUp(controller)
  }
}

/** In pairs: of a slave, and of every other role. */
function want(controller: RawController, isForwarding: boolean): void {
  const packets = controller.minor > 3 ? 0x3f : 7
  const forward = isForwarding ? 3 : 0
  const masks = [0, packets, 7, 7, 0, 0x3f, 7, 7, 0x18, 0x18, 0, forward]
  const properties = masks.map((mask, type) => tlv(type, u32(mask))).join('')
  if (controller.minor > 3) controller.send(28, properties)
  else controller.experimenter(27, properties)
}

async function removals(stage: Stage, controller: RawController): Promise<void> {
  const { minor } = controller
  const { switch: bridge } = stage
  // Only OpenFlow 1.0 has a second form: that of connections which asked for NXM flows.
  for (const form of minor === 0 ? ['', '-nxm'] : ['']) {
    const removed = async (reason: string, flow: string, end: () => void): Promise<void> => {
      await controller.settle()
      stage.step(`removed-${reason}${form}`)
      bridge.ofctl(minor, 'add-flow', `send_flow_rem,${flow}`)
      end()
      await (form === '' ? controller.next(11) : controller.next(4, 14))
    }
    if (form !== '') controller.experimenter(12, u32(2))
    await removed('idle', 'idle_timeout=3,cookie=0x1234,priority=7,tcp,tp_dst=80,actions=2', () =>
      bridge.warp(4000),
    )
    await removed('hard', 'hard_timeout=2,idle_timeout=10,udp,nw_src=10.0.0.0/8,actions=2', () =>
      bridge.warp(3000),
    )
    await removed('delete', 'table=3,in_port=1,dl_vlan=101,actions=2', () => bridge.deleteFlows())
    await removed('counted', 'tcp,actions=2', () => {
      bridge.receive('p1', frames.tcp)
      bridge.appctl('revalidator/purge')
      bridge.deleteFlows()
    })
    bridge.ofctl(minor, 'add-group', 'group_id=1,type=all,bucket=output:1')
    await removed('group', 'icmp,actions=group:1', () => bridge.ofctl(minor, 'del-groups'))
    if (minor >= 3) {
      bridge.ofctl(minor, 'add-meter', 'meter=1,kbps,bands=type=drop,rate=1')
      await removed('meter', 'icmp,actions=meter:1,output:2', () => bridge.ofctl(minor, 'del-meters'))
    }
    bridge.vsctl(
      ...['--', '--id=@t', 'create', 'Flow_Table', 'flow_limit=1', 'overflow_policy=evict'],
      ...['--', 'set', 'bridge', 'br0', 'flow_tables:9=@t'],
    )
    await removed('evicted', 'table=9,hard_timeout=50,in_port=1,actions=2', () =>
      bridge.ofctl(minor, 'add-flow', 'table=9,hard_timeout=60,in_port=2,actions=2'),
    )
    bridge.vsctl('clear', 'bridge', 'br0', 'flow_tables')
    bridge.deleteFlows()
  }
}

async function ports(stage: Stage, controller: RawController): Promise<void> {
  const { switch: bridge } = stage
  await controller.settle()
  stage.step('port-add')
  bridge.vsctl(...['add-port', 'br0', 'p9', '--', 'set', 'interface', 'p9', 'type=dummy', 'ofport_request=9'])
  await controller.next(12)
  await controller.settle()
  stage.step('port-modify')
  bridge.ofctl(controller.minor, 'mod-port', 'p9', 'down')
  await controller.next(12)
  await controller.settle()
  stage.step('port-link-down')
  bridge.appctl('netdev-dummy/set-admin-state', 'p9', 'up')
  await controller.next(12)
  await controller.settle()
  stage.step('port-delete')
  bridge.vsctl('del-port', 'p9')
  await controller.next(12)
  await controller.barrier()
}

async function requests(stage: Stage, controller: RawController): Promise<void> {
  const { minor } = controller
  stage.step('want-forwarded')
  want(controller, true)
  await controller.settle()
  for (const [name, words] of Object.entries({
    add: ['add-group', 'group_id=1,type=select,bucket=weight:1,output:1'],
    modify: ['mod-group', 'group_id=1,type=all,bucket=output:2'],
    delete: ['del-groups', 'group_id=1'],
    ...(minor >= 3
      ? {
          'meter-add': ['add-meter', 'meter=1,kbps,burst,bands=type=drop,rate=1000,burst_size=100'],
          'meter-delete': ['del-meter', 'meter=1'],
        }
      : {}),
  })) {
    const [command = '', ...args] = words
    stage.step(`forwarded-${name}`)
    stage.switch.ofctl(minor, command, ...args)
    await (minor < 4 ? controller.next(4) : controller.next(32))
  }
}

/** A table of ten flows that fills and empties past the marks of its vacancy. */
async function tables(stage: Stage, controller: RawController): Promise<void> {
  const { minor } = controller
  const { switch: bridge } = stage
  if (minor < 4) return
  bridge.vsctl(
    ...[
      '--',
      '--id=@t',
      'create',
      'Flow_Table',
      'flow_limit=10',
      '--',
      'set',
      'bridge',
      'br0',
      'flow_tables:1=@t',
    ],
  )
  bridge.ofctl(minor, 'mod-table', '1', 'vacancy:20,80')
  stage.step('vacancy-down')
  for (let port = 1; port <= 9; port++) bridge.ofctl(minor, 'add-flow', `table=1,in_port=${port},actions=2`)
  await controller.next(31)
  stage.step('vacancy-up')
  for (let port = 1; port <= 8; port++) bridge.ofctl(minor, 'del-flows', `table=1,in_port=${port}`)
  await controller.next(31)
  bridge.ofctl(minor, 'mod-table', '1', 'novacancy')
  bridge.vsctl('clear', 'bridge', 'br0', 'flow_tables')
  bridge.deleteFlows()
}
