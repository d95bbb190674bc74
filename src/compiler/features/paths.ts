/** Spreading over paths: one rule for each slot of a set of paths, which names them in the slot's order of preference. */
import type { SlotTable } from '../../model/observation.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import { slotOrders } from '../../pipeline/slots.ts'
import type { PathSet } from '../paths.ts'

/** `table`: of the ports of that set. */
export function slotRules(owner: Owner, { id, ports, usable }: PathSet, table: SlotTable): Rule[] {
  const numbers = new Map(ports.map(({ name, port }) => [name, port]))
  return slotOrders(table).map((order, slot) =>
    rule({
      table: 'path',
      priority: 100,
      match: [
        { field: 'reg13', value: id },
        { field: 'reg14', value: slot },
      ],
      actions: [
        {
          type: 'failover',
          ports: order.flatMap((name) => numbers.get(name) ?? []).filter((port) => usable.includes(port)),
        },
      ],
      owner,
    }),
  )
}
