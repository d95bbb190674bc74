import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblems } from '../../../src/model/format-problems.ts'
import type { Problem } from '../../../src/model/problem.ts'
import { parseTopology } from '../../../src/model/yaml.ts'

const good = `name: small
switches:
  hv1: { datapath: "0000000000000001", role: hypervisor }
networks:
  blue: { kind: vm, vlan: 101, subnets: [10.0.1.0/24] }
vms:
  web1:
    host: hv1
    nics:
      - { network: blue, mac: "02:00:00:00:01:01", ips: [10.0.1.11] }
`

function problemsOf(text: string): readonly Problem[] {
  const result = parseTopology(text)
  assert.ok('problems' in result, 'was accepted')
  return result.problems
}

function only(text: string): Problem {
  const problems = problemsOf(text)
  assert.equal(problems.length, 1, JSON.stringify(problems))
  const [problem] = problems
  assert.ok(problem)
  return problem
}

/** `text` with one occurrence of `from` replaced; the problem must be at the marked place: `«` in `to`. */
function bend(from: string, to: string): { text: string; line: number; column: number } {
  assert.ok(good.includes(from))
  const marked = good.replace(from, to)
  const at = marked.indexOf('«')
  const before = marked.slice(0, at).split('\n')
  return { text: marked.replace('«', ''), line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

test('a good file, and the same as JSON, become the same intent', () => {
  const yaml = parseTopology(good)
  assert.ok(!('problems' in yaml))
  const json = parseTopology(JSON.stringify(yaml.spec))
  assert.ok(!('problems' in json))
  assert.deepEqual(json.intent, yaml.intent)
})

const places: readonly (readonly [what: string, from: string, to: string, message: RegExp, hint?: RegExp])[] =
  [
    ['a value', 'ips: [10.0.1.11]', 'ips: [10.0.1.11, «10.0.2.1]', /outside the subnets/],
    ['a quoted value', '"02:00:00:00:01:01"', '«"03:00:00:00:01:01"', /multicast/],
    ['an unknown key', 'ips: [', '«ip: [', /unknown key "ip"/, /did you mean "ips"/],
    ['a bad name', 'web1:', '«Web1:', /not a name/],
    [
      'a missing key, at its object',
      '{ network: blue, mac: "02:00:00:00:01:01", ',
      '«{ network: blue, ',
      /"mac" is missing/,
    ],
    ['a mapping, at its key', 'kind: vm, vlan: 101', 'kind: vm', /./],
    [
      'a number for a MAC',
      '"02:00:00:00:01:01"',
      '«020000000101',
      /YAML reads 020000000101 as the number 20000000101/,
      /quote it: "020000000101"/,
    ],
    [
      'a number for a datapath id',
      '"0000000000000001"',
      '«0x10',
      /YAML reads 0x10 as the number 16/,
      /quote it: "0x10"/,
    ],
    ['a decimal datapath id', '"0000000000000001"', '«0000000000000001', /as the number 1$/, /quote it/],
    ['an exponent for a port', 'ips:', 'port: «1e3, ips:', /YAML reads 1e3 as the number 1000/],
    [
      'a truth value for a network',
      'network: blue',
      'network: «true',
      /got the boolean true/,
      /quote it: "true"/,
    ],
    ['an alias', 'ips: [10.0.1.11]', 'ips: [&a 10.0.1.11, «*a]', /also used by NIC 0/],
    ['a key twice', 'vms:', 'vms: {}\n«vms:', /"vms" is declared twice/, /line 6/],
    ['a key twice, deeper', '    host: hv1\n', '    host: hv1\n    «host: hv1\n', /"host" is declared twice/],
    ['a key that YAML changes', 'web1:', '«0x10:', /a key must be text/, /quote/],
    ['a key that is a list', 'web1:', '? «[a]\n  :', /a key must be text/],
    ['a tab', '    host', '«\thost', /tab/, /spaces/],
    ['an unclosed bracket', 'ips: [10.0.1.11] }', 'ips: [10.0.1.11 }', /./],
    ['an unclosed quote', '"02:00:00:00:01:01"', '"02:00:00:00:01:01', /./],
    ['two keys on a line', 'host: hv1', 'host: «hv1: x', /second key/],
    ['a tag', 'host: hv1', 'host: «!!x hv1', /no tags/],
    ['a second document', 'vms:\n', '«---\nvms:\n', /more than one document/],
  ]

for (const [what, from, to, message, hint] of places) {
  test(`found in the text: ${what}`, () => {
    const { text, line, column } = bend(from, to)
    const problems = problemsOf(text)
    const problem = problems.find((one) => message.test(one.message))
    assert.ok(problem, JSON.stringify(problems))
    if (hint) assert.match(problem.hint ?? '', hint)
    if (to.includes('«'))
      assert.deepEqual([problem.line, problem.column], [line, column], JSON.stringify(problems))
    assert.ok(problems.every((one) => one.line !== undefined && one.column !== undefined))
  })
}

test('problems are in the order of the text', () => {
  const text = good
    .replace('hypervisor', 'fabric')
    .replace('10.0.1.11]', '10.0.2.11]')
    .replace('vlan: 101, ', '')
  assert.deepEqual(
    problemsOf(text).map(({ line }) => line),
    [5, 8, 10],
  )
})

test('an empty file, a list and a word are refused', () => {
  assert.match(only('').message, /declares nothing/)
  assert.match(only('# only a comment\n').message, /declares nothing/)
  assert.match(only('- a\n').message, /expected a mapping, got a list/)
  assert.match(only('hello\n').message, /expected a mapping, got "hello"/)
})

test('an alias of nothing, an alias of itself and an alias bomb are refused', () => {
  assert.match(only('name: *nobody\n').message, /alias/i)
  assert.ok(problemsOf('name: x\nvms: &v\n  a: *v\n').length > 0)
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (let i = 1; i < 12; i++) {
    const [from, to] = [String.fromCharCode(96 + i), String.fromCharCode(97 + i)]
    bomb.push(`${to}: &${to} [${new Array<string>(10).fill(`*${from}`).join(',')}]`)
  }
  assert.match(only(bomb.join('\n')).message, /alias/i)
})

test('aliases that save typing are fine', () => {
  const text = good
    .replace('host: hv1', 'host: &h hv1')
    .replace('nics:', 'nics: &nics')
    .concat('  web2: { host: *h, nics: [] }\n')
  assert.ok(!('problems' in parseTopology(text)))
})

test('files too large or nested too deeply are refused at once', () => {
  assert.match(only(`name: ${'x'.repeat(11 * 1024 * 1024)}`).message, /larger than 10 MB/)
  assert.match(only(`name: ${'['.repeat(1_000_000)}`).message, /nested too deeply/)
  assert.match(only(`name: ${'['.repeat(100)}${']'.repeat(100)}`).message, /nested deeper than 64/)
  assert.match(
    only(`name:\n${Array.from({ length: 100 }, (_, i) => `${' '.repeat(i + 1)}a:`).join('\n')} b`).message,
    /nested deeper/,
  )
  assert.ok(problemsOf(`name: ${'- '.repeat(100_000)}x`).length > 0)
})

test('a problem is shown with its line, a caret under the value, and a hint', () => {
  const { text } = bend('ips: [10.0.1.11]', 'ips: [10.0.2.11]')
  assert.equal(
    formatProblems(problemsOf(text), { fileName: 'small.yaml', text }),
    [
      'small.yaml:10:58: 10.0.2.11 is outside the subnets of network blue',
      '          - { network: blue, mac: "02:00:00:00:01:01", ips: [10.0.2.11] }',
      '                                                             ^~~~~~~~~',
      '    hint: use an address of 10.0.1.0/24',
      '',
    ].join('\n'),
  )
})

test('long lines are cut around the value, and control characters shown harmlessly', () => {
  const text = good.replace(
    'network: blue,',
    `network: "bl\\u001bue\u001b[2J${'x'.repeat(20)}", ${' '.repeat(300)}`,
  )
  const shown = formatProblems(problemsOf(text), { fileName: 'a\u001b.yaml', text })
  assert.ok(!shown.includes('\u001b'))
  assert.ok(shown.split('\n').every((line) => line.length < 200))
})

test('colour only when asked for; without a line the pointer tells the place', () => {
  const problems = [{ pointer: '/vms/a', message: 'is wrong' }]
  assert.equal(formatProblems(problems, { fileName: 'f', text: '' }), 'f: /vms/a: is wrong\n')
  assert.match(formatProblems(problems, { fileName: 'f', text: '', color: true }), /\u001b\[31mis wrong/)
})
