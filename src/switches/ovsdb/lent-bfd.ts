/**
 * BFD on interfaces that somebody else made: such an interface stays when it is no longer wanted, and a BFD whose other end
 * has been taken away would make it dead. So what was set is noted on it, and taken back.
 */
import type { Operation } from '../../../codecs/ovsdb/index.ts'
import type { Present } from './present.ts'
import { settleRow } from './settle.ts'
import type { SwitchRow } from './tables.ts'
import type { StringMap } from './wanted.ts'

/** In `external_ids`: the keys of `bfd` that were set. */
const noteKey = 'throwbar-bfd'

type Columns = Pick<SwitchRow<'Interface'>, 'bfd' | 'external_ids'>

/** The columns of an interface of somebody else that is to have these keys, or none of ours. */
export function lentBfd({ bfd, external_ids: ids }: Columns, wanted: StringMap | undefined): Columns {
  const noted = ids.get(noteKey)
  if (noted === undefined && wanted === undefined) return { bfd, external_ids: ids }
  const before = new Set((noted ?? '').split(','))
  const kept = [...bfd].filter(([key]) => !before.has(key))
  const others = [...ids].filter(([key]) => key !== noteKey)
  const note = wanted ? [[noteKey, Object.keys(wanted).toSorted().join()] as const] : []
  return {
    bfd: new Map([...kept, ...Object.entries(wanted ?? {})]),
    external_ids: new Map([...others, ...note]),
  }
}

/** Takes back what was set on the interfaces of a port that is no longer wanted. */
export function takeBackBfd(present: Present, port: SwitchRow<'Port'>): readonly Operation[] {
  return present.interfacesOf(port).flatMap((row) => settleRow('Interface', row, lentBfd(row, undefined)))
}
