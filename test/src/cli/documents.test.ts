/** `check`, `plan` and `apply`: what they print, and the exit codes that scripts rely on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeReceipt } from '../../../src/cli/commands/apply.ts'
import { pendingReceipt, refusedReceipt } from '../../support/samples.ts'
import { served, throwbar } from '../../support/command-line.ts'

const yaml = `name: sample
switches:
  hv1: { datapath: "0000000000000001", role: hypervisor }
networks:
  red: { kind: internal, switch: hv1 }
`
const wrong = yaml.replace('internal', 'internl')
const files = { 'net.yaml': yaml, 'wrong.yaml': wrong, '-': yaml }

test('check accepts a right file without a controller', async () => {
  for (const file of ['net.yaml', '-']) {
    const { exitCode, out, err } = await throwbar(['check', file], { files })
    assert.deepEqual([exitCode, out, err], [0, `${file}: ok: 1 switch, 1 network, 0 VMs\n`, ''])
  }
})

test('check points at what is wrong', async () => {
  const { exitCode, out, err } = await throwbar(['check', 'wrong.yaml'], { files })
  assert.equal(exitCode, 1)
  assert.equal(out, '')
  assert.match(err, /^wrong\.yaml:5:16: /)
  assert.match(err, /red: \{ kind: internl, switch: hv1 \}\n +\^~+\n/)
  assert.match(err, /throwbar: wrong\.yaml: 1 problem\n$/)
})

test('check proves, when it can', async () => {
  const violations = [
    { switch: 'hv1', owner: 'nic/web1/0', rule: 'actions=output:3', reason: 'leads to red' },
  ]
  const proved = { checkProgram: () => Promise.resolve({ switches: 1, rules: 12, violations: [] }) }
  assert.match(
    (await throwbar(['check', 'net.yaml'], { files, wiring: proved })).out,
    /12 rules, isolation proved\n$/,
  )
  const leaking = { checkProgram: () => Promise.resolve({ switches: 1, rules: 12, violations }) }
  const { exitCode, err } = await throwbar(['check', 'net.yaml'], { files, wiring: leaking })
  assert.equal(exitCode, 1)
  assert.match(err, /^hv1: nic\/web1\/0: leads to red\n {4}actions=output:3\n/)
})

test('a file that cannot be read', async () => {
  const { exitCode, err } = await throwbar(['check', 'none.yaml'])
  assert.deepEqual([exitCode, err], [2, 'throwbar: cannot read none.yaml: no such file\n'])
})

test('apply prints who confirmed, and ends with 0', async (t) => {
  const { cli, fake } = await served(t)
  const { exitCode, out, err } = await cli(['apply', 'net.yaml', '--timeout', '1.5'], { files })
  assert.equal(err, '')
  assert.equal(
    out,
    [
      'SWITCH  STATE      ADDED  MODIFIED  DELETED  REFUSED  CONFIRMED AFTER',
      'hv1     confirmed      3         0        1        0           2.3 ms',
      'revision 8: confirmed by 1 switch',
      '',
    ].join('\n'),
  )
  assert.equal(exitCode, 0)
  assert.equal(fake.changes[0]?.options.timeoutMs, 1500)
})

test('apply ends with 3 when a switch refuses, and names rule, owner and error', async (t) => {
  const { cli, fake } = await served(t)
  fake.nextOutcome = { status: 'applied', receipt: refusedReceipt(9) }
  const { exitCode, out } = await cli(['apply', 'net.yaml'], { files })
  assert.equal(exitCode, 3)
  assert.match(
    out,
    /^refused by hv1: OFPFMFC_TABLE_FULL: nic\/web1\/0\n {4}table=classify,in_port=2 actions=drop$/m,
  )
  assert.match(out, /^warning: nic\/web1\/0: hv1 has no port web1-0$/m)
  assert.match(out, /^revision 9 is stored but not complete: hv1 refused a part of it$/m)
})

test('apply ends with 3 when switches are late or away', async (t) => {
  const { cli, fake } = await served(t)
  fake.nextOutcome = { status: 'applied', receipt: pendingReceipt(9) }
  const { exitCode, out } = await cli(['apply', 'net.yaml'], { files })
  assert.equal(exitCode, 3)
  assert.match(out, /not complete: hv1 has not answered yet; hv2 is not connected$/m)
})

test('what is said of many switches and many NICs stays readable', () => {
  const away = { state: 'disconnected', added: 0, modified: 0, deleted: 0, refused: [] } as const
  const switches = ['hv1', 'hv2'].map((name) => ({ ...away, switch: name, datapathId: name }))
  const obstacles = Array.from({ length: 2_000 }, (_, i) => ({
    owner: `nic/v${i}/0`,
    code: 'port-absent',
    text: 'no port',
  }))
  const text = describeReceipt({ revision: 9, complete: false, switches, obstacles }, false)
  assert.match(text, /not complete: hv1, hv2 are not connected$/m)
  assert.equal(text.match(/^warning: nic/gm)?.length, 20)
  assert.match(text, /^warning: and 1980 more; "throwbar get vms" shows/m)
})

test('apply --no-wait', async (t) => {
  const { cli, fake } = await served(t)
  const { exitCode, out } = await cli(['apply', '-', '--no-wait'], { files })
  assert.equal(exitCode, 0)
  assert.match(out, /^revision 8 is stored/)
  assert.equal(fake.changes[0]?.options.wait, false)
})

test("apply of a wrong file shows the controller's findings in the file, and changes nothing", async (t) => {
  const { cli, fake } = await served(t)
  const { exitCode, err } = await cli(['apply', 'wrong.yaml'], { files })
  assert.equal(exitCode, 1)
  assert.match(err, /^wrong\.yaml:5:16: /)
  assert.match(err, /nothing was changed\n$/)
  assert.equal(fake.changes.length, 0)
})

test('a program that cannot be proved is shown rule by rule', async (t) => {
  const { cli, fake } = await served(t)
  const violations = [
    { switch: 'hv1', owner: 'nic/web1/0', rule: 'actions=output:3', reason: 'leads to red' },
  ]
  fake.nextOutcome = { status: 'unproved', violations }
  const { exitCode, err } = await cli(['apply', 'net.yaml'], { files })
  assert.equal(exitCode, 1)
  assert.match(err, /^hv1: nic\/web1\/0: leads to red\n {4}actions=output:3\nthrowbar: .*isolation/)
})

test('on a terminal a progress line comes and goes', async (t) => {
  const { cli, fake } = await served(t)
  const apply = fake.apply
  const slow = {
    ...fake,
    apply: async (...args: Parameters<typeof apply>) => {
      while (looks === 0) await new Promise(setImmediate)
      return apply(...args)
    },
    switches: () => {
      looks += 1
      return fake.views.switches.map((view) => ({ ...view, state: 'converging' as const }))
    },
  }
  let looks = 0
  const other = await served(t, { controller: slow })
  const { exitCode, err, out } = await other.cli(['apply', 'net.yaml'], { files, terminal: true })
  assert.equal(exitCode, 0)
  assert.match(err, /\r\u001b\[K$/)
  assert.match(out, /\u001b\[32mconfirmed\u001b\[39m/)
  const plain = await cli(['apply', 'net.yaml'], { files, terminal: true, env: { NO_COLOR: '1' } })
  assert.doesNotMatch(plain.out, /\u001b/)
})

test('plan shows the difference', async (t) => {
  const { cli, fake } = await served(t)
  assert.equal((await cli(['plan', 'net.yaml'], { files })).out, 'nothing would change\n')
  fake.nextPlan = {
    status: 'planned',
    plan: {
      revision: 7,
      objects: [
        { change: 'add', object: 'networks/red' },
        { change: 'delete', object: 'vms/web1' },
      ],
      switches: [
        {
          switch: 'hv1',
          datapathId: '0000000000000001',
          operations: [
            { op: 'add', owner: 'network/red', rule: 'table=classify actions=drop' },
            { op: 'modify', owner: 'nic/web1/0', rule: 'table=deliver actions=drop' },
          ],
        },
      ],
      obstacles: [{ owner: 'nic/web1/0', code: 'port-absent', text: 'hv1 has no port web1-0' }],
    },
  }
  const { exitCode, out } = await cli(['plan', 'net.yaml'], { files })
  assert.equal(exitCode, 0)
  assert.equal(
    out,
    [
      '+ networks/red',
      '- vms/web1',
      '',
      'hv1 (0000000000000001): 2 rules',
      '  + table=classify actions=drop    [network/red]',
      '  ~ table=deliver actions=drop    [nic/web1/0]',
      'warning: nic/web1/0: hv1 has no port web1-0',
      '',
    ].join('\n'),
  )
  const json = await cli(['plan', 'net.yaml', '-o', 'json'], { files })
  assert.deepEqual(JSON.parse(json.out), fake.nextPlan.plan)
  assert.equal(fake.changes.length, 0)
})
