"""Traffic of a running lab: single probes and all pairs, frames of an attacker, flows, captures, meters. See commands.py."""

import base64
import itertools
import json
import os
import select
import socket
import subprocess
import sys
import time

from . import flows, frames, machine, probes
from .build import OUTSIDE
from .capture import Capture
from .machine import LabError, inside

# Not the incomplete ones: frames wait in them, and a flush, which goes round until none is left, would throw those away.
RESOLVED = ('nud', 'reachable', 'nud', 'stale', 'nud', 'delay', 'nud', 'probe', 'nud', 'failed')
_numbers = itertools.count(1)
_running = {}  # number -> Capture or meter process


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
