"""Builds a topology as Mininet nodes and links, and keeps what the commands need to know of it."""

import os
import time

from mininet.log import setLogLevel
from mininet.net import Mininet

from . import machine, shaping
from .machine import LabError, check_interface_name
from .nodes import Outside, PlainIntf, VirtualSwitch, Vm, configure_interfaces, connect_management

OUTSIDE = 'tb-outside'


class Lab:
    """A running lab. `options`: id, controllers (targets), protocols, fail_mode."""

    def __init__(self, topology, options):
        self.topology = topology
        self.id = options.id
        self.directory = machine.state_directory(self.id)
        self.fail_mode = options.fail_mode
        self.protocols = options.protocols
        self.controllers = options.controllers
        self.locations = {vm.name: vm.host for vm in topology.vms.values()}
        self.silenced = set()  # ends of cables, as Mininet interfaces, that swallow what is sent there
        self.shaped = []  # of (ends of a cable, bit/s)
        self.children = []  # processes that commands left running: captures, pingers
        self._check_names()
        setLogLevel('error')
        self.net = Mininet(controller=None, build=False, host=Vm, intf=PlainIntf)

    def _check_names(self):
        nodes = [*self.topology.switches, *self.topology.segments, *self.topology.vms, OUTSIDE]
        twice = {name for name in nodes if nodes.count(name) > 1}
        if twice:
            raise LabError('name-twice', f'{sorted(twice)}: the lab needs a name of its own for each node')
        for port in [nic.port for nic in self.topology.nics()] + [port for switch in self.topology.switches.values()
                                                                  for port, _ in switch.uplinks]:
            check_interface_name(port)

    def start(self):
        started = time.monotonic()
        os.makedirs(self.directory)
        self._add_nodes()
        nodes = [*self.net.hosts, *self.net.switches]
        machine.run(['ip', '-batch', '-'], ''.join(f'netns attach {node.namespace} {node.pid}\n' for node in nodes))
        self._add_links()
        self._quiet_offloads()
        managed = [self.net[name] for name in self.topology.switches]
        if self.controllers:
            connect_management(self.id, managed, self.controllers)
        self.net.build()
        self.net.start()
        self.shape()
        for switch in self.topology.switches.values():
            configure_interfaces(self.net[switch.name], switch.interfaces)
        return round(time.monotonic() - started, 3)

    def _add_nodes(self):
        for vm in self.topology.vms.values():
            self.net.addHost(vm.name, lab=self.id, vm=vm)
        self.net.addHost(OUTSIDE, cls=Outside, lab=self.id)
        for switch in self.topology.switches.values():
            bridge = [f'fail_mode={self.fail_mode}', 'other_config:disable-in-band=true',
                      f'other_config:datapath-id={switch.datapath}', f'other_config:dp-desc={switch.name}']
            if self.protocols:
                bridge.append(f'protocols={self.protocols}')
            self.net.addSwitch(switch.name, cls=VirtualSwitch, lab=self.id, bridge=bridge, controllers=self.controllers,
                               socket=switch.database)
        for segment in self.topology.segments:
            self.net.addSwitch(segment, cls=VirtualSwitch, lab=self.id, bridge=['fail_mode=standalone'])

    def _add_links(self):
        for (switch_a, port_a), (switch_b, port_b) in self.topology.links:
            self._cable(switch_a, port_a, switch_b, port_b)
        for name, switch in self.topology.switches.items():
            for port, segment in switch.uplinks:
                if segment:
                    self._cable(name, port, segment, f'p{len(self.net[segment].plugged) + 1}')
                elif not any(port == known for known, _ in self.net[name].plugged):
                    self._cable(name, port, OUTSIDE, f'p{len(self.net[OUTSIDE].intfs) + 1}')
        mtus = {}  # of NICs' both ends, where theirs is not that of cables
        for nic in self.topology.nics():
            switch = self.net[self.topology.vms[nic.vm].host if nic.vm else nic.node]
            if nic.vm:
                self.net.addLink(self.net[nic.vm], switch, intfName1=nic.device, intfName2=nic.port, addr1=nic.mac)
                mtus.update({(nic.vm, nic.device): nic.mtu, (switch.name, nic.port): nic.mtu})
            switch.plugged.append((nic.port, columns(nic)))
        for node in [*self.net.hosts, *self.net.switches]:
            machine.run(['ip', '-n', node.namespace, '-batch', '-'], ''.join(
                f'link set {name} mtu {mtus.get((node.name, name), self.topology.mtu)} up\n' for name in node.nameToIntf))

    def _cable(self, node_a, port_a, node_b, port_b):
        link = self.net.addLink(self.net[node_a], self.net[node_b], intfName1=port_a, intfName2=port_b)
        for node, port in ((node_a, port_a), (node_b, port_b)):
            if node != OUTSIDE:
                self.net[node].plugged.append((port, {}))
        ends = ((node_a, port_a), (node_b, port_b))
        declared = [self.topology.switches[node].bandwidths[port] for node, port in ends
                    if node in self.topology.switches and port in self.topology.switches[node].bandwidths]
        if declared:
            self.shaped.append(((link.intf1, link.intf2), min(declared)))

    def shape(self):
        """Open vSwitch takes away the queues that it finds on a port when it first sees it: call after that."""
        for ends, bandwidth in self.shaped:
            shaping.shape([end for end in ends if end not in self.silenced], bandwidth)

    def _quiet_offloads(self):
        """Userspace Open vSwitch passes frames on as they are: a checksum left to the hardware would stay wrong."""
        for node in [*self.net.hosts, *self.net.switches]:
            node.sendCmd('; '.join(f'ethtool -K {name} tx off' for name in node.nameToIntf) or 'true')
        for node in [*self.net.hosts, *self.net.switches]:
            node.waitOutput()

    def switch(self, name):
        if name not in self.topology.switches and name not in self.topology.segments:
            raise LabError('no-such-switch', f'no switch {name!r}; there are {", ".join(self.topology.switches)}')
        return self.net[name]

    def nic(self, name):
        """`web1/0`, or `web1` for its first NIC, or `hv1:stor-a`."""
        for nic in self.topology.nics():
            if name in (nic.name, nic.vm):
                return nic
        raise LabError('no-such-vm', f'no VM, NIC or interface {name!r}; there are {", ".join(self.topology.vms)}')

    def namespace(self, node):
        return machine.namespace_name(self.id, node)

    def describe(self):
        return {
            'id': self.id,
            'topology': self.topology.name,
            'directory': self.directory,
            'socket': f'{self.directory}/control.sock',
            'switches': {name: {'datapathId': switch.datapath, 'namespace': self.namespace(name),
                                'rundir': self.net[name].ovs.directory, 'ovsdb': self.net[name].ovs.database_socket,
                                'uplinks': [port for port, _ in switch.uplinks]}
                         for name, switch in self.topology.switches.items()},
            'segments': list(self.topology.segments),
            'nics': [{'name': nic.name, 'vm': nic.vm, 'index': nic.index, 'network': nic.network, 'mac': nic.mac,
                      'ips': [str(address.ip) for address in nic.addresses], 'switch': self.locations.get(nic.vm, nic.node),
                      'port': nic.port, 'namespace': self.namespace(nic.node)} for nic in self.topology.nics()],
        }


def columns(nic):
    """Of its Interface record: the identifiers that libvirt sets for a VM's, or what makes a port the host's own."""
    if nic.vm is None:
        return {'type': 'internal', 'mac': nic.mac, 'mtu_request': str(nic.mtu)}
    identifiers = {'iface-id': nic.iface, 'attached-mac': nic.mac, 'vm-id': nic.vm, 'iface-status': 'active'}
    return {f'external_ids:{key}': value for key, value in identifiers.items()}
