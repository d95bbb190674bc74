"""What was declared, as the controller's REST API tells it: /v1/intent, the NICs of /v1/vms, and /v1/interfaces."""

from dataclasses import dataclass
from itertools import combinations

COLOURS = ('blue', 'green', 'magenta', 'cyan', 'yellow')


@dataclass(frozen=True)
class Nic:
    """Of a VM, or a hypervisor's own interface."""
    id: str
    label: str  # the VM's name, or the id where the VM has several NICs and for interfaces
    vm: str  # or the hypervisor
    network: str
    switch: str
    ips: tuple
    own: bool = False  # a hypervisor's

    @property
    def column(self):
        """What it is called among those of its network."""
        return self.switch if self.own else self.label

    @property
    def local(self):
        """What it is called on its switch."""
        return self.label.partition(':')[2] if self.own else self.label


class Declared:
    def __init__(self, document, vms, interfaces):
        self.switches = document.get('switches') or {}
        self.networks = document.get('networks') or {}
        self.links = [[tuple(end.rsplit(':', 1)) for end in link] for link in document.get('links') or ()]
        order = list(self.networks)
        nics = [_nic(vm, nic) for vm in vms for nic in vm['nics']]
        nics += [Nic(one['id'], one['id'], one['switch'], one['network'], one['switch'], tuple(one['ips']), own=True) for one in interfaces]
        self.nics = sorted(nics, key=lambda nic: order.index(nic.network))  # by network; stable, so as declared within one

    def members(self, network):
        return [nic for nic in self.nics if nic.network == network]

    def colour(self, network):
        return COLOURS[list(self.networks).index(network) % len(COLOURS)]

    def uplinks(self, switch):
        """Pairs of port and segment, where None stands for no segment."""
        uplinks = self.switches[switch].get('uplinks') or ()
        return [(uplink, None) if isinstance(uplink, str) else (uplink['port'], uplink.get('segment')) for uplink in uplinks]

    def outward_ports(self):
        """Every (switch, port) by which frames leave a switch for another machine."""
        uplinks = [(name, port) for name in self.switches for port, _ in self.uplinks(name)]
        return list(dict.fromkeys([*uplinks, *(end for link in self.links for end in link)]))

    def pairs_of_networks(self):
        return list(combinations([name for name in self.networks if self.members(name)], 2))

    def is_internal(self, network):
        return self.networks[network]['kind'] == 'internal'

    def is_reserved(self, network):
        return self.networks[network]['kind'] in ('storage', 'migration')

    def describe(self, network):
        spec = self.networks[network]
        if self.is_internal(network):
            kind = f'internal to {spec["switch"]}: no frame of it leaves that switch'
        elif self.is_reserved(network):
            kind = f'{spec["kind"]}, only for the hypervisors themselves, VLAN {spec["vlan"]}'
        else:
            kind = f'VM network, VLAN {spec["vlan"]} between switches'
        return f'{kind}; {", ".join(spec.get("subnets") or ["no addresses"])}'

    def why_not(self, one, other):
        """Why two networks do not reach each other, in the user's words."""
        reserved = [name for name in (one, other) if self.is_reserved(name)]
        if len(reserved) == 1:
            return 'storage and migration are for the hypervisors themselves: no VM can send into them or hear them'
        internal = [name for name in (one, other) if self.is_internal(name)]
        homes = [self.networks[name]['switch'] for name in internal]
        if len(internal) == 2 and homes[0] != homes[1]:
            same = set(self.networks[one].get('subnets') or ()) & set(self.networks[other].get('subnets') or ())
            return f'internal networks of different switches{", which even use the same addresses" if same else ""}'
        if len(internal) == 2:
            return f'two networks, both internal to {homes[0]}; nothing leads from one into the other'
        if internal:
            return f'{internal[0]} is internal to {homes[0]}: nothing leads out of it or into it'
        return 'different networks: nothing leads from one VLAN into the other'


def _nic(vm, nic):
    label = vm['name'] if len(vm['nics']) == 1 else nic['id']
    return Nic(nic['id'], label, vm['name'], nic['network'], nic['switch'], tuple(nic['ips']))
