/**
 * Nicira's match (Open vSwitch nicira-ext): a list of fields without a header of its own. An earlier field of the message
 * announces its length, which leaves out the padding to a multiple of 8. Fields have their NXM numbers in every version
 * of OpenFlow. A last entry that compares the flow's cookie is no field of a packet and stands apart from them.
 */
import type { Codec, Inline } from '../wire/codec.ts'
import { EncodeError, within } from '../wire/errors.ts'
import type { Reader } from '../wire/reader.ts'
import { padded } from '../wire/tlv.ts'
import type { Writer } from '../wire/writer.ts'
import { oxmFields } from './match.ts'
import type { Match } from './oxm.ts'

/** Which of the forms that a field has: those of 1.0 are NXM's. */
const nxmVersion = 1

const cookieHeader = 0x0001_3c08
const maskedCookieHeader = 0x0001_3d10
const allBits = 0xffff_ffff_ffff_ffffn

export interface CookieMatch {
  readonly cookie: bigint
  /** Set bits are compared. */
  readonly cookieMask: bigint
}

/** The entry that ends at `end`, if it is one for the cookie as it would be written. */
function cookieAt(r: Reader, at: number, end: number): CookieMatch | undefined {
  const length = end - at
  if (length !== 12 && length !== 20) return undefined
  const header = r.view.getUint32(at)
  const cookie = r.view.getBigUint64(at + 4)
  if (length === 12) return header === cookieHeader ? { cookie, cookieMask: allBits } : undefined
  const cookieMask = r.view.getBigUint64(at + 12)
  const usual = cookieMask !== 0n && cookieMask !== allBits && (cookie & ~cookieMask) === 0n
  return header === maskedCookieHeader && usual ? { cookie, cookieMask } : undefined
}

/** Where the last entry begins, if entries fill the space exactly. */
function lastEntry(r: Reader, end: number): number | undefined {
  let at = r.pos
  while (at + 4 <= end) {
    const next = at + 4 + r.view.getUint8(at + 3)
    if (next === end) return at
    at = next
  }
  return undefined
}

function fieldsUntil(r: Reader, end: number): Match {
  const { end: outer, version } = r
  r.end = end
  r.version = nxmVersion
  try {
    return oxmFields.read(r)
  } catch (error) {
    throw within(error, 'match')
  } finally {
    r.end = outer
    r.version = version
  }
}

/** Where the announced entries end, and what follows their padding begins. */
function extent(r: Reader): { readonly end: number; readonly next: number } {
  const next = r.pos + padded(r.announced, 8)
  if (next > r.end)
    throw r.fail('LENGTH', `a match of ${r.announced} bytes is announced, ${r.end - r.pos} are left`)
  return { end: r.pos + r.announced, next }
}

function writeEntries(w: Writer, match: Match, cookieMatch?: CookieMatch): void {
  const { announcedAt, pos: start, version } = w
  w.version = nxmVersion
  try {
    oxmFields.write(w, match)
  } catch (error) {
    throw within(error, 'match')
  } finally {
    w.version = version
  }
  if (cookieMatch !== undefined) writeCookie(w, cookieMatch)
  w.patchLength(announcedAt, w.pos - start)
  w.align(start, 8)
}

function writeCookie(w: Writer, { cookie, cookieMask }: CookieMatch): void {
  if (cookieMask === 0n) return
  const masked = cookieMask !== allBits
  if ((cookie & ~cookieMask) !== 0n)
    throw new EncodeError('INVALID', 'the cookie has bits that its mask does not compare')
  w.u32(masked ? maskedCookieHeader : cookieHeader)
  w.u64(cookie)
  if (masked) w.u64(cookieMask)
}

/** Fields only. An entry for the cookie stays among them. */
export const nxmMatch: Codec<Match> = {
  read(r) {
    const { end, next } = extent(r)
    const match = fieldsUntil(r, end)
    r.pos = next
    return match
  },
  write: (w, match) => writeEntries(w, match),
}

interface Entries {
  readonly match: Match
  readonly cookieMatch: CookieMatch | undefined
}

function readEntries(r: Reader): Entries {
  const { end, next } = extent(r)
  const last = lastEntry(r, end)
  const cookieMatch = last === undefined ? undefined : cookieAt(r, last, end)
  const match = fieldsUntil(r, cookieMatch === undefined || last === undefined ? end : last)
  r.pos = next
  return { match, cookieMatch }
}

/** Of a flow-mod, which besides has the cookie that flows get. */
export const nxmMatchAndCookie: Inline<
  { readonly match: Match; readonly cookieMatch?: CookieMatch },
  { readonly match?: Match; readonly cookieMatch?: CookieMatch }
> = {
  inline: true,
  readInto(r, out) {
    const { match, cookieMatch } = readEntries(r)
    out['match'] = match
    if (cookieMatch !== undefined) out['cookieMatch'] = cookieMatch
  },
  writeFrom: (w, { match = [], cookieMatch }) => writeEntries(w, match, cookieMatch),
}

/** Of a request for flows: cookie and mask as in the standard one, whose mask 0 compares nothing. */
export const nxmSelection: Inline<
  { readonly match: Match } & CookieMatch,
  Partial<{ readonly match: Match } & CookieMatch>
> = {
  inline: true,
  readInto(r, out) {
    const { match, cookieMatch } = readEntries(r)
    out['match'] = match
    out['cookie'] = cookieMatch?.cookie ?? 0n
    out['cookieMask'] = cookieMatch?.cookieMask ?? 0n
  },
  writeFrom: (w, { match = [], cookie = 0n, cookieMask = 0n }) =>
    writeEntries(w, match, { cookie, cookieMask }),
}
