import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatIpv4, formatIpv6, formatMac, isMulticastMac } from '../../../codecs/packet/address.ts'

test('MACs', () => {
  assert.equal(formatMac(0x02000000000a), '02:00:00:00:00:0a')
  assert.equal(formatMac(0), '00:00:00:00:00:00')
  assert.deepEqual([0xffffffffffff, 0x0180c200000e, 0x333300000016].map(isMulticastMac), [true, true, true])
  assert.deepEqual([0, 0x02000000000a, 0xfe0000000001].map(isMulticastMac), [false, false, false])
})

test('IPv4', () => {
  assert.equal(formatIpv4(0xffffff01), '255.255.255.1')
  assert.equal(formatIpv4(0x0a000001), '10.0.0.1')
})

// RFC 5952 section 4, each row one of its rules.
for (const [address, text] of [
  [0n, '::'],
  [1n, '::1'],
  [0x20010db8_00000000_00000000_00000001n, '2001:db8::1'],
  [0x20010db8_00000001_00010001_00010001n, '2001:db8:0:1:1:1:1:1'], // one group of zeros is not shortened
  [0x20010000_00000001_00000000_00000001n, '2001:0:0:1::1'], // the longest run is
  [0x20010db8_00000000_00010000_00000001n, '2001:db8::1:0:0:1'], // the first of two alike
  [0xfd000000_00000000_00000000_00000000n, 'fd00::'],
] as const) {
  test(`IPv6 ${text}`, () => {
    assert.equal(formatIpv6(address), text)
  })
}
