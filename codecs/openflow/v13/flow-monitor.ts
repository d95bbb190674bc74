/**
 * Flow monitors of OpenFlow 1.3: the ONF's extension 187. Its text has bare match fields where Open vSwitch has a
 * whole `ofp_match`; both are read, and Open vSwitch's form is what is written unless the value says otherwise.
 */
import { instructionList } from '../actions/instructions.ts'
import { extensionMonitorFlags, flowUpdate, noReason } from '../common/flow-monitor.ts'
import { allTables, flowRemovedReasons, reservedPort } from '../common/names.ts'
import { onfId } from '../common/error-names.ts'
import { match, oxmFields } from '../fields/match.ts'
import type { Match } from '../fields/oxm.ts'
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError, versionName } from '../wire/errors.ts'
import { announced, lengthAhead, untilEnd } from '../wire/lists.ts'
import { extensionPart } from '../wire/multipart.ts'
import { openEnum, pad, u16, u32, u64, u8, unavailable, withDefault } from '../wire/scalars.ts'
import { struct } from '../wire/struct.ts'

interface AnyMatch {
  readonly match: Match
  /** The fields are there without type and length of an `ofp_match`. */
  readonly bareMatch?: true
}

const oxmType = 1
const bareFields = announced(oxmFields)

/** A match whose length an earlier field gives, with its header (Open vSwitch) or without (the ONF). */
const monitoredMatch: Inline<AnyMatch, Partial<AnyMatch>> = {
  inline: true,
  readInto(r, out) {
    const hasHeader =
      r.end - r.pos >= 4 && r.view.getUint16(r.pos) === oxmType && r.view.getUint16(r.pos + 2) === r.announced
    if (hasHeader) {
      out['match'] = match.read(r)
      return
    }
    const start = r.pos
    out['match'] = bareFields.read(r)
    out['bareMatch'] = true
    r.take((8 - ((r.pos - start) % 8)) % 8)
  },
  writeFrom(w, { match: fields = [], bareMatch }) {
    const start = w.pos
    if (bareMatch) {
      bareFields.write(w, fields)
      w.align(start, 8)
    } else {
      const at = w.announcedAt
      match.write(w, fields)
      w.patchLength(at, w.view.getUint16(start + 2))
    }
  },
}

/** 1.3 can only add monitors; they are cancelled with `flow_monitor_cancel`. */
export const onlyAdd: Codec<'add', 'add' | 'modify' | 'delete' | undefined> = {
  read: () => 'add',
  write(w, command) {
    if (command === undefined || command === 'add') return
    throw new EncodeError('VERSION', `${versionName(w.version)} cannot ${command} a monitor here`)
  },
}

const monitor = struct({
  monitorId: u32,
  flags: withDefault(extensionMonitorFlags, []),
  matchLength: lengthAhead,
  outPort: withDefault(u32, reservedPort.any),
  outGroup: unavailable<typeof u32>(),
  tableId: withDefault(u8, allTables),
  _: pad(3),
  command: onlyAdd,
  match: monitoredMatch,
})

const place = { experimenter: onfId, subtype: 1870 } as const

/** ONF extension 187. */
export const flowMonitorRequest = extensionPart('flow_monitor', place, { entries: untilEnd(monitor) })

const update = flowUpdate(
  { full: { added: 0, removed: 1, modified: 2 }, abbrev: 3 },
  struct({
    reason: withDefault(openEnum(u16, flowRemovedReasons), noReason),
    priority: u16,
    idleTimeoutS: withDefault(u16, 0),
    hardTimeoutS: withDefault(u16, 0),
    matchLength: lengthAhead,
    tableId: u8,
    _: pad(1),
    cookie: withDefault(u64, 0n),
    match: monitoredMatch,
    instructions: withDefault(instructionList, []),
  }),
)

export const flowMonitorReply = extensionPart('flow_monitor', place, { entries: untilEnd(update) })
