/**
 * The match fields as one table: OpenFlow's, then Open vSwitch's. Names are OpenFlow's OXM names in snake case, Open
 * vSwitch's for its extensions.
 */
import { openFlowFields } from './openflow-fields.ts'
import { openVswitchFields } from './open-vswitch-fields.ts'
import type { FieldRow, Form } from './row.ts'

export type { FieldRow, Form, Format } from './row.ts'

/** In order of the specification; the order in which matches are normally sent. */
export const fieldTable = [...openFlowFields, ...openVswitchFields] as const

export type FieldName = (typeof fieldTable)[number]['name']

const byName: ReadonlyMap<string, FieldRow> = new Map(fieldTable.map((row) => [row.name, row]))

export function fieldRow(name: string): FieldRow | undefined {
  return byName.get(name)
}

/**
 * The newest form that a version has, as Open vSwitch chooses. A field that came later serves older versions in its
 * oldest form, since their matches are NXM or let extensions in; only what Open vSwitch has not is kept to its versions.
 */
export function usualForm({ forms, strict }: FieldRow, version: number): Form | undefined {
  return forms.findLast(({ since }) => version >= since) ?? (strict ? undefined : forms[0])
}
