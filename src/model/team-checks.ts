/** What must hold of a switch's teams, but for what the schema and the ledger say. */
import { hintFor, pointerOf, type Report } from './report.ts'
import type { SwitchSpec } from './schema.ts'

export function checkTeams(name: string, spec: SwitchSpec, report: Report): void {
  const uplinks = new Map(
    (spec.uplinks ?? []).map((one) => (typeof one === 'string' ? [one, undefined] : [one.port, one.segment])),
  )
  for (const [team, { uplinks: members, mode, hash, weights = {}, preferred }] of Object.entries(
    spec.teams ?? {},
  )) {
    const at = (...path: (string | number)[]) => pointerOf('switches', name, 'teams', team, ...path)
    for (const [index, port] of members.entries()) {
      if (!uplinks.has(port))
        report(
          at('uplinks', index),
          `port ${port} is not an uplink of ${name}`,
          hintFor(port, 'uplink', [...uplinks.keys()]),
        )
      else if (mode === 'hash' && uplinks.get(port) !== undefined)
        report(
          at('uplinks', index),
          `uplink ${port} leads into segment ${uplinks.get(port) ?? ''}, which learns one place for each MAC`,
          'use `mode: active-backup` there, or `lacp` if its switch speaks that',
        )
    }
    if (mode === 'lacp')
      for (const [index, port] of members.entries())
        if (isMade(spec, port))
          report(
            at('uplinks', index),
            `${port} is no device that a physical switch could aggregate`,
            'use `mode: hash`',
          )
    if (mode === 'lacp') checkLag(spec, { members, uplinks, at }, report)
    for (const port of [...Object.keys(weights), ...(preferred === undefined ? [] : [preferred])])
      if (!members.includes(port))
        report(
          at(port === preferred ? 'preferred' : 'weights'),
          `port ${port} is not in team ${team}`,
          hintFor(port, 'uplink', members),
        )
    if (mode !== 'active-backup' && preferred !== undefined)
      report(
        at('preferred'),
        `every uplink of a \`${mode}\` team is used`,
        'leave `preferred` out, or use `weights`',
      )
    if (mode === 'active-backup' && (hash !== undefined || Object.keys(weights).length > 0))
      report(at(), 'an `active-backup` team uses one uplink at a time', 'leave `hash` and `weights` out')
  }
}

/** A tunnel, or one end of a patch cable. */
const isMade = ({ uplinks = [] }: SwitchSpec, port: string): boolean =>
  uplinks.some(
    (one) =>
      typeof one !== 'string' && one.port === port && (one.tunnel !== undefined || one.patch !== undefined),
  )

interface Lag {
  readonly members: readonly string[]
  /** With the segment that each leads into. */
  readonly uplinks: ReadonlyMap<string, string | undefined>
  /** JSON pointer in its team. */
  readonly at: (...path: (string | number)[]) => string
}

/** One switch of one segment is at the other ends, and Open vSwitch speaks with it. */
function checkLag(
  { ovsdb, interfaces = {} }: SwitchSpec,
  { members, uplinks, at }: Lag,
  report: Report,
): void {
  if (ovsdb === undefined)
    report(
      at('mode'),
      'LACP is set up in the database of its host, which is not declared',
      'add `ovsdb`, the address of its database',
    )
  const segment = uplinks.get(members[0] ?? '')
  for (const [index, port] of members.entries())
    if (uplinks.has(port) && (segment === undefined || uplinks.get(port) !== segment))
      report(
        at('uplinks', index),
        segment === undefined
          ? `uplink ${port} leads into no segment: LACP is for switches that Throwbar does not control`
          : `uplinks ${members[0] ?? ''} and ${port} do not lead into the same segment`,
        'give all its uplinks the same `segment`',
      )
  for (const [name, { uplink }] of Object.entries(interfaces))
    if (uplink !== undefined && members.includes(uplink))
      report(
        at('uplinks', members.indexOf(uplink)),
        `interface ${name} is pinned to uplink ${uplink}, and the switch behind it may answer by any uplink of the team`,
        'pin it to an uplink of its own, or leave its `uplink` out',
      )
}
