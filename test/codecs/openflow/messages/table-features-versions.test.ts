/** Features of tables that some versions have not. */
import { refused } from './exact.ts'

const features = (version: number, table: object): object => ({
  type: 'multipart_request',
  version,
  xid: 1,
  body: { type: 'table_features', entries: [{ tableId: 1, ...table }] },
})

const table = 'multipart_request.body.table_features.entries[0]'

for (const version of [4, 5]) {
  const of = `on 1.${version - 1}`
  const having = (property: object): object => features(version, { properties: [property] })
  refused(`a command ${of}`, features(version, { command: 'modify' }), `${table}.command`)
  refused(`ingress tables ${of}`, features(version, { features: ['ingress_table'] }), `${table}.features`)
  refused(`packet types ${of}`, having({ type: 'packet_types', packetTypes: [] }), `${table}.properties[0]`)
  for (const copy of ['write_copyfield', 'write_copyfield_miss', 'apply_copyfield', 'apply_copyfield_miss'])
    refused(`${copy} ${of}`, having({ type: copy, fields: [] }), `${table}.properties[0]`)
  refused(
    `copy_field ${of}`,
    having({ type: 'apply_actions', actions: ['output', 'copy_field'] }),
    `${table}.properties[0].apply_actions.actions[1]`,
  )
  refused(
    `stat_trigger ${of}`,
    having({ type: 'instructions', instructions: ['stat_trigger'] }),
    `${table}.properties[0].instructions.instructions[0]`,
  )
}

refused(
  'table_sync_from on 1.3',
  features(4, { properties: [{ type: 'table_sync_from', tableIds: [] }] }),
  `${table}.properties[0]`,
)

refused('eviction on 1.3', features(4, { capabilities: ['eviction'] }), `${table}.capabilities`)

refused(
  'pbb_uca on 1.3',
  features(4, { properties: [{ type: 'wildcards', fields: [{ field: 'pbb_uca', maskable: true }] }] }),
  `${table}.properties[0].wildcards.fields[0]`,
)

refused(
  'the instruction meter on 1.5',
  features(6, { properties: [{ type: 'instructions', instructions: ['meter'] }] }),
  `${table}.properties[0].instructions.instructions[0]`,
)
