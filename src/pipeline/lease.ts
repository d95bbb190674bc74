/**
 * The lease: one rule that says that classes of traffic have lent to each other what they do not use. It runs out by
 * itself, so what was lent comes back when nobody renews it, and it is no part of the program: its cookie is neither that of
 * the program's rules nor foreign.
 */
import type { FlowMod } from 'ts-openflow'
import { tableIdOf } from './tables.ts'

const cookie = 0x5cn << 56n

/** Open vSwitch looks for rules that have run out about once a second. */
export const leaseS = 3

export function isLease(one: bigint): boolean {
  return one >> 56n === cookie >> 56n
}

/** Adding it again restarts its time. */
export function leaseMod(version: number): FlowMod {
  return {
    type: 'flow_mod',
    version,
    xid: 0,
    cookie,
    cookieMask: 0n,
    tableId: tableIdOf('lease'),
    command: 'add',
    idleTimeoutS: 0,
    hardTimeoutS: leaseS,
    priority: 100,
    bufferId: 0xffffffff,
    outPort: 0xffffffff,
    outGroup: 0xffffffff,
    flags: [],
    importance: 0,
    match: [],
    instructions: [
      { type: 'apply_actions', actions: [{ type: 'set_field', field: { field: 'reg10', value: 1 } }] },
      { type: 'goto_table', tableId: tableIdOf('egress') },
    ],
  }
}
