/** Random match fields: every field of the table that a version can carry, with and without masks. */
import fc from 'fast-check'
import { port16 } from './arbitrary-numbers.ts'
import { type FieldName, fieldTable, type FieldRow, type OxmField, usualForm } from 'ts-openflow'

/** Without the cookie, which messages in NXM take out of the match. */
const rows: readonly FieldRow[] = fieldTable.filter(({ name }) => name !== 'cookie')
export const rowsOf = (version: number): readonly FieldRow[] =>
  rows.filter((row) => usualForm(row, version) !== undefined)

/** Bytes of the value as this version carries it: 1.0 had ports of 16 bits. */
export const widthOf = (row: FieldRow, version: number): number => usualForm(row, version)?.width ?? row.width

function valueOf(row: FieldRow, bytes: number): fc.Arbitrary<number | bigint> {
  if (row.format === 'port' && bytes === 2) return port16
  if (bytes > 6 || row.variable) return fc.bigInt(0n, (1n << BigInt(bytes * 8)) - 1n)
  return fc.integer({ min: 0, max: 2 ** (bytes * 8) - 1 })
}

export function fieldOf(row: FieldRow, version: number): fc.Arbitrary<OxmField> {
  const field = row.name as FieldName
  const most = widthOf(row, version)
  const widths = row.variable ? fc.integer({ min: 0, max: most }) : fc.constant(most)
  return widths.chain((width) =>
    fc
      .record({ value: valueOf(row, width), mask: fc.option(valueOf(row, width), { nil: undefined }) })
      .map(({ value, mask }) => ({
        field,
        value,
        ...(mask === undefined ? {} : { mask }),
        ...(row.variable && width !== row.width ? { width } : {}),
      })),
  )
}

/** A field that no table has. */
const unknownField: fc.Arbitrary<OxmField> = fc.integer({ min: 0, max: 40 }).chain((width) =>
  fc.record(
    {
      field: fc.constant('unknown' as const),
      oxmClass: fc.integer({ min: 0x2000, max: 0x7000 }),
      oxmField: fc.integer({ min: 0, max: 0x7f }),
      width: fc.constant(width),
      value: fc.bigInt(0n, (1n << BigInt(width * 8)) - 1n),
      mask: fc.bigInt(0n, (1n << BigInt(width * 8)) - 1n),
    },
    { noNullPrototype: true, requiredKeys: ['field', 'oxmClass', 'oxmField', 'width', 'value'] },
  ),
)

export const anyFieldOf = (version: number): fc.Arbitrary<OxmField> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...rowsOf(version)).chain((row) => fieldOf(row, version)) },
    { weight: 1, arbitrary: unknownField },
  )

export const matchOf = (version: number): fc.Arbitrary<readonly OxmField[]> =>
  fc.array(anyFieldOf(version), { maxLength: 8 })
