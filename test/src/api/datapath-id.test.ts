/** Every spelling of a datapath id that other tools use means the same switch. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDatapathId } from '../../../src/api/datapath-id.ts'

test('all spellings of 0x2a', () => {
  for (const text of [
    '42',
    '0x2a',
    '000000000000002a',
    '000000000000002A',
    '00:00:00:00:00:00:00:2a',
    'of:000000000000002a',
    'openflow:42',
  ])
    assert.equal(parseDatapathId(text), '000000000000002a', text)
})

test('what is no datapath id', () => {
  for (const text of [
    '',
    'hv1',
    '-1',
    '0x',
    '1.5',
    '0x10000000000000000',
    '18446744073709551616',
    '00:01',
    'of:1',
  ])
    assert.equal(parseDatapathId(text), undefined, text)
})

test('the largest', () => {
  assert.equal(parseDatapathId('18446744073709551615'), 'ffffffffffffffff')
})
