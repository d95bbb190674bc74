import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LinkLimits, LinkState, LinkStep } from '../../../src/discovery/links.ts'
import { linkViews, noLinks, stepLinks } from '../../../src/discovery/links.ts'
import { link, show } from './fixtures.ts'
import { eventOf } from './link-events.ts'

const limits: LinkLimits = { timeoutMs: 15, graceMs: 30, forgetMs: 100, maxLinks: 2 }

function run(
  lines: string[],
  bounds = limits,
): { state: LinkState; changes: string[]; last: LinkStep | undefined } {
  let state = noLinks
  let last: LinkStep | undefined
  const changes: string[] = []
  for (const line of lines) {
    last = stepLinks(state, eventOf(line), bounds)
    state = last.state
    for (const each of last.changes) {
      changes.push(
        each.type === 'up' ? `+ ${show(each.link)}` : `- ${show(each.link)} by ${line}: ${each.reason}`,
      )
    }
  }
  return { state, changes, last }
}

const UP = ['up a 1,2 0', 'up b 1,2 0', 'up c 1,2 0']
const LINKED = [...UP, 'heard b/1 a/1 1', 'heard a/1 b/1 2']

const table: { name: string; events: string[]; changes: string[]; links: string[] }[] = [
  {
    name: 'one direction is no link',
    events: [...UP, 'heard b/1 a/1 1', 'heard b/1 a/1 2'],
    changes: [],
    links: [],
  },
  {
    name: 'both directions are one, listed once each way',
    events: LINKED,
    changes: ['+ a/1 > b/1'],
    links: ['a/1 > b/1', 'b/1 > a/1'],
  },
  {
    name: 'proofs keep it up',
    events: [...LINKED, 'heard b/1 a/1 14', 'heard a/1 b/1 14', 'tick 28'],
    changes: ['+ a/1 > b/1'],
    links: ['a/1 > b/1', 'b/1 > a/1'],
  },
  {
    name: 'silence in one direction takes it down',
    events: [...LINKED, 'heard b/1 a/1 14', 'tick 16', 'tick 17', 'tick 18'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by tick 18: timeout'],
    links: [],
  },
  {
    name: 'a port that goes down takes it down at once, whichever end',
    events: [...LINKED, 'ports a 2'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by ports a 2: port-down'],
    links: [],
  },
  {
    name: 'also when another port comes up in the same moment',
    events: [...LINKED, 'ports b 2,3'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by ports b 2,3: port-down'],
    links: [],
  },
  {
    name: 'a port that comes up elsewhere changes nothing',
    events: [...LINKED, 'ports a 1,2,3', 'ports c 1'],
    changes: ['+ a/1 > b/1'],
    links: ['a/1 > b/1', 'b/1 > a/1'],
  },
  {
    name: 'a switch that is away keeps its links, however long',
    events: [...LINKED, 'away a', 'tick 1000', 'away b', 'tick 9000'],
    changes: ['+ a/1 > b/1'],
    links: ['a/1 > b/1', 'b/1 > a/1'],
  },
  {
    name: 'when it is back, the timeout begins anew',
    events: [...LINKED, 'away a', 'tick 1000', 'up a 1,2 1000', 'tick 1015', 'tick 1016'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by tick 1016: timeout'],
    links: [],
  },
  {
    name: 'when it is back without the port, the link is down at once',
    events: [...LINKED, 'away a', 'up a 2 1000'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by up a 2 1000: port-down'],
    links: [],
  },
  {
    name: 'a cable moved from b to c: the new link as soon as both directions are proved',
    events: [...LINKED, 'heard c/1 a/1 3', 'heard a/1 c/1 4'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by heard a/1 c/1 4: neighbour-changed', '+ a/1 > c/1'],
    links: ['a/1 > c/1', 'c/1 > a/1'],
  },
  {
    name: 'two parallel links are two links',
    events: [...LINKED, 'heard b/2 a/2 1', 'heard a/2 b/2 2'],
    changes: ['+ a/1 > b/1', '+ a/2 > b/2'],
    links: ['a/1 > b/1', 'a/2 > b/2', 'b/1 > a/1', 'b/2 > a/2'],
  },
  {
    name: 'probes crossed over two cables, a/1 to b/1 and b/2 to a/1, are no link',
    events: [...UP, 'heard b/1 a/1 1', 'heard a/1 b/2 2'],
    changes: [],
    links: [],
  },
  {
    name: 'a process that stood still does not take silence for evidence',
    events: [...LINKED, 'resumed 1000', 'tick 1000', 'tick 1015', 'tick 1016'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by tick 1016: timeout'],
    links: [],
  },
  {
    name: 'a switch whose packets were shed is not silent, but the others are judged as ever',
    events: [...LINKED, 'heard c/2 b/2 0', 'heard b/2 c/2 0', 'unseen a 15', 'tick 17', 'tick 30', 'tick 31'],
    changes: [
      '+ a/1 > b/1',
      '+ b/2 > c/2',
      '- b/2 > c/2 by tick 17: timeout',
      '- a/1 > b/1 by tick 31: timeout',
    ],
    links: [],
  },
  {
    name: 'a port that is now a NIC takes its link down',
    events: [...LINKED, 'forbid b/1'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by forbid b/1: not-allowed'],
    links: [],
  },
  {
    name: 'remembered links are up from the start and while a switch is still to come',
    events: ['remember a/1 b/1 0', 'up a 1 5', 'tick 9000'],
    changes: ['+ a/1 > b/1'],
    links: ['a/1 > b/1', 'b/1 > a/1'],
  },
  {
    name: 'the grace of remembered links begins when both ends are connected',
    events: ['remember a/1 b/1 0', 'up a 1 5', 'up b 1 100', 'tick 130', 'tick 131'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by tick 131: timeout'],
    links: [],
  },
  {
    name: 'a proof makes remembered links ordinary ones, without a flap',
    events: [
      'remember a/1 b/1 0',
      'up a 1 5',
      'up b 1 100',
      'heard a/1 b/1 101',
      'heard b/1 a/1 102',
      'tick 115',
    ],
    changes: ['+ a/1 > b/1'],
    links: ['a/1 > b/1', 'b/1 > a/1'],
  },
  {
    name: 'a remembered link whose port is gone is down when its switch connects',
    events: ['remember a/1 b/1 0', 'up a 2 5'],
    changes: ['+ a/1 > b/1', '- a/1 > b/1 by up a 2 5: port-down'],
    links: [],
  },
  {
    name: 'links of an undeclared switch are forgotten a while after it left',
    events: ['up u 1 0', 'up a 1 0', 'heard a/1 u/1 1', 'heard u/1 a/1 1', 'away u', 'tick 101', 'tick 102'],
    changes: ['+ a/1 > u/1', '- a/1 > u/1 by tick 102: forgotten'],
    links: [],
  },
]
for (const { name, events, changes, links } of table) {
  test(name, () => {
    const end = run(events)
    assert.deepEqual(end.changes, changes)
    assert.deepEqual(end.state.links.map(show), links)
  })
}

test('a probe seen on, or sent from, a port that is not up proves nothing', () => {
  for (const line of ['heard b/9 a/1 3', 'heard b/1 a/9 3', 'heard x/1 a/1 3']) {
    assert.equal(run([...LINKED, line]).last?.refused, 'port-down')
  }
})

test('nothing is remembered of a port that may not carry a link, heard or hearing', () => {
  assert.equal(run([...LINKED, 'forbid b/1']).state.size, 0)
})

test('there are at most so many links; those that are up are still proved', () => {
  const events = ['up a 1,2,3 0', 'up b 1,2,3 0']
  for (const port of [1, 2]) events.push(`heard a/${port} b/${port} 1`, `heard b/${port} a/${port} 1`)
  assert.equal(run([...events, 'heard a/3 b/3 1']).last?.refused, 'too-many-links')
  assert.equal(run([...events, 'heard a/2 b/2 5']).last?.refused, undefined)
  assert.equal(run([...events, 'ports a 1', 'ports a 1,3', 'heard a/3 b/3 5']).last?.refused, undefined)
  const ports = [1, 2, 3]
  const links = ports.flatMap((port) => [link(`a/${port}`, `b/${port}`), link(`b/${port}`, `a/${port}`)])
  assert.equal(stepLinks(noLinks, { type: 'remember', links, nowMs: 0 }, limits).state.links.length, 4)
})

test('links with one direction proved count, and can always be completed', () => {
  const halves = ['up a 1,2,3 0', 'up b 1,2,3 0', 'heard a/1 b/1 1', 'heard a/2 b/2 1']
  assert.equal(run([...halves, 'heard a/3 b/3 1']).last?.refused, 'too-many-links')
  assert.equal(run([...halves, 'heard b/1 a/1 1', 'heard b/2 a/2 1']).state.links.length, 4)
})

test('what did not change keeps its identity', () => {
  const { state } = run([...LINKED, 'heard b/2 c/2 3'])
  const same = (line: string) => stepLinks(state, eventOf(line), limits).state.links === state.links
  assert(same('heard b/1 a/1 9'))
  assert(same('heard c/1 b/2 9'))
  assert(same('tick 10'))
  assert(same('away c'))
  assert(same('ports b 1,2,3'))
  const more = stepLinks(state, eventOf('heard c/2 b/2 9'), limits).state.links
  assert.equal(more.length, 4)
  assert.deepEqual(
    state.links.map((each) => more.includes(each)),
    [true, true],
  )
})

test('views tell what was proved since the start from what is only remembered', () => {
  const states = (lines: string[]) => linkViews(run(lines).state).map((each) => each.state)
  const before = ['remember a/1 b/1 0', 'up a 1 5', 'up b 1 5']
  assert.deepEqual(states(before), ['remembered', 'remembered'])
  assert.deepEqual(states([...before, 'heard a/1 b/1 6']), ['remembered', 'remembered'])
  assert.deepEqual(states([...before, 'heard a/1 b/1 6', 'heard b/1 a/1 6']), ['up', 'up'])
})

test('after any history: sorted, symmetric, one neighbour per port, changes that add up, and an honest size', () => {
  const datapath = fc.constantFrom('a', 'b', 'u')
  const port = fc.constantFrom('1', '2')
  const at = fc.tuple(datapath, port).map(([d, p]) => `${d}/${p}`)
  const time = fc.nat(200)
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(at, at, time)
        .filter(([to, from]) => to !== from)
        .map(([to, from, t]) => `heard ${to} ${from} ${t}`),
    },
    { weight: 2, arbitrary: fc.tuple(datapath, time).map(([d, t]) => `up ${d} 1,2 ${t}`) },
    fc.tuple(datapath, port).map(([d, p]) => `ports ${d} ${p}`),
    datapath.map((d) => `away ${d}`),
    fc
      .tuple(at, at, time)
      .filter(([one, other]) => one !== other)
      .map(([one, other, t]) => `remember ${one} ${other} ${t}`),
    time.map((t) => `tick ${t}`),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      let state = noLinks
      const up = new Set<string>()
      for (const each of lines) {
        const step = stepLinks(state, eventOf(each), { ...limits, maxLinks: 100 })
        state = step.state
        for (const change of step.changes) {
          if (change.type === 'up') assert(!up.has(show(change.link)))
          else assert(up.delete(show(change.link)))
          if (change.type === 'up') up.add(show(change.link))
        }
        const links = state.links.map(show)
        assert.deepEqual(links, links.toSorted())
        assert.equal(
          new Set(state.links.map((one) => `${one.from.datapathId}/${one.from.port}`)).size,
          links.length,
        )
        for (const { from, to } of state.links) assert(links.includes(show({ from: to, to: from })))
        assert.equal(links.length, up.size * 2)
        const size = [...state.switches.values()].reduce((sum, one) => sum + one.heard.size, 0)
        assert.equal(state.size, size)
      }
    }),
    { numRuns: 300 },
  )
})
