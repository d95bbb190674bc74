/** Spreading over paths: one rule for each slot of a set of paths, which names them in the slot's order of preference. */
import { rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import { slotOrders } from '../../pipeline/slots.ts'
import type { PathSet } from '../paths.ts'

/** `seed`: another one for every switch. */
export function slotRules(owner: Owner, { id, ports, usable }: PathSet, seed: number): Rule[] {
  return slotOrders(ports, seed).map((order, slot) =>
    rule({
      table: 'path',
      priority: 100,
      match: [
        { field: 'reg13', value: id },
        { field: 'reg14', value: slot },
      ],
      actions: [{ type: 'failover', ports: order.filter((port) => usable.includes(port)) }],
      owner,
    }),
  )
}
