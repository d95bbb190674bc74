/** Packets for the controller: for each reason, in each format, and those that wait to be sent on. */
import { frames } from './frames.ts'
import { tlv, u32 } from './hex.ts'
import type { RawController } from './raw-controller.ts'
import type { Stage } from './stage.ts'

/** Each format has its own message, those of Nicira with a subtype. */
const formats = [
  { name: 'standard', type: 10, subtype: undefined },
  { name: 'nxt', type: 4, subtype: 17 },
  { name: 'nxt2', type: 4, subtype: 30 },
] as const
type Format = (typeof formats)[number]

const state = [
  'load:0x7->NXM_NX_REG0[],load:0x12->NXM_NX_REG5[],load:0x65->OXM_OF_METADATA[]',
  'load:0x9->NXM_NX_TUN_ID[],load:0x3->NXM_NX_PKT_MARK[]',
].join(',')

export async function packets(stage: Stage, controller: RawController): Promise<void> {
  const { minor } = controller
  const { switch: bridge } = stage
  const many = minor === 0 || minor === 3 || minor === 5
  for (const [code, format] of formats.entries()) {
    const packet = async (label: string, frame: keyof typeof frames, ...flows: string[]): Promise<void> => {
      await controller.settle()
      stage.step(`packet-${label}-${format.name}`)
      for (const flow of flows) bridge.ofctl(minor, 'add-flow', flow)
      bridge.receive('p1', frames[frame])
      await controller.next(format.type, format.subtype)
      bridge.deleteFlows()
    }
    stage.step(`format-${format.name}`)
    controller.experimenter(16, u32(code))
    // Below 1.3 the table needs no flow to pass on what it misses.
    await packet('miss', 'tcp', ...(minor < 3 ? [] : ['priority=0,actions=CONTROLLER']))
    await packet('action', 'arp', 'cookie=0x1234,arp,in_port=1,actions=CONTROLLER:30')
    await packet('ttl', 'expiring', 'udp,actions=dec_ttl,output:2')
    await packet('metadata', 'tcp', `tcp,actions=${state},controller(reason=no_match)`)
    if (code === 2)
      await packet('userdata', 'udp', 'udp,actions=controller(userdata=01.02.03.04.05.06.07,max_len=64)')
    if (many)
      await packet(
        'ct',
        'tcp',
        'table=1,actions=CONTROLLER',
        'tcp,actions=ct(commit,table=1,zone=5,exec(load:0x7->NXM_NX_CT_MARK[]))',
      )
    for (const kind of ['udp', 'icmp', 'nd', 'vlan', 'mpls'] as const)
      if (code === 0 ? many || kind === 'nd' : many && kind === 'vlan')
        await packet(kind, kind, 'actions=CONTROLLER')
    if (minor >= 4) await laterReasons(stage, controller, format)
  }
}

/** OpenFlow 1.4 tells where an action stood: in a group, in an action set, in a packet-out. */
async function laterReasons(stage: Stage, controller: RawController, format: Format): Promise<void> {
  const { minor } = controller
  const { switch: bridge } = stage
  await controller.settle()
  stage.step(`packet-group-${format.name}`)
  bridge.ofctl(minor, 'add-group', 'group_id=1,type=all,bucket=output:CONTROLLER')
  bridge.ofctl(minor, 'add-flow', 'udp,actions=group:1')
  bridge.receive('p1', frames.udp)
  await controller.next(format.type, format.subtype)
  stage.step(`packet-action-set-${format.name}`)
  bridge.ofctl(minor, 'add-flow', 'icmp,actions=write_actions(output:CONTROLLER)')
  bridge.receive('p1', frames.icmp)
  await controller.next(format.type, format.subtype)
  stage.step(`packet-packet-out-${format.name}`)
  bridge.ofctl(minor, 'packet-out', 'in_port=2 packet=ffffffffffff02000000000288b50102 actions=CONTROLLER')
  await controller.next(format.type, format.subtype)
  bridge.deleteFlows()
  bridge.ofctl(minor, 'del-groups')
}

/** Pauses in the middle of a pipeline: what the switch sent goes back as it came. */
export async function continuations(stage: Stage, controller: RawController): Promise<void> {
  const { minor } = controller
  const { switch: bridge } = stage
  const flows = {
    plain: 'tcp,actions=controller(pause),output:2',
    state:
      'tcp,actions=load:0x7->NXM_NX_REG0[],push:NXM_NX_REG0[],controller(pause,userdata=aa.bb),pop:NXM_NX_REG1[],resubmit(,1)',
    nested: 'tcp,actions=resubmit(,1),output:3',
    ...(minor === 3 ? { set: 'tcp,actions=controller(pause),write_actions(output:2),goto_table:1' } : {}),
  }
  bridge.ofctl(
    minor,
    'add-flow',
    'table=1,tcp,actions=controller(pause,userdata=01),mod_dl_src:02:00:00:00:00:07',
  )
  for (const [name, flow] of Object.entries(flows)) {
    await controller.settle()
    stage.step(`continuation-${name}`)
    bridge.ofctl(minor, 'add-flow', flow)
    bridge.receive('p1', frames.tcp)
    const paused = await controller.next(4, 30)
    controller.experimenter(28, paused.toString('hex', 16))
    // Its second half runs into the pause of table 1.
    if (name === 'state') await controller.next(4, 30)
  }
  await controller.settle()
  stage.step('resume-bad')
  controller.experimenter(28, tlv(0, 'aabb'))
  await controller.barrier()
  bridge.deleteFlows()
}
