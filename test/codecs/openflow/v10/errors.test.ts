/** Errors of 1.0 to 1.2, which have numbers and forms of their own. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { decode, encode, errorTypes10, ovsErrorName } from 'ts-openflow'
import { hexOf } from '../support/vectors.ts'
import { bytes, framed, same } from '../support/wire.ts'

const cases: readonly (readonly [number, string, Readonly<Record<string, unknown>>])[] = [
  [1, '0003 0000', { errorType: 'OFPET_FLOW_MOD_FAILED', code: 'OFPFMFC_TABLE_FULL' }],
  [1, '0003 0003', { errorType: 'OFPET_FLOW_MOD_FAILED', code: 'OFPFMFC_BAD_EMERG_TIMEOUT' }],
  [1, '0004 0001', { errorType: 'OFPET_PORT_MOD_FAILED', code: 'OFPPMFC_BAD_HW_ADDR' }],
  [1, '0005 0001', { errorType: 'OFPET_QUEUE_OP_FAILED', code: 'OFPQOFC_BAD_QUEUE' }],
  [1, '0001 0009', { errorType: 'OFPET_BAD_REQUEST', code: 9 }],
  [2, '0003 0000', { errorType: 'OFPET_BAD_INSTRUCTION', code: 'OFPBIC_UNKNOWN_INST' }],
  [2, '0005 0001', { errorType: 'OFPET_FLOW_MOD_FAILED', code: 'OFPFMFC_TABLE_FULL' }],
  [3, '000b 0000', { errorType: 'OFPET_ROLE_REQUEST_FAILED', code: 'OFPRRFC_STALE' }],
  [1, 'ffff 0002', { errorType: 0xffff, code: 2 }],
  [1, 'b0c2 0001', { errorType: 0xb0c2, code: 1 }],
]

const vendor = { errorType: 'OFPET_EXPERIMENTER', experimenter: 0x2320 } as const
const nicira: readonly (readonly [number, string, Readonly<Record<string, unknown>>])[] = [
  [1, 'b0c2 0000 00002320 0001 0200', { ...vendor, code: 'OFPBRC_BAD_TABLE_ID' }],
  [1, 'b0c2 0000 00002320 0003 0102', { ...vendor, code: 'OFPFMFC_BAD_FLAGS' }],
  [2, 'b0c2 0000 00002320 0005 0102', { ...vendor, code: 'OFPFMFC_BAD_FLAGS' }],
  [1, 'b0c2 0000 00002320 0006 0008', { ...vendor, code: 'OFPGMFC_UNKNOWN_GROUP' }],
  [2, 'b0c2 0000 00002320 0063 0007', { ...vendor, code: 0x63_0007 }],
  [1, 'b0c2 0000 00abcdef 0001 0002', { ...vendor, experimenter: 0xabcdef, code: 0x1_0002 }],
  [3, 'ffff 0002 00002320', { ...vendor, code: 'NXBRC_NXM_INVALID' }],
]

for (const [version, hex, expected] of [...cases, ...nicira]) {
  test(`error ${hex} of version ${version} is ${String(expected['code'])}`, () => {
    const data = '0a0b'
    same(framed(version, 1, hex + data), {
      type: 'error',
      version,
      xid: 1,
      ...expected,
      data: bytes(data),
    })
  })
}

test('one error has one number in each version', () => {
  const encoded = (version: number, errorType: string, code: string): string =>
    hexOf(encode({ type: 'error', version, xid: 1, errorType, code, data: new Uint8Array(0) })).slice(16)
  assert.equal(encoded(1, 'OFPET_FLOW_MOD_FAILED', 'OFPFMFC_OVERLAP'), '00030001')
  assert.equal(encoded(4, 'OFPET_FLOW_MOD_FAILED', 'OFPFMFC_OVERLAP'), '00050003')
  // Open vSwitch's names are understood too.
  assert.equal(encoded(1, 'OFPET_BAD_REQUEST', 'OFPBRC_BAD_VENDOR'), '00010003')
  assert.throws(() => encoded(1, 'OFPET_BAD_REQUEST', 'OFPBRC_BAD_PORT'), {
    code: 'VERSION',
    message: /OpenFlow 1\.0/,
  })
  assert.throws(() => encoded(1, 'OFPET_METER_MOD_FAILED', 'OFPMMFC_BAD_BAND'), { code: 'VERSION' })
  assert.throws(() => encoded(1, 'OFPET_BAD_REQUEST', 'OFPBRC_NO_SUCH'), { code: 'INVALID' })
})

test('names as Open vSwitch has them', () => {
  assert.equal(ovsErrorName('OFPBRC_BAD_MULTIPART'), 'OFPBRC_BAD_STAT')
  assert.equal(ovsErrorName('OFPFMFC_OVERLAP'), 'OFPFMFC_OVERLAP')
  assert.equal(errorTypes10.length, 6)
})

test('a vendor’s error that is too short to be one keeps its bytes', () => {
  const hex = framed(1, 1, 'b0c2 0000 00002320 0001')
  const message = decode(bytes(hex))
  assert.equal(message.type === 'error' && message.errorType, 0xb0c2)
  assert.equal(hexOf(encode(message)), hex)
})
