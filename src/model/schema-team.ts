/** The language in which uplinks and teams of them are declared: part of `schema.ts`. */
import { Type } from 'typebox'
import { limits, Name, Port, Rate, strict } from './schema-parts.ts'

const TunnelSpec = Type.Object(
  {
    type: Type.Optional(
      Type.Union([Type.Literal('geneve'), Type.Literal('vxlan'), Type.Literal('gre')], {
        description: '`geneve` unless given.',
      }),
    ),
    remote: Type.String({
      maxLength: 64,
      description: 'Address of the hypervisor at the other end, IPv4 or IPv6, in the network beneath.',
    }),
    key: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 0xffffff,
        description: 'The same at both ends (VNI); none unless given.',
      }),
    ),
  },
  {
    ...strict,
    description:
      'With `ovsdb`: the port is made, a tunnel to another hypervisor. Networks keep their VLANs inside. Its carrier is always up: let `liveness: bfd` watch it.',
  },
)

export const uplinkSchema = Type.Union([
  Port('The uplink\'s interface name, such as "eth0".'),
  Type.Object(
    {
      port: Port('Interface name on this switch.'),
      segment: Type.Optional(Name('The physical segment it leads into, declared in `segments`.')),
      bandwidth: Type.Optional(
        Rate('What it can carry, such as 100M or 10G (bit/s); as the port reports it unless given.'),
      ),
      tunnel: Type.Optional(TunnelSpec),
      patch: Type.Optional(
        Port(
          'With `ovsdb`: the port is made, one end of a patch cable; this is the name of the other, on another bridge of its host.',
        ),
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
