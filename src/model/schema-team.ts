/** The language in which uplinks and teams of them are declared: part of `schema.ts`. */
import { Type } from 'typebox'
import { limits, Name, Port, Rate, strict } from './schema-parts.ts'

export const uplinkSchema = Type.Union([
  Port('The uplink\'s interface name, such as "eth0".'),
  Type.Object(
    {
      port: Port('Interface name on this switch.'),
      segment: Type.Optional(Name('The physical segment it leads into, declared in `segments`.')),
      bandwidth: Type.Optional(
        Rate('What it can carry, such as 100M or 10G (bit/s); as the port reports it unless given.'),
      ),
    },
    strict,
  ),
])

export const TeamSpec = Type.Object(
  {
    uplinks: Type.Array(Port('One of the `uplinks`.'), {
      minItems: 1,
      maxItems: limits.uplinksPerTeam,
      uniqueItems: true,
      description: 'The uplinks that act as one.',
    }),
    mode: Type.Union([Type.Literal('hash'), Type.Literal('active-backup'), Type.Literal('lacp')], {
      description:
        '`hash` spreads flows over the uplinks that work; `active-backup` uses one and the others when it fails; `lacp` spreads them over those that a physical switch has taken into its link aggregation.',
    }),
    hash: Type.Optional(
      Type.Union([Type.Literal('l2'), Type.Literal('l3'), Type.Literal('l3l4')], {
        description:
          'What tells flows apart: source MAC, both IP addresses, or addresses and ports (unless given).',
      }),
    ),
    weights: Type.Optional(
      Type.Record(Type.String({ maxLength: 15 }), Type.Integer({ minimum: 1, maximum: 10 }), {
        maxProperties: limits.uplinksPerTeam,
        description: 'How many shares an uplink takes, 1 unless given.',
      }),
    ),
    preferred: Type.Optional(
      Port('Of `active-backup`: the uplink to use while it works; the first unless given.'),
    ),
    upDelayMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 600_000,
        description:
          'How long an uplink that failed must be up before others give way to it: 1000 in `active-backup` and 0 in `hash` and `lacp` unless given.',
      }),
    ),
  },
  { ...strict, description: 'Uplinks of a hypervisor that act as one.' },
)
