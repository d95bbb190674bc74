/** The other end of a session: a raw socket that sends hex and keeps what comes, and the messages such peers send. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Framer } from 'ts-openflow'

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
    await this.#echo()
    assert.ok(!this.socket.destroyed, 'the session has ended')
  }

  /** Resolves when the listener has ended the session; fails if it goes on answering. */
  async gone(): Promise<void> {
    for (let tries = 0; tries < 50 && !this.socket.destroyed; tries += 1) await this.#echo()
    assert.ok(this.socket.destroyed, 'the session goes on')
  }

  async #echo(): Promise<void> {
    this.#echoes += 1
    const xid = 0xec000000 + this.#echoes
    this.send(hex(this.#version, 2, xid))
    await this.until(() => this.received.some((message) => message[1] === 3 && xidOf(message) === xid))
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
      .filter((message) => message[1] === 1)
      .map(hexOf)
      .map((it) => {
        const [type, code] = [Number.parseInt(it.slice(16, 20), 16), Number.parseInt(it.slice(20, 24), 16)]
        return `v${Number.parseInt(it.slice(0, 2), 16)} ${type}/${code} to ${Number.parseInt(it.slice(8, 16), 16)}`
      })
  }

  #look(): void {
    for (const watcher of this.#watchers.splice(0)) watcher()
  }
}

/** What `promise` has come to by now; fails if it still waits. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<T> {
  const waiting = turn().then(() => {
    throw new Error('still waiting')
  })
  return Promise.race([promise, waiting])
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
