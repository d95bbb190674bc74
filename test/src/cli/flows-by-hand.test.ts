/** `throwbar flows SWITCH add|del`: what is asked, what is printed, and how each refusal reads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { served, throwbar } from '../../support/command-line.ts'

const rule = 'table=local,priority=7,ip,actions=drop'
const shown = 'cookie=0x5b00000000000000, table=local, n_packets=0, n_bytes=0, priority=7,ip actions=drop'

test('add and del print what the switch has confirmed', async (t) => {
  const { cli, fake } = await served(t)
  assert.deepEqual(await cli(['flows', 'hv1', 'add', rule]), {
    exitCode: 0,
    out: `added    ${shown}\nhv1 has confirmed: 1 rule added\n`,
    err: '',
  })
  assert.deepEqual(await cli(['flows', 'hv1', 'del', '--strict', 'priority=7,ip']), {
    exitCode: 0,
    out: `deleted  ${shown}\nhv1 has confirmed: 1 rule deleted\n`,
    err: '',
  })
  const nothing = { switch: 'hv1', datapathId: '0000000000000001', added: [], deleted: [] }
  fake.nextFlows = { status: 'confirmed', receipt: nothing }
  assert.match((await cli(['flows', 'hv1', 'del'])).out, /^hv1 has confirmed: no rule .* nothing deleted\n$/)
  const json = await cli(['flows', 'hv1', 'add', rule, rule, '-o', 'json'])
  assert.equal((JSON.parse(json.out) as { added: unknown[] }).added.length, 1)
  assert.deepEqual(fake.flowChanges, [
    { kind: 'add', flows: [rule], unproved: false },
    { kind: 'delete', match: 'priority=7,ip', strict: true },
    { kind: 'delete', match: '', strict: false },
    { kind: 'add', flows: [rule, rule], unproved: false },
  ])
})

test('rules are read from standard input, one a line, comments skipped', async (t) => {
  const { cli, fake } = await served(t)
  const files = { '-': `# two\n\n  ${rule}\n${rule}\n` }
  assert.equal((await cli(['flows', 'hv1', 'add', '-'], { files })).exitCode, 0)
  assert.deepEqual(fake.flowChanges, [{ kind: 'add', flows: [rule, rule], unproved: false }])
  assert.equal((await cli(['flows', 'hv1', 'add', '-'], { files: { '-': '#\n' } })).exitCode, 2)
})

test('what no proof covers is warned of', async (t) => {
  const { cli } = await served(t)
  const { exitCode, err } = await cli(['flows', 'hv1', 'add', '--unproved', 'actions=NORMAL'])
  assert.equal(exitCode, 0)
  assert.match(
    err,
    /^warning: no proof covers this rule: isolation on hv1 is up to you until you delete it\n$/,
  )
})

test('a mistake is shown in its text, with a mark under its place', async (t) => {
  const { cli, fake } = await served(t)
  const at = { line: 1, column: 4 }
  fake.nextFlows = {
    status: 'invalid',
    problems: [{ pointer: '/flows/1', message: 'unknown keyword x', ...at }],
  }
  const ran = await cli(['flows', 'hv1', 'add', rule, 'ip,x=1,actions=drop'])
  assert.equal(ran.exitCode, 1)
  assert.equal(
    ran.err,
    [
      'rule:1:4: unknown keyword x',
      '    ip,x=1,actions=drop',
      '       ^~~',
      'throwbar: 1 problem; nothing was changed',
      '',
    ].join('\n'),
  )
})

test('refusals: exit codes, the rule, and what to do', async (t) => {
  const { cli, fake } = await served(t)
  const add = ['flows', 'hv1', 'add', 'actions=NORMAL']
  const violation = { switch: 'hv1', owner: 'operator', rule: 'actions=NORMAL', reason: 'it' }
  fake.nextFlows = { status: 'unproved', violations: [violation] }
  const unproved = await cli(add)
  assert.equal(unproved.exitCode, 1)
  assert.match(unproved.err, /^ {4}actions=NORMAL\nthrowbar: .*\n {2}--unproved takes such rules/)
  fake.nextFlows = {
    status: 'refused',
    refused: [{ owner: 'operator', rule: 'actions=NORMAL', error: 'OFPFMFC_TABLE_FULL' }],
  }
  const refused = await cli(add)
  assert.equal(refused.exitCode, 1)
  assert.match(refused.err, /^ {4}actions=NORMAL\nthrowbar: The switch refused .*OFPFMFC_TABLE_FULL/)
  fake.nextFlows = { status: 'taken', rule: 'ip', owner: 'nic/web1/0' }
  assert.match((await cli(add)).err, /Another rule has this .* of nic\/web1\/0/)
  fake.nextFlows = { status: 'unanswered' }
  const unanswered = await cli(add)
  assert.equal(unanswered.exitCode, 3)
  assert.match(unanswered.err, /did not answer.*read the rules of hv1/)
})

const wrong = [
  ['flows', 'hv1', 'drop', 'ip'],
  ['flows', 'hv1', 'add'],
  ['flows', 'hv1', 'del', 'ip', 'tcp'],
  ['flows', 'hv1', 'add', rule, '--table', 'local'],
  ['flows', 'hv1', 'add', rule, '--strict'],
  ['flows', 'hv1', 'del', '--unproved'],
  ['flows', 'hv1', '--unproved'],
]
for (const argv of wrong)
  test(`wrong usage is 2: ${argv.join(' ')}`, async () => {
    assert.equal((await throwbar(argv)).exitCode, 2)
  })
