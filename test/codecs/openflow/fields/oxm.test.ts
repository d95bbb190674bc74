/** Match fields: every field of the table in every version it has, random flows, and registers taken apart. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  type Action,
  decode,
  encode,
  fieldTable,
  type FieldRow,
  type Instruction,
  type KnownField,
  type OxmField,
  print,
  printFlow,
  splitXregs,
  usualForm,
} from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'

const rows: readonly FieldRow[] = fieldTable
const rowsOf = (version: number): readonly FieldRow[] =>
  rows.filter((row) => usualForm(row, version) !== undefined)

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true })

const valueOf = ({ width }: FieldRow): fc.Arbitrary<number | bigint> =>
  width > 6
    ? fc.bigInt(0n, (1n << BigInt(width * 8)) - 1n)
    : fc.integer({ min: 0, max: 2 ** (width * 8) - 1 })

const fieldOf = (row: FieldRow): fc.Arbitrary<OxmField> =>
  fc
    .record({ value: valueOf(row), mask: fc.option(valueOf(row), { nil: undefined }) })
    .map(({ value, mask }) => {
      const field = row.name as KnownField['field']
      return mask === undefined ? { field, value } : { field, value, mask }
    })

const matchOf = (version: number): fc.Arbitrary<readonly OxmField[]> =>
  fc.array(fc.constantFrom(...rowsOf(version)).chain(fieldOf), { maxLength: 12 })

const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })

/** Fields that actions can name: those whose header the table fixes. */
const nameOf = (version: number): fc.Arbitrary<KnownField['field']> =>
  fc.constantFrom(...rowsOf(version)).map(({ name }) => name as KnownField['field'])

const copyOf = (version: number): fc.Arbitrary<Action> =>
  record({
    type: fc.constant(version >= 6 ? ('copy_field' as const) : ('nx_reg_move' as const)),
    nBits: u16,
    srcOffset: u16,
    dstOffset: u16,
    src: nameOf(version),
    dst: nameOf(version),
  })

const actionOf = (version: number): fc.Arbitrary<Action> =>
  fc.oneof(
    record({ type: fc.constant('output' as const), port: u32, maxLen: u16 }),
    record({ type: fc.constant('group' as const), groupId: u32 }),
    record({ type: fc.constant('set_queue' as const), queueId: u32 }),
    record({ type: fc.constant('push_vlan' as const), ethertype: u16 }),
    fc.constantFrom<Action>({ type: 'pop_vlan' }, { type: 'dec_nw_ttl' }),
    record({
      type: fc.constant('nx_resubmit_table' as const),
      port: fc.nat({ max: 0xfeff }),
      tableId: fc.nat({ max: 255 }),
    }),
    fc
      .constantFrom(...rowsOf(version))
      .chain(fieldOf)
      .map((field): Action => {
        if (version >= 6 || field.mask === undefined) return { type: 'set_field', field }
        return { type: 'set_field', field: { field: field.field as KnownField['field'], value: field.value } }
      }),
    copyOf(version),
  )

const instructionOf = (version: number): fc.Arbitrary<Instruction> =>
  fc.oneof(
    record({ type: fc.constant('goto_table' as const), tableId: fc.nat({ max: 255 }) }),
    record({
      type: fc.constantFrom('apply_actions' as const, 'write_actions' as const),
      actions: fc.array(actionOf(version), { maxLength: 6 }),
    }),
    record({
      type: fc.constant('write_metadata' as const),
      metadata: fc.bigInt(0n, 2n ** 64n - 1n),
      metadataMask: fc.bigInt(0n, 2n ** 64n - 1n),
    }),
  )

for (const version of [4, 5, 6]) {
  test(`wire version ${version}: any flow-mod comes back equal, is shown, and encodes the same again`, () => {
    fc.assert(
      fc.property(
        matchOf(version),
        fc.array(instructionOf(version), { maxLength: 4 }),
        u32,
        (match, instructions, xid) => {
          const bytes = encode({ type: 'flow_mod', version, xid, command: 'add', match, instructions })
          const message = decode(bytes)
          assert.ok(message.type === 'flow_mod')
          assert.deepEqual(message.match, match)
          assert.deepEqual(message.instructions, instructions)
          assert.equal(hexOf(encode(message)), hexOf(bytes))
          assert.match(print(message), /actions=/)
          assert.match(printFlow({ ...message, importance: 0 }), /actions=/)
        },
      ),
      { numRuns: 300 },
    )
  })

  test(`wire version ${version}: every field keeps its smallest and largest value`, () => {
    for (const { name, width } of rowsOf(version)) {
      const largest = 2n ** BigInt(width * 8) - 1n
      const [least, most] = width > 6 ? [0n, largest] : [0, Number(largest)]
      for (const value of [least, most]) {
        const match = [{ field: name as KnownField['field'], value, mask: most }]
        const message = decode(encode({ type: 'flow_mod', version, xid: 1, command: 'add', match }))
        assert.ok(message.type === 'flow_mod')
        assert.deepEqual(message.match, match)
      }
    }
  })
}

test('headers are those of the specification and of Open vSwitch', () => {
  const header = (version: number, match: readonly OxmField[]): string =>
    hexOf(encode({ type: 'flow_mod', version, xid: 1, command: 'add', match }).subarray(52, 60))
  assert.equal(header(4, [{ field: 'in_port', value: 1 }]), '8000000400000001')
  assert.equal(header(4, [{ field: 'reg1', value: 1 }]), '0001020400000001')
  assert.equal(header(4, [{ field: 'tcp_flags', value: 2 }]), 'ffff54064f4e4600')
  assert.equal(header(6, [{ field: 'tcp_flags', value: 2, mask: 0x12 }]), '8000550400020012')
  assert.equal(header(6, [{ field: 'xreg0', value: 1n }]), '8001000800000000')
  assert.equal(header(4, [{ field: 'nd_reserved', value: 1 }]), '1000020400000001')
  assert.equal(header(4, [{ field: 'nd_options_type', value: 2 }]), '1000040102000000')
})

test('xregs are taken apart in place', () => {
  const match: readonly OxmField[] = [
    { field: 'in_port', value: 1 },
    { field: 'xreg0', value: 0x0000_0001_0000_0031n, mask: 0x0000_000f_ffff_ffffn },
    { field: 'xreg1', value: 7n, mask: 0xffff_ffffn },
    { field: 'xreg7', value: 0xffff_ffff_0000_0000n },
    { field: 'metadata', value: 5n },
  ]
  assert.deepEqual(splitXregs(match), [
    { field: 'in_port', value: 1 },
    { field: 'reg0', value: 1, mask: 0xf },
    { field: 'reg1', value: 0x31 },
    { field: 'reg3', value: 7 },
    { field: 'reg14', value: 0xffff_ffff },
    { field: 'reg15', value: 0 },
    { field: 'metadata', value: 5n },
  ])
  const without = [{ field: 'in_port', value: 1 }] as const
  assert.equal(splitXregs(without), without)
})
