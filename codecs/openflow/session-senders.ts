/**
 * Who sends what, by the numbers on the wire: a message that only a controller sends, and one that a version does not
 * have, are known without reading their bodies (ofp_type of OF 1.0.2 5.1, 1.3.5 7.1, 1.4.1 7.1, 1.5.1 7.1).
 */
import { HEADER_LENGTH, type Header } from './session-wire.ts'

interface Types {
  readonly last: number
  readonly controllerOnly: ReadonlySet<number>
  /** Numbers up to the last that belong to no message any more. */
  readonly unused: ReadonlySet<number>
}

const types = (last: number, controllerOnly: readonly number[], unused: readonly number[] = []): Types => ({
  last,
  controllerOnly: new Set(controllerOnly),
  unused: new Set(unused),
})

/** By wire version. 1.1 put GROUP_MOD before PORT_MOD, and everything behind moved. */
const typesOf: ReadonlyMap<number, Types> = new Map([
  [1, types(21, [5, 7, 9, 13, 14, 15, 16, 18, 20])],
  [2, types(23, [5, 7, 9, 13, 14, 15, 16, 17, 18, 20, 22])],
  [3, types(25, [5, 7, 9, 13, 14, 15, 16, 17, 18, 20, 22, 24])],
  [4, types(29, [5, 7, 9, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 29])],
  [5, types(34, [5, 7, 9, 13, 14, 15, 16, 17, 18, 20, 24, 26, 28, 29, 34], [22, 23])],
  [6, types(35, [5, 7, 9, 13, 14, 15, 16, 17, 18, 20, 24, 26, 28, 29, 34], [22, 23])],
])

const EXPERIMENTER = 4

/** Messages of experimenters that only a controller sends, by experimenter: Nicira's and the ONF's for 1.3. */
const controllerOnlyOf: ReadonlyMap<number, ReadonlySet<number>> = new Map([
  [0x2320, new Set([10, 12, 13, 15, 16, 19, 20, 21, 24, 25, 27, 28, 29, 31, 32])],
  [0x4f4e4600, new Set([1870, 2301])],
])

function isOfController(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_LENGTH + 8) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return controllerOnlyOf.get(view.getUint32(HEADER_LENGTH))?.has(view.getUint32(HEADER_LENGTH + 4)) ?? false
}

/** Why a switch cannot have meant this message, from its numbers alone; undefined when it can. */
export function wrongSender(
  bytes: Uint8Array,
  { version, type }: Header,
): 'unknown-type' | 'misdirected' | undefined {
  const known = typesOf.get(version)
  if (!known) return undefined
  if (type > known.last || known.unused.has(type)) return 'unknown-type'
  if (known.controllerOnly.has(type)) return 'misdirected'
  return type === EXPERIMENTER && isOfController(bytes) ? 'misdirected' : undefined
}
