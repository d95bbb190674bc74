/** Matches in ovs-ofctl syntax. */
import type { Match, OxmField } from '../fields/oxm.ts'

export function showField(one: OxmField): string {
  return `${one.field}=${one.value}${one.mask === undefined ? '' : `/${one.mask}`}`
}

export function showMatch(fields: Match): string {
  return fields.map(showField).join(',')
}
