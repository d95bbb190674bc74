/** Plans of moves as REST takes and shows them. */
import { type TSchema, Type } from 'typebox'
import { fits, planMethods } from '../mobility/plan/judge.ts'
import { namePattern } from '../model/schema.ts'

const strict = { additionalProperties: false } as const
const atLeast = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Number({ minimum, maximum, description }))

export const MovePlanRequest = Type.Object(
  {
    vms: Type.Array(Type.String({ pattern: namePattern }), { minItems: 1, maxItems: 256 }),
    to: Type.String({ pattern: namePattern, description: 'The hypervisor' }),
    memoryBytes: atLeast(1, 2 ** 50, 'Of each VM'),
    dirtyBytesPerS: atLeast(0, 2 ** 50, 'What each VM writes anew'),
    rttMs: atLeast(0, 60_000, 'Instead of the one that is measured'),
    bandwidthBps: atLeast(1_000, 4e12, 'Instead of the one that ports and classes give'),
    windowBytes: atLeast(1_024, 2 ** 40, 'What a connection between the hosts may have on its way'),
    qmp: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'QMP of the guest, unix:/path or tcp:host:port: asked for what is not given',
      }),
    ),
  },
  strict,
)

const figure = (description: string) =>
  Type.Object(
    {
      value: Type.Optional(Type.Number()),
      source: Type.Enum(['measured', 'reported', 'declared', 'given', 'assumed', 'unknown'], {
        description: 'reported: by a switch of its own port; unknown: then there is no value',
      }),
      detail: Type.String(),
      error: Type.Optional(Type.Number({ description: 'Of a measurement: it may be off by so much' })),
    },
    { description },
  )

const seconds = (description: string) => Type.Optional(Type.Number({ description }))
const costs: Record<string, TSchema> = {
  totalS: seconds('Until all of it is there'),
  downtimeMs: seconds('How long the guest stands still'),
  downtimeMostMs: seconds('The same, where it is stopped as soon as the rest fits the limit'),
  bytes: seconds('What is sent'),
}
const fit = Type.Enum([...fits], {
  description:
    'good; conditions: good where the reasons hold; unwise: possible, and those who know advise against it; impossible',
})

export const MovePlan = Type.Object({
  vms: Type.Array(Type.String()),
  from: Type.String(),
  to: Type.String(),
  network: Type.Optional(Type.String({ description: 'The migration network that it would go by' })),
  way: Type.Optional(Type.Array(Type.String(), { description: 'Ports of one of the shortest ways' })),
  figures: Type.Object({
    rttMs: figure('Round trip between the hypervisors'),
    bandwidthBps: figure('What the move may send'),
    windowBytes: figure('What one connection may have on its way'),
    memoryBytes: figure('Of all VMs together'),
    dirtyBytesPerS: figure('What all VMs together write anew'),
  }),
  throughputBps: Type.Optional(Type.Number({ description: 'What one connection gets of the bandwidth' })),
  precopy: Type.Optional(
    Type.Object(
      {
        converges: Type.Boolean({ description: 'Whether it ends without the guest being slowed' }),
        dirtyRatio: Type.Number({ description: 'What the guest writes of what is sent meanwhile' }),
        rounds: Type.Optional(Type.Number()),
        slowedTo: Type.Optional(Type.Number({ description: 'Of its speed, so that it ends' })),
        ...costs,
      },
      {
        description:
          'Memory sent while the guest runs, as predicted; only where memory and writing are known',
      },
    ),
  ),
  methods: Type.Array(
    Type.Object({
      method: Type.Enum([...planMethods]),
      fit,
      available: Type.Boolean({ description: 'Whether Throwbar can do it' }),
      reasons: Type.Array(Type.Object({ fit, text: Type.String() })),
      ...costs,
      costs: Type.String(),
    }),
  ),
  recommended: Type.Optional(Type.Enum([...planMethods])),
})
