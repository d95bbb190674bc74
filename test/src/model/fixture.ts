/** A small valid document that tests bend, and random ones. */
import fc from 'fast-check'
import { buildIntent } from '../../../src/model/build.ts'
import type { Declaration } from '../../../src/model/declaration.ts'
import type { IntentSpec, NetworkSpec, SwitchSpec, VmSpec } from '../../../src/model/schema.ts'

export const small = {
  name: 'small',
  sites: { berlin: { description: 'Rack 1' } },
  switches: {
    hv1: {
      datapath: '0000000000000001',
      role: 'hypervisor',
      site: 'berlin',
      uplinks: ['eth0', { port: 'eth1', segment: 'lan' }],
    },
    hv2: { datapath: '0x2', role: 'hypervisor', uplinks: ['eth0'] },
    spine1: { datapath: '00:00:00:00:00:00:00:A1', role: 'fabric' },
  },
  segments: { lan: {} },
  links: [
    ['hv1:eth0', 'spine1:swp1'],
    ['hv2:eth0', 'spine1:swp2'],
  ],
  networks: {
    blue: { kind: 'vm', vlan: 101, subnets: ['10.0.1.0/24', 'fd00:1::/64'] },
    lab: { kind: 'internal', switch: 'hv1', subnets: ['192.168.50.0/24'], id: 7 },
  },
  vms: {
    web1: {
      host: 'hv1',
      nics: [
        {
          network: 'blue',
          mac: '02:00:00:00:01:01',
          ips: ['10.0.1.11', 'FD00:1:0::11'],
          trust: ['dhcp-server'],
        },
        { network: 'lab', mac: '02-00-00-00-50-01', port: 'lab-port' },
      ],
    },
    web2: { host: 'hv2', nics: [{ network: 'blue', mac: '02:00:00:00:01:02', ips: ['10.0.1.12'] }] },
  },
} as const satisfies IntentSpec

/** Loses the type on purpose: tests put wrong things into it. */
export function bent(change: (spec: Draft) => void): unknown {
  const spec = structuredClone(small) as unknown as Draft
  change(spec)
  return spec
}

type Loose = Record<string, unknown>
export interface Draft {
  [key: string]: unknown
  sites: Record<string, Loose>
  switches: Record<string, Loose>
  segments: Record<string, Loose>
  links: string[][]
  networks: Record<string, Loose>
  vms: Record<string, { host: string; nics: Loose[] }>
}

export function built(spec: unknown): Declaration {
  const result = buildIntent(spec)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems, undefined, 1))
  return result
}

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values)

/** Few values for everything, so that random objects clash, dangle and disagree often. */
export const arbitrary = {
  switches: fc.record<SwitchSpec>(
    {
      datapath: pick('0x1', '0x2', '0x3', '0000000000000001', 'zz'),
      role: pick('hypervisor', 'hypervisor', 'hypervisor', 'fabric'),
      site: pick('a', 'a', 'nowhere'),
      uplinks: pick<SwitchSpec['uplinks'] & object>(
        [],
        ['eth0'],
        ['eth0'],
        ['eth0', { port: 'p1', segment: 'lan' }],
      ),
    },
    { requiredKeys: ['datapath', 'role'], noNullPrototype: true },
  ),
  networks: fc.record<NetworkSpec>(
    {
      kind: pick('vm', 'vm', 'internal'),
      vlan: pick(1, 2, 3),
      switch: pick('s1', 's2'),
      subnets: pick<NetworkSpec['subnets'] & object>(
        ['10.0.0.0/24', 'fd00::/64'],
        ['10.0.0.0/25'],
        ['10.0.0.1/24'],
      ),
      id: pick(5, 6),
    },
    { requiredKeys: ['kind', 'subnets'], noNullPrototype: true },
  ),
  vms: fc.record<VmSpec>(
    {
      host: pick('s1', 's2', 's3'),
      nics: fc.array(
        fc.record(
          {
            network: pick('n1', 'n2', 'n3'),
            mac: fc
              .integer({ min: 1, max: 30 })
              .map((n) => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`),
            ips: fc.array(pick('10.0.0.1', '10.0.0.2', '10.0.0.200', 'fd00::1', 'fd00::2', '10.0.0.0'), {
              maxLength: 2,
            }),
            port: pick('p1', 'p2', 'p3', 'eth0'),
          },
          { requiredKeys: ['network', 'mac'], noNullPrototype: true },
        ),
        { maxLength: 2 },
      ),
    },
    { noNullPrototype: true },
  ),
}

export const names = {
  switches: ['s1', 's2', 's3'],
  networks: ['n1', 'n2', 'n3'],
  vms: ['v1', 'v2', 'v3', 'v4', '5'],
} as const
