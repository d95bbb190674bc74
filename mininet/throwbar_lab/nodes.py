"""Mininet's nodes as the lab uses them: VMs, and virtual switches with a namespace and daemons of their own."""

from mininet.link import Intf
from mininet.node import Host, Switch

from . import machine
from .ovs import OpenVSwitch, make_empty_database

MANAGEMENT = 'tb-mgmt'
SILENT = 'net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1'


class Vm(Host):
    """A virtual machine: a Mininet host with the addresses that the file declares, and nothing said unasked.

    Every NIC has a default route without a gateway, so whatever address is tried goes out as ARP or ND: what does
    not reach its target was stopped by a switch, not by the sender's routing table.
    """

    settings = (
        'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0',  # addresses usable at once
        'net.ipv6.conf.default.router_solicitations=0', 'net.ipv6.conf.default.keep_addr_on_down=1',
        'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2',  # each NIC speaks for itself only
        'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0',
        'net.ipv4.tcp_congestion_control=cubic',
        # A guest that is moved sees no carrier go, and knows its neighbours afterwards.
        *(f'net.{neighbours}_evict_nocarrier=0' for scope in ('all', 'default')
          for neighbours in (f'ipv4.conf.{scope}.arp', f'ipv6.conf.{scope}.ndisc')),
    )

    def __init__(self, name, lab='', vm=None, **params):
        super().__init__(name, **params)
        self.vm = vm
        self.namespace = machine.namespace_name(lab, name)
        self.cmd('sysctl -q -e -w ' + ' '.join(self.settings))

    def config(self, **_):
        machine.run(['ip', '-n', self.namespace, '-batch', '-'], 'link set lo up\n' + _addresses(self.vm.nics))
        return {}


class Outside(Host):
    """The far end of uplinks that lead nowhere: it takes frames and says nothing."""

    def __init__(self, name, lab='', **params):
        super().__init__(name, **params)
        self.namespace = machine.namespace_name(lab, name)
        self.cmd('sysctl -q -w ' + SILENT)

    def config(self, **_):
        return {}


class VirtualSwitch(Switch):
    """Open vSwitch with everything of its own, as on a real host. Mininet's OVSSwitch shares one vswitchd of the root.

    bridge: columns of the Bridge record; controllers: targets.
    """

    def __init__(self, name, lab='', bridge=(), controllers=(), socket=None, **params):
        super().__init__(name, **{**params, 'inNamespace': True, 'dpid': '1'})  # the bridge's options carry the real one
        self.namespace = machine.namespace_name(lab, name)
        self.lab = lab
        self.bridge = bridge
        self.controllers = controllers
        self.management_link = None  # name of its root end
        self.plugged = []  # (port, columns of its Interface record) in the order of port numbers
        self.ovs = OpenVSwitch(f'{machine.state_directory(lab)}/{name}', ['nsenter', f'--net={machine.NAMED_NAMESPACES}/{self.namespace}'],
                               socket)
        # A switch's own kernel must not speak on its ports (MLD, router solicitations); for route_localnet see below.
        self.cmd('sysctl -q -w net.ipv4.conf.default.route_localnet=1 ' + SILENT)

    def start(self, controllers):
        """Mininet calls this one switch at a time; batchStartup does the work for all at once."""

    @classmethod
    def batchStartup(cls, switches):
        empty = f'{machine.state_directory(switches[0].lab)}/empty.db'
        make_empty_database(empty)
        for switch in switches:
            switch.ovs.start_database(empty)
        for switch in switches:
            switch.ovs.start_vswitchd()
        machine.in_parallel(lambda switch: switch.ovs.add_bridge(switch.bridge, switch.plugged, switch.controllers), switches)
        return switches


def _addresses(nics):
    """Commands of ip: all in one namespace."""
    lines = []
    for number, nic in enumerate(nics):
        for address in nic.addresses:
            lines.append(f'addr add {address} dev {nic.device}' + (' nodad' if address.version == 6 else ' brd +'))
        lines.append(f'link set {nic.device} up')
        for family in sorted({address.version for address in nic.addresses}):
            everything = '0.0.0.0/0' if family == 4 else '::/0'
            lines.append(f'route add {everything} dev {nic.device} metric {2000 + number}')
    return ''.join(f'{line}\n' for line in lines)


def configure_interfaces(switch, interfaces):
    """A hypervisor's own, when Open vSwitch has made them: its kernel speaks on these, by the rules of a VM's."""
    if not interfaces:
        return
    ipv6 = [f'net.ipv6.conf.{interface.device}.disable_ipv6=0' for interface in interfaces]
    switch.cmd('sysctl -q -e -w ' + ' '.join((*Vm.settings, *ipv6)))
    machine.run(['ip', '-n', switch.namespace, '-batch', '-'], _addresses(interfaces))


class PlainIntf(Intf):
    """An interface that is only brought up, by `link_up` for all at once."""

    def config(self, **_):
        return {}


def connect_management(lab, switches, targets):
    """Gives each switch a management link to the root namespace, where the controller listens.

    The switch's route to the controller's address leads over that link even when the address is 127.0.0.1 (its own
    loopback is down): `route_localnet` lets the kernels at both ends take such packets from these interfaces.
    """
    slot = machine.take_slot(lab)
    hosts = sorted({target.split(':')[1] for target in targets if target.count(':') >= 1 and target.split(':')[0] in ('tcp', 'ssl')})
    names = [machine.check_interface_name(f'{machine.namespace_prefix(lab)}{number}') for number in range(1, len(switches) + 1)]
    machine.run(['ip', '-batch', '-'], ''.join(
        f'link add {name} type veth peer name {MANAGEMENT} netns {switch.namespace}\n'
        for name, switch in zip(names, switches)))
    for switch, name in zip(switches, names):
        switch.management_link = name
        _write(f'/proc/sys/net/ipv6/conf/{name}/disable_ipv6', '1', required=False)
        _write(f'/proc/sys/net/ipv4/conf/{name}/route_localnet', '1')
    machine.run(['ip', '-batch', '-'], ''.join(
        f'addr add 198.18.{slot}.254/32 peer 198.18.{slot}.{number} dev {name}\nlink set {name} up\n'
        for number, name in enumerate(names, start=1)))
    for number, switch in enumerate(switches, start=1):
        routes = ''.join(f'route replace {host}/32 via 198.18.{slot}.254 dev {MANAGEMENT}\n' for host in hosts)
        machine.run(['ip', '-n', switch.namespace, '-batch', '-'],
                    f'addr add 198.18.{slot}.{number}/32 peer 198.18.{slot}.254 dev {MANAGEMENT}\n'
                    f'link set {MANAGEMENT} up\n{routes}')


def _write(path, value, required=True):
    try:
        with open(path, 'w', encoding='ascii') as file:
            file.write(value)
    except OSError as error:
        if required:
            raise machine.LabError('sysctl-refused', f'{path}: {error.strerror}; the lab needs a writable /proc/sys') from error
