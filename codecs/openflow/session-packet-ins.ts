/**
 * Which packet-ins of a session are handed over and which are shed, so that a flood of them holds up nothing else: by
 * rate, if limits are set, and by how many wait for an asynchronous handler. One port cannot take all there is.
 */

export interface PacketInLimits {
  /** Packet-ins handed over per second, of the session and of one of its ports; `Infinity` sets no limit. */
  readonly packetInsPerSecond: number
  readonly portPacketInsPerSecond: number
  /** Seconds' worth of both that may come at once. */
  readonly packetInBurstS: number
  /** Packet-ins that may wait for an asynchronous handler; one port has at most half of the places. */
  readonly maxWaitingPacketIns: number
}

/** How many of something may pass per second, with a burst. */
class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #filledMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#filledMs = nowMs
  }

  take(nowMs: number): boolean {
    if (this.#burst === Number.POSITIVE_INFINITY) return true
    const gained = ((nowMs - this.#filledMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + gained)
    this.#filledMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

/** Buckets of ports that are remembered; a peer can make up any number of ports. */
const MAX_PORTS = 4096
/** An incident tells of shed packet-ins at most this often; the counter tells how many. */
const TELL_MS = 1000

export class PacketInGate {
  readonly #limits: PacketInLimits
  readonly #bucket: TokenBucket
  readonly #portBuckets = new Map<number, TokenBucket>()
  readonly #waitingOf = new Map<number, number>()
  #waiting = 0
  #shed = 0
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(limits: PacketInLimits, nowMs: number) {
    this.#limits = limits
    this.#bucket = this.#newBucket(limits.packetInsPerSecond, nowMs)
  }

  /** Packet-ins shed so far. */
  get shed(): number {
    return this.#shed
  }

  /** Whether a packet-in of this port is handed over; if not it is counted as shed. */
  admits(port: number, nowMs: number): boolean {
    const admitted = this.#hasPlace(port) && this.#portTakes(port, nowMs) && this.#bucket.take(nowMs)
    if (!admitted) this.#shed += 1
    return admitted
  }

  /** The handler of an admitted packet-in is not done yet. The returned function says that it is. */
  wait(port: number): () => void {
    this.#waiting += 1
    this.#waitingOf.set(port, (this.#waitingOf.get(port) ?? 0) + 1)
    return () => {
      this.#waiting -= 1
      const left = (this.#waitingOf.get(port) ?? 1) - 1
      if (left === 0) this.#waitingOf.delete(port)
      else this.#waitingOf.set(port, left)
    }
  }

  /** What there is to tell of shed packet-ins, if it is time to. */
  report(nowMs: number): string | undefined {
    if (nowMs - this.#toldMs < TELL_MS) return undefined
    this.#toldMs = nowMs
    return `${this.#shed} packet-ins shed so far`
  }

  #hasPlace(port: number): boolean {
    const { maxWaitingPacketIns: places } = this.#limits
    return this.#waiting < places && (this.#waitingOf.get(port) ?? 0) < Math.ceil(places / 2)
  }

  #portTakes(port: number, nowMs: number): boolean {
    const { portPacketInsPerSecond } = this.#limits
    if (portPacketInsPerSecond === Number.POSITIVE_INFINITY) return true
    const known = this.#portBuckets.get(port)
    if (known) return known.take(nowMs)
    const [oldest] = this.#portBuckets.keys()
    if (oldest !== undefined && this.#portBuckets.size >= MAX_PORTS) this.#portBuckets.delete(oldest)
    const bucket = this.#newBucket(portPacketInsPerSecond, nowMs)
    this.#portBuckets.set(port, bucket)
    return bucket.take(nowMs)
  }

  #newBucket(perSecond: number, nowMs: number): TokenBucket {
    return new TokenBucket(perSecond, perSecond * this.#limits.packetInBurstS, nowMs)
  }
}
