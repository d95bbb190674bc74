/** One world with a bit of everything: two hypervisors, a leaf, a segment, both kinds of networks, trusted NICs. */
import { build, type WorldSpec } from './world.ts'

export const exampleSpec: WorldSpec = {
  switches: [
    { name: 'hv0', uplinks: [{ port: 'up' }, { port: 'lan', segment: 'office' }] },
    { name: 'hv1', uplinks: [{ port: 'up' }, { port: 'cross' }] },
    { name: 'hv2', uplinks: [{ port: 'lan', segment: 'office' }, { port: 'cross' }] },
    { name: 'leaf', role: 'fabric' },
  ],
  networks: [
    { name: 'blue', vlan: 10 },
    { name: 'red', vlan: 11 },
    { name: 'inside', switch: 'hv0' },
  ],
  nics: [
    { vm: 'a', network: 'blue', on: 'hv0', n: 1, trust: ['dhcp-server', 'router-advertisement'] },
    { vm: 'b', network: 'blue', on: 'hv1', n: 2 },
    { vm: 'c', network: 'blue', on: 'hv2', n: 3, addresses: [] },
    { vm: 'd', network: 'red', on: 'hv0', n: 4 },
    { vm: 'e', network: 'red', on: 'hv1', n: 5 },
    { vm: 'f', network: 'inside', on: 'hv0', n: 6 },
    { vm: 'g', network: 'inside', on: 'hv0', n: 7 },
  ],
  cables: [
    ['hv0', 'up', 'leaf', 'l0'],
    ['hv1', 'up', 'leaf', 'l1'],
    ['hv1', 'cross', 'hv2', 'cross'],
  ],
}

export const example = build(exampleSpec)
