/** Flow monitors, in each version's own form, and ovs-ofctl's packets out. */
import { frames } from './frames.ts'
import { onf, u16, u32, u8, zeros } from './hex.ts'
import type { RawController } from './raw-controller.ts'
import { minors, type Stage } from './stage.ts'

export async function monitors(stage: Stage): Promise<void> {
  const { switch: bridge } = stage
  for (const minor of minors) {
    bridge.ofctl(minor, 'add-flow', 'cookie=0x1234,priority=7,tcp,tp_dst=80,actions=2')
    bridge.ofctl(
      minor,
      'add-flow',
      'idle_timeout=60,hard_timeout=90,in_port=1,actions=mod_dl_src:02:00:00:00:00:09,3',
    )
    stage.step('monitor')
    await stage.monitor(minor, ['65534', 'watch:'], async (tell) => {
      stage.step('monitor-added')
      bridge.ofctl(minor, 'add-flow', 'udp,actions=2')
      await tell()
      stage.step('monitor-modified')
      bridge.ofctl(minor, 'mod-flows', 'udp,actions=3')
      await tell()
      stage.step('monitor-timeout')
      bridge.warp(61_000)
      await tell()
      stage.step('monitor-deleted')
      bridge.deleteFlows()
      await tell()
    })
    bridge.ofctl(minor, 'add-flow', 'table=1,tcp,actions=2')
    stage.step('monitor-narrow')
    await stage.monitor(minor, ['watch:!initial,!modify,!actions,table=1,out_port=2'], async (tell) => {
      bridge.ofctl(minor, 'add-flow', 'table=1,udp,actions=2')
      await tell()
    })
    stage.step('monitor-match')
    await stage.monitor(minor, ['-P', 'standard', 'watch:!own,tcp,nw_src=10.0.0.0/8'], async (tell) => {
      bridge.ofctl(minor, 'add-flow', 'table=2,tcp,nw_src=10.0.0.0/9,actions=2')
      await tell()
    })
    bridge.deleteFlows()
    stage.step('monitor-ttl')
    await stage.monitor(minor, ['-P', 'nxt_packet_in', '65534', 'invalid_ttl'], async (tell) => {
      bridge.ofctl(minor, 'add-flow', 'udp,actions=dec_ttl,2')
      bridge.receive('p1', frames.expiring)
      await tell()
    })
    bridge.deleteFlows()
    await byHand(stage, minor)
    await pauses(stage, minor)
    await packetsOut(stage, minor)
  }
}

/** Asks for a monitor of all flows with these flags, in the version's own structure. */
function watch(controller: RawController, id: number, flags: number, command = 0): void {
  const { minor } = controller
  if (minor < 3) controller.experimenterMultipart(2, `${u32(id)} ${u16(flags)} ffff 0000 ff ${zeros(5)}`)
  else if (minor === 3)
    controller.experimenterMultipart(
      1870,
      `${u32(id)} ${u16(flags)} 0004 ffffffff ff ${zeros(3)} 0001 0004 ${zeros(4)}`,
      onf,
    )
  else
    controller.multipart(
      16,
      `${u32(id)} ffffffff ffffffff ${u16(flags)} ff ${u8(command)} 0001 0004 ${zeros(4)}`,
    )
}

function cancel(controller: RawController, id: number): void {
  if (controller.minor < 3) controller.experimenter(21, u32(id))
  else if (controller.minor === 3) controller.experimenter(1870, u32(id), onf)
  else watch(controller, id, 0, 2)
}

/**
 * A monitor that exists already, bad flags and, from 1.4 on, an unknown monitor are left out: Open vSwitch 3.1 answers
 * them with an error of up to 64 kB whose version and data are whatever lay in its memory.
 */
async function byHand(stage: Stage, minor: number): Promise<void> {
  const controller = await stage.dial(minor)
  stage.step('monitor-by-hand')
  watch(controller, 7, 0x1f)
  await controller.settle()
  stage.step('monitor-own')
  // A change of its own is told in short.
  controller.send(14, ownFlow(minor))
  await controller.settle()
  stage.step('monitor-cancel')
  cancel(controller, 7)
  await controller.settle()
  stage.step('monitor-cancel-unknown')
  if (minor < 4) cancel(controller, 8)
  await controller.settle()
  await stage.hangUp(controller)
  stage.switch.deleteFlows()
}

/** A flow that drops everything. */
const ownFlow = (minor: number): string =>
  minor === 0
    ? `003fffff ${zeros(36)} ${zeros(8)} 0000 0000 0000 8000 ffffffff ffff 0000`
    : `${zeros(16)} 00 00 0000 0000 8000 ffffffff ffffffff ffffffff 0000 0000 ${minor === 1 ? `0000 0058 000003ff ${zeros(80)}` : `0001 0004 ${zeros(4)}`}`

/** A controller that does not read: the switch holds its news back, and says so. */
async function pauses(stage: Stage, minor: number): Promise<void> {
  const { switch: bridge, recording } = stage
  const controller = await stage.dial(minor)
  const flows = Array.from({ length: 3000 }, (_, value) => `cookie=1,reg1=${value},actions=drop`)
  stage.step('monitor-paused')
  recording.wanted = (bytes) => bytes.readUInt8(1) === 4 || bytes.length === 24
  watch(controller, 7, 0x1f)
  await controller.settle()
  controller.pause()
  const file = bridge.lines(flows)
  bridge.ofctl(3, 'add-flows', file)
  bridge.ofctl(3, 'del-flows', 'cookie=1/-1')
  controller.resume()
  await controller.settle()
  stage.switch.warp(1000)
  await controller.settle()
  recording.wanted = () => true
  await stage.hangUp(controller)
  bridge.deleteFlows()
}

const frame = '020000000002020000000001080045000014000000004006000a0a0000010a000002'

async function packetsOut(stage: Stage, minor: number): Promise<void> {
  const outs: Readonly<Record<string, string>> = {
    output: `in_port=1 packet=${frame} actions=output:2`,
    flood: `in_port=CONTROLLER packet=${frame} actions=FLOOD,set_queue:3,output:1`,
    table: `in_port=LOCAL packet=${frame} actions=TABLE`,
    drop: `packet=${frame} actions=drop`,
    actions: `in_port=2 packet=${frame} actions=${minor === 0 ? 'mod_vlan_vid:5' : 'push_vlan:0x8100,mod_vlan_vid:5'},dec_ttl,resubmit(,3),note:01.02`,
    ...(minor === 5
      ? { metadata: `in_port=1,metadata=0x65,tun_id=0x7,reg0=9 packet=${frame} actions=output:2` }
      : {}),
    ...(minor === 5
      ? { type: `packet_type=(1,0x800),in_port=1 packet=${frame.slice(28)} actions=encap(ethernet),output:2` }
      : {}),
  }
  for (const [name, text] of Object.entries(outs)) {
    stage.step(`out-${name}`)
    await stage.ofctl(minor, 'packet-out', '@', text)
  }
}
