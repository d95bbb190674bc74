/** Random actions of which parts may be absent, and the pieces that several actions have. */
import fc from 'fast-check'
import type { Action } from 'ts-openflow'
import { bytes, number, u128, u16, u32, u64, u8 } from '../fields/arbitrary-numbers.ts'

export type Parts = Readonly<Record<string, fc.Arbitrary<unknown>>>

/** Some of these flags, in their order. */
export const some = (...flags: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...flags])

export const record = (parts: Parts, optional: readonly string[] = []): fc.Arbitrary<object> =>
  fc.record(parts, {
    noNullPrototype: true,
    requiredKeys: Object.keys(parts).filter((name) => !optional.includes(name)),
  })

export const recordWith = <T>(
  type: string,
  parts: Parts,
  optional: readonly string[] = [],
): fc.Arbitrary<T> => record({ type: fc.constant(type), ...parts }, optional) as unknown as fc.Arbitrary<T>

export const bitOf = (field: fc.Arbitrary<string>): fc.Arbitrary<object> => record({ field, offset: u16 })

/** Of a learn action. */
export function specOf(bit: fc.Arbitrary<object>): fc.Arbitrary<object> {
  const nBits = fc.integer({ min: 1, max: 200 })
  const type = fc.constantFrom('match', 'load')
  const fromNumber = nBits.chain((n) =>
    record({ type, nBits: fc.constant(n), value: fc.bigInt(0n, (1n << BigInt(n)) - 1n), dst: bit }),
  )
  return fc.oneof(
    record({ type, nBits, src: bit, dst: bit }),
    fromNumber,
    record({ type: fc.constant('output'), nBits, src: bit }),
  )
}

const controllerParts = {
  maxLen: u16,
  controllerId: u16,
  reason: u8,
  userdata: bytes(0, 20),
  pause: fc.constant(true),
  meterId: u32,
}

const limits = { ipv4Min: u32, ipv4Max: u32, ipv6Min: u128, ipv6Max: u128, portMin: u16, portMax: u16 }
const natFlags = some('src', 'dst', 'persistent', 'protocol_hash', 'protocol_random', 'bit_7')

const limitedLearn = {
  idleTimeoutS: u16,
  hardTimeoutS: u16,
  priority: u16,
  cookie: u64,
  flags: some('send_flow_rem', 'delete_learned', 'bit_9'),
  tableId: u8,
  finIdleTimeoutS: u16,
  finHardTimeoutS: u16,
  limit: u32,
  resultDst: bitOf(fc.constantFrom('reg0', 'nsh_spi', 'xxreg1')),
  specs: fc.array(specOf(bitOf(fc.constantFrom('eth_src', 'vlan_tci'))), { maxLength: 4 }),
}

/** Bytes that fill an action to a multiple of eight with the `head` bytes before them. */
const filling = (head: number): fc.Arbitrary<Uint8Array> =>
  number(3).chain((n) => bytes(head + 8 * n, head + 8 * n))

export const rareActions: Readonly<Record<string, fc.Arbitrary<Action>>> = {
  nx_controller2: recordWith('nx_controller2', controllerParts, Object.keys(controllerParts)),
  nx_nat: recordWith('nx_nat', { flags: natFlags, ...limits }, Object.keys(limits)),
  nx_learn2: recordWith('nx_learn2', limitedLearn, ['resultDst']),
  experimenter: recordWith('experimenter', { experimenter: fc.constant(0x1234_5678), body: filling(0) }),
  unknown: recordWith('unknown', { code: fc.integer({ min: 100, max: 1000 }), body: filling(4) }),
}
