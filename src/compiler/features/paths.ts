/** Spreading over paths: one rule for each slot of a set of paths, which names them in the slot's order of preference. */
import type { SlotTable } from '../../model/observation.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import { slotOrders } from '../../pipeline/slots.ts'
import { heldLast, type PathSet } from '../paths.ts'

/** `slots`: of the ports of that set. `shared`: by classes of traffic, so what is sent leaves by table `egress`. */
export function slotRules(
  owner: Owner,
  { id, ports, usable, held }: PathSet,
  { slots, shared }: { readonly slots: SlotTable; readonly shared: boolean },
): Rule[] {
  const numbers = new Map(ports.map(({ name, port }) => [name, port]))
  return slotOrders(slots).map((order, slot) => {
    const own = order.flatMap((name) => numbers.get(name) ?? []).filter((port) => usable.includes(port))
    const inOrder = heldLast(own, held)
    return rule({
      table: 'path',
      priority: 100,
      match: [
        { field: 'reg13', value: id },
        { field: 'reg14', value: slot },
      ],
      ...(shared
        ? { actions: [{ type: 'first_up', ports: inOrder }], goto: 'lease' }
        : { actions: [{ type: 'failover', ports: inOrder }] }),
      owner,
    })
  })
}
