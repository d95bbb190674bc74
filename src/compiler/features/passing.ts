/**
 * What the two ends of a VM's way have for its NICs. Where it will run, all is there beforehand but the two things that would
 * let two guests answer: nothing is taken in from its port, and it gets no broadcasts. Once it is led, that port gets all that
 * is for it, and the VM may still speak where it runs. Where it ran, nothing is taken in any more, and what comes late is sent
 * after it. Frames at a port that takes nothing in are shown to the controller: they tell that the VM runs there.
 */
import { ethDst, inPort, network as inNetwork } from '../../pipeline/fields.ts'
import { dropRule, rule } from '../../pipeline/make-rule.ts'
import type { DropReason } from '../../pipeline/drop-reasons.ts'
import type { Rule } from '../../pipeline/rule.ts'
import type { Hop } from '../paths.ts'
import type { Marking, PlacedNic } from '../placed.ts'
import { classifyNic, classifyPriority } from './classification.ts'
import { deliverUnicast, deliveryPriority } from './delivery.ts'
import { sendAfter } from './forwarding.ts'
import { hostMeter } from './meters.ts'
import { nicSecurity } from './port-security.ts'
import { passOwner } from './responder.ts'
import { noteSessions } from './sessions.ts'

/** A NIC that may have no port there. */
type Passing = Omit<PlacedNic, 'port'> & { readonly port: number | undefined }

/** Enough for any Ethernet frame: the first one is put back on its way when the VM has arrived. */
const wholeFrame = 0xffff

/** `floods`: a segment may bring frames here that are for the VM where it still runs. */
export function arrivingNic(nic: Passing, { floods }: { readonly floods: boolean }): Rule[] {
  const { port } = nic
  if (port === undefined) return []
  const placed = { ...nic, port }
  return [
    shutNic(placed),
    ...nicSecurity(placed),
    ...passOwner(placed),
    ...(floods ? [] : [deliverUnicast(placed)]),
  ]
}

/** Where it has just arrived, or is led: what this switch sent to where it was is delivered, from the moment when others send it here. */
export function expectedNic(
  { owner, mac, networkKey }: PlacedNic,
  { awaited }: { readonly awaited: boolean },
): Rule {
  return rule({
    table: 'remote',
    priority: deliveryPriority.unicast,
    match: [inNetwork(networkKey), ethDst(mac)],
    goto: 'local',
    owner,
    network: networkKey,
    phase: awaited ? 'receive' : 'send',
  })
}

/** `after`: the way after it, for what comes late. */
export function leavingNic(
  nic: Passing,
  after?: { readonly vlan: number; readonly hop: Hop; readonly marking: Marking },
): Rule[] {
  const { port } = nic
  return [
    ...(port === undefined ? [] : [shut({ ...nic, port }, 'moved-away')]),
    ...(after ? [sendAfter(nic, after.vlan, after)] : []),
  ]
}

/** Where it still runs, while what is for it is led to where it will: it gets only what is on its way here by now. */
export function speakingNic(nic: Passing, { noted }: { readonly noted: boolean }): Rule[] {
  const { port } = nic
  if (port === undefined) return []
  const placed = { ...nic, port }
  return [
    classifyNic(placed),
    ...nicSecurity(placed),
    ...(noted ? noteSessions(placed) : []),
    ...passOwner(placed),
    deliverUnicast(placed),
  ]
}

/** The port of a VM that does not run there yet takes nothing in. */
export const shutNic = (nic: PlacedNic): Rule => shut(nic, 'not-arrived')

function shut({ owner, port }: PlacedNic, reason: DropReason): Rule {
  const input = { table: 'classify', priority: classifyPriority.nic, match: [inPort(port)], owner } as const
  const actions = [{ type: 'controller', maxLen: wholeFrame }] as const
  return dropRule({ ...input, meter: hostMeter, actions }, reason)
}
