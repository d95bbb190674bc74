/** The shell of a session on a fake socket and a fake clock: framing, requests, multipart limits, back-pressure, endings. */
import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import {
  type Clock,
  Connection,
  decode,
  type Ending,
  encode,
  Framer,
  helloBytes,
  type Incident,
  type Message,
  type MessageInput,
  type SessionHandlers,
  type SessionLimits,
} from 'ts-openflow'

class FakeClock implements Clock {
  #now = 0
  #timers: { readonly atMs: number; readonly run: () => void }[] = []
  readonly now = (): number => this.#now
  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { atMs: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets time pass, running what falls due in order. */
  pass(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)
      if (!next) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.atMs)
      next.run()
    }
    this.#now = end
  }

  get waiting(): number {
    return this.#timers.length
  }
}

/** A socket whose other end is the test: `written` is what the session wrote, one entry per write. */
class FakeSocket extends Duplex {
  readonly written: Buffer[] = []
  reads = true
  #parked: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: false, readableHighWaterMark: 16, writableHighWaterMark: 1024 })
  }

  override _read(): void {
    // The test pushes.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(Buffer.from(chunk))
    if (this.reads) done()
    else this.#parked = done
  }

  /** Takes what was parked, as a peer does that reads again. */
  readAgain(): void {
    this.reads = true
    this.#parked?.()
  }

  get messages(): Message[] {
    return new Framer().push(Buffer.concat(this.written)).map(decode)
  }
}

interface Bench {
  readonly clock: FakeClock
  readonly socket: FakeSocket
  readonly connection: Connection
  readonly endings: Ending[]
  readonly incidents: string[]
  readonly taken: Message[]
  /** What the peer sends; resolves when the session has looked at it. */
  readonly receive: (...messages: readonly (MessageInput | Uint8Array)[]) => Promise<void>
}

function bench(
  t: TestContext,
  { limits = {}, handlers }: { limits?: Partial<SessionLimits>; handlers?: SessionHandlers } = {},
): Bench {
  const clock = new FakeClock()
  const socket = new FakeSocket()
  const endings: Ending[] = []
  const incidents: string[] = []
  const taken: Message[] = []
  const connection = new Connection(socket, 'peer:1', {
    clock,
    limits,
    onUp: () =>
      handlers ?? {
        onMessage: (message) => {
          taken.push(message)
        },
      },
    onEnd: (ending) => endings.push(ending),
    onIncident: ({ code }: Incident) => incidents.push(code),
  })
  t.after(() => socket.destroy())
  const receive: Bench['receive'] = async (...messages) => {
    socket.push(Buffer.concat(messages.map((one) => (one instanceof Uint8Array ? one : encode(one)))))
    await turn()
  }
  return { clock, socket, connection, endings, incidents, taken, receive }
}

const features = (version: number): MessageInput => ({
  type: 'features_reply',
  version,
  xid: 2,
  datapathId: 1n,
  nBuffers: 0,
  nTables: 254,
  auxiliaryId: 0,
  capabilities: [],
})

async function up(b: Bench, version = 4): Promise<void> {
  await b.receive(helloBytes([version], 1), features(version))
  assert.ok(b.connection.isUp)
}

const portStatus = (portNo: number): MessageInput => ({
  type: 'port_status',
  version: 4,
  xid: 0,
  reason: 'add',
  port: {
    portNo,
    hwAddr: 1,
    name: `p${portNo}`,
    config: [],
    state: [],
    properties: [
      {
        type: 'ethernet',
        curr: [],
        advertised: [],
        supported: [],
        peer: [],
        currSpeedKbps: 0,
        maxSpeedKbps: 0,
      },
    ],
  },
})

const barrierReply = (xid: number): MessageInput => ({ type: 'barrier_reply', version: 4, xid })
const types = (messages: readonly Message[]): string[] => messages.map(({ type }) => type)
const xidOf = (b: Bench, type: Message['type']): number =>
  b.socket.messages.filter((message) => message.type === type).at(-1)?.xid ?? -1

test('the handshake on a stream that is cut at every byte', async (t) => {
  const whole = Buffer.concat([helloBytes([4], 1), encode(features(4)), encode(portStatus(7))])
  for (let cut = 1; cut < whole.length; cut += 1) {
    const b = bench(t)
    await b.receive(whole.subarray(0, cut))
    await b.receive(whole.subarray(cut))
    assert.equal(b.connection.version, 4)
    assert.deepEqual(types(b.taken), ['port_status'])
  }
})

test('one byte at a time, and all in one piece', async (t) => {
  const whole = Buffer.concat([helloBytes([6], 1), encode(features(6))])
  const b = bench(t)
  for (const byte of whole) await b.receive(Uint8Array.of(byte))
  assert.equal(b.connection.version, 6)
  assert.deepEqual(types(b.socket.messages), ['hello', 'features_request'])
})

test('nothing is dispatched before the features are told', async (t) => {
  const b = bench(t)
  await b.receive(helloBytes([4], 1), portStatus(1), features(4), portStatus(2))
  assert.deepEqual(
    b.taken.map((message) => message.type === 'port_status' && message.port.portNo),
    [2],
  )
  assert.deepEqual(b.incidents, ['early-message'])
})

test('what is sent in one tick leaves in one write', async (t) => {
  const b = bench(t)
  await up(b)
  const before = b.socket.written.length
  for (let count = 0; count < 50; count += 1) b.connection.send({ type: 'barrier_request' })
  await turn()
  assert.equal(b.socket.written.length, before + 1)
  assert.equal(b.socket.messages.length, 52)
})

test('requests are matched by xid and type, in any order; what matches none is dropped and noted', async (t) => {
  const b = bench(t)
  await up(b)
  const first = b.connection.barrier()
  const config = b.connection.request({ type: 'get_config_request' })
  await turn()
  const barrierXid = xidOf(b, 'barrier_request')
  await b.receive(barrierReply(4711), {
    type: 'get_config_reply',
    version: 4,
    xid: barrierXid,
    flags: [],
    missSendLen: 1,
  })
  assert.deepEqual(b.incidents, ['unsolicited', 'unsolicited'])
  await b.receive(
    {
      type: 'get_config_reply',
      version: 4,
      xid: xidOf(b, 'get_config_request'),
      flags: [],
      missSendLen: 128,
    },
    barrierReply(barrierXid),
  )
  await first
  assert.equal((await config).missSendLen, 128)
  assert.deepEqual(b.taken, [])
})

test('an ERROR rejects the request it answers, with both messages; any other ERROR is a message', async (t) => {
  const b = bench(t)
  await up(b)
  const asked = b.connection.request({ type: 'role_request', role: 'master', generationId: 5n })
  await turn()
  const error = (xid: number): MessageInput => ({
    type: 'error',
    version: 4,
    xid,
    errorType: 'OFPET_ROLE_REQUEST_FAILED',
    code: 'OFPRRFC_STALE',
    data: new Uint8Array(0),
  })
  const rejected = assert.rejects(asked, (thrown: unknown) => {
    assert.ok(thrown instanceof Error && 'code' in thrown && 'request' in thrown)
    assert.equal(thrown.code, 'OFPRRFC_STALE')
    assert.deepEqual(thrown.request, {
      type: 'role_request',
      role: 'master',
      generationId: 5n,
      version: 4,
      xid: xidOf(b, 'role_request'),
    })
    return true
  })
  await b.receive(error(xidOf(b, 'role_request')), error(999))
  await rejected
  assert.deepEqual(types(b.taken), ['error'])
  assert.equal(b.socket.messages.filter(({ type }) => type === 'error').length, 0)
})

test('a request without an answer times out, one in a dead session is told why', async (t) => {
  const b = bench(t, { limits: { probeAfterMs: 60_000, closeAfterMs: 120_000 } })
  await up(b)
  const late = assert.rejects(b.connection.barrier({ timeoutMs: 3000 }), { name: 'SessionTimeout' })
  b.clock.pass(2999)
  const cut = assert.rejects(b.connection.barrier(), { name: 'SessionClosed', code: 'peer-closed' })
  b.clock.pass(1)
  await late
  b.socket.push(null)
  await cut
  await assert.rejects(b.connection.barrier(), { name: 'SessionClosed', code: 'peer-closed' })
  assert.throws(() => b.connection.send({ type: 'barrier_request' }), { name: 'SessionClosed' })
  assert.equal(b.clock.waiting, 0)
})

const tablePart = (xid: number, tableIds: readonly number[], more: boolean): MessageInput => ({
  type: 'multipart_reply',
  version: 4,
  xid,
  flags: more ? ['more'] : [],
  body: {
    type: 'table',
    entries: tableIds.map((tableId) => ({ tableId, activeCount: 0, lookupCount: 0n, matchedCount: 0n })),
  },
})

test('a multipart reply is given whole, its last part empty or not', async (t) => {
  const b = bench(t)
  await up(b)
  for (const last of [[5], []]) {
    const asked = b.connection.request({ type: 'multipart_request', body: { type: 'table' } })
    await turn()
    const xid = xidOf(b, 'multipart_request')
    await b.receive(tablePart(xid, [1, 2], true), portStatus(1), tablePart(xid, [3, 4], true))
    await b.receive(tablePart(xid, last, false))
    assert.deepEqual(
      (await asked).body.entries.map(({ tableId }) => tableId),
      [1, 2, 3, 4, ...last],
    )
  }
})

test('raw parts are put end to end: 20 parts of table features, 1.24 MB', async (t) => {
  const b = bench(t)
  await up(b)
  const asked = b.connection.request({ type: 'multipart_request', body: { type: 'table_features' } })
  await turn()
  const xid = xidOf(b, 'multipart_request')
  for (let part = 1; part <= 20; part += 1) {
    const data = new Uint8Array(62_000).fill(part)
    await b.receive({
      type: 'multipart_reply',
      version: 4,
      xid,
      flags: part < 20 ? ['more'] : [],
      body: { type: 'table_features', data },
    })
  }
  const { data } = (await asked).body
  assert.equal(data.length, 20 * 62_000)
  assert.deepEqual([data[0], data[62_000], data.at(-1)], [1, 2, 20])
})

for (const [why, limits, message] of [
  ['parts', { maxParts: 3 }, /more than 3 parts/],
  ['bytes', { maxReplyBytes: 200 }, /more than 200 bytes/],
] as const) {
  test(`an endless multipart reply is refused by ${why}, and the session is kept`, async (t) => {
    const b = bench(t, { limits })
    await up(b)
    const asked = assert.rejects(
      b.connection.request({ type: 'multipart_request', body: { type: 'table' } }),
      {
        name: 'ReplyRefused',
        message,
      },
    )
    await turn()
    const xid = xidOf(b, 'multipart_request')
    for (let part = 0; part < 9; part += 1) await b.receive(tablePart(xid, [part, part], true))
    await asked
    assert.ok(b.connection.isUp)
    assert.ok(b.incidents.every((code) => code === 'unsolicited'))
  })
}

test('a multipart reply that takes for ever is refused by time, however many parts keep coming', async (t) => {
  const b = bench(t)
  await up(b)
  const asked = assert.rejects(
    b.connection.request({ type: 'multipart_request', body: { type: 'table' } }, { timeoutMs: 5000 }),
    /no reply to multipart_request .*, 5 parts came/,
  )
  await turn()
  const xid = xidOf(b, 'multipart_request')
  for (let part = 0; part < 5; part += 1) {
    await b.receive(tablePart(xid, [part], true))
    b.clock.pass(1000)
  }
  await asked
})

test('a malformed message, a wrong version and a type nobody has are answered and survived', async (t) => {
  const b = bench(t)
  await up(b)
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
  await b.receive(
    bytes('0406000900000001ff'),
    bytes('0614000800000002'),
    bytes('0463000800000003'),
    bytes('0405000800000004'),
    bytes('0401000800000005'),
    portStatus(1),
  )
  assert.deepEqual(b.incidents, ['malformed', 'wrong-version', 'unknown-type', 'misdirected', 'malformed'])
  assert.deepEqual(
    b.socket.messages.flatMap((message) => (message.type === 'error' ? [[message.xid, message.code]] : [])),
    [
      [1, 'OFPBRC_BAD_LEN'],
      [2, 'OFPBRC_BAD_VERSION'],
      [3, 'OFPBRC_BAD_TYPE'],
      [4, 'OFPBRC_BAD_TYPE'],
    ],
  )
  assert.deepEqual(types(b.taken), ['port_status'])
})

test('a length below 8 ends the session; an ECHO of any version is answered in kind', async (t) => {
  const b = bench(t)
  await up(b)
  await b.receive(new Uint8Array(Buffer.from('0902000a000000071234', 'hex')))
  assert.equal(b.socket.written.at(-1)?.toString('hex'), '0903000a000000071234')
  await b.receive(new Uint8Array(Buffer.from('0402000700000007', 'hex')))
  assert.deepEqual(
    b.endings.map(({ code, wasUp }) => [code, wasUp]),
    [['bad-framing', true]],
  )
  assert.ok(b.socket.destroyed)
})

test('silence: probed after 5 s, closed after 10 s, not while the probe is answered', async (t) => {
  const b = bench(t)
  await up(b)
  for (let count = 0; count < 3; count += 1) {
    b.clock.pass(5000)
    await turn()
    await b.receive({ type: 'echo_reply', version: 4, xid: xidOf(b, 'echo_request') })
  }
  assert.equal(b.socket.messages.filter(({ type }) => type === 'echo_request').length, 3)
  b.clock.pass(5000)
  await turn()
  b.clock.pass(4999)
  assert.deepEqual(b.endings, [])
  b.clock.pass(1)
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['echo-timeout'],
  )
})

test('the handshake timer: silence, half a message, and HTTP at once', async (t) => {
  const silent = bench(t)
  await turn()
  silent.clock.pass(10_000)
  assert.deepEqual(
    silent.endings.map(({ code, wasUp }) => [code, wasUp]),
    [['handshake-timeout', false]],
  )
  const half = bench(t)
  await half.receive(helloBytes([4], 1).subarray(0, 11))
  half.clock.pass(9_999)
  assert.deepEqual(half.endings, [])
  half.clock.pass(1)
  assert.deepEqual(
    half.endings.map(({ code }) => code),
    ['half-message'],
  )
  const http = bench(t)
  await http.receive(Buffer.from('GE'))
  assert.deepEqual(http.endings, [])
  await http.receive(Buffer.from('T / HTTP/1.1'))
  assert.deepEqual(
    http.endings.map(({ code }) => code),
    ['http-peer'],
  )
})

test('a peer that leaves in the middle of a message', async (t) => {
  const b = bench(t)
  await up(b)
  await b.receive(Uint8Array.of(4, 10, 0, 99))
  b.socket.push(null)
  await turn()
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['half-message'],
  )
})

test('reading stops while too many messages wait for their handler, and goes on after', async (t) => {
  const waiting: (() => void)[] = []
  const seen: string[] = []
  const onMessage = (message: Message) => {
    seen.push(message.type)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }
  const b = bench(t, { limits: { maxWaitingMessages: 3 }, handlers: { onMessage } })
  await up(b)
  await b.receive(...Array.from({ length: 10 }, (_, index) => portStatus(index + 1)))
  assert.equal(seen.length, 4)
  assert.ok(b.socket.isPaused())
  // Our own pause is no silence of the peer's.
  b.clock.pass(60_000)
  assert.deepEqual(b.endings, [])
  while (seen.length < 10) {
    waiting.shift()?.()
    await turn()
  }
  for (const resolve of waiting.splice(0)) resolve()
  await turn()
  assert.ok(!b.socket.isPaused())
})

test('an echo flood from a peer that does not read stops our reading, then ends the session', async (t) => {
  const b = bench(t, { limits: { pauseAboveBytes: 4000, stallMs: 10_000 } })
  await up(b)
  b.socket.reads = false
  const echo: MessageInput = { type: 'echo_request', version: 4, xid: 9, data: new Uint8Array(1000) }
  for (let count = 0; count < 20; count += 1) await b.receive(echo)
  assert.ok(b.socket.isPaused())
  assert.ok(b.connection.waitingBytes < 6000)
  b.clock.pass(20_000)
  assert.deepEqual(
    b.endings.map(({ code }) => code),
    ['slow-reader'],
  )
  assert.ok(b.socket.destroyed)
})

test('a peer that reads again is not slow', async (t) => {
  const b = bench(t, { limits: { pauseAboveBytes: 4000, stallMs: 10_000 } })
  await up(b)
  b.socket.reads = false
  const echo: MessageInput = { type: 'echo_request', version: 4, xid: 9, data: new Uint8Array(1000) }
  for (let count = 0; count < 20; count += 1) await b.receive(echo)
  b.clock.pass(9000)
  b.socket.readAgain()
  await turn()
  await turn()
  assert.equal(b.connection.waitingBytes, 0)
  assert.ok(!b.socket.isPaused())
  assert.equal(b.socket.messages.filter(({ type }) => type === 'echo_reply').length, 20)
})

test('more waiting bytes than allowed end the session at once', async (t) => {
  const b = bench(t, { limits: { maxWaitingBytes: 5000 } })
  await up(b)
  b.socket.reads = false
  const data = new Uint8Array(1000)
  for (let count = 0; count < 6 && b.connection.isUp; count += 1)
    b.connection.send({ type: 'echo_request', data })
  assert.deepEqual(
    b.endings.map(({ code, detail }) => [code, detail]),
    [['slow-reader', '5040 bytes wait to be read']],
  )
})

test('a long sender waits until the peer has read enough', async (t) => {
  const b = bench(t, { limits: { lowWaterBytes: 2000 } })
  await up(b)
  b.socket.reads = false
  for (let count = 0; count < 3; count += 1)
    b.connection.send({ type: 'echo_request', data: new Uint8Array(1000) })
  let drained = false
  const waiting = b.connection.drained().then(() => {
    drained = true
  })
  await turn()
  assert.equal(drained, false)
  b.socket.readAgain()
  await waiting
  assert.equal(b.connection.waitingBytes, 0)
})

test('close sends what waits, ends, and cuts after the grace time', async (t) => {
  const b = bench(t)
  await up(b)
  const cut = assert.rejects(b.connection.barrier(), { name: 'SessionClosed', code: 'closed-here' })
  b.connection.send({ type: 'barrier_request' })
  b.socket.reads = false
  const closed = b.connection.close('enough')
  await cut
  await turn()
  assert.equal(types(b.socket.messages).filter((type) => type === 'barrier_request').length, 2)
  assert.ok(b.socket.writableEnded && !b.socket.destroyed)
  b.clock.pass(1000)
  await closed
  assert.ok(b.socket.destroyed)
  assert.deepEqual(await b.connection.ended, {
    code: 'closed-here',
    detail: 'enough',
    remote: 'peer:1',
    wasUp: true,
  })
  assert.equal(b.clock.waiting, 0)
})

test('what handlers throw or reject is an incident', async (t) => {
  let calls = 0
  const onMessage = (): void | Promise<void> => {
    calls += 1
    if (calls === 1) throw new Error('sync')
    return Promise.reject(new Error('async'))
  }
  const b = bench(t, { handlers: { onMessage } })
  await up(b)
  await b.receive(portStatus(1), portStatus(2))
  await turn()
  assert.deepEqual(b.incidents, ['handler-failed', 'handler-failed'])
  assert.ok(b.connection.isUp)
})
