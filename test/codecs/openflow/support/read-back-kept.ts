/**
 * How Open vSwitch 3.1 keeps a flow other than it was told, said as one form of both sides. These are all the differences
 * there are; everything else must come back equal.
 */
import { type Instruction, type Match, type MeterMod, type OxmField, splitXregs } from 'ts-openflow'

/** Open vSwitch makes the value of these the mask, so of an exact match only the ones are compared. */
const maskedByValue = new Set([
  'tun_erspan_ver',
  'tun_erspan_dir',
  'tun_erspan_hwid',
  'tun_gtpu_flags',
  'tun_gtpu_msgtype',
])

function kept(one: OxmField): OxmField {
  if (one.field === 'unknown') return one
  if (maskedByValue.has(one.field)) return { ...one, mask: one.value }
  // That an option is there at all: the switch adds the length it has been mapped with.
  if (one.field.startsWith('tun_metadata') && one.mask === 0n)
    return { field: one.field, value: 0n, mask: 0n, width: 8 }
  return one
}

/** Nicira's statistics of 1.0 tell the VLAN as one field, in which no tag is all zeros, and the DSCP in its byte. */
function inNicirasForm(match: Match): Match {
  const rest: OxmField[] = []
  let [value, mask] = [0, 0]
  for (const one of match) {
    if (one.field === 'vlan_vid') {
      value |= Number(one.value)
      mask |= one.value === 0 && one.mask === undefined ? 0xffff : Number(one.mask ?? 0x1fff)
    } else if (one.field === 'vlan_pcp') {
      value |= 0x1000 | (Number(one.value) << 13)
      mask |= 0xf000
    } else if (one.field === 'ip_dscp') rest.push({ field: 'nw_tos', value: Number(one.value) << 2 })
    else rest.push(one)
  }
  if (mask === 0) return rest
  return [...rest, mask === 0xffff ? { field: 'vlan_tci', value } : { field: 'vlan_tci', value, mask }]
}

/** In 1.1 a flow-mod has the fixed match, the statistics of Open vSwitch a list of fields, each with its class. */
function withoutClass(one: OxmField): OxmField {
  if (one.field === 'unknown') return one
  const { field, value, mask, width } = one
  return {
    field,
    value,
    ...(mask === undefined ? {} : { mask }),
    ...(width === undefined ? {} : { width }),
  }
}

/** Without the flag for bursts, no burst is told, and the switch takes as many as it may pass in a second. */
export const keptBands = (bands: MeterMod['bands'], flags: readonly string[]): MeterMod['bands'] =>
  flags.includes('burst')
    ? bands
    : bands.map((band) => ('rate' in band ? { ...band, burstSize: band.rate } : band))

/** Sorted by name: the order of fields is the switch's. In 1.5 it joins pairs of registers. */
export const keptMatch = (match: Match, version: number): Match =>
  (version === 1 ? inNicirasForm(match) : splitXregs(match))
    .map(kept)
    .map((one) => (version === 2 ? withoutClass(one) : one))
    .sort((a, b) => (a.field < b.field ? -1 : 1))

/** In the order in which they act; a deleted option is told with the length it has been mapped with. */
export const keptInstructions = (instructions: readonly Instruction[]): unknown =>
  [...instructions]
    .sort((a, b) => (a.type < b.type ? -1 : 1))
    .map((one) =>
      one.type === 'apply_actions'
        ? {
            ...one,
            actions: one.actions.map((action) =>
              action.type === 'nx_delete_field' ? { ...action, width: undefined } : action,
            ),
          }
        : one,
    )

/** Without what changes by itself. */
export const keptText = (line: string): string =>
  line.trim().replace(/ duration=[^ ]*| (idle|hard)_age=[^ ]*/g, '')
