/**
 * Port security: a NIC speaks only for its own MAC and its declared addresses, and offers neither DHCP nor routes
 * unless trusted. Rules of the switch name what is allowed or forbidden to every NIC, rules of a NIC its own addresses.
 */
import type { OxmField } from 'ts-openflow'
import {
  arp,
  ethSrc,
  icmpv6Type,
  icmpv6Types,
  inPort,
  ipv4,
  ipv6,
  neighborAdvertisement,
  neighborSolicitation,
  rarp,
  tagged,
  udp,
} from '../../pipeline/fields.ts'
import { dropRule, rule, type RuleInput } from '../../pipeline/make-rule.ts'
import type { Owner, Rule } from '../../pipeline/rule.ts'
import type { PlacedNic } from '../placed.ts'

/** 01:80:c2:00:00:0x, which bridges never forward (IEEE 802.1Q table 8-1). */
const reserved: OxmField = { field: 'eth_dst', value: 0x0180c2000000, mask: 0xfffffffffff0 }
const dhcpServer = { field: 'udp_src', value: 67 } as const
const dhcpv6Server = { field: 'udp_src', value: 547 } as const
const noIpv4: OxmField = { field: 'ipv4_src', value: 0 }
const noIpv6: OxmField = { field: 'ipv6_src', value: 0n }

const priority = { first: 200, trusted: 190, guard: 180, own: 100, anybody: 90, violation: 10 } as const

/** Of table `address_security`: above what lets a NIC's own addresses pass. */
export const addressPriority = { noted: 110 } as const

/** What holds for every NIC of a switch. */
export function commonSecurity(owner: Owner): Rule[] {
  return [...commonL2(owner), ...commonAddresses(owner), ...commonNeighbors(owner)]
}

function commonL2(owner: Owner): Rule[] {
  const table = 'l2_security'
  return [
    dropRule({ table, priority: priority.first, match: [tagged], owner }, 'tagged-from-vm'),
    dropRule({ table, priority: priority.guard, match: [reserved], owner }, 'reserved-multicast'),
  ]
}

function commonAddresses(owner: Owner): Rule[] {
  const table = 'address_security'
  const guard = { table, priority: priority.guard, owner } as const
  const violation = { table, priority: priority.violation, owner } as const
  const pass = (match: readonly OxmField[], goto: 'remote' | 'respond') =>
    rule({ table, priority: priority.own, match, goto, owner })
  const withoutAddress = [
    icmpv6Types.mldReport,
    icmpv6Types.mldDone,
    icmpv6Types.mldv2Report,
    icmpv6Types.routerSolicitation,
  ]
  return [
    dropRule({ ...guard, match: [ipv4, udp, dhcpServer] }, 'dhcp-server'),
    dropRule({ ...guard, match: [ipv6, udp, dhcpv6Server] }, 'dhcp-server'),
    // The source MAC is the NIC's own by now, and a RARP request claims nothing else.
    pass([rarp], 'remote'),
    pass([ipv4, udp, noIpv4, { field: 'udp_src', value: 68 }, { field: 'udp_dst', value: 67 }], 'remote'),
    // Duplicate address detection: the next table lets the owner of the address ask, and nobody else.
    pass([...neighborSolicitation, noIpv6], 'respond'),
    ...withoutAddress.map((type) => pass([...icmpv6Type(type), noIpv6], 'remote')),
    dropRule({ ...violation, match: [arp] }, 'spoofed-arp'),
    dropRule({ ...violation, match: [ipv4] }, 'spoofed-ip'),
    dropRule({ ...violation, match: [ipv6] }, 'spoofed-ip'),
  ]
}

function commonNeighbors(owner: Owner): Rule[] {
  const table = 'nd_security'
  const violation = { table, priority: priority.violation, owner } as const
  const noLinkLayer = { field: 'ipv6_nd_sll', value: 0 } as const
  return [
    // Without a source link-layer address there is nothing to spoof, and nothing to answer to.
    rule({
      table,
      priority: priority.anybody,
      match: [...neighborSolicitation, noLinkLayer],
      goto: 'remote',
      owner,
    }),
    dropRule({ ...violation, match: neighborSolicitation }, 'spoofed-nd'),
    dropRule({ ...violation, match: neighborAdvertisement }, 'spoofed-nd'),
    ...[icmpv6Types.routerAdvertisement, icmpv6Types.redirect].map((type) =>
      dropRule({ ...violation, match: icmpv6Type(type) }, 'router-advertisement'),
    ),
  ]
}

/** What one NIC may say. */
export function nicSecurity(nic: PlacedNic): Rule[] {
  const { owner, port, mac } = nic
  const own: RuleInput = {
    table: 'l2_security',
    priority: priority.own,
    match: [inPort(port), ethSrc(mac)],
    goto: 'address_security',
    owner,
  }
  return [rule(own), ...ownAddresses(nic), ...ownNeighbors(nic), ...trusted(nic)]
}

function ownAddresses({ owner, port, mac, ...nic }: PlacedNic): Rule[] {
  const pass = (goto: 'respond' | 'remote' | 'nd_security', ...match: OxmField[]) =>
    rule({ table: 'address_security', priority: priority.own, match: [inPort(port), ...match], goto, owner })
  const sender: OxmField = { field: 'arp_sha', value: mac }
  return [
    // Address 0 is a probe: it asks whether somebody has an address, and claims none.
    ...[0, ...nic.ipv4].map((value) => pass('respond', arp, { field: 'arp_spa', value }, sender)),
    ...nic.ipv4.map((value) => pass('remote', ipv4, { field: 'ipv4_src', value })),
    ...nic.ipv6.map((value) => pass('nd_security', ipv6, { field: 'ipv6_src', value })),
  ]
}

function ownNeighbors({ owner, port, mac, ...nic }: PlacedNic): Rule[] {
  const pass = (goto: 'respond' | 'remote', ...match: OxmField[]) =>
    rule({ table: 'nd_security', priority: priority.own, match: [inPort(port), ...match], goto, owner })
  return [
    pass('respond', ...neighborSolicitation, { field: 'ipv6_nd_sll', value: mac }),
    // An answer to a unicast solicitation may leave out the link-layer address.
    ...nic.ipv6.flatMap((value) =>
      [mac, 0].map((linkLayer) =>
        pass(
          'remote',
          ...neighborAdvertisement,
          { field: 'ipv6_nd_target', value },
          { field: 'ipv6_nd_tll', value: linkLayer },
        ),
      ),
    ),
  ]
}

function trusted({ owner, port, trust, ...nic }: PlacedNic): Rule[] {
  const rules: Rule[] = []
  if (trust.includes('dhcp-server')) {
    const sources: OxmField[][] = [
      ...nic.ipv4.map((value): OxmField[] => [ipv4, udp, dhcpServer, { field: 'ipv4_src', value }]),
      ...nic.ipv6.map((value): OxmField[] => [ipv6, udp, dhcpv6Server, { field: 'ipv6_src', value }]),
    ]
    const may = { table: 'address_security', priority: priority.trusted, goto: 'remote', owner } as const
    for (const source of sources) rules.push(rule({ ...may, match: [inPort(port), ...source] }))
  }
  if (trust.includes('router-advertisement')) {
    const may = { table: 'nd_security', priority: priority.own, goto: 'remote', owner } as const
    for (const type of [icmpv6Types.routerAdvertisement, icmpv6Types.redirect]) {
      rules.push(rule({ ...may, match: [inPort(port), ...icmpv6Type(type)] }))
    }
  }
  return rules
}
