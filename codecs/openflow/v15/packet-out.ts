/**
 * Packet-out of OpenFlow 1.5: a match carries the ingress port and may carry other pipeline fields. The port is kept
 * apart as `inPort`, as in earlier versions; `match` has what follows it.
 */
import { actionList } from '../actions/actions.ts'
import { match } from '../fields/match.ts'
import type { Match } from '../fields/oxm.ts'
import { noBuffer, reservedPort } from '../common/names.ts'
import type { Inline } from '../wire/codec.ts'
import { EncodeError } from '../wire/errors.ts'
import { announced, lengthAhead } from '../wire/lists.ts'
import { message } from '../wire/message.ts'
import { pad, rest, u32, withDefault } from '../wire/scalars.ts'

interface Origin {
  /** Absent if the match does not begin with the ingress port; written as "controller" if both are left out. */
  readonly inPort?: number
  readonly match?: Match
}

const origin: Inline<Origin> = {
  inline: true,
  readInto(r, out) {
    const fields = match.read(r)
    const [first, ...others] = fields
    const port = first?.field === 'in_port' && first.mask === undefined ? first.value : undefined
    if (typeof port === 'number') out['inPort'] = port
    const left = port === undefined ? fields : others
    if (left.length > 0 || port === undefined) out['match'] = left
  },
  writeFrom(w, { inPort, match: others }) {
    if (inPort !== undefined && others?.some(({ field }) => field === 'in_port') === true) {
      throw new EncodeError('INVALID', 'in_port is given twice')
    }
    const port = inPort ?? (others === undefined ? reservedPort.controller : undefined)
    match.write(w, [
      ...(port === undefined ? [] : [{ field: 'in_port', value: port } as const]),
      ...(others ?? []),
    ])
  },
}

export const packetOut = message('packet_out', 13, {
  bufferId: withDefault(u32, noBuffer),
  actionsLength: lengthAhead,
  _: pad(2),
  origin,
  actions: announced(actionList),
  data: withDefault(rest, new Uint8Array(0)),
})
