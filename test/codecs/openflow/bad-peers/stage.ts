/**
 * A live listener with a well-behaved switch on it, and raw sockets for the peers that are not: what they send is hex,
 * what comes back is kept, and afterwards the good one must not have noticed.
 *
 * Bad peers that a session cannot meet are met elsewhere: forged and relayed LLDP in test/src/discovery/links.test.ts,
 * probe.test.ts and test/real/bad-peers.test.ts; LLDP and packets that break parsers in test/codecs/packet/lldp.test.ts,
 * packet.test.ts and roundtrip.test.ts; hosts that claim another's address in test/src/discovery/hosts.test.ts and
 * packet-in.test.ts; REST input in test/src/api/guard.test.ts, resources.test.ts and test/src/model/refused-*.test.ts;
 * how many ports and switches are remembered in test/src/switches; events that pile up in test/src/controller/events.test.ts.
 */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import {
  type Connection,
  type Ending,
  Framer,
  type Incident,
  type Listener,
  listen,
  type ListenOptions,
  type Message,
  type SessionHandlers,
} from 'ts-openflow'
import { FakeClock } from '../../../support/fake-session.ts'

export const bytesOf = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const number = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0')

/** The xid of a message that came. */
export const xidOf = (message: Uint8Array | undefined): number =>
  Number.parseInt(hexOf(message?.subarray(4, 8) ?? new Uint8Array(4)), 16)

/** A message as hex; its length is right unless it is given. */
export function hex(version: number, type: number, xid: number, body = '', length?: number): string {
  const content = body.replaceAll(/\s/g, '')
  return (
    number(version, 2) +
    number(type, 2) +
    number(length ?? 8 + content.length / 2, 4) +
    number(xid, 8) +
    content
  )
}

/** FEATURES_REPLY from 1.3 on. */
export const featuresHex = (version: number, datapathId: bigint, { xid = 2, auxiliaryId = 0 } = {}): string =>
  hex(
    version,
    6,
    xid,
    `${number(datapathId, 16)} 00000000 fe ${number(auxiliaryId, 2)} 0000 00000000 00000000`,
  )

/** The other end of one session. */
export class Peer {
  readonly socket: Socket
  readonly received: Uint8Array[] = []
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  /** Called for each message that comes. */
  answer: (message: Uint8Array) => void = () => undefined
  /** What the listener calls it. */
  remote = ''
  #version = 4
  #echoes = 0
  #watchers: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    const framer = new Framer()
    socket.once('connect', () => {
      this.remote = `127.0.0.1:${socket.localPort}`
    })
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Uint8Array) => {
      for (const message of framer.push(chunk)) {
        this.received.push(message)
        this.answer(message)
      }
      this.#look()
    })
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve()
        this.#look()
      })
    })
  }

  send(...messages: readonly string[]): void {
    this.socket.write(bytesOf(messages.join('')))
  }

  /** Resolves when `done` holds, or when the connection is gone. */
  async until(done: () => boolean): Promise<void> {
    while (!done() && !this.socket.destroyed)
      await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  /** Resolves when everything sent so far has been looked at: an ECHO_REQUEST behind it is answered. */
  async settle(): Promise<void> {
    this.#echoes += 1
    const xid = 0xec000000 + this.#echoes
    this.send(hex(this.#version, 2, xid))
    const answer = hex(this.#version, 3, xid)
    await this.until(() => this.received.some((message) => hexOf(message) === answer))
    assert.ok(!this.socket.destroyed, 'the session has ended')
  }

  /** Says what a handshake takes, and does not wait for what comes of it. */
  async shakeHands(version: number, datapathId: bigint, auxiliaryId = 0): Promise<void> {
    this.#version = version
    this.send(hex(version, 0, 1, `0001 0008 ${number(1 << version, 8)}`))
    await this.until(() => this.received.length >= 2)
    this.send(featuresHex(version, datapathId, { auxiliaryId }))
  }

  /** Shakes hands; resolves when the session is up. */
  async comeUp(version: number, datapathId: bigint, auxiliaryId = 0): Promise<void> {
    await this.shakeHands(version, datapathId, auxiliaryId)
    await this.settle()
  }

  /** ERRORs that came: `version type/code xid`, and what they carry. */
  get errors(): string[] {
    return this.received
      .map(hexOf)
      .filter((message) => message.slice(2, 4) === '01')
      .map((it) => {
        const [type, code] = [Number.parseInt(it.slice(16, 20), 16), Number.parseInt(it.slice(20, 24), 16)]
        return `v${Number.parseInt(it.slice(0, 2), 16)} ${type}/${code} to ${Number.parseInt(it.slice(8, 16), 16)}`
      })
  }

  #look(): void {
    for (const watcher of this.#watchers.splice(0)) watcher()
  }
}

/** Answers what a session asks of a switch: ECHO_REQUEST and BARRIER_REQUEST. */
export function behave(peer: Peer): void {
  peer.answer = (message) => {
    const [version = 0, type = 0] = message
    const answer = type === 2 ? 3 : type === 20 ? 21 : undefined
    if (answer === undefined) return
    peer.send(number(version, 2) + number(answer, 2) + hexOf(message.subarray(2)))
  }
}

export interface Stage {
  readonly clock: FakeClock
  readonly listener: Listener
  /** All of these leave out the well-behaved switch. */
  readonly endings: Ending[]
  readonly incidents: Incident[]
  readonly messages: Message[]
  readonly ups: Connection[]
  /** A peer that has connected, by this socket or a new one, and said nothing. */
  readonly dial: (socket?: Socket) => Promise<Peer>
  /** A peer whose session is up. */
  readonly up: (version?: number, datapathId?: bigint) => Promise<Peer>
  readonly connectionOf: (peer: Peer) => Connection
  /** Makes the caller's function throw for the next session that comes up. */
  readonly failNextUp: () => void
  /** Asserts that the well-behaved switch works on, and that nothing was ever told of it. */
  readonly undisturbed: () => Promise<void>
}

export const GOOD = 0x600dn
export const BAD = 0xbadn

export const codes = (list: readonly { readonly code: string }[]): string[] => list.map(({ code }) => code)

export interface StageOptions extends Partial<ListenOptions> {
  /** Of the bad peers. */
  readonly handlers?: SessionHandlers
  /** How the good peer, and others that are not given a socket, connect. */
  readonly socketTo?: (port: number) => Socket
  /** Without the well-behaved switch, where it could suffer from time that passes. */
  readonly alone?: boolean
}

const plainly = (port: number): Socket => connect({ port, host: '127.0.0.1' })

export async function stage(t: TestContext, given: StageOptions = {}): Promise<Stage> {
  const { handlers, socketTo = plainly, alone = false, ...options } = given
  const clock = new FakeClock()
  const told: { endings: Ending[]; incidents: Incident[]; ups: Connection[] } = {
    endings: [],
    incidents: [],
    ups: [],
  }
  const messages: Message[] = []
  let good: Connection | undefined
  let failing = false
  const goodNews: unknown[] = []
  const isGood = ({ remote }: { remote: string }) => remote === good?.remote
  const listener = await listen({
    port: 0,
    clock,
    ...options,
    onUp: (connection) => {
      if (failing) {
        failing = false
        throw new Error('no room')
      }
      if (good || alone) told.ups.push(connection)
      else good = connection
      return isGood(connection)
        ? { onMessage: (message) => void goodNews.push(message) }
        : (handlers ?? { onMessage: (message) => void messages.push(message) })
    },
    onEnd: (ending) => void (isGood(ending) ? goodNews : told.endings).push(ending),
    onIncident: (incident) => void (isGood(incident) ? goodNews : told.incidents).push(incident),
  })
  const peers: Peer[] = []
  t.after(async () => {
    for (const { socket } of peers) socket.destroy()
    await listener.close()
  })
  const dial = async (socket = socketTo(listener.address.port)) => {
    const peer = new Peer(socket)
    peers.push(peer)
    peer.socket.setNoDelay(true)
    await new Promise((resolve) => peer.socket.once('connect', resolve))
    return peer
  }
  const up = async (version = 4, datapathId = BAD) => {
    const peer = await dial()
    await peer.comeUp(version, datapathId)
    return peer
  }
  if (!alone) behave(await up(4, GOOD))
  const undisturbed = async () => {
    assert.ok(good?.isUp)
    await Promise.all([good.ping(), good.barrier()])
    assert.deepEqual(goodNews, [])
  }
  const connectionOf = ({ remote }: Peer): Connection => {
    const found = told.ups.find((connection) => connection.remote === remote)
    assert.ok(found, 'the session is not up')
    return found
  }
  const failNextUp = () => void (failing = true)
  return { clock, listener, ...told, messages, dial, up, connectionOf, failNextUp, undisturbed }
}
