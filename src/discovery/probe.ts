/**
 * Link probes: LLDP frames that only this controller can make. Each names the port it leaves by and carries a time and
 * a sequence number, signed with HMAC-SHA256, so a fabricated, altered, old or repeated frame proves no link.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { ByteReader, ByteWriter, PacketError } from '../../codecs/packet/bytes.ts'
import { ETHERTYPE, readEthernet, writeEthernet } from '../../codecs/packet/ethernet.ts'
import type { Lldp } from '../../codecs/packet/lldp.ts'
import {
  CHASSIS_ID_LOCAL,
  LLDP_MULTICAST,
  PORT_ID_LOCAL,
  readLldp,
  writeLldp,
} from '../../codecs/packet/lldp.ts'
import type { DatapathId } from '../model/observation.ts'

export interface ProbePort {
  readonly datapathId: DatapathId
  readonly portNo: number
}

export interface ProbeOptions {
  readonly key: Uint8Array
  readonly from: ProbePort
  /** Of the port it leaves by, 48 bits. */
  readonly mac: number
  readonly timeMs: number
  /** Larger than that of any probe sent from this port before. */
  readonly sequence: number
  readonly ttlS: number
}

export type ProbeRefusal =
  /** Not a well-formed, untagged LLDP frame to the nearest bridge. */
  | 'malformed'
  /** Well-formed, but without our signature: somebody else's LLDP. */
  | 'unsigned'
  | 'bad-signature'
  /** Older than allowed, or from the future. */
  | 'expired'
  /** Not newer than a probe of the same port that was accepted before. */
  | 'replayed'
  /** Came back to the port that sent it. */
  | 'wrong-port'

export type ProbeVerdict =
  | { readonly ok: true; readonly from: ProbePort; readonly sequence: number }
  | { readonly ok: false; readonly reason: ProbeRefusal }

/** An organisation identifier with the locally administered bit set, which IEEE assigns to nobody. */
const OUI = 0x725442
const SUBTYPE = 1
/** Keeps this use of the key apart from any other. */
const PURPOSE = new TextEncoder().encode('throwbar link probe 1\0')
const MAC_LENGTH = 32

interface Signed extends ProbePort {
  readonly timeMs: number
  readonly sequence: number
}

function signature(key: Uint8Array, { datapathId, portNo, timeMs, sequence }: Signed): Uint8Array {
  const text = new ByteWriter(28)
    .u64(BigInt(`0x${datapathId}`), 'probe.datapath_id')
    .u32(portNo, 'probe.port')
  text.u64(BigInt(Math.floor(timeMs)), 'probe.time').u64(BigInt(sequence), 'probe.sequence')
  return createHmac('sha256', key).update(PURPOSE).update(text.bytes).digest()
}

/** The whole Ethernet frame. */
export function makeProbe({ key, from, mac, timeMs, sequence, ttlS }: ProbeOptions): Uint8Array {
  const text = new TextEncoder()
  const value = new ByteWriter(16 + MAC_LENGTH).u64(BigInt(Math.floor(timeMs)), 'probe.time')
  value.u64(BigInt(sequence), 'probe.sequence').raw(signature(key, { ...from, timeMs, sequence }))
  const lldp: Lldp = {
    chassisId: { subtype: CHASSIS_ID_LOCAL, id: text.encode(`dpid:${from.datapathId}`) },
    portId: { subtype: PORT_ID_LOCAL, id: text.encode(String(from.portNo)) },
    ttlS,
    tlvs: [{ type: 'organisation', oui: OUI, subtype: SUBTYPE, value: value.bytes }],
  }
  const payload = writeLldp(lldp)
  return writeEthernet({ dst: LLDP_MULTICAST, src: mac, vlans: [], ethertype: ETHERTYPE.lldp, payload })
}

export interface CheckOptions {
  readonly key: Uint8Array
  /** Where the frame was received. */
  readonly at: ProbePort
  readonly nowMs: number
  readonly maxAgeMs: number
  readonly seen: ReplayMemory
}

/** Never throws, whatever the frame. An accepted probe is accepted once. */
export function checkProbe(
  frame: Uint8Array,
  { key, at, nowMs, maxAgeMs, seen }: CheckOptions,
): ProbeVerdict {
  const lldp = lldpOf(frame)
  if (lldp === undefined) return { ok: false, reason: 'malformed' }
  const claim = claimOf(lldp)
  if (claim === undefined) return { ok: false, reason: 'unsigned' }
  if (!timingSafeEqual(claim.signature, signature(key, claim))) return { ok: false, reason: 'bad-signature' }
  const ageMs = nowMs - claim.timeMs
  if (ageMs > maxAgeMs || ageMs < -1) return { ok: false, reason: 'expired' }
  const { datapathId, portNo, sequence } = claim
  if (datapathId === at.datapathId && portNo === at.portNo) return { ok: false, reason: 'wrong-port' }
  if (!seen.accept({ datapathId, portNo }, sequence)) return { ok: false, reason: 'replayed' }
  return { ok: true, from: { datapathId, portNo }, sequence }
}

function lldpOf(frame: Uint8Array): Lldp | undefined {
  try {
    const { dst, vlans, ethertype, payload } = readEthernet(frame)
    if (dst !== LLDP_MULTICAST || vlans.length > 0 || ethertype !== ETHERTYPE.lldp) return undefined
    return readLldp(payload)
  } catch (error: unknown) {
    if (error instanceof PacketError) return undefined
    throw error
  }
}

/** What the frame says of itself, in the only spelling that we write; undefined if it carries no signature of ours. */
function claimOf({ chassisId, portId, tlvs }: Lldp): (Signed & { signature: Uint8Array }) | undefined {
  const text = new TextDecoder()
  if (chassisId.subtype !== CHASSIS_ID_LOCAL || portId.subtype !== PORT_ID_LOCAL) return undefined
  const datapathId = /^dpid:([0-9a-f]{16})$/.exec(text.decode(chassisId.id))?.[1]
  const portNo = /^[1-9][0-9]{0,9}$/.exec(text.decode(portId.id))?.[0]
  const tlv = tlvs.find(
    (each) => each.type === 'organisation' && each.oui === OUI && each.subtype === SUBTYPE,
  )
  if (datapathId === undefined || portNo === undefined || Number(portNo) > 0xffffffff) return undefined
  if (tlv?.value.length !== 16 + MAC_LENGTH) return undefined
  const reader = new ByteReader(tlv.value)
  const timeMs = reader.u64('probe.time')
  const sequence = reader.u64('probe.sequence')
  if (timeMs > Number.MAX_SAFE_INTEGER || sequence > Number.MAX_SAFE_INTEGER) return undefined
  const claim = { datapathId, portNo: Number(portNo), timeMs: Number(timeMs), sequence: Number(sequence) }
  return { ...claim, signature: reader.rest() }
}

/**
 * The newest sequence accepted from each port. What is forgotten when it is full is what was longest not heard,
 * and a probe so old is refused by its age.
 */
export class ReplayMemory {
  readonly #newest = new Map<string, number>()
  readonly #capacity: number

  constructor(capacity = 65_536) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#newest.size
  }

  /** True, and remembered, if the sequence is newer than all accepted from that port. */
  accept({ datapathId, portNo }: ProbePort, sequence: number): boolean {
    const port = `${datapathId}/${portNo}`
    const newest = this.#newest.get(port)
    if (newest !== undefined && sequence <= newest) return false
    this.#newest.delete(port)
    this.#newest.set(port, sequence)
    if (this.#newest.size > this.#capacity) {
      for (const oldest of this.#newest.keys()) {
        this.#newest.delete(oldest)
        break
      }
    }
    return true
  }
}
