/** Teams that cannot be. */
import { object, refuses } from './refusal.ts'

type Switches = Parameters<typeof object>[0]

/** Gives hv2, which has the uplinks eth0 and, into segment lan, eth1, this team. */
const team =
  (spec: object) =>
  (s: { readonly switches: Switches }): void => {
    Object.assign(object(s.switches, 'hv2'), {
      uplinks: ['eth0', 'eth2', { port: 'eth1', segment: 'lan' }],
      teams: { main: spec },
    })
  }

/** The same, with a database. */
const lag =
  (spec: object) =>
  (s: { readonly switches: Switches }): void => {
    team(spec)(s)
    object(s.switches, 'hv2')['ovsdb'] = 'tcp:10.0.0.2:6640'
  }

refuses([
  [
    'a team of what is no uplink',
    team({ uplinks: ['eth0', 'eth9'], mode: 'hash' }),
    '/switches/hv2/teams/main/uplinks/1',
    /port eth9 is not an uplink of hv2/,
    /eth0/,
  ],
  [
    'a hash over a segment that learns',
    team({ uplinks: ['eth0', 'eth1'], mode: 'hash' }),
    '/switches/hv2/teams/main/uplinks/1',
    /segment lan, which learns one place for each MAC/,
    /active-backup/,
  ],
  [
    'a weight of a stranger',
    team({ uplinks: ['eth0', 'eth2'], mode: 'hash', weights: { eth1: 2 } }),
    '/switches/hv2/teams/main/weights',
    /port eth1 is not in team main/,
  ],
  [
    'a preferred stranger',
    team({ uplinks: ['eth0', 'eth2'], mode: 'active-backup', preferred: 'eth1' }),
    '/switches/hv2/teams/main/preferred',
    /port eth1 is not in team main/,
  ],
  [
    'a preferred uplink where all are used',
    team({ uplinks: ['eth0', 'eth2'], mode: 'hash', preferred: 'eth2' }),
    '/switches/hv2/teams/main/preferred',
    /every uplink of a `hash` team is used/,
    /weights/,
  ],
  [
    'weights where one is used at a time',
    team({ uplinks: ['eth0', 'eth2'], mode: 'active-backup', weights: { eth2: 2 } }),
    '/switches/hv2/teams/main',
    /one uplink at a time/,
  ],
  [
    'an uplink in two teams',
    (s) => {
      object(s.switches, 'hv2')['uplinks'] = ['eth0', 'eth2']
      object(s.switches, 'hv2')['teams'] = {
        main: { uplinks: ['eth0', 'eth2'], mode: 'hash' },
        spare: { uplinks: ['eth2'], mode: 'active-backup' },
      }
    },
    '/switches/hv2/teams/spare/uplinks/0',
    /uplink eth2 of switch hv2 is also used by/,
    /one team/,
  ],
  [
    'a mode that is none',
    team({ uplinks: ['eth0'], mode: 'broadcast' }),
    '/switches/hv2/teams/main/mode',
    /hash|active-backup/,
  ],
  [
    'LACP where nobody may set it up',
    team({ uplinks: ['eth1'], mode: 'lacp' }),
    '/switches/hv2/teams/main/mode',
    /LACP is set up in the database/,
    /ovsdb/,
  ],
  [
    'LACP with switches of ours',
    lag({ uplinks: ['eth0', 'eth2'], mode: 'lacp' }),
    '/switches/hv2/teams/main/uplinks/0',
    /uplink eth0 leads into no segment/,
    /same `segment`/,
  ],
  [
    'LACP with two switches',
    lag({ uplinks: ['eth1', 'eth0'], mode: 'lacp' }),
    '/switches/hv2/teams/main/uplinks/1',
    /eth1 and eth0 do not lead into the same segment/,
  ],
  [
    'a preferred uplink of an aggregation',
    lag({ uplinks: ['eth1'], mode: 'lacp', preferred: 'eth1' }),
    '/switches/hv2/teams/main/preferred',
    /every uplink of a `lacp` team is used/,
  ],
  [
    'an interface that is pinned to one of an aggregation',
    (s) => {
      lag({ uplinks: ['eth1'], mode: 'lacp' })(s)
      Object.assign(s.networks, { stor: { kind: 'storage', vlan: 301 } })
      object(s.switches, 'hv2')['interfaces'] = {
        stor0: { network: 'stor', mac: '02:00:00:00:09:01', uplink: 'eth1' },
      }
    },
    '/switches/hv2/teams/main/uplinks/0',
    /interface stor0 is pinned to uplink eth1/,
  ],
])
