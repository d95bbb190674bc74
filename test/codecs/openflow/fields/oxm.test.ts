/** Match fields: every field and form of the table in every version, random matches, and registers taken apart. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  decode,
  encode,
  type FieldName,
  fieldTable,
  type FieldRow,
  type MessageInput,
  type OxmField,
  print,
  printFlow,
  splitXregs,
  usualForm,
} from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { matchOf, rowsOf, widthOf } from './arbitrary.ts'

/** A message with a match of fields in any order: 1.0 has it in Nicira's message, 1.1 not at all. */
const around = (version: number, match: readonly OxmField[]): MessageInput => {
  const type = version === 1 ? 'nx_flow_mod' : 'flow_mod'
  return { type, version, xid: 1, command: 'add', match }
}

function comesBack(version: number, match: readonly OxmField[]): void {
  const bytes = encode(around(version, match))
  const message = decode(bytes)
  assert.ok(message.type === 'flow_mod' || message.type === 'nx_flow_mod')
  assert.deepEqual(message.match, match)
  assert.equal(hexOf(encode(message)), hexOf(bytes))
  assert.match(print(message), /xid=0x1/)
  assert.match(printFlow({ priority: 1, tableId: 0, match, instructions: [] }), /actions=/)
}

for (const version of [1, 3, 4, 5, 6]) {
  test(`wire version ${version}: any match comes back equal, is shown, and encodes the same again`, () => {
    fc.assert(
      fc.property(matchOf(version), (match) => comesBack(version, match)),
      { numRuns: 300 },
    )
  })

  test(`wire version ${version}: every field keeps its smallest and largest value`, () => {
    for (const row of rowsOf(version)) {
      const width = widthOf(row, version)
      const big = row.variable || width > 6
      const [least, most] = big ? [0n, 2n ** BigInt(width * 8) - 1n] : [0, 2 ** (width * 8) - 1]
      // A port of 16 bits is read as one of 32.
      const largest = row.format === 'port' && width === 2 ? 0xffff_ffff : most
      const field = row.name as FieldName
      comesBack(version, [{ field, value: least, mask: largest }])
      comesBack(version, [{ field, value: largest, mask: least }])
      comesBack(version, [{ field, value: largest }])
    }
  })

  test(`wire version ${version}: every form of every field comes back, in the class that it came in`, () => {
    for (const row of fieldTable as readonly FieldRow[]) {
      const usual = usualForm(row, version)
      for (const form of row.forms) {
        if (form === usual) continue
        const width = form.width ?? row.width
        const value = width > 6 ? 5n : 5
        comesBack(version, [{ field: row.name as FieldName, value, oxmClass: form.oxmClass }])
      }
    }
  })
}

test('two fields of one number are told apart by their width', () => {
  comesBack(4, [
    { field: 'cookie', value: 5n, mask: 7n },
    { field: 'mpls_ttl', value: 64 },
  ])
})

test('a value that does not fit, a field that the version lacks, and one that nobody has are refused', () => {
  const refused = (version: number, one: object, expected: object): void => {
    assert.throws(() => encode(around(version, [one as OxmField])), { name: 'EncodeError', ...expected })
  }
  const path = 'flow_mod.match[0].'
  refused(4, { field: 'vlan_pcp', value: 256 }, { code: 'RANGE', path: `${path}vlan_pcp` })
  refused(4, { field: 'pbb_uca', value: 1 }, { code: 'VERSION', path: `${path}pbb_uca` })
  refused(4, { field: 'metadata', value: 1 }, { code: 'INVALID', path: `${path}metadata` })
  refused(4, { field: 'reg16', value: 1 }, { code: 'INVALID', path: `${path}reg16` })
  refused(4, { field: 'reg0', value: 1, oxmClass: 0x8000 }, { code: 'VERSION', path: `${path}reg0` })
  refused(4, { field: 'tun_metadata0', value: 1n, width: 125 }, { code: 'RANGE' })
  refused(4, { field: 'tun_metadata0', value: 0x100n, width: 1 }, { code: 'RANGE' })
})

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
  assert.equal(header(4, [{ field: 'nsh_mdtype', value: 1 }]), 'ffff0405005ad650')
  assert.equal(header(6, [{ field: 'tun_gtpu_flags', value: 1, mask: 3 }]), 'ffff1f0600002320')
  assert.equal(header(4, [{ field: 'tunnel_id', value: 1n }]), '80004c0800000000')
  assert.equal(header(3, [{ field: 'tunnel_id', value: 1n }]), '0001200800000000')
  assert.equal(header(4, [{ field: 'dp_hash', value: 1 }]), '0001460400000001')
  assert.equal(header(4, [{ field: 'packet_type', value: 0x10800 }]), '8000580400010800')
  assert.equal(header(4, [{ field: 'tun_metadata0', value: 0x12n, width: 1 }]), '0001500112000000')
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
