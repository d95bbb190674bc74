/**
 * Peers whose lists have elements of no length, of too little, beyond the end or off their alignment: one ERROR, no
 * endless loop, session kept. And elements that are only unknown: kept as bytes.
 */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { hex, xidOf } from './peer.ts'
import { codes, stage } from './stage.ts'

const zeros = (count: number): string => '00'.repeat(count)
const part = (type: string): string => `${type} 0000 00000000`
const emptyMatch = '0001 0004 00000000'

/** An entry of flow statistics from 1.3 on to 1.4: length, 46 bytes, match, instructions. */
const flowEntry = (length: string, instructions = ''): string =>
  `${length} ${zeros(46)} ${emptyMatch} ${instructions}`
const output = (length: string): string => `0000 ${length} 00000001 0000 000000000000`
const applyActions = (length: string, actions: string): string => `0004 ${length} 00000000 ${actions}`
const group = (length: string, bucket: string): string => `${length} 00 00 00000001 ${bucket}`
const meter = (length: string, band: string): string => `${length} 0001 00000001 ${band}`
const port14 = (length: string, property: string): string =>
  `00000001 ${length} 0000 ${zeros(32)} ${property}`

interface Row {
  readonly element: string
  readonly version: number
  readonly type: number
  /** With the length of the element as given. */
  readonly body: (length: string) => string
  readonly bad: readonly string[]
  /** A length with which it can be read. */
  readonly good: string
}

const rows: readonly Row[] = [
  {
    element: 'flow entry',
    version: 4,
    type: 19,
    body: (it) => part('0001') + flowEntry(it),
    good: '0038',
    bad: ['0000', '0003', '0037', '0039', 'ffff'],
  },
  {
    element: 'flow entry',
    version: 6,
    type: 19,
    body: (it) => `${part('0001')} ${it} ${zeros(22)} ${emptyMatch} 0000 0004 00000000`,
    good: '0028',
    bad: ['0000', '0003', '0020', 'ffff'],
  },
  {
    element: 'instruction',
    version: 4,
    type: 19,
    body: (it) => part('0001') + flowEntry('0050', applyActions(it, output('0010'))),
    good: '0018',
    bad: ['0000', '0003', '0004', '0014', '0020', 'ffff'],
  },
  {
    element: 'action',
    version: 4,
    type: 19,
    body: (it) => part('0001') + flowEntry('0050', applyActions('0018', output(it))),
    good: '0010',
    bad: ['0000', '0003', '000c', '0018', 'ffff'],
  },
  {
    element: 'match',
    version: 4,
    type: 11,
    body: (it) => `${zeros(40)} 0001 ${it} 00000000`,
    good: '0004',
    bad: ['0000', '0003', '0005', '0009', 'ffff'],
  },
  {
    element: 'group',
    version: 4,
    type: 19,
    body: (it) => part('0007') + group(it, `0010 ${zeros(14)}`),
    good: '0018',
    bad: ['0000', '0003', '0007', '0020', 'ffff'],
  },
  {
    element: 'bucket',
    version: 4,
    type: 19,
    body: (it) => part('0007') + group('0018', `${it} ${zeros(14)}`),
    good: '0010',
    bad: ['0000', '0003', '0008', '0018', 'ffff'],
  },
  {
    element: 'meter',
    version: 4,
    type: 19,
    body: (it) => part('000a') + meter(it, `0001 0010 ${zeros(12)}`),
    good: '0018',
    bad: ['0000', '0003', '0007', 'ffff'],
  },
  {
    element: 'meter band',
    version: 4,
    type: 19,
    body: (it) => part('000a') + meter('0018', `0001 ${it} ${zeros(12)}`),
    good: '0010',
    bad: ['0000', '0003', '0008', 'ffff'],
  },
  {
    element: 'port',
    version: 5,
    type: 12,
    body: (it) => zeros(8) + port14(it, `0000 0020 ${zeros(28)}`),
    good: '0048',
    bad: ['0000', '0003', '0027', 'ffff'],
  },
  {
    element: 'port property',
    version: 5,
    type: 12,
    body: (it) => zeros(8) + port14('0048', `0000 ${it} ${zeros(28)}`),
    good: '0020',
    bad: ['0000', '0003', '0008', '0028', 'ffff'],
  },
  {
    element: 'port property',
    version: 6,
    type: 19,
    body: (it) => part('000d') + port14('0048', `0000 ${it} ${zeros(28)}`),
    good: '0020',
    bad: ['0000', '0003', '0008', '0028', 'ffff'],
  },
  {
    element: 'statistics of 1.5',
    version: 6,
    type: 11,
    body: (it) => `${zeros(16)} ${emptyMatch} 0000 ${it} 00000000`,
    good: '0004',
    bad: ['0000', '0003', 'ffff'],
  },
  {
    element: 'bundle property',
    version: 5,
    type: 33,
    body: (it) => `00000001 0001 0000 ffff ${it} 00000001 00000001 00000000`,
    good: '000c',
    bad: ['0000', '0003', 'ffff'],
  },
  {
    element: 'flow-mod instruction',
    version: 4,
    type: 14,
    body: (it) => `${zeros(40)} ${emptyMatch} 0004 ${it} 00000000`,
    good: '',
    bad: ['0000'],
  },
]

for (const { element, version, type, body, bad, good } of rows) {
  test(`${element} in type ${type} of v${version}, length ${bad.join(', ')}: refused, session kept`, async (t) => {
    const s = await stage(t)
    const peer = await s.up(version)
    const sent = bad.map((length, index) => hex(version, type, 0x20 + index, body(length)))
    peer.send(...sent)
    await peer.settle()
    // What only we send is not read, so not looped on either.
    const [code, why] = type === 14 ? ['1', 'misdirected'] : ['6', 'malformed']
    assert.deepEqual(
      peer.errors,
      bad.map((_, index) => `v${version} 1/${code} to ${0x20 + index}`),
    )
    assert.deepEqual(
      codes(s.incidents.splice(0)),
      bad.map(() => why),
    )
    assert.deepEqual(s.messages, [])
    if (good !== '') {
      peer.send(hex(version, type, 0x20, body(good)))
      await peer.settle()
      assert.equal(peer.errors.length, bad.length, 'with its right length it is read')
    }
    await s.undisturbed()
  })
}

interface Asked {
  readonly version: number
  readonly kind: 'flow' | 'port_desc'
  readonly reply: string
}

/** The entries that a request resolves with when it is answered so. */
async function entriesOf(t: TestContext, { version, kind, reply }: Asked): Promise<readonly unknown[]> {
  const s = await stage(t)
  const peer = await s.up(version)
  const asked = s.connectionOf(peer).request({ type: 'multipart_request', body: { type: kind } })
  await peer.until(() => peer.received.at(-1)?.[1] === 18)
  peer.send(hex(version, 19, xidOf(peer.received.at(-1)), reply))
  await peer.settle()
  assert.deepEqual([peer.errors, s.incidents], [[], []])
  const { body } = await asked
  await s.undisturbed()
  return (body as unknown as { entries: readonly unknown[] }).entries
}

test('unknown OXM in a reply: kept as bytes, and the reply goes on', async (t) => {
  const reply = `${part('0001')} 0048 ${zeros(46)} 0001 0012 8000fe04 cafe0001 1234 02 02 beef 0000 00000000 ${flowEntry('0038')}`
  const entries = await entriesOf(t, { version: 4, kind: 'flow', reply })
  assert.equal(entries.length, 2)
  const { match } = entries[0] as { match: { field: string; width: number; value: bigint }[] }
  assert.deepEqual(
    match.map(({ field, width, value }) => [field, width, value]),
    [
      ['unknown', 4, 0xcafe0001n],
      ['unknown', 2, 0xbeefn],
    ],
  )
})

test('unknown instruction and action in a reply: kept as bytes, and the reply goes on', async (t) => {
  const reply = `${part('0001')} 0068 ${zeros(46)} ${emptyMatch} 0077 0010 0102030405060708090a0b0c ${applyActions('0020', 'ffff 0010 deadbeef 00010203 04050607 0123 0008 00000007')} ${flowEntry('0038')}`
  const entries = await entriesOf(t, { version: 4, kind: 'flow', reply })
  assert.equal(entries.length, 2)
  const { instructions } = entries[0] as { instructions: { type: string; actions?: { type: string }[] }[] }
  assert.deepEqual(
    instructions.map(({ type }) => type),
    ['unknown', 'apply_actions'],
  )
  assert.deepEqual(
    instructions[1]?.actions?.map(({ type }) => type),
    ['experimenter', 'unknown'],
  )
})

test('unknown property in a reply: kept as bytes, and the reply goes on', async (t) => {
  const reply = `${part('000d')} ${port14('0030', '0123 0008 00000007')} ${port14('0028', '')}`
  const entries = await entriesOf(t, { version: 5, kind: 'port_desc', reply })
  assert.deepEqual(
    (entries as { properties: { type: string }[] }[]).map(({ properties }) =>
      properties.map(({ type }) => type),
    ),
    [['unknown'], []],
  )
})
