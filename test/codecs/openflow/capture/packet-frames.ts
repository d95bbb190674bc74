/** Frames of every kind that Open vSwitch tells apart, and of every kind that it cannot read, built as hex layer by layer. */
import { u16, u32, u8, zeros } from './hex.ts'

const sizeOf = (hex: string): number => hex.replaceAll(' ', '').length / 2
const addresses = '020000000002 020000000001 '

const eth = (type: number, payload: string, tags = ''): string => `${addresses}${tags}${u16(type)} ${payload}`
const tag = (tpid: number, tci: number): string => `${u16(tpid)} ${u16(tci)} `

interface Ipv4Parts {
  readonly options?: string
  readonly tos?: number
  readonly part?: number
  readonly ttl?: number
  /** Instead of the true ones. */
  readonly ihl?: number
  readonly size?: number
}

const ipv4 = (proto: number, payload: string, parts: Ipv4Parts = {}): string => {
  const { options = '', tos = 0, part = 0x4000, ttl = 64 } = parts
  const headerSize = 20 + sizeOf(options)
  const { ihl = headerSize / 4, size = headerSize + sizeOf(payload) } = parts
  const head = `${u8(0x40 + ihl)} ${u8(tos)} ${u16(size)} 1234 ${u16(part)} ${u8(ttl)} ${u8(proto)} beef`
  return `${head} 0a000001 0a0000fe ${options} ${payload}`
}

interface Ipv6Parts {
  readonly head?: number
  readonly hops?: number
  readonly src?: string
  readonly dst?: string
  readonly size?: number
}

const global = (last: string): string => `20010db8 0000 0000 0000 0000 ${last}`

const ipv6 = (next: number, payload: string, parts: Ipv6Parts = {}): string => {
  const { head = 0x6000_0000, hops = 64, src = global('00000001'), dst = global('00000002') } = parts
  return `${u32(head)} ${u16(parts.size ?? sizeOf(payload))} ${u8(next)} ${u8(hops)} ${src} ${dst} ${payload}`
}

/** `length` is in words of 8 bytes beyond the first, or of 4 bytes beyond the second in an authentication header. */
const extension = (next: number, length: number, body: number): string =>
  `${u8(next)} ${u8(length)} ${zeros(body - 2)} `
const fragmentHeader = (next: number, part: number): string => `${u8(next)} 00 ${u16(part)} 00000007 `

const tcp = (flags: number, words = 5, options = '', data = ''): string =>
  `03e8 0050 00000001 00000002 ${u16(words * 0x1000 + flags)} ffff 5a5a 0000 ${options} ${data}`
const udp = (data = ''): string => `0044 0043 ${u16(8 + sizeOf(data))} 00a5 ${data}`
const sctp = '0b59 0b5a 00000001 0a5b6c7d 00030008 00000000'
const icmp = (type: number, code: number): string => `${u8(type)} ${u8(code)} 0208 0001 0002 6162636465666768`
const igmp = '16 00 09fa efff0001'
const nd = (type: number, options: string, target = global('00000002')): string =>
  `${u8(type)} 00 7b2c 60000000 ${target} ${options}`
const sourceOption = '01 01 020000000001 '
const targetOption = '02 01 020000000002 '

const arp = (op: number, head = '0001 0800 06 04'): string =>
  `${head} ${u16(op)} 020000000001 0a000001 020000000002 0a000002`

const label = (value: number, bos: boolean, tc = 0, ttl = 64): string =>
  `${u32(value * 0x1000 + tc * 0x200 + (bos ? 0x100 : 0) + ttl)} `

const nsh = (head: number, mdType: number, context: string): string =>
  `${u16(head)} ${u8(mdType)} 03 001234ff ${context}`
const contexts = '00000001 0000abcd 00000000 ffffffff'

const linkFrames = {
  'nothing at all': '',
  'one byte': '02',
  'thirteen bytes': '020000000002 020000000001 08',
  'a header alone': eth(0x0800, ''),
  'unknown ethertype': eth(0x88cc, '0207 04020000000001'),
  'the lowest ethertype': eth(0x0600, '00'),
  'ethertype 0xffff': eth(0xffff, '00'),
  'llc without snap': eth(0x0026, `424203 ${zeros(35)}`),
  'llc, five bytes': eth(0x0005, '424203 0000'),
  'snap with arp': eth(0x0024, `aaaa03 000000 0806 ${arp(1)}`),
  'snap with ipv4': eth(0x0040, `aaaa03 000000 0800 ${ipv4(17, udp())}`),
  'snap of another organisation': eth(0x0010, 'aaaa03 00000c 2000 02b4'),
  'snap with a length for a type': eth(0x0010, 'aaaa03 000000 0400 0000'),
  'snap cut before its type': eth(0x0010, 'aaaa03 000000 08'),
  'one tag': eth(0x0800, ipv4(6, tcp(2)), tag(0x8100, 0xa065)),
  'one tag, drop eligible': eth(0x0806, arp(1), tag(0x8100, 0x1fff)),
  'a priority tag': eth(0x0806, arp(1), tag(0x8100, 0x6000)),
  'one service tag': eth(0x0806, arp(2), tag(0x88a8, 0x0007)),
  'two tags': eth(0x0800, ipv4(17, udp()), `${tag(0x88a8, 0x2064)}${tag(0x8100, 0xe0c8)}`),
  'three tags': eth(0x0806, arp(1), `${tag(0x8100, 1)}${tag(0x8100, 2)}${tag(0x8100, 3)}`),
  'a tag and snap': eth(0x0024, `aaaa03 000000 0806 ${arp(1)}`, tag(0x8100, 9)),
  'a tag at the end': `${addresses}8100 0064`,
  'a tag and half an ethertype': `${addresses}8100 0064 08`,
  'a tag without anything behind its ethertype': `${addresses}8100 0064 0800`,
}

const networkFrames = {
  'arp request': eth(0x0806, arp(1)),
  'arp reply, padded': eth(0x0806, `${arp(2)} ${zeros(18)}`),
  'arp operation 255': eth(0x0806, arp(255)),
  'arp operation 256': eth(0x0806, arp(256)),
  'arp of another network': eth(0x0806, arp(1, '0001 86dd 06 04')),
  'arp of another hardware': eth(0x0806, arp(1, '0006 0800 06 04')),
  'arp with a long address': eth(0x0806, arp(1, '0001 0800 08 04')),
  'arp with a long network address': eth(0x0806, arp(1, '0001 0800 06 10')),
  rarp: eth(0x8035, arp(3)),
  'mpls, one label': eth(0x8847, `${label(16, true, 5)}${ipv4(6, tcp(2))}`),
  'mpls, two labels': eth(0x8847, `${label(100, false)}${label(0xfffff, true, 7, 255)}`),
  'mpls, three labels': eth(0x8848, `${label(1, false)}${label(2, false)}${label(3, true)}`),
  'mpls, five labels': eth(0x8847, `${label(1, false).repeat(4)}${label(5, true)}`),
  'mpls, no bottom': eth(0x8847, `${label(1, false)}${label(2, false)}`),
  'mpls, half a label': eth(0x8847, '0001'),
  'mpls, tagged': eth(0x8847, label(7, true), tag(0x8100, 5)),
  'nsh, type 1': eth(0x894f, nsh(0x2fc6, 1, `${contexts} ${eth(0x0800, '')}`)),
  'nsh, type 2': eth(0x894f, nsh(0x0004, 2, '0001 02 04 01020304')),
  'nsh, type 2 without metadata': eth(0x894f, nsh(0x0fc2, 2, '')),
  'nsh, another type': eth(0x894f, nsh(0x0fc3, 15, '01020304')),
  'nsh, type 1 of another size': eth(0x894f, nsh(0x0fc7, 1, `${contexts} 00000000`)),
  'nsh, type 2 shorter than its base': eth(0x894f, nsh(0x0fc1, 2, '')),
  'nsh, another type shorter than its base': eth(0x894f, nsh(0x0fc0, 15, '')),
  'nsh, another version': eth(0x894f, nsh(0x4fc6, 1, contexts)),
  'nsh, longer than the frame': eth(0x894f, nsh(0x0fc6, 1, '00000001')),
  'nsh, seven bytes': eth(0x894f, '0fc2 02 03 001234'),
}

const ipv4Frames = {
  'icmp echo': eth(0x0800, ipv4(1, icmp(8, 0), { ttl: 255 })),
  'icmp unreachable': eth(0x0800, ipv4(1, icmp(3, 13), { tos: 0xc0 })),
  'icmp, seven bytes': eth(0x0800, ipv4(1, '0800 0208 0001 00')),
  'tcp syn': eth(0x0800, ipv4(6, tcp(0x002))),
  'tcp without flags': eth(0x0800, ipv4(6, tcp(0))),
  'tcp with all flags': eth(0x0800, ipv4(6, tcp(0xfff))),
  'tcp with options': eth(0x0800, ipv4(6, tcp(0x018, 8, '0101 080a 00000001 00000002', '4142'))),
  'tcp that says it is longer': eth(0x0800, ipv4(6, tcp(0x018, 15))),
  'tcp that says it is shorter': eth(0x0800, ipv4(6, tcp(0x018, 4))),
  'tcp, nineteen bytes': eth(0x0800, ipv4(6, tcp(2).replaceAll(' ', '').slice(0, 38))),
  udp: eth(0x0800, ipv4(17, udp('01020304'), { tos: 0xb9 })),
  'udp without checksum': eth(0x0800, ipv4(17, '0044 0043 0008 0000')),
  'udp, seven bytes': eth(0x0800, ipv4(17, '0044 0043 0008 00')),
  sctp: eth(0x0800, ipv4(132, sctp)),
  'sctp, eleven bytes': eth(0x0800, ipv4(132, sctp.replaceAll(' ', '').slice(0, 22))),
  igmp: eth(0x0800, ipv4(2, igmp, { options: '94040000', ttl: 1 })),
  'igmp, seven bytes': eth(0x0800, ipv4(2, '1600 09fa efff00')),
  'icmpv6 in ipv4': eth(0x0800, ipv4(58, nd(135, sourceOption))),
  ospf: eth(0x0800, ipv4(89, '0201002c', { ttl: 1, tos: 0xc0 })),
  'ip protocol 0': eth(0x0800, ipv4(0, '00')),
  'ip protocol 255': eth(0x0800, ipv4(255, '')),
  'ipv4 with options': eth(0x0800, ipv4(17, udp(), { options: '01010101 44080000 00000000' })),
  'ipv4 with the most options': eth(0x0800, ipv4(17, udp(), { options: zeros(40) })),
  'first fragment': eth(0x0800, ipv4(17, udp('01020304'), { part: 0x2000 })),
  'later fragment of udp': eth(0x0800, ipv4(17, '0102030405060708', { part: 0x2001 })),
  'last fragment of icmp': eth(0x0800, ipv4(1, '0102030405060708', { part: 0x1000 })),
  'later fragment of tcp, too short for one': eth(0x0800, ipv4(6, '0102030405060708', { part: 0x0010 })),
  "fragment with the reserved flag, don't fragment": eth(0x0800, ipv4(17, udp(), { part: 0xc000 })),
  'ipv4, padded': eth(0x0800, `${ipv4(17, udp())} ${zeros(18)}`),
  'ipv4 that says it is longer': eth(0x0800, ipv4(17, udp(), { size: 29 })),
  'ipv4 that says it is shorter': eth(0x0800, ipv4(17, udp(), { size: 24 })),
  'ipv4 shorter than its header': eth(0x0800, ipv4(17, udp(), { size: 19 })),
  'ipv4 with four words of header': eth(0x0800, ipv4(17, udp(), { ihl: 4 })),
  'ipv4 with fifteen words of header': eth(0x0800, ipv4(17, udp(), { ihl: 15 })),
  'ipv4 that says it is version 6': eth(0x0800, ipv4(17, udp()).replace('45', '65')),
}

const mapped = '00000000 00000000 0000ffff 0a000001'
const compatible = '00000000 00000000 00000000 0a000001'
const ndFrame = (type: number, options: string): string =>
  eth(0x86dd, ipv6(58, nd(type, options), { hops: 255 }))

const ipv6Frames = {
  'icmpv6 echo': eth(0x86dd, ipv6(58, icmp(128, 0))),
  'neighbour solicitation': ndFrame(135, sourceOption),
  'neighbour advertisement': ndFrame(136, targetOption),
  'neighbour discovery, no options': ndFrame(135, ''),
  'neighbour discovery, both addresses': ndFrame(136, `${targetOption}${sourceOption}`),
  'neighbour discovery, another option first': ndFrame(135, `0e01 000000000007 ${sourceOption}`),
  'neighbour discovery, a long source': ndFrame(135, `0102 020000000001 ${zeros(8)} ${targetOption}`),
  'neighbour discovery, source twice': ndFrame(135, `${sourceOption}${sourceOption}`),
  'neighbour discovery, target twice': ndFrame(136, `${sourceOption}${targetOption}${targetOption}`),
  'neighbour discovery, source of zeros first': ndFrame(135, `0101 000000000000 ${sourceOption}`),
  'neighbour discovery, empty option': ndFrame(135, `0100 000000000000 ${sourceOption}`),
  'neighbour discovery, option too long': ndFrame(135, '0103 020000000001'),
  'neighbour discovery, half a target': eth(0x86dd, ipv6(58, '8700 7b2c 00000000 20010db8')),
  'neighbour discovery with a code': eth(0x86dd, ipv6(58, nd(135, sourceOption).replace('87 00', '87 01'))),
  'router advertisement': eth(0x86dd, ipv6(58, '86 00 1111 40000708 00000000 00000000 0101 020000000001')),
  'icmpv6, seven bytes': eth(0x86dd, ipv6(58, '8700 7b2c 000000')),
  'icmpv6, four bytes': eth(0x86dd, ipv6(58, '8000 7b2c')),
  'icmpv6, three bytes': eth(0x86dd, ipv6(58, '8000 7b')),
  'tcp over ipv6': eth(0x86dd, ipv6(6, tcp(0x0c2))),
  'udp over ipv6, flow label, traffic class': eth(0x86dd, ipv6(17, udp(), { head: 0x6ba1_2345 })),
  'sctp over ipv6': eth(0x86dd, ipv6(132, sctp)),
  'icmp in ipv6': eth(0x86dd, ipv6(1, icmp(8, 0))),
  'igmp in ipv6': eth(0x86dd, ipv6(2, igmp)),
  'no next header': eth(0x86dd, ipv6(59, '')),
  'every address a form of ipv4': eth(
    0x86dd,
    ipv6(58, nd(135, '', compatible), { src: mapped, dst: compatible }),
  ),
  'loopback to an address of one group': eth(
    0x86dd,
    ipv6(17, udp(), { src: `${zeros(15)}01`, dst: `${zeros(14)}ffff` }),
  ),
  'all zeros to an address without any': eth(
    0x86dd,
    ipv6(17, udp(), { src: zeros(16), dst: '20010db8 11112222 33334444 55556666' }),
  ),
  'every extension': eth(
    0x86dd,
    ipv6(
      0,
      `${extension(43, 0, 8)}${extension(60, 1, 16)}${extension(51, 2, 24)}${extension(44, 1, 12)}` +
        `${fragmentHeader(17, 0)}${udp()}`,
    ),
  ),
  'an extension that ends the packet': eth(0x86dd, ipv6(0, extension(17, 0, 8))),
  'an extension that runs beyond': eth(0x86dd, ipv6(0, extension(17, 2, 16), { head: 0x6ba1_2345 })),
  'an extension of seven bytes': eth(0x86dd, ipv6(60, extension(17, 0, 7))),
  'an authentication header that runs beyond': eth(0x86dd, ipv6(51, extension(17, 4, 16))),
  'an extension that is not known': eth(0x86dd, ipv6(135, extension(17, 0, 8))),
  'first fragment of ipv6': eth(0x86dd, ipv6(44, `${fragmentHeader(6, 0x0001)}${tcp(2)}`)),
  'later fragment of ipv6': eth(0x86dd, ipv6(44, `${fragmentHeader(6, 0x0008)}${tcp(2)}`)),
  'fragment with only reserved bits': eth(0x86dd, ipv6(44, `${fragmentHeader(17, 0x0006)}${udp()}`)),
  'whole in a fragment': eth(0x86dd, ipv6(44, `${fragmentHeader(17, 0)}${udp()}`)),
  'a fragment within the first fragment': eth(
    0x86dd,
    ipv6(44, `${fragmentHeader(44, 1)}${fragmentHeader(17, 0)}${udp()}`),
  ),
  'half a fragment header': eth(0x86dd, ipv6(44, '11 00 0001')),
  'ipv6, padded': eth(0x86dd, `${ipv6(17, udp())} ${zeros(6)}`),
  'ipv6 that says it is longer': eth(0x86dd, ipv6(17, udp(), { size: 9 })),
  'ipv6 that says it is shorter': eth(0x86dd, ipv6(17, udp(), { size: 6 })),
  'ipv6 that says it is version 4': eth(0x86dd, ipv6(17, udp(), { head: 0x4000_0000 })),
  'ipv6, tagged twice': eth(0x86dd, ipv6(6, tcp(0x011)), `${tag(0x8100, 10)}${tag(0x8100, 20)}`),
}

const plain = (frames: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(frames).map(([name, hex]) => [name, hex.replaceAll(' ', '')])

/** Names and hex. */
export const namedFrames = [linkFrames, networkFrames, ipv4Frames, ipv6Frames].flatMap(plain)

/** With the length in an IP header that follows the Ethernet header directly made true, in any other frame as it is. */
export function withTrueLength(hex: string): string {
  const size = hex.length / 2 - 14
  const type = hex.slice(24, 28)
  if (type === '0800' && size >= 20) return hex.slice(0, 32) + u16(size) + hex.slice(36)
  if (type === '86dd' && size >= 40) return hex.slice(0, 36) + u16(size - 40) + hex.slice(40)
  return hex
}
