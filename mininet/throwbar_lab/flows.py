"""Many flows at once from one NIC, a frame each, and which ports each of them was seen on."""

import os
import random
import socket
import struct
import threading
import time

from .frames import ethernet, ipv4, ipv6, mac_bytes
from .machine import LabError, inside

ETH_P_ALL = 3
FRAMES_AT_ONCE = 5  # then a pause of a millisecond: queues on the way are short
MOST_ROUNDS = 4


class Watch:
    """Takes note of a sender's frames that leave a switch by a port, or that a NIC gets: not of errors that quote them."""

    def __init__(self, namespace, device, outgoing, mac, token):
        self.token = token
        self.mac = mac_bytes(mac)
        self.outgoing = outgoing
        self.seen = set()
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
            self.socket.bind((device, ETH_P_ALL))
        self.socket.settimeout(0.1)
        self.running = True
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while self.running:
            try:
                frame, (_, _, kind, *_) = self.socket.recvfrom(2048)
            except TimeoutError:
                continue
            at = frame.find(self.token)
            if at >= 0 and frame[6:12] == self.mac and (kind == socket.PACKET_OUTGOING) == self.outgoing:
                self.seen.add(int.from_bytes(frame[at + 8:at + 12], 'big'))

    def stop(self):
        self.running = False
        self.thread.join()
        self.socket.close()
        return sorted(self.seen)


def send(lab, source, target, count, family, seed, watched, settle):
    """Sends `count` flows that differ in their ports, UDP and TCP in turn; `watched`: (namespace, device, outgoing) by name.

    What the target did not get is sent again, a few times: a busy machine's queues overflow. TCP segments belong to no session.
    The same seed gives the same ports. Returns the numbers seen by name, at the target by 'target'.
    """
    addresses = [next((str(a.ip) for a in nic.addresses if a.version == family), None) for nic in (source, target)]
    if None in addresses:
        raise LabError('no-address', f'{source.name} and {target.name} do not both have an IPv{family} address')
    token = os.urandom(8)
    frames = [_frame(source, target, addresses, ports, number, token + number.to_bytes(4, 'big'))
              for number, ports in enumerate(_ports(count, seed))]
    watched = {**watched, 'target': (lab.namespace(target.node), target.device, False)}
    watches = {name: Watch(*where, source.mac, token) for name, where in watched.items()}
    with inside(lab.namespace(source.node)):
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raw.bind((source.device, 0))
    with raw:
        for _ in range(MOST_ROUNDS):
            missing = [number for number in range(count) if number not in watches['target'].seen]
            for turn, number in enumerate(missing):
                raw.send(frames[number])
                if turn % FRAMES_AT_ONCE == FRAMES_AT_ONCE - 1:
                    time.sleep(0.001)
            if missing:
                time.sleep(settle)
    return {name: watch.stop() for name, watch in watches.items()}


def _ports(count, seed):
    """Every flow has ports of its own, whatever its protocol."""
    rng = random.Random(seed)
    taken = set()
    while len(taken) < count:
        ports = rng.randint(1024, 65535), rng.randint(1024, 65535)
        if ports not in taken:
            taken.add(ports)
            yield ports


def _frame(source, target, addresses, ports, number, payload):
    is_tcp, is_ipv6 = number % 2 == 1, ':' in addresses[0]
    if is_tcp:
        body = struct.pack('!HHIIBBHHH', *ports, 1, 1, 0x50, 0x10, 1024, 0, 0) + payload
    else:
        body = struct.pack('!HHHH', *ports, 8 + len(payload), 0) + payload
    protocol, checksum_at = (6, 16) if is_tcp else (17, 6)
    if is_ipv6:
        return ethernet(target.mac, source.mac, 0x86dd, ipv6(*addresses, protocol, body, checksum_at, hops=64))
    return ethernet(target.mac, source.mac, 0x0800, ipv4(*addresses, protocol, body, checksum_at))
