/** Chooses what to read behind the Ethernet header, and reads the small headers there: ARP, RARP, MPLS and NSH. */
import { u16, u32, u48, u8 } from './bytes.ts'
import type { ArpFields, Layers, MplsLabel, NshFields } from './fields.ts'
import { readIpv4, readIpv6 } from './ip.ts'

const readers: Readonly<Record<number, (bytes: Uint8Array) => Layers>> = {
  0x0800: readIpv4,
  0x0806: readArp,
  0x8035: readArp,
  0x86dd: readIpv6,
  0x8847: readMpls,
  0x8848: readMpls,
  0x894f: readNsh,
}

export const readNetwork = (ethType: number, bytes: Uint8Array): Layers => readers[ethType]?.(bytes) ?? {}

/** RFC 826 and RFC 903, for Ethernet and IPv4 only. */
function readArp(bytes: Uint8Array): Layers {
  const isEthernet = u16(bytes, 0) === 1 && u8(bytes, 4) === 6
  const isIpv4 = u16(bytes, 2) === 0x0800 && u8(bytes, 5) === 4
  if (bytes.length < 28 || !isEthernet || !isIpv4) return {}
  const op = u16(bytes, 6)
  const arp: ArpFields = {
    op: op > 0xff ? 0 : op,
    sha: u48(bytes, 8),
    spa: u32(bytes, 14),
    tha: u48(bytes, 18),
    tpa: u32(bytes, 24),
  }
  return { arp }
}

const maxLabels = 3

/** RFC 3032. */
function readMpls(bytes: Uint8Array): Layers {
  const mpls: MplsLabel[] = []
  for (let at = 0; at + 4 <= bytes.length && mpls.length < maxLabels; at += 4) {
    const entry = u32(bytes, at)
    const bos = (entry & 0x100) !== 0
    mpls.push({ label: entry >>> 12, tc: (entry >>> 9) & 7, bos, ttl: entry & 0xff })
    if (bos) break
  }
  return { mpls }
}

const nshBaseSize = 8
const nshType1Size = 24

/** RFC 8300. Metadata of type 2 is passed over. */
function readNsh(bytes: Uint8Array): Layers {
  const head = u16(bytes, 0)
  const version = head >>> 14
  const size = (head & 0x3f) * 4
  const mdType = u8(bytes, 2)
  if (bytes.length < nshBaseSize || size > bytes.length || version !== 0) return {}
  if (mdType === 1 && size !== nshType1Size) return {}
  if (mdType === 2 && size < nshBaseSize) return {}
  const context = (index: number): number => (mdType === 1 ? u32(bytes, nshBaseSize + 4 * index) : 0)
  const path = u32(bytes, 4)
  const nsh: NshFields = {
    flags: (head >>> 12) & 3,
    ttl: (head >>> 6) & 0x3f,
    mdType,
    np: u8(bytes, 3),
    spi: path >>> 8,
    si: path & 0xff,
    context: [context(0), context(1), context(2), context(3)],
  }
  return { nsh }
}
