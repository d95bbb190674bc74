/** Refusals: what is wrong with each request, in each version that has it. */
import { badRequests } from './bad-requests.ts'
import { minors, type Stage } from './stage.ts'

export async function errors(stage: Stage): Promise<void> {
  const { switch: bridge } = stage
  for (const minor of minors) {
    const controller = await stage.dial(minor)
    for (const { name, minors: digits, send } of badRequests) {
      if (!digits.includes(String(minor))) continue
      stage.step(name)
      // The error holds what it refuses.
      stage.recording.wanted = (_, from) => from === 'switch' || name.startsWith('bundle')
      send(controller)
      await controller.settle()
    }
    stage.recording.wanted = () => true
    await stage.hangUp(controller)
    bridge.deleteFlows()

    stage.step('flow-overlap')
    bridge.ofctl(minor, 'add-flow', 'priority=5,tcp,actions=2')
    await stage.ofctl(minor, 'add-flow', '@', 'check_overlap,priority=5,in_port=1,actions=2')
    stage.step('flow-table-full')
    bridge.vsctl(
      ...['--', '--id=@t', 'create', 'Flow_Table', 'flow_limit=1'],
      ...['--', 'set', 'bridge', 'br0', 'flow_tables:9=@t'],
    )
    bridge.ofctl(minor, 'add-flow', 'table=9,in_port=1,actions=2')
    await stage.ofctl(minor, 'add-flow', '@', 'table=9,in_port=2,actions=2')
    bridge.vsctl('clear', 'bridge', 'br0', 'flow_tables')
    stage.step('flow-no-group')
    await stage.ofctl(minor, 'add-flow', '@', 'actions=group:99')
    bridge.deleteFlows()
  }
}
