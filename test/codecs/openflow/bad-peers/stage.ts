/**
 * A live listener with a well-behaved switch on it, and raw sockets for the peers that are not: what they send is hex,
 * what comes back is kept, and afterwards the good one must not have noticed.
 *
 * Bad peers that a session cannot meet are met elsewhere: LLDP that is forged, replayed, or comes where no link may be in
 * test/src/discovery/probe.test.ts, discovery.test.ts and test/real/bad-peers.test.ts; LLDP and packets that break
 * parsers in test/codecs/packet/lldp.test.ts, packet.test.ts and roundtrip.test.ts; hosts that claim another's address
 * in test/src/discovery/hosts.test.ts and packet-in.test.ts; REST input in test/src/api/guard.test.ts, problems.test.ts,
 * resources.test.ts and test/src/model/refused-*.test.ts; how many ports and switches are remembered in
 * test/src/switches; events that pile up in test/src/controller/events.test.ts.
 */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import {
  type Connection,
  type Ending,
  type Incident,
  type Listener,
  listen,
  type ListenOptions,
  type Message,
  type SessionHandlers,
} from 'ts-openflow'
import { FakeClock } from '../../../support/fake-session.ts'
import { behave, Peer } from './peer.ts'

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
  /** Resolves when the session of this peer has ended; fails if it goes on. */
  readonly ended: (peer: Peer) => Promise<void>
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
  const ended = async ({ remote, closed }: Peer) => {
    const hasEnded = () => told.endings.some((ending) => ending.remote === remote)
    // Time is what other sessions do meanwhile.
    for (let tries = 0; tries < 50 && !hasEnded(); tries += 1) await good?.ping()
    assert.ok(hasEnded(), 'the session goes on')
    await closed
    await good?.ping()
  }
  const connectionOf = ({ remote }: Peer): Connection => {
    const found = told.ups.find((connection) => connection.remote === remote)
    assert.ok(found, 'the session is not up')
    return found
  }
  const failNextUp = () => void (failing = true)
  return { clock, listener, ...told, messages, dial, up, connectionOf, failNextUp, ended, undisturbed }
}
