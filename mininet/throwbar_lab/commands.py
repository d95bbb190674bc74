"""What a running lab can be told to do: each function takes the lab and the request's fields and returns plain JSON."""

import base64
import itertools
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time

from . import flows, frames, machine, probes, shaping
from .build import OUTSIDE, columns
from .capture import Capture
from .machine import LabError, inside
from .ovs import BRIDGE, add_port

# Not the incomplete ones: frames wait in them, and a flush, which goes round until none is left, would throw those away.
RESOLVED = ('nud', 'reachable', 'nud', 'stale', 'nud', 'delay', 'nud', 'probe', 'nud', 'failed')
_numbers = itertools.count(1)
_running = {}  # number -> Capture or meter process
_moving = threading.Lock()


def describe(lab):
    return lab.describe()


def matrix(lab, families=(4, 6), protocols=('icmp', 'tcp'), timeoutMs=1500, vms=None, flushNeighbours=True):
    """Every NIC to every address of every other VM and hypervisor, all at once; hypervisors' own interfaces alike."""
    nics = [nic for nic in lab.topology.nics() if vms is None or nic.vm in vms]
    if flushNeighbours:
        machine.in_parallel(lambda node: machine.run(['ip', '-n', lab.namespace(node), 'neigh', 'flush', *RESOLVED]), sorted({nic.node for nic in nics}))
    started = time.monotonic()
    pairs = probes.probe(lab, probes.all_pairs(nics, tuple(families), tuple(protocols)), timeoutMs / 1000)
    return {'pairs': pairs, 'ms': round((time.monotonic() - started) * 1000)}


def ping(lab, source, target, family=4, timeoutMs=1500):
    pair = _only_pair(lab, source, target, family, 'icmp')
    return probes.probe(lab, [pair], timeoutMs / 1000)[0]


def tcp(lab, source, target, family=4, bytes=65536, timeoutMs=5000):
    return probes.tcp_transfer(lab, lab.nic(source), lab.nic(target), family, bytes, timeoutMs / 1000)


def _only_pair(lab, source, target, family, protocol):
    source, target = lab.nic(source), lab.nic(target)
    for pair in probes.all_pairs([source, target], (family,), (protocol,)):
        if pair.source is source:
            return pair
    raise LabError('no-address', f'{source.name} and {target.name} do not both have an IPv{family} address')


def flood(lab, source, kind, target=None, victim=None, vlan=1, count=10, intervalMs=1, frame=None):
    """Sends `count` frames of a kind; `frame` (hex) sends exactly that. Returns the marker that the frames carry."""
    nic = lab.nic(source)
    if frame is None and kind not in frames.KINDS:
        raise LabError('no-such-kind', f'no kind {kind!r}; there are {", ".join(frames.KINDS)}')
    token = os.urandom(8)
    with inside(lab.namespace(nic.node)):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raw.bind((nic.device, 0))
    with raw:
        for number in range(count):
            marker = token + number.to_bytes(2, 'big')
            raw.send(bytes.fromhex(frame) if frame else frames.frame(kind, _aim(lab, nic, target, victim, vlan, marker)))
            time.sleep(intervalMs / 1000)
    return {'kind': kind, 'marker': None if frame else token.hex(), 'sent': count}


def _aim(lab, nic, target, victim, vlan, marker):
    def ips(of):
        return {address.version: str(address.ip) for address in reversed(of.addresses)} if of else {}
    target, victim = (lab.nic(name) if name else None for name in (target, victim))
    return frames.Flood(
        mac=nic.mac, ips={**frames.STRANGER_IP, **ips(nic)}, vlan=vlan, marker=marker,
        target_mac=target.mac if target else frames.UNKNOWN_MAC, target_ips={**frames.STRANGER_IP, **ips(target)},
        victim_mac=victim.mac if victim else frames.STRANGER_MAC, victim_ips={**frames.STRANGER_IP, **ips(victim)})


def sendFlows(lab, source, target, count, ports=(), family=4, seed=1, settleMs=300):
    """A frame for each of `count` flows between two NICs, again for those that did not arrive.

    `ports`: [switch, port] whose outgoing frames are watched. Returns the numbers of the flows seen at each, by
    'switch:port', and at the target.
    """
    source, target = lab.nic(source), lab.nic(target)
    watched = {f'{switch}:{port}': (lab.switch(switch).namespace, port, True) for switch, port in ports}
    seen = flows.send(lab, source, target, count, family, seed, watched, settleMs / 1000)
    arrived = seen.pop('target')
    return {'sent': count, 'ports': seen, 'arrived': arrived}


def startCapture(lab, node, port=None, **options):
    """node: a switch with `port`, or a NIC, or a hypervisor's interface."""
    if port is None:
        nic = lab.nic(node)
        node, port = nic.node, nic.device
    elif node in lab.topology.vms:
        raise LabError('bad-request', f'{node!r} is a VM: name a NIC, without a port')
    elif node != 'outside':
        lab.switch(node)
    number = next(_numbers)
    _running[number] = Capture(lab.namespace(OUTSIDE if node == 'outside' else node), port, lab.directory, number, options)
    return {'capture': number}


def stopCapture(lab, capture, settleMs=200):
    done = _take(capture, Capture).stop(settleMs / 1000)
    try:
        with open(done['file'], 'rb') as file:
            return {'pcap': base64.b64encode(file.read()).decode(), 'missed': done['missed']}
    finally:
        os.unlink(done['file'])


def startMeter(lab, kind, source, target, family=4, intervalMs=1, drainMs=1000, connectMs=3000, count=10, **bulk):
    """kind: 'ping', 'udp' (echoes of one flow), 'tcp' (one connection, kept), 'sessions' (`count` of them), or 'bulk':
    then also `protocol` ('tcp', `count` connections with this `congestion` control; 'udp' or 'broadcast', at `rateBps`) and
    `payloadBytes`.

    Returns when it is under way.
    """
    pair = _only_pair(lab, source, target, family, 'icmp')
    spec = {'device': pair.source.device, 'source': pair.source_address, 'address': pair.target_address, 'intervalMs': intervalMs,
            'drainMs': drainMs, 'connectMs': connectMs, 'count': count, 'targetNamespace': lab.namespace(pair.target.node),
            'targetDevice': pair.target.device,
            **{'protocol': 'tcp', 'congestion': 'cubic', 'rateBps': 10_000_000, 'payloadBytes': 1400, **bulk}}
    script = os.path.join(os.path.dirname(__file__), 'meter.py')
    process = subprocess.Popen(
        ['nsenter', f'--net={machine.NAMED_NAMESPACES}/{lab.namespace(pair.source.node)}', sys.executable, script, kind, json.dumps(spec)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    said = _line(process, 2 + connectMs / 1000)
    if 'failed' in said:
        raise LabError('meter-failed', f'{kind} {pair.source.name} to {pair.target_address}: {said["failed"]}')
    number = next(_numbers)
    _running[number] = process
    return {'meter': number}


def stopMeter(lab, meter, drainMs=1000):
    process = _take(meter, subprocess.Popen)
    process.stdin.close()
    return _line(process, 5 + drainMs / 1000)


def _line(process, timeout):
    if not select.select([process.stdout], [], [], timeout)[0]:
        process.kill()
        raise LabError('timeout', 'the meter does not answer')
    line = process.stdout.readline()
    if not line:
        raise LabError('meter-failed', f'the meter ended with status {process.wait(timeout=5)}')
    return json.loads(line)


def _take(number, kind):
    taken = _running.get(number)
    if not isinstance(taken, kind):
        raise LabError('not-running', f'no such capture or meter: {number}')
    return _running.pop(number)


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


def counters(lab, node, port):
    """Frames and bytes of a device, from the kernel; `node` is a switch or a VM."""
    if node not in lab.topology.vms:
        lab.switch(node)
    found = json.loads(machine.run(['ip', '-n', lab.namespace(node), '-s', '-j', 'link', 'show', 'dev', port]))[0]['stats64']
    return {side: {'frames': found[side]['packets'], 'bytes': found[side]['bytes']} for side in ('rx', 'tx')}


def run(lab, node, command, timeoutMs=20000):
    """Runs a program in a switch's or VM's namespace."""
    if node not in lab.topology.vms:
        lab.switch(node)
    return {'stdout': machine.run(['ip', 'netns', 'exec', lab.namespace(node), *command], timeout=timeoutMs / 1000)}


COMMANDS = {function.__name__: function for function in (
    describe, matrix, ping, tcp, flood, sendFlows, startCapture, stopCapture, startMeter, stopMeter, moveVm, resumeVm, setLink, setSilence,
    setController, addPort, removePort, killVswitchd, startVswitchd, killDatabase,
    startDatabase, counters, run)}
