"""What is changed of a running lab: VMs move, links and ports go and come, Open vSwitch is killed. See commands.py."""

import itertools
import socket
import threading
import time

from . import machine, shaping
from .build import OUTSIDE, columns
from .machine import LabError, inside
from .ovs import BRIDGE, add_port
from .traffic import flood

_numbers = itertools.count(1)
_moving = threading.Lock()


def moveVm(lab, vm, switch, announce=None, pause=False):
    """Re-plugs a running VM's ports on another switch: its namespace, devices, addresses and sessions stay.

    announce: kind of frame that each NIC sends afterwards, as QEMU sends `rarp`. Returns how long it was unplugged.
    pause: its links stay down, as a guest that does not run yet, until resumeVm (which announces it then).
    Times are those of the machine's monotonic clock, as of the meters.
    """
    target = lab.switch(switch)
    if vm not in lab.topology.vms:
        raise LabError('no-such-vm', f'no VM {vm!r}')
    with _moving:
        source = lab.net[lab.locations[vm]]
        if source is target:
            raise LabError('bad-request', f'{vm} is on {switch} already')
        nics = lab.topology.vms[vm].nics
        started = time.monotonic()
        source.ovs.vsctl(*_each(['del-port', BRIDGE, nic.port] for nic in nics))
        machine.run(['ip', '-n', source.namespace, '-batch', '-'],
                    ''.join(f'link set {nic.port} netns {target.namespace}\n' for nic in nics))
        if not pause:
            resume(target, nics)
        target.ovs.vsctl(*_each(add_port(nic.port, columns(nic)) for nic in nics))
        lab.locations[vm] = switch
    _announce(lab, nics, announce)
    return {'unpluggedAtMs': started * 1000, 'unpluggedMs': round((time.monotonic() - started) * 1000, 1)}


def resumeVm(lab, vm, announce=None):
    """The links of a VM that was moved with pause come up. Returns when."""
    if vm not in lab.topology.vms:
        raise LabError('no-such-vm', f'no VM {vm!r}')
    nics = lab.topology.vms[vm].nics
    resume(lab.net[lab.locations[vm]], nics)
    resumed = time.monotonic()
    _announce(lab, nics, announce)
    return {'resumedAtMs': resumed * 1000}


def _announce(lab, nics, kind):
    if kind:
        for nic in nics:
            flood(lab, nic.name, kind, count=1)


def resume(switch, nics):
    machine.run(['ip', '-n', switch.namespace, '-batch', '-'], ''.join(f'link set {nic.port} up\n' for nic in nics))


def _each(commands):
    return [word for command in commands for word in ('--', *command)][1:]


def setLink(lab, switch, port, up):
    """Sets one end of a cable up or down; the other end sees the carrier go."""
    machine.run(['ip', '-n', lab.switch(switch).namespace, 'link', 'set', port, 'up' if up else 'down'])
    return {}


def setSilence(lab, switch, port, silent, direction='both'):
    """Makes a cable swallow frames while both ends see it up, or carry them again: what only probing finds.

    direction: 'out' is what the switch sends on this port, 'in' what it would get there. A queue without room does it,
    so the sender's kernel reports each loss to its own Open vSwitch, which counts it and goes on.
    """
    near = lab.switch(switch).nameToIntf.get(port)
    if near is None or near.link is None:
        raise LabError('no-such-port', f'{switch} has no cable at {port!r}')
    far = near.link.intf2 if near.link.intf1 is near else near.link.intf1
    if direction not in ('both', 'in', 'out'):
        raise LabError('bad-request', f'direction {direction!r}: both, in or out')
    for end, name in ((near, 'out'), (far, 'in')):
        if direction in (name, 'both') and (end in lab.silenced) != silent:
            (shaping.silence if silent else shaping.end_silence)(end)
            (lab.silenced.add if silent else lab.silenced.remove)(end)
    return {}


def setController(lab, switch, up):
    """Cuts or restores the switch's management link, without telling either end of the session."""
    link = lab.switch(switch).management_link
    if link is None:
        raise LabError('bad-request', f'{switch} has no controller')
    machine.run(['ip', 'link', 'set', link, 'up' if up else 'down'])  # the root end: the switch keeps its routes
    return {}


def addPort(lab, switch, port):
    """Attaches a device to the switch; one that does not exist is made, and its far end leads nowhere."""
    node = lab.switch(switch)
    known = {nic.port: columns(nic) for nic in lab.topology.nics() if nic.vm}
    with inside(node.namespace):
        exists = port in (name for _, name in socket.if_nameindex())
    if not exists:
        machine.check_interface_name(port)
        machine.run(['ip', '-n', node.namespace, 'link', 'add', port, 'type', 'veth', 'peer', 'name', f'x{next(_numbers)}',
                     'netns', lab.namespace(OUTSIDE)])
        for device in socket_names(lab.namespace(OUTSIDE)):
            machine.run(['ip', '-n', lab.namespace(OUTSIDE), 'link', 'set', device, 'up'])
        machine.run(['ip', '-n', node.namespace, 'link', 'set', port, 'up'])
    node.ovs.vsctl(*add_port(port, known.get(port, {})))
    return {'ofport': int(node.ovs.vsctl('get', 'interface', port, 'ofport'))}


def socket_names(namespace):
    with inside(namespace):
        return [name for _, name in socket.if_nameindex() if name != 'lo']


def removePort(lab, switch, port):
    lab.switch(switch).ovs.vsctl('del-port', BRIDGE, port)
    return {}


def killVswitchd(lab, switch, signal='KILL'):
    lab.switch(switch).ovs.kill('ovs-vswitchd', signal)
    return {}


def killDatabase(lab, switch, signal='KILL'):
    lab.switch(switch).ovs.kill('ovsdb-server', signal)
    return {}


def startDatabase(lab, switch):
    """Returns when it answers again, with what it had."""
    ovs = lab.switch(switch).ovs
    ovs.resume_database()
    ovs.vsctl('--retry', 'show')
    return {}


def startVswitchd(lab, switch):
    """Returns when it has read its database and serves the bridge."""
    ovs = lab.switch(switch).ovs
    ovs.start_vswitchd()
    ovs.vsctl('set', 'bridge', BRIDGE, 'external_ids:lab-started=' + str(next(_numbers)))
    lab.shape()
    return {}
