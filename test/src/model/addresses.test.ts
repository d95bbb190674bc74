import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Address6 } from 'ip-address'
import {
  macText,
  parseAddress,
  parseDatapathId,
  parseMac,
  parseSubnet,
} from '../../../src/model/addresses.ts'

const value = <T>(parsed: { ok: true; value: T } | { ok: false; message: string }): T => {
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.message)
  return parsed.value
}

/** Groups with many zeros, so that runs of them occur. */
const groups = fc.array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(0xffff)), {
  minLength: 8,
  maxLength: 8,
})

test('IPv6 addresses read and print as the ip-address library does', () => {
  fc.assert(
    fc.property(groups, fc.nat(7), fc.nat(8), fc.boolean(), (parts, from, length, upper) => {
      const texts = parts.map((part) => part.toString(16))
      const run = parts.slice(from, from + length)
      const short = run.length > 0 && run.every((part) => part === 0)
      const text = short
        ? `${texts.slice(0, from).join(':')}::${texts.slice(from + run.length).join(':')}`
        : texts.join(':')
      const oracle = new Address6(text)
      const parsed = parseAddress(upper ? text.toUpperCase() : text)
      if (!parsed.ok) {
        assert.match(parsed.message, /multicast|loopback|unspecified|IPv4-mapped/)
        return
      }
      assert.equal(parsed.value.value, oracle.bigInt())
      assert.equal(parsed.value.text, oracle.correctForm())
    }),
    { numRuns: 2_000 },
  )
})

test('what is not an IPv6 address is refused, as the library refuses it', () => {
  const alphabet = fc.constantFrom(':', ':', '::', '0', '1', 'f', 'abcd', '12345')
  fc.assert(
    fc.property(fc.array(alphabet, { minLength: 1, maxLength: 14 }), (pieces) => {
      const text = pieces.join('')
      if (!text.includes(':')) return
      const parsed = parseAddress(text)
      const refused = !parsed.ok && parsed.message.includes('not an IP address')
      assert.equal(!refused, Address6.isValid(text), text)
    }),
    { numRuns: 5_000 },
  )
})

test('addresses that look almost right are refused', () => {
  const wrong = [
    '10.0.1',
    '10.0.1.256',
    '10.0.01.1',
    '1.2.3.4.5',
    'fe80::1%eth0',
    '1::2::3',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '',
  ]
  for (const text of [
    ...wrong,
    '0.0.0.0',
    '127.0.0.1',
    '239.1.1.1',
    '255.255.255.255',
    '::',
    '::1',
    'ff02::1',
    '::ffff:1.2.3.4',
  ]) {
    assert.equal(parseAddress(text).ok, false, text)
  }
  assert.equal(value(parseAddress('64:ff9b::10.0.0.1')).text, '64:ff9b::a00:1')
})

test('MACs with colons or dashes, not both', () => {
  assert.equal(value(parseMac('02-00-00-00-01-ff')), 0x0200000001ff)
  assert.equal(macText(0x0200000001ff), '02:00:00:00:01:ff')
  for (const text of [
    '02:00-00:00:01:01',
    '020000000101',
    '2:0:0:0:1:1',
    '02:00:00:00:01:01:01',
    'ff:ff:ff:ff:ff:ff',
  ]) {
    assert.equal(parseMac(text).ok, false, text)
  }
})

test('datapath ids in three spellings', () => {
  for (const text of ['00000000000000a1', '0xA1', '00:00:00:00:00:00:00:a1']) {
    assert.equal(value(parseDatapathId(text)), '00000000000000a1')
  }
  for (const text of ['', 'a1', '0x', '0x11112222333344445', '0000000000000000', '00:00:a1']) {
    assert.equal(parseDatapathId(text).ok, false, text)
  }
})

test('subnets are canonical, and know their first and last address', () => {
  assert.deepEqual(value(parseSubnet('10.0.1.0/24')), {
    family: 4,
    first: 0x0a000100n,
    last: 0x0a0001ffn,
    prefixLength: 24,
    cidr: '10.0.1.0/24',
  })
  assert.equal(value(parseSubnet('FD00:1:0:0::/64')).cidr, 'fd00:1::/64')
  assert.equal(value(parseSubnet('10.0.1.3/32')).first, 0x0a000103n)
  for (const text of [
    '10.0.1.0',
    '10.0.1.0/33',
    '10.0.1.0/0',
    '10.0.1.0/-1',
    'fd00::/129',
    '10.0.1.1/24',
    '10.0.1.0/24/24',
  ]) {
    assert.equal(parseSubnet(text).ok, false, text)
  }
})
