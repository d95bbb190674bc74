/** Cables that cannot be watched as declared. */
import { object, refuses } from './refusal.ts'

type Switches = Parameters<typeof object>[0]
interface Spec {
  readonly switches: Switches
  links: string[][]
}

const give = (s: Spec, name: string, more: object) => Object.assign(object(s.switches, name), more)
const database = (name: string) => ({ ovsdb: `unix:/${name}.sock` })

refuses([
  [
    'BFD without a database',
    (s) => give(s, 'hv2', { liveness: 'bfd' }),
    '/switches/hv2/liveness',
    /database of its host, which is not declared/,
    /add `ovsdb`/,
  ],
  [
    'BFD with an end that nobody sets up',
    (s) => give(s, 'hv2', { liveness: 'bfd', ...database('hv2') }),
    '/links/1/1',
    /hv2 watches this cable by BFD, and the database of spine1 is not declared/,
    /add `ovsdb` to spine1/,
  ],
  [
    'BFD without a cable',
    (s) => {
      give(s, 'hv2', { liveness: 'bfd', ...database('hv2') })
      s.links = [['hv1:eth0', 'spine1:swp1']]
    },
    '/switches/hv2/liveness',
    /no cable of hv2 is in `links`/,
  ],
  [
    'an interval of what does not speak',
    (s) => give(s, 'hv2', { bfdIntervalMs: 50 }),
    '/switches/hv2/bfdIntervalMs',
    /only BFD has an interval/,
    /liveness: bfd/,
  ],
  ['a hurry', (s) => give(s, 'hv2', { bfdIntervalMs: 1 }), '/switches/hv2/bfdIntervalMs', /10/],
])
