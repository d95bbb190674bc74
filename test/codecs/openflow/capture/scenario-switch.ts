/** What ovs-ofctl asks of a switch that is not about flows: itself, its ports and tables, groups, meters, bundles. */
import type { Command } from './flow-commands.ts'
import { frames } from './frames.ts'
import { groupCommands, groupQuestions } from './group-commands.ts'
import { minors, type Stage } from './stage.ts'
import { switchCommands } from './switch-commands.ts'

export async function give(stage: Stage, minor: number, commands: readonly Command[]): Promise<void> {
  for (const { name, words, minors: digits } of commands) {
    if (!digits.includes(String(minor))) continue
    stage.step(name)
    await stage.ofctl(minor, ...words)
  }
}

export async function switchItself(stage: Stage): Promise<void> {
  const { switch: bridge } = stage
  bridge.receive('p1', frames.tcp)
  for (const minor of minors) await give(stage, minor, switchCommands)
  bridge.vsctl(
    ...['--', 'set', 'bridge', 'br0', 'ipfix=@i', '--', '--id=@i', 'create', 'ipfix'],
    ...['targets="127.0.0.1:4739"', 'obs_domain_id=1', 'sampling=1'],
  )
  bridge.vsctl(
    ...[
      '--',
      '--id=@b',
      'get',
      'bridge',
      'br0',
      '--',
      '--id=@i',
      'create',
      'ipfix',
      'targets="127.0.0.1:4739"',
    ],
    ...['--', 'create', 'Flow_Sample_Collector_Set', 'id=7', 'bridge=@b', 'ipfix=@i'],
  )
  bridge.receive('p1', frames.tcp)
  for (const minor of minors) {
    stage.step('ipfix')
    await stage.ofctl(minor, 'dump-ipfix-bridge', '@')
    await stage.ofctl(minor, 'dump-ipfix-flow', '@')
  }
}

export async function groups(stage: Stage): Promise<void> {
  const { switch: bridge } = stage
  for (const minor of minors) {
    await give(stage, minor, groupCommands)
    bridge.ofctl(minor, 'add-flow', 'udp,actions=group:1,group:4')
    bridge.ofctl(minor, 'add-flow', `tcp,actions=${minor >= 3 ? 'meter:1,' : ''}group:2`)
    bridge.receive('p1', frames.udp)
    bridge.receive('p1', frames.tcp)
    bridge.warp(1500)
    bridge.appctl('revalidator/purge')
    await give(stage, minor, groupQuestions)
    bridge.deleteFlows()
  }
}

const bundle = [
  'flow add table=1,priority=7,ip,nw_dst=10.0.0.0/8,actions=output:2',
  'group add group_id=1,type=all,bucket=output:1',
  'flow modify table=1,ip,actions=group:1',
  'flow delete_strict table=1,priority=7,ip,nw_dst=10.0.0.0/8',
  'group modify group_id=1,type=all,bucket=output:2',
  `packet-out in_port=1,packet=020000000002020000000001080045,actions=output:2`,
  'group delete group_id=1',
]
const flows = ['tcp,tp_dst=80,actions=2', 'add udp,actions=3', 'delete tcp']

export async function bundles(stage: Stage): Promise<void> {
  for (const minor of [3, 4, 5]) {
    stage.step('bundle-flows')
    await stage.ofctlFile(minor, flows, '--bundle', 'add-flows', '@', 'FILE')
    if (minor !== 5) continue
    stage.step('bundle-replace')
    await stage.ofctlFile(minor, flows.slice(0, 1), '--bundle', 'replace-flows', '@', 'FILE')
    stage.step('bundle-group')
    await stage.ofctl(minor, '--bundle', 'add-group', '@', 'group_id=7,type=all,bucket=output:1')
    stage.step('bundle-group-exists')
    await stage.ofctl(minor, '--bundle', 'add-group', '@', 'group_id=7,type=all,bucket=output:1')
    stage.step('bundle-mixed')
    await stage.ofctlFile(minor, bundle, 'bundle', '@', 'FILE')
    stage.step('bundle-bad-group')
    await stage.ofctl(minor, '--bundle', 'add-flow', '@', 'actions=group:99')
    stage.switch.ofctl(minor, 'del-groups')
    stage.switch.deleteFlows()
  }
}
