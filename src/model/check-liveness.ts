/** What must hold where cables are watched by BFD: there is a cable, and a database at both of its ends. */
import type { World } from './checks.ts'
import { parseLinkEnd } from './entities.ts'
import type { LinkEnd } from './intent.ts'
import { pointerOf, type Report } from './report.ts'

export function checkLiveness(world: World, report: Report): void {
  const { switches = {}, links = [] } = world.spec
  const cabled = new Set<string>()
  for (const [index, texts] of links.entries())
    for (const [side, text] of texts.entries()) {
      const end = parseLinkEnd(text)
      const other = parseLinkEnd(texts[1 - side] ?? '')
      if (end) cabled.add(end.switch)
      if (end && other) checkWatched(world, { end, other, pointer: pointerOf('links', index, side) }, report)
    }
  for (const [name, { liveness, bfdIntervalMs, ovsdb }] of Object.entries(switches)) {
    const at = (key: string) => pointerOf('switches', name, key)
    if (liveness !== 'bfd') {
      if (bfdIntervalMs !== undefined)
        report(at('bfdIntervalMs'), 'only BFD has an interval', 'add `liveness: bfd`, or leave this out')
      continue
    }
    if (ovsdb === undefined)
      report(
        at('liveness'),
        'BFD is set up in the database of its host, which is not declared',
        'add `ovsdb`, the address of its database',
      )
    if (!cabled.has(name))
      report(at('liveness'), `no cable of ${name} is in \`links\``, 'declare its cables there')
  }
}

interface WatchedEnd {
  readonly end: LinkEnd
  readonly other: LinkEnd
  readonly pointer: string
}

function checkWatched(
  { spec: { switches = {} } }: World,
  { end, other, pointer }: WatchedEnd,
  report: Report,
): void {
  const [own, watcher] = [switches[end.switch], switches[other.switch]]
  if (watcher?.liveness !== 'bfd' || watcher.ovsdb === undefined) return
  // Each end is told of its own `liveness` alone.
  if (own === undefined || own.ovsdb !== undefined || own.liveness === 'bfd') return
  report(
    pointer,
    `${other.switch} watches this cable by BFD, and the database of ${end.switch} is not declared`,
    `add \`ovsdb\` to ${end.switch}, or leave \`liveness\` of ${other.switch} out`,
  )
}
