/** Notes the TCP sessions of a VM under way where it speaks, so that a move can tell how many went on. */
import type { OxmField } from 'ts-openflow'
import { inPort, ipv4, ipv6, tcp } from '../../pipeline/fields.ts'
import { rule } from '../../pipeline/make-rule.ts'
import type { Rule } from '../../pipeline/rule.ts'
import { isLinkLocal, type PlacedNic } from '../placed.ts'
import { addressPriority } from './port-security.ts'

/** Neither FIN nor RST (RFC 9293 section 3.1): what ends is not to be carried. */
const goesOn: OxmField = { field: 'tcp_flags', value: 0, mask: 0x005 }

/** Between declared addresses, and not what goes on by itself between neighbours. They pass as port security lets them. */
export function noteSessions({ owner, port, ipv4: own4, ipv6: own6 }: PlacedNic): Rule[] {
  const input = { table: 'address_security', priority: addressPriority.noted, owner } as const
  return [
    ...own4.map((value) =>
      rule({
        ...input,
        match: [inPort(port), ipv4, tcp, goesOn, { field: 'ipv4_src', value }],
        actions: [{ type: 'note_session', family: 4 }],
        goto: 'remote',
      }),
    ),
    ...own6
      .filter((value) => !isLinkLocal(value))
      .map((value) =>
        rule({
          ...input,
          match: [inPort(port), ipv6, tcp, goesOn, { field: 'ipv6_src', value }],
          actions: [{ type: 'note_session', family: 6 }],
          goto: 'nd_security',
        }),
      ),
  ]
}
