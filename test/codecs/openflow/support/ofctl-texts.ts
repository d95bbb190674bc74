/** Texts in ovs-ofctl's syntax with what the real ovs-ofctl 3.1 made of them, and where ours is meant to differ. */
import {
  type FlowCommand,
  type GroupCommand,
  type MessageInput,
  type MeterCommand,
  parseFlow,
  parseGroup,
  parseMeter,
} from 'ts-openflow'

export interface OfctlText {
  readonly version: number
  readonly kind: 'flow' | 'group' | 'meter'
  /** ovs-ofctl's word, or null where the text itself may begin with one. */
  readonly command: string | null
  readonly text: string
  readonly hex: string
  readonly print: string
}

const groupCommands: Readonly<Record<string, GroupCommand>> = {
  add_or_mod: 'add_or_modify',
  'insert-buckets': 'insert_bucket',
  'remove-buckets': 'remove_bucket',
}

/** The message of a text by our parser. */
export function parseAny(one: Omit<OfctlText, 'print' | 'hex'>, xid: number): MessageInput {
  const { version, kind, command, text } = one
  const head = { version, xid }
  if (kind === 'meter')
    return { ...parseMeter(text, command === null ? {} : { command: command as MeterCommand }), ...head }
  if (kind === 'group') {
    const known = command === null ? {} : { command: groupCommands[command] ?? (command as GroupCommand) }
    return { ...parseGroup(text, { version, ...known }), ...head }
  }
  const known = command === null ? {} : { command: command as FlowCommand }
  return { ...parseFlow(text, { version, ...known }), ...head }
}

const [matchOf, actionsOf] = [/^(.*?)(?:action|$)/s, /action.*$/s].map(
  (pattern) =>
    (text: string): string =>
      pattern.exec(text)?.[0] ?? '',
) as [(text: string) => string, (text: string) => string]

/**
 * Why ours is not ovs-ofctl's bytes, for texts where it is not meant to be: ovs-ofctl 3.1 drops what the version cannot
 * carry, which ours refuses, or makes a message that it then refuses itself.
 */
export function knownDifference({ text, version, print }: OfctlText): string | undefined {
  const match = matchOf(text)
  if (print.includes('decode error')) return 'ovs-ofctl makes a message that it does not take itself'
  if (version < 5 && /importance=(?!0+\b|0x0+\b)/i.test(match)) return 'importance is dropped below 1.4'
  if (version === 2 && /(?:nw|ip)_ecn/.test(match)) return 'nw_ecn is dropped in 1.1'
  if (/arp_op=/.test(match)) return 'of an ARP operation above 255 only the last eight bits are sent'
  if (/tun_erspan_(?:ver|dir|hwid)|tun_gtpu_/.test(match)) return 'the value is taken for the mask'
  if (/actset_output/i.test(match)) return 'a number that is no port becomes ANY'
  if (/->\s*dl_vlan\b/.test(actionsOf(text))) return 'set_field of dl_vlan becomes one of in_port'
  return tooWide(actionsOf(text)) ? 'a field of more than 64 bits overflows the count of its bits' : undefined
}

const widePlace =
  /(?:output(?:_reg)?[:=(]|multipath\([^)]*,\s*|bundle_load\([^)]*ofport,\s*)([A-Za-z_0-9]+)(?:\[(\d*)(?:\.\.(\d+))?\])?/g
const wideFields = /xxreg|XXREG|ipv6|IPV6|ct_label|CT_LABEL|nd_target|ND_TARGET|tun_metadata|TUN_METADATA/

/** Actions that count bits in six bits of their own. */
function tooWide(actions: string): boolean {
  for (const [, field = '', first = '', last] of actions.matchAll(widePlace)) {
    if (!wideFields.test(field)) continue
    if (first === '' || (last !== undefined && Number(last) - Number(first) > 63)) return true
  }
  return false
}
