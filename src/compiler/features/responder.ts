/**
 * ARP requests and neighbour solicitations for declared addresses are answered where they are asked, so they cost no
 * broadcast. The owner of an address is never answered: its announcements and duplicate checks go on to the members.
 */
import type { OxmField } from 'ts-openflow'
import {
  arp,
  inPort,
  network as inNetwork,
  icmpv6Types,
  neighborAdvertisement,
  neighborSolicitation,
} from '../../pipeline/fields.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { Owner, Rule, RuleAction } from '../../pipeline/rule.ts'
import type { PlacedNetwork, PlacedNic } from '../placed.ts'

const priority = { owner: 120, foreignProbe: 110, answer: 100 } as const
const table = 'respond'

const requestOp = 1
const replyOp = 2
/** Solicited and override flags (RFC 4861 4.4). */
const solicitedOverride = 0x60000000
const targetLinkLayerOption = 2

const set = (field: OxmField): RuleAction => ({ type: 'set_field', field })
const senderBecomesReceiver: RuleAction = { type: 'move', from: 'eth_src', to: 'eth_dst', bits: 48 }

/** What the owner's switch has besides the answers. */
export function passOwner({ owner, port, ...nic }: PlacedNic): Rule[] {
  const pass = (match: readonly OxmField[]) =>
    rule({ table, priority: priority.owner, match: [inPort(port), ...match], goto: 'remote', owner })
  return [
    ...nic.ipv4.map((value) => pass([arp, { field: 'arp_tpa', value }])),
    ...nic.ipv6.map((value) => pass([...neighborSolicitation, { field: 'ipv6_nd_target', value }])),
  ]
}

/** Answers for one NIC's addresses: on every switch that has members of its network. */
export function answers(nic: PlacedNic): Rule[] {
  return [
    ...nic.ipv4.map((address) => answerArp(nic, address)),
    ...nic.ipv6.map((address) => answerNd(nic, address)),
  ]
}

function answerArp({ owner, mac, networkKey }: PlacedNic, address: number): Rule {
  return rule({
    table,
    priority: priority.answer,
    match: [
      inNetwork(networkKey),
      arp,
      { field: 'arp_op', value: requestOp },
      { field: 'arp_tpa', value: address },
    ],
    actions: [
      senderBecomesReceiver,
      set({ field: 'eth_src', value: mac }),
      set({ field: 'arp_op', value: replyOp }),
      { type: 'move', from: 'arp_sha', to: 'arp_tha', bits: 48 },
      { type: 'move', from: 'arp_spa', to: 'arp_tpa', bits: 32 },
      set({ field: 'arp_sha', value: mac }),
      set({ field: 'arp_spa', value: address }),
      { type: 'output_in_port' },
    ],
    owner,
    network: networkKey,
  })
}

function answerNd({ owner, mac, networkKey }: PlacedNic, address: bigint): Rule {
  return rule({
    table,
    priority: priority.answer,
    match: [inNetwork(networkKey), ...neighborSolicitation, { field: 'ipv6_nd_target', value: address }],
    actions: [
      set({ field: 'icmpv6_type', value: icmpv6Types.neighborAdvertisement }),
      set({ field: 'nd_options_type', value: targetLinkLayerOption }),
      set({ field: 'nd_reserved', value: solicitedOverride }),
      senderBecomesReceiver,
      set({ field: 'eth_src', value: mac }),
      { type: 'move', from: 'ipv6_src', to: 'ipv6_dst', bits: 128 },
      set({ field: 'ipv6_src', value: address }),
    ],
    goto: 'respond_nd',
    owner,
    network: networkKey,
  })
}

/** The second half of every neighbour advertisement of a network. */
export function finishAdvertisement({ owner, key }: PlacedNetwork): Rule {
  return rule({
    table: 'respond_nd',
    priority: priority.answer,
    match: [inNetwork(key), ...neighborAdvertisement],
    actions: [{ type: 'move', from: 'eth_src', to: 'ipv6_nd_tll', bits: 48 }, { type: 'output_in_port' }],
    owner,
    network: key,
  })
}

/** Who checks for duplicates of an address that is not its own would make the owner give it up. */
export function dropForeignProbes(owner: Owner): Rule {
  const fromNobody: OxmField = { field: 'ipv6_src', value: 0n }
  const match = [...neighborSolicitation, fromNobody]
  return dropRule({ table, priority: priority.foreignProbe, match, owner }, 'spoofed-nd')
}
