/** Requests that a switch refuses, written by hand: one for nearly every error that Open vSwitch has. */
import { message, nicira, onf, tlv, u16, u32, u8, zeros } from './hex.ts'
import type { RawController } from './raw-controller.ts'

export interface BadRequest {
  readonly name: string
  /** Digits of minor versions. */
  readonly minors: string
  readonly send: (controller: RawController) => void
}

const bad = (name: string, minors: string, send: BadRequest['send']): BadRequest => ({ name, minors, send })
const all = '012345'
const unbuffered = 'ffffffff'

/** An OXM match with its padding; nothing but one for OpenFlow 1.2 and later. */
const oxmMatch = (fields: string): string => {
  const bytes = 4 + fields.replaceAll(' ', '').length / 2
  return `0001 ${u16(bytes)} ${fields} ${zeros((8 - (bytes % 8)) % 8)}`
}
/** A match of anything in the version's own form. */
const anything = (minor: number): string => {
  if (minor === 0) return `003fffff ${zeros(36)}`
  return minor === 1 ? `0000 0058 ${u32(0)} 000003ff ${zeros(12)} ${zeros(64)}` : oxmMatch('')
}

interface FlowMod {
  readonly command?: number
  readonly table?: number
  readonly flags?: number
  readonly match?: string
  /** Actions in OpenFlow 1.0, instructions later. */
  readonly does?: string
}

/** A flow mod's body. */
export function flowMod(minor: number, mod: FlowMod): string {
  const { command = 0, table = 0, flags = 0, match = anything(minor), does = '' } = mod
  if (minor === 0)
    return `${match} ${zeros(8)} ${u16(command)} 0000 0000 8000 ${unbuffered} ffff ${u16(flags)} ${does}`
  const head = `${zeros(16)} ${u8(table)} ${u8(command)} 0000 0000 8000 ${unbuffered} ffffffff ffffffff`
  return `${head} ${u16(flags)} 0000 ${match} ${does}`
}

const flow = (name: string, minors: string, mod: (minor: number) => FlowMod): BadRequest =>
  bad(name, minors, (controller) => controller.send(14, flowMod(controller.minor, mod(controller.minor))))

const apply = (actions: string): string => {
  const bytes = actions.replaceAll(' ', '').length / 2
  return `0004 ${u16(8 + bytes)} ${zeros(4)} ${actions}`
}
/** A flow with an action that is refused. */
const action = (name: string, minors: string, actions: string): BadRequest =>
  flow(name, minors, (minor) => ({ does: minor === 0 ? actions : apply(actions) }))
/** A flow with a match that is refused. */
const match = (name: string, minors: string, fields: string): BadRequest =>
  flow(name, minors, () => ({ match: oxmMatch(fields) }))

const bundle = (name: string, kind: number, id: number, flags = 0): BadRequest =>
  bad(name, name === 'bundle-open' || name === 'bundle-exists' ? '35' : '3', (controller) => {
    const body = `${u32(id)} ${u16(kind)} ${u16(flags)}`
    if (controller.minor === 3) controller.experimenter(2300, body, onf)
    else controller.send(33, body)
  })
/** Adds a message that may not be in a bundle. */
const bundleEcho = bad('bundle-unsupported', '3', (controller) => {
  const body = `${u32(5)} 0000 0000 ${message(controller.minor, 2, controller.upcomingXid, '').toString('hex')}`
  if (controller.minor === 3) controller.experimenter(2301, body, onf)
  else controller.send(34, body)
})

export const badRequests: readonly BadRequest[] = [
  bad('bad-type', all, (controller) => controller.send(99)),
  bad('bad-length', '3', (controller) => controller.send(5, '00')),
  bad('bad-multipart', '3', (controller) => controller.multipart(0x99)),
  bad('bad-vendor', all, (controller) => controller.experimenter(1, '', '00abcdef')),
  bad('bad-subtype', '3', (controller) => controller.experimenter(0x7777)),
  bad('bad-multipart-vendor', '3', (controller) => controller.experimenterMultipart(1, '', '00abcdef')),
  bad('bad-reply', '3', (controller) => controller.send(6, zeros(24))),
  bad('bad-buffer', '03', (controller) =>
    controller.send(13, controller.minor === 0 ? '00000007 ffff 0000' : `00000007 fffffffd 0000 ${zeros(6)}`),
  ),
  bad('bad-port-mod', '03', (controller) =>
    controller.send(
      controller.minor === 0 ? 15 : 16,
      controller.minor === 0 ? `0063 ${zeros(22)}` : `00000063 ${zeros(28)}`,
    ),
  ),
  bad('bad-hardware-address', '03', (controller) =>
    controller.send(
      controller.minor === 0 ? 15 : 16,
      controller.minor === 0 ? `0001 ${zeros(22)}` : `00000001 ${zeros(28)}`,
    ),
  ),
  bad('bad-table-mod', '3', (controller) => controller.send(17, `fe ${zeros(3)} 00000003`)),
  bad('bad-role', '0', (controller) => controller.experimenter(10, u32(9))),
  bad('bad-queue-port', '03', (controller) =>
    controller.send(
      controller.minor === 0 ? 20 : 22,
      controller.minor === 0 ? '0063 0000' : `00000063 ${zeros(4)}`,
    ),
  ),
  bad('bad-port-stats-length', '3', (controller) => controller.multipart(4, '00')),
  bad('bad-table-features', '3', (controller) => controller.multipart(12, zeros(64))),
  bad('bad-role-status', '3', (controller) => controller.experimenter(1911, zeros(16), onf)),
  bad('bad-flow-format', '0', (controller) => controller.experimenter(12, u32(77))),
  bad('bad-meter-command', '3', (controller) => controller.send(29, `0009 0001 ${u32(1)}`)),
  bad('bad-meter-flags', '3', (controller) => controller.send(29, `0000 ffff ${u32(1)}`)),
  bad('bad-meter-number', '3', (controller) => controller.send(29, `0000 0001 ${u32(0)}`)),
  bad('bad-meter-band', '3', (controller) =>
    controller.send(29, `0000 0001 ${u32(1)} 0009 0010 ${zeros(12)}`),
  ),
  bad('bad-group-type', '13', (controller) => controller.send(15, `0000 09 00 ${u32(1)}`)),
  bad('bad-group-command', '13', (controller) => controller.send(15, `0009 00 00 ${u32(1)}`)),
  bad('bad-group-number', '3', (controller) => controller.send(15, `0000 00 00 ${u32(0xffff_ff01)}`)),
  bad('bad-bucket', '3', (controller) => controller.send(15, `0000 00 00 ${u32(1)} 0008 0000 00000000`)),
  bad('bad-watch', '3', (controller) =>
    controller.send(15, `0000 03 00 ${u32(1)} 0010 0000 ffffffff ffffffff ${zeros(4)}`),
  ),
  bad('bad-property', '45', (controller) =>
    controller.send(16, `00000001 ${zeros(4)} aa55aa550003 0000 00000000 00000000 ${tlv(0x77, zeros(4))}`),
  ),
  flow('flow-bad-command', '03', () => ({ command: 9 })),
  flow('flow-bad-flags', '3', () => ({ flags: 0x8000 })),
  flow('flow-all-tables', '13', () => ({ table: 0xff })),
  flow('flow-table-254', '3', () => ({ table: 0xfe })),
  flow('flow-emergency', '0', () => ({ flags: 4 })),
  flow('flow-same-table', '3', () => ({ does: '0001 0008 00 000000' })),
  flow('instruction-unknown', '3', () => ({ does: '0077 0008 00000000' })),
  flow('instruction-length', '3', () => ({ does: '0001 0007 00000000' })),
  flow('instruction-twice', '3', () => ({ does: '0001 0008 05 000000 0001 0008 06 000000' })),
  flow('instruction-vendor', '13', () => ({ does: `ffff 0008 00abcdef` })),
  flow('meter-unknown', '34', () => ({ does: '0006 0008 00000063' })),
  action('action-unknown', '03', '0077 0008 00000000'),
  action('action-length', '03', '0000 0003 00000000'),
  action('action-vendor', '3', 'ffff 0008 00abcdef'),
  action('action-subtype', '3', `ffff 0010 ${nicira} 7777 ${zeros(6)}`),
  action('action-out-port', '0', '0000 0008 0000 0000'),
  action('action-out-port', '3', `0000 0010 ffffff00 0000 ${zeros(6)}`),
  action('action-out-group', '3', '0016 0008 00000063'),
  action('action-vlan', '0', '0001 0008 ffff 0000'),
  action('action-ethertype', '3', '0011 0008 1234 0000'),
  action('action-set-length', '3', '0019 0008 80000a02'),
  action('action-set-header', '3', `0019 0010 8000fe04 ${zeros(8)}`),
  action('action-prerequisite', '3', `0018 0008 ${zeros(4)}`),
  action('action-move-size', '3', `ffff 0018 ${nicira} 0006 0040 0000 0000 00000004 00010004`),
  action('action-resubmit-ct', '3', `ffff 0010 ${nicira} 002c fff8 05 ${zeros(3)}`),
  match('match-unknown-field', '3', '8000fe04 00000000'),
  match('match-unknown-class', '3', '77770004 00000000'),
  match('match-length', '3', '80000a01 00'),
  match('match-twice', '3', '80000a02 0800 80000a02 0806'),
  match('match-prerequisite', '3', '80001604 0a000001'),
  match('match-value', '3', '80000c02 ffff'),
  match('match-wildcarded-value', '3', '80000510 0000000000000001 0000000000000000'),
  match('match-cut', '3', '80000a04 0800'),
  flow('match-type', '3', () => ({ match: `0007 0004 ${zeros(4)}` })),
  bundle('bundle-open', 0, 5),
  bundle('bundle-exists', 0, 5),
  bundleEcho,
  bundle('bundle-open-again', 0, 6),
  bundle('bundle-close', 2, 6),
  bundle('bundle-closed', 2, 6),
  bundle('bundle-open-third', 0, 8),
  bundle('bundle-discard', 6, 8),
  bundle('bundle-open-fourth', 0, 9, 1),
  bundle('bundle-bad-flags', 4, 9, 3),
  bundle('bundle-unknown', 4, 77),
  bundle('bundle-bad-type', 9, 7),
]
