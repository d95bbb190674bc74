/** Targets: ovs-vsctl's words, both ways. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTarget, parseTarget } from '../../../src/model/ovsdb-target.ts'

for (const text of [
  'tcp:127.0.0.1:6640',
  'ssl:hv1.example.org:6641',
  'tcp:[fe80::1]:6640',
  'unix:/run/db.sock',
]) {
  test(text, () => {
    const parsed = parseTarget(text)
    assert.ok(parsed.ok)
    assert.equal(formatTarget(parsed.target), text)
  })
}

test('the port may be left out', () => {
  assert.deepEqual(parseTarget('tcp:10.0.0.1'), {
    ok: true,
    target: { kind: 'tcp', host: '10.0.0.1', port: 6640 },
  })
})

test('anything else is refused in words', () => {
  for (const text of [
    '',
    'tcp',
    'tcp:',
    'ptcp:6640',
    'tcp:::1:6640',
    'tcp:a:0',
    'tcp:a:70000',
    'tcp:a:b',
    'unix:db',
    'unix:',
  ]) {
    const parsed = parseTarget(text)
    assert.ok(!parsed.ok && parsed.reason.length > 10, text)
  }
})
