/**
 * What no OpenFlow version changes, as bytes: the header, HELLO, ERROR and ECHO. A session needs these before it knows
 * which version it speaks, and for peers whose version it does not speak at all (OF 1.3.5 6.3.1, 7.5.1; OF 1.5.1 7.5).
 */

export const HEADER_LENGTH = 8

/** Message types that keep their number and form in every version. */
export const stableType = { hello: 0, error: 1, echoRequest: 2, echoReply: 3, featuresRequest: 5 } as const

/** Error types and codes that the session itself sends. */
export const sessionError = {
  incompatible: { type: 0, code: 0 },
  badVersion: { type: 1, code: 0 },
  badType: { type: 1, code: 1 },
  badLength: { type: 1, code: 6 },
} as const

export interface Header {
  readonly version: number
  readonly type: number
  readonly length: number
  readonly xid: number
}

/** A peer's HELLO: `versions` is absent when it sent no usable version bitmap. */
export interface Hello {
  readonly version: number
  readonly versions?: readonly number[]
  /** What is wrong with its elements. */
  readonly damage?: string
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The header of a whole message. */
export function readHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes)
  return {
    version: view.getUint8(0),
    type: view.getUint8(1),
    length: view.getUint16(2),
    xid: view.getUint32(4),
  }
}

function message(header: Omit<Header, 'length'>, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + body.length)
  const view = viewOf(bytes)
  view.setUint8(0, header.version)
  view.setUint8(1, header.type)
  view.setUint16(2, bytes.length)
  view.setUint32(4, header.xid)
  bytes.set(body, HEADER_LENGTH)
  return bytes
}

const VERSION_BITMAP = 1
const WORD_BITS = 32

/** Versions set in one bitmap element; word n holds versions 32n to 32n + 31. */
function readBitmap(view: DataView, start: number, end: number): number[] {
  const versions: number[] = []
  for (let at = start; at + 4 <= end; at += 4) {
    const word = view.getUint32(at)
    const first = ((at - start) / 4) * WORD_BITS
    for (let bit = 0; bit < WORD_BITS; bit++) if ((word >>> bit) & 1) versions.push(first + bit)
  }
  return versions
}

/**
 * Reads a HELLO of any version. Elements that are damaged or unknown are passed over, as Open vSwitch does: the header's
 * version then speaks alone.
 */
export function readHello(bytes: Uint8Array): Hello {
  const view = viewOf(bytes)
  const version = view.getUint8(0)
  let at = HEADER_LENGTH
  while (at < bytes.length) {
    const left = bytes.length - at
    if (left < 4) return { version, damage: `${left} bytes after the elements` }
    const type = view.getUint16(at)
    const length = view.getUint16(at + 2)
    if (length < 4 || length > left) return { version, damage: `an element of length ${length}` }
    if (type === VERSION_BITMAP) return readVersions(view, at, length)
    at += Math.ceil(length / 8) * 8
  }
  return { version }
}

function readVersions(view: DataView, at: number, length: number): Hello {
  const version = view.getUint8(0)
  if (length % 4 !== 0) return { version, damage: `a version bitmap of ${length - 4} bytes` }
  const versions = readBitmap(view, at + 4, at + length)
  return versions.length > 0 ? { version, versions } : { version, damage: 'an empty version bitmap' }
}

/** Whether `versions` are all from the first to the highest, as a HELLO without a bitmap says. */
const areAllUpTo = (versions: readonly number[]): boolean =>
  new Set(versions).size === Math.max(...versions) && Math.min(...versions) === 1

/**
 * Our HELLO: the highest version in the header, all of them (below 32) in a bitmap where the header does not say it all.
 * OpenFlow 1.0 alone is the bare HELLO that its switches know.
 */
export function helloBytes(versions: readonly number[], xid: number): Uint8Array {
  const header = { version: Math.max(...versions), type: stableType.hello, xid }
  if (areAllUpTo(versions)) return message(header, new Uint8Array(0))
  const body = new Uint8Array(8)
  const view = viewOf(body)
  view.setUint16(0, VERSION_BITMAP)
  view.setUint16(2, 8)
  view.setUint32(4, versions.reduce((bits, version) => bits | (1 << version), 0) >>> 0)
  return message(header, body)
}

/**
 * The highest version both sides speak. A bitmap wins over the header's version; a peer without one speaks every version
 * up to its header's (a bare version-6 HELLO is what Open vSwitch sends with all versions enabled).
 */
export function agreeVersion(ours: readonly number[], peer: Hello): number | undefined {
  const theirs = peer.versions
  const common = ours.filter((version) => (theirs ? theirs.includes(version) : version <= peer.version))
  return common.length > 0 ? Math.max(...common) : undefined
}

/** As much of the offending message as Open vSwitch returns at least. */
const ERROR_DATA_BYTES = 64

export interface ErrorAnswer {
  readonly version: number
  readonly xid: number
  readonly error: { readonly type: number; readonly code: number }
  /** The offending message, cut to 64 bytes, or a text. */
  readonly data: Uint8Array
}

export function errorBytes({ version, xid, error, data }: ErrorAnswer): Uint8Array {
  const kept = data.subarray(0, ERROR_DATA_BYTES)
  const body = new Uint8Array(4 + kept.length)
  viewOf(body).setUint16(0, error.type)
  viewOf(body).setUint16(2, error.code)
  body.set(kept, 4)
  return message({ version, type: stableType.error, xid }, body)
}

export const headerOnlyBytes = (version: number, type: number, xid: number): Uint8Array =>
  message({ version, type, xid }, new Uint8Array(0))

/** The answer to an ECHO_REQUEST, in the request's own version, with its data. */
export function echoReplyBytes(request: Uint8Array): Uint8Array {
  const { version, xid } = readHeader(request)
  return message({ version, type: stableType.echoReply, xid }, request.subarray(HEADER_LENGTH))
}

const HTTP_METHODS = ['GET ', 'HEAD', 'POST', 'PUT ', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'PRI ']

/**
 * Names a peer that speaks something else, from the first 4 bytes it sent: they would make an OpenFlow message of some
 * 20,000 bytes that never ends.
 */
export function foreignProtocol(start: Uint8Array): 'http-peer' | 'tls-peer' | undefined {
  if (start.length < 4) return undefined
  if (start[0] === 0x16 && start[1] === 0x03) return 'tls-peer'
  return HTTP_METHODS.includes(String.fromCharCode(...start.subarray(0, 4))) ? 'http-peer' : undefined
}
