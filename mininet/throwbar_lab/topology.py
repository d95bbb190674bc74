"""Reads a topology file into plain values with the defaults of the language filled in. It does not validate."""

import ipaddress
from dataclasses import dataclass, field

import yaml

from .shaping import bits_per_second

USUAL_MTU = 1500


@dataclass(frozen=True)
class Nic:
    vm: str
    index: int
    network: str
    mac: str
    addresses: tuple  # of ipaddress.IPv4Interface and IPv6Interface: address with its subnet's prefix length
    port: str
    iface: str  # what its interface is called in the database
    mtu: int

    @property
    def name(self):
        return f'{self.vm}/{self.index}'

    @property
    def node(self):
        """In whose namespace it is."""
        return self.vm

    @property
    def device(self):
        """Name of the interface inside the VM."""
        return f'eth{self.index}'


@dataclass(frozen=True)
class HostInterface:
    """A hypervisor's own, an internal port of its bridge; has what a NIC has, but for a VM."""
    node: str  # the switch
    network: str
    mac: str
    addresses: tuple
    port: str
    mtu: int
    vm = None
    index = None

    @property
    def name(self):
        return f'{self.node}:{self.port}'

    @property
    def device(self):
        return self.port


@dataclass(frozen=True)
class Vm:
    name: str
    host: str
    nics: tuple


@dataclass(frozen=True)
class Switch:
    name: str
    datapath: str
    uplinks: tuple  # of (port, segment or None)
    interfaces: tuple
    bandwidths: dict = field(default_factory=dict)  # of uplinks that declare theirs, in bit/s, by port
    database: str = None  # path of the unix socket that its database is declared to listen on


@dataclass(frozen=True)
class Topology:
    name: str
    switches: dict = field(default_factory=dict)
    segments: tuple = ()
    links: tuple = ()  # of ((switch, port), (switch, port))
    vms: dict = field(default_factory=dict)
    mtu: int = USUAL_MTU  # of cables: what the network with the largest packets needs

    def nics(self):
        """The hypervisors' own interfaces after those of VMs."""
        own = [interface for switch in self.switches.values() for interface in switch.interfaces]
        return [nic for vm in self.vms.values() for nic in vm.nics] + own


def read_topology(path):
    """Every scalar stays text (BaseLoader): YAML 1.1 would read an unquoted MAC or datapath id as a number."""
    with open(path, encoding='utf-8') as file:
        spec = yaml.load(file, Loader=yaml.BaseLoader) or {}
    networks = spec.get('networks') or {}
    return Topology(
        name=spec.get('name', 'lab'),
        switches={name: _switch(name, value, networks) for name, value in (spec.get('switches') or {}).items()},
        segments=tuple(spec.get('segments') or ()),
        links=tuple(tuple(tuple(end.rsplit(':', 1)) for end in link) for link in spec.get('links') or ()),
        vms={name: _vm(name, value, networks) for name, value in (spec.get('vms') or {}).items()},
        mtu=max([USUAL_MTU, *(int(network.get('mtu', USUAL_MTU)) for network in networks.values())]),
    )


def _switch(name, spec, networks):
    uplinks = [{'port': uplink} if isinstance(uplink, str) else uplink for uplink in spec.get('uplinks') or ()]
    datapath = spec['datapath'].lower().removeprefix('0x').replace(':', '').zfill(16)
    interfaces = tuple(HostInterface(name, port=port, **_end(interface, networks))
                       for port, interface in (spec.get('interfaces') or {}).items())
    database = spec.get('ovsdb', '')
    bandwidths = {uplink['port']: bits_per_second(uplink['bandwidth']) for uplink in uplinks if 'bandwidth' in uplink}
    return Switch(name, datapath, tuple((uplink['port'], uplink.get('segment')) for uplink in uplinks), interfaces, bandwidths,
                  database.removeprefix('unix:') if database.startswith('unix:') else None)


def _vm(name, spec, networks):
    nics = tuple(Nic(name, index, port=nic.get('port') or f'{name}-{index}', iface=nic.get('iface') or f'{name}/{index}', **_end(nic, networks))
                 for index, nic in enumerate(spec.get('nics') or ()))
    return Vm(name, spec['host'], nics)


def _end(spec, networks):
    """What an end of a network has, a VM's or a hypervisor's."""
    network = networks[spec['network']]
    subnets = [ipaddress.ip_network(text) for text in network.get('subnets') or ()]
    return {'network': spec['network'], 'mac': spec['mac'].lower().replace('-', ':'), 'mtu': int(network.get('mtu', USUAL_MTU)),
            'addresses': tuple(_with_prefix(ipaddress.ip_address(text), subnets) for text in spec.get('ips') or ())}


def _with_prefix(address, subnets):
    lengths = [net.prefixlen for net in subnets if net.version == address.version and address in net]
    return ipaddress.ip_interface((address, max(lengths, default=address.max_prefixlen)))
