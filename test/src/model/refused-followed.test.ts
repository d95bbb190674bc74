/** NICs that hypervisors are to tell of, and bridges that are to be prepared, that cannot be. */
import type { Draft } from './fixture.ts'
import { nic, object, refuses } from './refusal.ts'

const managed = (spec: Draft, name = 'hv2', ovsdb = 'unix:/db.sock') =>
  Object.assign(object(spec.switches, name), { ovsdb })

refuses([
  [
    'a NIC with a port and an iface',
    (spec) => {
      managed(spec)
      Object.assign(nic(spec), { iface: 'x', port: 'p' })
    },
    '/vms/web2/nics/0/port',
    /whatever port the hypervisor plugs it into/,
    /leave out/,
  ],
  [
    'a NIC that nobody follows on its host',
    (spec) => Object.assign(nic(spec), { iface: 'x' }),
    '/vms/web2/nics/0/iface',
    /database of its host is not declared/,
    /add `ovsdb`/,
  ],
  [
    'a NIC that nobody follows at all',
    (spec) => {
      delete object(spec.vms, 'web2')['host']
      Object.assign(nic(spec), { iface: 'x' })
    },
    '/vms/web2/nics/0/iface',
    /no hypervisor has its database declared/,
  ],
  [
    'a NIC that nothing says where it is',
    (spec) => {
      managed(spec)
      delete object(spec.vms, 'web2')['host']
    },
    '/vms/web2/nics/0',
    /nothing says where this NIC is/,
    /`host`, or the NIC an `iface`/,
  ],
  [
    'an iface of two NICs',
    (spec) => {
      managed(spec, 'hv1')
      managed(spec, 'hv2', 'unix:/other.sock')
      Object.assign(nic(spec, 'web1'), { iface: 'x' })
      Object.assign(nic(spec, 'web2'), { iface: 'x' })
      delete nic(spec, 'web1')['port']
    },
    '/vms/web2/nics/0/iface',
    /iface-id x is also used/,
  ],
  [
    'a database that is no address',
    (spec) => managed(spec, 'hv2', 'tcp:[1'),
    '/switches/hv2/ovsdb',
    /HOST:PORT/,
    /unix:\/run/,
  ],
  [
    'one bridge for two switches',
    (spec) => {
      managed(spec, 'hv1')
      managed(spec, 'hv2')
    },
    '/switches/hv2/ovsdb',
    /bridge br-int of this database is also used/,
    /`bridge` of its own/,
  ],
  [
    'a bridge without its database',
    (spec) => Object.assign(object(spec.switches, 'hv2'), { bridge: 'br-ex' }),
    '/switches/hv2/bridge',
    /only a bridge that Throwbar prepares/,
    /add `ovsdb`/,
  ],
])
