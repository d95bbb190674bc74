/** Tunnels and patch cables that cannot be. */
import { object, refuses } from './refusal.ts'

type Switches = Parameters<typeof object>[0]
type Spec = { readonly switches: Switches; links?: string[][] }

/** Gives hv2, which has a database, these uplinks beside eth0. */
const uplinks =
  (...some: readonly object[]) =>
  (s: Spec): void => {
    Object.assign(object(s.switches, 'hv2'), { ovsdb: 'tcp:10.0.0.2:6640', uplinks: ['eth0', ...some] })
  }

refuses([
  [
    'a tunnel on a host whose database is not declared',
    (s: Spec) => {
      Object.assign(object(s.switches, 'hv2'), {
        uplinks: ['eth0', { port: 'gnv1', tunnel: { remote: '192.0.2.1' } }],
      })
    },
    '/switches/hv2/uplinks/1/tunnel',
    /nobody can make port gnv1/,
    /add `ovsdb`/,
  ],
  [
    'a tunnel to no address',
    uplinks({ port: 'gnv1', tunnel: { remote: 'hv1.example' } }),
    '/switches/hv2/uplinks/1/tunnel/remote',
    /"hv1.example" is not an IP address/,
  ],
  [
    'a tunnel to everybody',
    uplinks({ port: 'gnv1', tunnel: { remote: '224.0.0.1' } }),
    '/switches/hv2/uplinks/1/tunnel/remote',
    /224.0.0.1/,
  ],
  [
    'a tunnel of an unknown type',
    uplinks({ port: 'gnv1', tunnel: { type: 'ipip', remote: '192.0.2.1' } }),
    '/switches/hv2/uplinks/1/tunnel/type',
    /geneve/,
  ],
  [
    'a port that is both',
    uplinks({ port: 'gnv1', tunnel: { remote: '192.0.2.1' }, patch: 'p1' }),
    '/switches/hv2/uplinks/1/patch',
    /no tunnel and patch cable at once/,
  ],
  [
    'a cable between a patch port and another than its peer',
    (s: Spec) => {
      uplinks({ port: 'to-phy', patch: 'to-int' })(s)
      s.links?.push(['hv2:to-phy', 'spine1:swp9'])
    },
    '/links/2/0',
    /one end of a patch cable whose other is to-int/,
    /cable it with to-int/,
  ],
  [
    'a link aggregation of a tunnel',
    (s: Spec) => {
      uplinks({ port: 'gnv1', segment: 'lan', tunnel: { remote: '192.0.2.1' } })(s)
      object(s.switches, 'hv2')['teams'] = { main: { uplinks: ['gnv1'], mode: 'lacp' } }
    },
    '/switches/hv2/teams/main/uplinks/0',
    /gnv1 is no device/,
    /`mode: hash`/,
  ],
])
