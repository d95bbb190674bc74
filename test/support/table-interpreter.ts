/**
 * A fake data plane: takes a frame through the rules of several switches, cables and segments, and says where it comes
 * out. It knows OpenFlow's meaning only, nothing of the compiler; a segment floods always, the worst that it can do.
 */
import type { OxmField } from 'ts-openflow'
import type { FieldName, Rule, RuleAction } from '../../src/pipeline/rule.ts'
import { fnv1a32 } from '../../src/pipeline/hash.ts'
import { slotCount } from '../../src/pipeline/slots.ts'
import { tableIdOf, type TableName } from '../../src/pipeline/tables.ts'

export interface Frame {
  /** Outermost first. */
  readonly vlans: readonly number[]
  /** Header fields under OpenFlow's names; one that the frame does not have is absent. */
  readonly fields: Readonly<Partial<Record<FieldName, number | bigint>>>
}

export interface Place {
  readonly datapathId: string
  readonly port: number
}

export interface Fate {
  /** Where a frame left the wired world, once per copy. */
  readonly delivered: readonly (Place & { readonly frame: Frame })[]
  /** `reg15` of every drop, with where it happened. */
  readonly dropped: readonly { readonly datapathId: string; readonly reason: number }[]
  readonly punted: readonly Place[]
  /** Every output over a cable. */
  readonly sent: readonly (Place & { readonly frame: Frame })[]
}

export interface DataPlane {
  readonly rules: ReadonlyMap<string, readonly Rule[]>
  /** Ends of the cable or segment at a port; none for a VM's port. */
  readonly peers: (place: Place) => readonly Place[]
  /** Whether a port is up; all are unless told. */
  readonly isUp?: (place: Place) => boolean
  /** The slot of a flow; a hash of all its fields unless told. */
  readonly slotOf?: (frame: Frame) => number
}

const hashSlot = (frame: Frame): number => fnv1a32(Object.entries(frame.fields).sort().join()) % slotCount

const maxHops = 500
const vlanPresent = 0x1000

/** Throws when a frame circles, or when two rules of one priority disagree about it. */
export function send(plane: DataPlane, from: Place, frame: Frame): Fate {
  const fate = {
    delivered: [] as Fate['delivered'][number][],
    sent: [] as Fate['sent'][number][],
    dropped: [] as Fate['dropped'][number][],
    punted: [] as Place[],
  }
  const queue = [{ ...from, frame }]
  for (const arrival of queue) {
    if (queue.length > maxHops) throw new Error('a frame circles or multiplies')
    const { datapathId } = arrival
    const result = runSwitch(plane.rules.get(datapathId) ?? [], arrival.port, arrival.frame, {
      isUp: (port) => plane.isUp?.({ datapathId, port }) ?? true,
      slotOf: plane.slotOf ?? hashSlot,
    })
    if (result.dropReason !== undefined) fate.dropped.push({ datapathId, reason: result.dropReason })
    if (result.punted) fate.punted.push({ datapathId, port: arrival.port })
    for (const { port, frame: out } of result.outputs) {
      const peers = plane.peers({ datapathId, port })
      if (peers.length === 0) fate.delivered.push({ datapathId, port, frame: out })
      else fate.sent.push({ datapathId, port, frame: out })
      queue.push(...peers.map((peer) => ({ ...peer, frame: out })))
    }
  }
  return fate
}

interface Packet {
  readonly inPort: number
  vlans: number[]
  readonly fields: Map<FieldName, number | bigint>
}

interface SwitchResult {
  readonly outputs: { readonly port: number; readonly frame: Frame }[]
  punted: boolean
  dropReason: number | undefined
}

interface SwitchWorld {
  readonly isUp: (port: number) => boolean
  readonly slotOf: (frame: Frame) => number
}

const allUp: SwitchWorld = { isUp: () => true, slotOf: hashSlot }

export function runSwitch(
  rules: readonly Rule[],
  inPort: number,
  frame: Frame,
  world: SwitchWorld = allUp,
): SwitchResult {
  const fields = new Map(Object.entries(frame.fields) as [FieldName, number | bigint][])
  const packet: Packet = { inPort, vlans: [...frame.vlans], fields }
  fields
    .set('in_port', inPort)
    .set('metadata', 0n)
    .set('reg9', 0)
    .set('reg10', 0)
    .set('reg11', 0)
    .set('reg12', 0)
    .set('reg13', 0)
    .set('reg14', 0)
    .set('reg15', 0)
  const result: SwitchResult = { outputs: [], punted: false, dropReason: undefined }
  runFrom('classify', { rules, packet, result, world })
  return result
}

interface Run {
  readonly rules: readonly Rule[]
  readonly packet: Packet
  readonly result: SwitchResult
  readonly world: SwitchWorld
}

function runFrom(from: TableName, run: Run): void {
  const { rules, packet, result } = run
  const { fields } = packet
  let table: TableName | undefined = from
  while (table !== undefined) {
    const rule = lookup(rules, table, packet)
    if (!rule) return
    for (const action of rule.actions) {
      if (action.type === 'copy') {
        if (tableIdOf(action.table) <= tableIdOf(table)) throw new Error('a copy leads back')
        runFrom(action.table, run)
      } else apply(action, packet, run)
    }
    if (rule.setNetwork !== undefined) fields.set('metadata', BigInt(rule.setNetwork))
    if (rule.goto !== undefined && tableIdOf(rule.goto) <= tableIdOf(table))
      throw new Error('goto leads back')
    table = rule.goto
    if (table === 'drop') result.dropReason = Number(fields.get('reg15'))
  }
}

function lookup(rules: readonly Rule[], table: TableName, packet: Packet): Rule | undefined {
  const hits = rules.filter(
    (rule) => rule.table === table && rule.match.every((field) => matches(field, packet)),
  )
  const top = Math.max(...hits.map(({ priority }) => priority))
  const best = hits.filter(({ priority }) => priority === top)
  if (best.length > 1) throw new Error(`two rules of table ${table} and priority ${top} match one packet`)
  return best[0]
}

function matches({ field, value, mask }: OxmField, packet: Packet): boolean {
  const actual = field === 'vlan_vid' ? tci(packet) : packet.fields.get(field)
  if (actual === undefined) return false
  if (mask === undefined) return BigInt(actual) === BigInt(value)
  return (BigInt(actual) & BigInt(mask)) === BigInt(value)
}

function tci({ vlans }: Packet): number {
  return vlans[0] === undefined ? 0 : vlanPresent | vlans[0]
}

function apply(action: Exclude<RuleAction, { type: 'copy' }>, packet: Packet, { result, world }: Run): void {
  const { fields } = packet
  switch (action.type) {
    case 'output':
      if (action.port !== fields.get('in_port'))
        result.outputs.push({ port: action.port, frame: snapshot(packet) })
      return
    case 'output_in_port':
      result.outputs.push({ port: packet.inPort, frame: snapshot(packet) })
      return
    case 'controller':
      result.punted = true
      return
    case 'push_vlan':
      packet.vlans.unshift(packet.vlans[0] ?? 0)
      return
    case 'pop_vlan':
      packet.vlans.shift()
      fields.delete('vlan_pcp')
      return
    case 'set_field':
      if (action.field.field === 'vlan_vid') packet.vlans[0] = Number(action.field.value) & 0xfff
      else fields.set(action.field.field, action.field.value)
      if (action.field.field === 'icmpv6_type') fields.delete('ipv6_nd_sll')
      return
    case 'spread':
      fields.set('reg14', world.slotOf(snapshot(packet)))
      return
    case 'failover': {
      const port = action.ports.find((one) => world.isUp(one))
      if (port !== undefined && port !== fields.get('in_port'))
        result.outputs.push({ port, frame: snapshot(packet) })
      return
    }
    case 'set_queue':
    case 'note_session':
      return
    case 'allow_return':
      fields.set('in_port', 0)
      return
    case 'first_up':
      fields.set('reg11', action.ports.find((one) => world.isUp(one)) ?? 0xffff)
      return
    case 'move':
      fields.set(action.to, fields.get(action.from) ?? 0)
  }
}

const internal = new Set<FieldName>([
  'in_port',
  'metadata',
  'reg9',
  'reg10',
  'reg11',
  'reg12',
  'reg13',
  'reg14',
  'reg15',
])

function snapshot({ vlans, fields }: Packet): Frame {
  const visible = [...fields].filter(([name]) => !internal.has(name))
  return { vlans: [...vlans], fields: Object.fromEntries(visible) }
}
