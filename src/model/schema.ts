/**
 * The language users declare networks in: one TypeBox schema per resource, from which come the TypeScript types,
 * the published JSON Schema (`topologies/schema.json`) and the REST API's. What JSON Schema cannot say is in `checks.ts`.
 */
import { type Static, Type } from 'typebox'
import { Description, limits, Name, namePattern, Port, portKeyPattern, Rate, strict } from './schema-parts.ts'
import { TeamSpec, uplinkSchema } from './schema-team.ts'

export { TeamSpec } from './schema-team.ts'
export { limits, namePattern, portKeyPattern, ratePattern } from './schema-parts.ts'

export const InterfaceSpec = Type.Object(
  {
    network: Name('The network it is in, of kind `storage` or `migration`.'),
    mac: Type.String({ maxLength: 17, description: 'MAC address in quotes, such as "02:00:00:00:03:01".' }),
    ips: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: limits.ipsPerNic,
        description: 'Addresses it may use, IPv4 and IPv6, each inside a subnet of the network.',
      }),
    ),
    uplink: Type.Optional(
      Port(
        'The only uplink that frames of its network take here, as multipath storage wants; teams and failover, unless given.',
      ),
    ),
  },
  { ...strict, description: "A hypervisor's own interface, a port of its switch." },
)

export const SwitchSpec = Type.Object(
  {
    datapath: Type.String({
      maxLength: 32,
      description:
        'Datapath id: 16 hex digits in quotes, such as "0000000000000001"; 0x1 and colons are accepted.',
    }),
    role: Type.Union([Type.Literal('hypervisor'), Type.Literal('fabric')], {
      description:
        'A hypervisor carries VMs and never forwards between its uplinks; a fabric switch only forwards.',
    }),
    site: Type.Optional(Name('Where it stands, declared in `sites`.')),
    ovsdb: Type.Optional(
      Type.String({
        maxLength: 256,
        pattern: '^(tcp|ssl|unix):.+$',
        description:
          "Its host's database, such as tcp:10.0.0.1:6640, ssl:... or unix:/run/openvswitch/db.sock: Throwbar then prepares the bridge, and follows NICs by their `iface`.",
      }),
    ),
    bridge: Type.Optional(Port('With `ovsdb`: the name of its bridge, br-int unless given.')),
    datapathType: Type.Optional(
      Type.Union([Type.Literal('system'), Type.Literal('netdev')], {
        description:
          'With `ovsdb`: in the kernel (`system`) or in user space (`netdev`); a bridge that is there stays as it is unless given.',
      }),
    ),
    liveness: Type.Optional(
      Type.Union([Type.Literal('carrier'), Type.Literal('bfd')], {
        description:
          'How its cables in `links` are watched: by `carrier` alone (unless given), or also by `bfd`, which finds a cable that is up and carries nothing. Both ends then need `ovsdb`.',
      }),
    ),
    bfdIntervalMs: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 10_000,
        description:
          'With `liveness: bfd`: how often both ends speak, 100 unless given. Three words in a row that are missed are a failure, those of a switch that was only busy too.',
      }),
    ),
    uplinks: Type.Optional(
      Type.Array(uplinkSchema, {
        maxItems: limits.uplinksPerSwitch,
        description: 'Ports that lead out of a hypervisor.',
      }),
    ),
    teams: Type.Optional(
      Type.Record(Type.String({ pattern: namePattern }), TeamSpec, {
        ...strict,
        maxProperties: limits.uplinksPerSwitch,
        description: 'Uplinks that share the load, or stand in for each other.',
      }),
    ),
    interfaces: Type.Optional(
      Type.Record(Type.String({ pattern: portKeyPattern }), InterfaceSpec, {
        ...strict,
        maxProperties: limits.interfacesPerSwitch,
        description: "A hypervisor's own interfaces for storage and migration, by interface name.",
      }),
    ),
  },
  { ...strict, description: 'A virtual switch that Throwbar controls.' },
)

const ClassOfTraffic = (description: string) =>
  Type.Union(
    [
      Type.Literal('vm'),
      Type.Literal('storage'),
      Type.Literal('migration'),
      Type.Literal('management'),
      Type.Literal('fault-tolerance'),
    ],
    { description },
  )

export const NetworkSpec = Type.Object(
  {
    kind: Type.Union(
      [Type.Literal('vm'), Type.Literal('internal'), Type.Literal('storage'), Type.Literal('migration')],
      {
        description:
          "`vm` spans switches on a VLAN over the uplinks; `internal` never leaves its one switch; `storage` and `migration` span switches and are for hypervisors' own `interfaces` only.",
      },
    ),
    vlan: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 4094,
        description: 'VLAN on the uplinks; all but `internal` networks need one.',
      }),
    ),
    switch: Type.Optional(Name('The only switch of an `internal` network.')),
    subnets: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: limits.subnetsPerNetwork,
        description: 'IPv4 and IPv6 prefixes, such as 10.0.1.0/24 and "fd00:1::/64".',
      }),
    ),
    mtu: Type.Optional(
      Type.Integer({
        minimum: 1280,
        maximum: 65_535,
        description:
          'The largest IP packet in bytes, without the VLAN tag; every port on its ways is compared with it.',
      }),
    ),
    id: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 0xffffffff,
        description: 'Key that switches carry for this network; computed from its name unless given.',
      }),
    ),
    class: Type.Optional(
      ClassOfTraffic('The class of its traffic on uplinks; that of its kind unless given.'),
    ),
  },
  { ...strict, description: 'A layer-2 network, isolated from all others.' },
)

export const ClassSpec = Type.Object(
  {
    shares: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description:
          'Its part of what is left of an uplink, against the shares of the others; 10 unless given.',
      }),
    ),
    reservation: Type.Optional(
      Rate('What it can have of each uplink whatever the others send, such as 40M (bit/s).'),
    ),
    limit: Type.Optional(Rate('The most that it sends by an uplink, such as 20M (bit/s).')),
    dscp: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 63,
        description: 'What its IP packets are marked with on the uplinks; as they come unless given.',
      }),
    ),
    pcp: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 7,
        description: 'Priority in the VLAN tag of its frames on every cable, 0 unless given.',
      }),
    ),
  },
  { ...strict, description: 'How a class of traffic shares the uplinks of hypervisors.' },
)

const classesSchema = Type.Object(
  {
    vm: Type.Optional(ClassSpec),
    storage: Type.Optional(ClassSpec),
    migration: Type.Optional(ClassSpec),
    management: Type.Optional(ClassSpec),
    'fault-tolerance': Type.Optional(ClassSpec),
  },
  {
    ...strict,
    description: 'How classes of traffic share uplinks. Without it nothing is limited, and nothing marked.',
  },
)

export const NicSpec = Type.Object(
  {
    network: Name('The network it is in.'),
    mac: Type.String({ maxLength: 17, description: 'MAC address in quotes, such as "02:00:00:00:01:01".' }),
    ips: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: limits.ipsPerNic,
        description: 'Addresses it may use, IPv4 and IPv6, each inside a subnet of the network.',
      }),
    ),
    port: Type.Optional(
      Port('Interface name on the host; `<vm>-<index>` unless given, at most 15 characters.'),
    ),
    iface: Type.Optional(
      Type.String({
        pattern: '^[!-~]{1,128}$',
        description:
          'Instead of `port`: the `external_ids:iface-id` that the hypervisor gives the interface; the NIC is wherever that is plugged in.',
      }),
    ),
    trust: Type.Optional(
      Type.Array(Type.Union([Type.Literal('dhcp-server'), Type.Literal('router-advertisement')]), {
        maxItems: 2,
        uniqueItems: true,
        description: 'What port security otherwise forbids.',
      }),
    ),
  },
  strict,
)

export const VmSpec = Type.Object(
  {
    host: Type.Optional(
      Name(
        'The hypervisor it runs on. May be left out when every NIC has an `iface`; with both, the one preferred when two hypervisors have the NIC.',
      ),
    ),
    nics: Type.Array(NicSpec, { maxItems: limits.nicsPerVm }),
  },
  { ...strict, description: 'A virtual machine: its `host` and its `nics`.' },
)

export const SiteSpec = Type.Object({ description: Type.Optional(Description) }, strict)

const section = <T extends Parameters<typeof Type.Record>[1]>(schema: T, maxProperties: number) =>
  Type.Optional(Type.Record(Type.String({ pattern: namePattern }), schema, { ...strict, maxProperties }))

export const IntentSpec = Type.Object(
  {
    name: Name('Name of this topology.'),
    description: Type.Optional(Description),
    sites: section(SiteSpec, limits.sites),
    switches: section(SwitchSpec, limits.switches),
    segments: section(Type.Object({ description: Type.Optional(Description) }, strict), limits.segments),
    classes: Type.Optional(classesSchema),
    links: Type.Optional(
      Type.Array(
        Type.Array(Type.String({ maxLength: 64, description: '`switch:port`' }), {
          minItems: 2,
          maxItems: 2,
        }),
        { maxItems: limits.links, description: 'Cables between managed switches: [hv1:eth0, spine1:swp1].' },
      ),
    ),
    networks: section(NetworkSpec, limits.networks),
    vms: section(VmSpec, limits.vms),
  },
  { ...strict, title: 'Throwbar topology' },
)

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

export type SiteSpec = DeepReadonly<Static<typeof SiteSpec>>
export type ClassSpec = DeepReadonly<Static<typeof ClassSpec>>
export type TeamSpec = DeepReadonly<Static<typeof TeamSpec>>
export type InterfaceSpec = DeepReadonly<Static<typeof InterfaceSpec>>
export type SwitchSpec = DeepReadonly<Static<typeof SwitchSpec>>
export type NetworkSpec = DeepReadonly<Static<typeof NetworkSpec>>
export type NicSpec = DeepReadonly<Static<typeof NicSpec>>
export type VmSpec = DeepReadonly<Static<typeof VmSpec>>
export type IntentSpec = DeepReadonly<Static<typeof IntentSpec>>

/** What `topologies/schema.json` holds, as text: editors read it and complete and check a topology while it is typed. */
export function schemaJson(): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...IntentSpec }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}
