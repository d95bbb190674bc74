/** Addresses as text: the canonical forms, and MACs there and back. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { formatIpv4, formatIpv6, formatMac, parseMac } from 'ts-openflow'

test('MAC addresses', () => {
  assert.equal(formatMac(0x02_00_00_00_00_01), '02:00:00:00:00:01')
  assert.equal(formatMac(0xff_ff_ff_ff_ff_ff), 'ff:ff:ff:ff:ff:ff')
  assert.equal(parseMac('2:0:0:0:a:B'), 0x02_00_00_00_0a_0b)
  for (const text of [
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:00:00',
    '02-00-00-00-00-01',
    '02:00:00:00:00:0g',
    ' 02:00:00:00:00:01',
  ]) {
    assert.equal(parseMac(text), undefined, text)
  }
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (mac) => parseMac(formatMac(mac)) === mac))
})

test('IPv4 addresses', () => {
  assert.equal(formatIpv4(0x0a000001), '10.0.0.1')
  assert.equal(formatIpv4(0xffffffff), '255.255.255.255')
})

const ipv6: readonly [bigint, string][] = [
  [0n, '::'],
  [1n, '::1'],
  [0xfd00_0000_0000_0000_0000_0000_0000_0001n, 'fd00::1'],
  [0x2001_0db8_0000_0000_0001_0000_0000_0001n, '2001:db8::1:0:0:1'],
  [0x2001_0db8_0000_0001_0001_0001_0001_0001n, '2001:db8:0:1:1:1:1:1'],
  [0x0001_0002_0003_0004_0005_0006_0000_0000n, '1:2:3:4:5:6::'],
  [0x0001_0000_0000_0004_0000_0000_0000_0008n, '1:0:0:4::8'],
]

for (const [address, text] of ipv6) test(`IPv6 ${text}`, () => assert.equal(formatIpv6(address), text))
