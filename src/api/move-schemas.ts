/** Moves as REST takes and shows them. */
import { Type } from 'typebox'
import { limits, namePattern } from '../model/schema.ts'

const end = (port: 'always' | 'perhaps') =>
  Type.Object({
    switch: Type.String(),
    port: port === 'always' ? Type.String() : Type.Optional(Type.String()),
  })

const method = Type.Union([Type.Literal('live'), Type.Literal('cold')])
const driver = Type.Object(
  {
    kind: Type.Literal('qemu'),
    source: Type.String({ description: 'QMP of the guest as it runs: unix:/path or tcp:host:port' }),
    destination: Type.String({ description: 'QMP of the QEMU that waits for it' }),
    uri: Type.String({ description: 'Where the source sends the guest, such as tcp:10.9.0.2:4444' }),
  },
  { additionalProperties: false },
)

export const MoveRequest = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$',
        description: 'The same request with the same id is the same move; made up unless given',
      }),
    ),
    vms: Type.Array(Type.String({ pattern: namePattern }), { minItems: 1, maxItems: 256 }),
    to: Type.String({ pattern: namePattern, description: 'The hypervisor' }),
    method: Type.Optional(method),
    ports: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 15 }), {
        description: 'By NIC id: the interface at the destination, where it has another name there',
      }),
    ),
    driver: Type.Optional(driver),
    settleS: Type.Optional(
      Type.Number({ minimum: 0, maximum: 600, description: 'How long late frames are sent after the guest' }),
    ),
    timeoutS: Type.Optional(
      Type.Number({ minimum: 1, maximum: 86_400, description: 'How long the guest may take to arrive' }),
    ),
    countSessions: Type.Optional(
      Type.Boolean({
        description:
          'The switches note the TCP sessions of the VMs meanwhile, one rule each, so that the report tells how many went on; false unless given',
      }),
    ),
  },
  { additionalProperties: false },
)

const receipt = Type.Object({
  switch: Type.String(),
  state: Type.String({ description: 'confirmed, refused, pending or disconnected' }),
  confirmedAfterMs: Type.Optional(Type.Number()),
})

export const MoveView = Type.Object({
  id: Type.String(),
  method,
  vms: Type.Array(Type.String()),
  from: Type.String(),
  to: Type.String(),
  nics: Type.Array(Type.Object({ nic: Type.String(), from: end('always'), to: end('perhaps') })),
  networks: Type.Array(Type.String(), { description: 'Internal networks that go along' }),
  origin: Type.String({ description: 'asked, or noticed: a NIC was plugged in on a second hypervisor' }),
  driver: Type.Optional(driver),
  settleS: Type.Number(),
  timeoutS: Type.Number(),
  countSessions: Type.Optional(Type.Boolean()),
  phase: Type.String({
    description: 'planned, prepared, transferring, switched, settling, done; or aborting, aborted',
  }),
  flowsReady: Type.Boolean({
    description: 'The switches have confirmed all that the guest needs at the destination: it may run there',
  }),
  timeline: Type.Array(
    Type.Object({
      phase: Type.String(),
      time: Type.String({ format: 'date-time' }),
      detail: Type.Optional(Type.String()),
      receipts: Type.Optional(Type.Array(receipt)),
      stopping: Type.Optional(
        Type.Object(
          { led: Type.Boolean() },
          {
            description:
              'QEMU may be told to stop the guest from here on; led: what is for it goes to the destination, where it waits',
          },
        ),
      ),
    }),
  ),
  prediction: Type.Optional(
    Type.Object(
      {
        totalS: Type.Number(),
        downtimeMs: Type.Number(),
        downtimeMostMs: Type.Number(),
        bytes: Type.Number({ description: 'At most: pages that were never written go as nothing' }),
        memoryBytes: Type.Number(),
        dirtyBytesPerS: Type.Number(),
        throughputBps: Type.Number(),
      },
      {
        description:
          'What a plan said of the transfer before it began, to stand beside report.transfer; absent where nothing is known of the guest',
      },
    ),
  ),
  report: Type.Optional(
    Type.Object({
      signal: Type.String({
        description: 'What told that the guest had gone: hypervisor, frame, unplugged, command',
      }),
      switchedAfterMs: Type.Number({ description: 'From that until every connected switch had confirmed' }),
      gapMs: Type.Optional(
        Type.Number({
          description: 'From when the guest was stopped or unplugged until it could speak again',
        }),
      ),
      aheadMs: Type.Optional(
        Type.Number({
          description: 'For how long what is for the guest had gone to the destination when it was stopped',
        }),
      ),
      lateFrames: Type.Number({
        description: 'Frames that came to the source and were sent after the guest',
      }),
      sourceFrames: Type.Number({ description: 'Frames from the port that the guest had left' }),
      sessions: Type.Optional(
        Type.Object(
          { before: Type.Integer(), carried: Type.Integer() },
          {
            description:
              'Where it was asked for: TCP sessions in which a guest had sent something in the 3 s before, and those of them in which it did while it settled',
          },
        ),
      ),
      transfer: Type.Optional(
        Type.Object({ totalMs: Type.Number(), downtimeMs: Type.Number(), bytes: Type.Number() }),
      ),
    }),
  ),
  reason: Type.Optional(Type.String({ description: 'Why it was aborted' })),
})

export const moveId = Type.Object({ id: Type.String({ maxLength: 80 }) })
export const moveWait = Type.Object(
  {
    until: Type.Optional(
      Type.Union([Type.Literal('prepared'), Type.Literal('switched'), Type.Literal('done')], {
        description: 'Answer when it has come so far, or is over; at once unless given',
      }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 1, maximum: limits.moveWaitMs, description: 'How long to wait for that' }),
    ),
  },
  { additionalProperties: false },
)
