/**
 * The group that finds the slot of a flow in OpenFlow 1.5: 256 equal buckets, chosen by the hash that the datapath makes
 * of addresses and ports, so that one cached flow serves all packets of a slot. It never changes: which path a slot
 * takes is in the rules of table `path`.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Action, allBuckets, type GroupEntry, type GroupMod, reservedPort } from 'ts-openflow'
import { slotCount, spreadGroupId } from './slots.ts'
import { tableIdOf } from './tables.ts'

/** The first version that can say how a group chooses. */
export const spreadGroupVersion = 6

const bucketActions = (slot: number): readonly Action[] => [
  { type: 'set_field', field: { field: 'reg14', value: slot } },
  { type: 'nx_resubmit_table', port: reservedPort.inPort, tableId: tableIdOf('path') },
]

export function spreadGroupMod(command: 'add' | 'modify'): GroupMod {
  return {
    type: 'group_mod',
    version: spreadGroupVersion,
    xid: 0,
    command,
    groupType: 'select',
    groupId: spreadGroupId,
    commandBucketId: allBuckets,
    buckets: Array.from({ length: slotCount }, (_, slot) => ({
      bucketId: slot,
      weight: 1,
      actions: bucketActions(slot),
    })),
    properties: [{ type: 'selection_method', method: 'dp_hash', param: 0n, fields: [] }],
  }
}

/** Whether a group that a switch reports is this one. */
export function isSpreadGroup({ groupType, buckets, properties = [] }: GroupEntry): boolean {
  return (
    groupType === 'select' &&
    buckets.length === slotCount &&
    buckets.every(
      ({ actions, weight }, slot) => weight === 1 && isDeepStrictEqual(actions, bucketActions(slot)),
    ) &&
    properties.some((one) => one.type === 'selection_method' && one.method === 'dp_hash')
  )
}
