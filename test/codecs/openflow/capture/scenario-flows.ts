/** Flow mods: every match and action in the versions that have it, what a table gives back, and each command and flag. */
import { actionGroups } from './flows-actions.ts'
import { matchGroups } from './flows-matches.ts'
import { commands } from './flow-commands.ts'
import { give } from './scenario-switch.ts'
import { minors, type Stage } from './stage.ts'

export async function flows(stage: Stage): Promise<void> {
  const { switch: bridge } = stage
  bridge.ofctl(
    3,
    'add-tlv-map',
    '{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=8}->tun_metadata1,{class=0x102,type=2,len=124}->tun_metadata2',
  )
  bridge.ofctl(3, 'add-group', 'group_id=1,type=all,bucket=output:1')
  bridge.ofctl(3, 'add-meter', 'meter=1,pktps,bands=type=drop,rate=100')
  for (const minor of minors) {
    for (const { name, dumped, flows: texts } of [...matchGroups, ...actionGroups]) {
      for (const [index, flow] of texts.entries()) {
        if (!flow.minors.includes(String(minor))) continue
        stage.step(flow.name)
        // A priority of its own keeps the flows of a group apart.
        await stage.ofctl(minor, 'add-flow', '@', `priority=${index + 1},${flow.text}`)
      }
      stage.step(`${name}-dump`)
      if (dumped.includes(String(minor))) await stage.ofctl(minor, 'dump-flows', '@')
      bridge.deleteFlows()
    }
    await give(stage, minor, commands)
    bridge.deleteFlows()
  }
  bridge.ofctl(3, 'del-groups')
  bridge.ofctl(3, 'del-meters')
}
