/** The session's table: every state against every event, the negotiation, the timers, and what must never be answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  agreeVersion,
  helloBytes,
  readHello,
  type SessionEvent,
  type SessionSettings,
  type SessionState,
  start,
  step,
  wakeAt,
} from 'ts-openflow'

const settings: SessionSettings = {
  versions: [4, 6],
  handshakeMs: 10_000,
  probeAfterMs: 5_000,
  closeAfterMs: 10_000,
}

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hexOf = (value: Uint8Array): string => Buffer.from(value).toString('hex')

const featuresReply = {
  type: 'features_reply',
  version: 4,
  xid: 2,
  datapathId: 1n,
  nBuffers: 0,
  nTables: 254,
  auxiliaryId: 0,
  capabilities: [],
  reserved: 0,
} as const

const events: { readonly [T in SessionEvent['type']]: Extract<SessionEvent, { type: T }> } = {
  hello: { type: 'hello', hello: { version: 6 }, bytes: bytes('06 00 0008 00000007') },
  features_reply: { type: 'features_reply', message: featuresReply },
  echo_request: { type: 'echo_request', bytes: bytes('04 02 000a 00000009 abcd') },
  error: {
    type: 'error',
    failedHello: false,
    message: { type: 'barrier_reply', version: 4, xid: 99 },
    text: 'no',
  },
  message: { type: 'message', message: { type: 'barrier_reply', version: 4, xid: 99 } },
  unfit: {
    type: 'unfit',
    why: 'unknown-type',
    bytes: bytes('04 63 0008 12345678'),
    detail: 'type 99',
  },
  bad_framing: { type: 'bad_framing', detail: 'length 7' },
  foreign: { type: 'foreign', code: 'http-peer' },
  tick: { type: 'tick', partial: false, paused: false, clogged: false },
  stalled: { type: 'stalled', detail: '9 bytes wait' },
  lost: { type: 'lost', code: 'peer-closed', detail: '' },
  close: { type: 'close', detail: 'bye' },
}

const states: { readonly [P in SessionState['phase']]: Extract<SessionState, { phase: P }> } = {
  hello: { phase: 'hello', settings, sinceMs: 0 },
  features: { phase: 'features', settings, sinceMs: 0, version: 4 },
  up: { phase: 'up', settings, version: 4, heardMs: 0, probedMs: undefined },
  closed: { phase: 'closed', code: 'peer-closed' },
}

/** Next phase, then what is done: a byte string for what is sent, a code for notes and endings. */
function outcome(state: SessionState, event: SessionEvent, now: number): string {
  const [next, actions] = step(state, event, now)
  const done = actions.map((action) => {
    if (action.do === 'send') return hexOf(action.bytes)
    if (action.do === 'note') return `note ${action.code}`
    if (action.do === 'close') return `${action.how} ${action.code}`
    return action.do
  })
  return [next.phase, ...done].join(' | ')
}

const badType = (offender: string): string => `04010014${offender.slice(8, 16)}00010001${offender}`
const helloAgain = badType('0600000800000007')
const unknown = badType('0463000812345678')
const pong = '0403000a00000009abcd'

const expected: { readonly [P in SessionState['phase']]: { readonly [T in SessionEvent['type']]: string } } =
  {
    hello: {
      hello: 'features | 0605000800000002',
      features_reply: 'closed | destroy message-before-hello',
      echo_request: 'closed | destroy message-before-hello',
      error: 'closed | destroy message-before-hello',
      message: 'closed | destroy message-before-hello',
      unfit: 'closed | destroy message-before-hello',
      bad_framing: 'closed | destroy bad-framing',
      foreign: 'closed | destroy http-peer',
      tick: 'hello',
      stalled: 'closed | destroy slow-reader',
      lost: 'closed | destroy peer-closed',
      close: 'closed | end closed-here',
    },
    features: {
      hello: `features | ${helloAgain} | note second-hello`,
      features_reply: 'up | up',
      echo_request: `features | ${pong}`,
      error: 'features | note unsolicited',
      message: 'features | note early-message',
      unfit: `features | ${unknown} | note unknown-type`,
      bad_framing: 'closed | destroy bad-framing',
      foreign: 'closed | destroy http-peer',
      tick: 'features',
      stalled: 'closed | destroy slow-reader',
      lost: 'closed | destroy peer-closed',
      close: 'closed | end closed-here',
    },
    up: {
      hello: `up | ${helloAgain} | note second-hello`,
      features_reply: 'up | deliver',
      echo_request: `up | ${pong}`,
      error: 'up | deliver',
      message: 'up | deliver',
      unfit: `up | ${unknown} | note unknown-type`,
      bad_framing: 'closed | destroy bad-framing',
      foreign: 'closed | destroy http-peer',
      tick: 'up',
      stalled: 'closed | destroy slow-reader',
      lost: 'closed | destroy peer-closed',
      close: 'closed | end closed-here',
    },
    closed: {
      hello: 'closed',
      features_reply: 'closed',
      echo_request: 'closed',
      error: 'closed',
      message: 'closed',
      unfit: 'closed',
      bad_framing: 'closed',
      foreign: 'closed',
      tick: 'closed',
      stalled: 'closed',
      lost: 'closed',
      close: 'closed',
    },
  }

for (const [phase, state] of Object.entries(states)) {
  test(`in ${phase}, every event`, () => {
    const seen = Object.fromEntries(
      Object.entries(events).map(([name, event]) => [name, outcome(state, event, 1)]),
    )
    assert.deepEqual(seen, expected[state.phase])
  })
}

test('every event in every order of three ends in a phase, and closed is for ever', () => {
  const all = Object.values(events)
  for (const first of Object.values(states)) {
    for (const a of all) {
      for (const b of all) {
        let state: SessionState = first
        let closes = 0
        for (const event of [a, b, ...all]) {
          const wasClosed = state.phase === 'closed'
          const [next, actions] = step(state, event, 1)
          closes += actions.filter((action) => action.do === 'close').length
          if (wasClosed) assert.deepEqual([next, actions], [state, []])
          state = next
        }
        assert.equal(state.phase, 'closed')
        assert.equal(closes, first.phase === 'closed' ? 0 : 1)
      }
    }
  }
})

test('our HELLO has the highest version in its header and all in the bitmap', () => {
  const [state, actions] = start(settings, 7)
  assert.equal(state.phase, 'hello')
  assert.deepEqual(
    actions.map((action) => (action.do === 'send' ? hexOf(action.bytes) : action.do)),
    ['06000010000000010001000800000050'],
  )
  assert.equal(wakeAt(state), 10_007)
})

test('our HELLO is bare where its header says it all: OpenFlow 1.0 alone, and everything up to a version', () => {
  assert.equal(hexOf(helloBytes([1], 7)), '0100000800000007')
  assert.equal(hexOf(helloBytes([3, 1, 2], 7)), '0300000800000007')
  assert.equal(hexOf(helloBytes([1, 4], 7)), '04000010000000070001000800000012')
  assert.equal(hexOf(helloBytes([2, 3], 7)), '0300001000000007000100080000000c')
})

test('negotiation: the bitmap wins, no bitmap means every version up to the header', () => {
  const cases: readonly (readonly [hello: string, agreed: number | undefined, why: string])[] = [
    ['06000008 00000000', 6, 'Open vSwitch, all versions'],
    ['04000010 00000000 00010008 00000010', 4, 'Open vSwitch, OpenFlow13 only'],
    ['09000008 00000000', 6, 'a version of the future'],
    ['04000008 00000000', 4, 'bare 1.3'],
    ['05000008 00000000', 4, 'bare 1.4'],
    ['06000010 00000000 00010008 00000012', 4, 'header 1.5, bitmap 1.0 and 1.3'],
    ['01000010 00000000 00010008 00000050', 6, 'low header, bitmap 1.3 and 1.5'],
    ['01000008 00000000', undefined, 'bare 1.0'],
    ['04000010 00000000 00010008 00000080', undefined, 'bitmap of version 7 only'],
    ['04000010 00000000 00010000 00000010', 4, 'element of length 0'],
    ['04000010 00000000 00010003 00000010', 4, 'element of length 3'],
    ['04000010 00000000 000100c8 00000010', 4, 'element longer than the message'],
    ['06000010 00000000 00010006 00100000', 6, 'bitmap of half a word'],
    ['06000010 00000000 00010004 00000000', 6, 'empty bitmap'],
    ['06000018 00000000 00090008 00000000 00010008 00000010', 4, 'unknown element first'],
    ['06000018 00000000 0001000c 00000010 00000001 00000000', 4, 'bitmap of two words'],
    ['00000008 00000000', undefined, 'version 0'],
  ]
  for (const [hello, agreed, why] of cases) {
    assert.equal(agreeVersion(settings.versions, readHello(bytes(hello))), agreed, why)
  }
  assert.deepEqual(readHello(helloBytes([1, 4, 6], 5)), { version: 6, versions: [1, 4, 6] })
})

test('no common version: HELLO_FAILED in a version the peer knows, with a text, then the end', () => {
  const [, actions] = step(
    states.hello,
    { type: 'hello', hello: { version: 1 }, bytes: bytes('0100000800000005') },
    1,
  )
  const [answer, ending] = actions
  assert.ok(answer?.do === 'send' && ending?.do === 'close')
  assert.equal(hexOf(answer.bytes.subarray(0, 2)), '0101')
  assert.equal(hexOf(answer.bytes.subarray(4, 12)), '0000000500000000')
  assert.match(
    Buffer.from(answer.bytes.subarray(12)).toString(),
    /support versions 0x04, 0x06, you support 0x01/,
  )
  assert.deepEqual([ending.how, ending.code], ['end', 'incompatible-version'])
  assert.equal(
    outcome(states.hello, { ...events.hello, hello: { version: 0 } }, 1),
    'closed | destroy incompatible-version',
  )
})

test('HELLO_FAILED from the peer ends the handshake and is only noted later; an ERROR is never answered', () => {
  const failed = { ...events.error, failedHello: true }
  assert.equal(outcome(states.hello, failed, 1), 'closed | end hello-failed')
  assert.equal(outcome(states.features, failed, 1), 'closed | end hello-failed')
  assert.equal(outcome(states.up, failed, 1), 'up | note late-hello-failed')
  const refusal = { ...events.error, message: { type: 'barrier_reply', version: 4, xid: 2 } } as const
  assert.equal(outcome(states.features, refusal, 1), 'closed | end features-refused')
  const badError = { ...events.unfit, why: 'malformed', bytes: bytes('04 01 0009 00000001 00') } as const
  assert.equal(outcome(states.up, badError, 1), 'up | note malformed')
})

test('FEATURES_REPLY with a foreign xid is not taken', () => {
  const stray = { ...events.features_reply, message: { ...featuresReply, xid: 3 } }
  assert.equal(outcome(states.features, stray, 1), 'features | note unsolicited')
})

test('a wrong version is answered in its own version if we know it, and the session is kept', () => {
  const wrong = (hex: string) => ({ ...events.unfit, why: 'wrong-version', bytes: bytes(hex) }) as const
  assert.equal(
    outcome(states.up, wrong('06 14 0008 00000001'), 1),
    'up | 0601001400000001000100000614000800000001 | note wrong-version',
  )
  assert.match(outcome(states.up, wrong('63 14 0008 00000001'), 1), /^up \| 01010014000000010001/)
})

test('the handshake timer tells a silent peer from half a message', () => {
  const tick = events.tick
  assert.equal(outcome(states.hello, tick, 9_999), 'hello')
  assert.equal(outcome(states.hello, tick, 10_000), 'closed | destroy handshake-timeout')
  assert.equal(outcome(states.features, tick, 10_000), 'closed | destroy handshake-timeout')
  assert.equal(outcome(states.features, { ...tick, partial: true }, 10_000), 'closed | destroy half-message')
})

test('keep-alive: probe after 5 s of silence, close after 10 s, and any message counts as life', () => {
  const [probed, actions] = step(states.up, events.tick, 5_000)
  assert.deepEqual(
    actions.map((action) => action.do === 'send' && hexOf(action.bytes)),
    ['0402000800000003'],
  )
  assert.equal(wakeAt(probed), 10_000)
  assert.equal(outcome(probed, events.tick, 9_999), 'up')
  assert.equal(outcome(probed, events.tick, 10_000), 'closed | destroy echo-timeout')
  assert.equal(outcome(probed, { ...events.tick, clogged: true }, 10_000), 'closed | destroy slow-reader')
  assert.equal(outcome(probed, { ...events.tick, partial: true }, 10_000), 'closed | destroy half-message')
  const [alive, delivered] = step(
    probed,
    { type: 'message', message: { type: 'echo_reply', version: 4, xid: 3, data: new Uint8Array(0) } },
    6_000,
  )
  assert.deepEqual(delivered, [])
  assert.equal(wakeAt(alive), 11_000)
})

test('a late timer still gives the probe its time, and our own pause proves nothing about the peer', () => {
  const [probed] = step(states.up, events.tick, 60_000)
  assert.equal(wakeAt(probed), 65_000)
  const [paused] = step(probed, { ...events.tick, paused: true }, 70_000)
  assert.equal(wakeAt(paused), 75_000)
})
