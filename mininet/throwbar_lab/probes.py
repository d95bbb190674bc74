"""Who reaches whom: ICMP and TCP between many NICs at once, over IPv4 and IPv6, from one thread.

A socket stays in the namespace it was made in, so no process per VM is needed.
"""

import asyncio
import itertools
import os
import socket
import struct
import time

from .machine import LabError, inside

SO_BINDTODEVICE = 25
TCP_BYTES = 512
OPEN_CONNECTIONS = 500
_ports = itertools.count()


def bound_socket(namespace, device, source, kind, protocol=0, port=0):
    """A non-blocking socket in the namespace that can only use that device, whatever the routing table says."""
    family = socket.AF_INET6 if ':' in source else socket.AF_INET
    with inside(namespace):
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode())
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((source, port))
    bound.setblocking(False)
    return bound


def listener_of(lab, pair):
    """A listening socket at the pair's target. Its port is used nowhere else, so that a VM of another network with the
    same address cannot be taken for the target."""
    port = 20000 + next(_ports) % 10000
    return bound_socket(lab.namespace(pair.target.node), pair.target.device, pair.target_address, socket.SOCK_STREAM, port=port)


class Pair:
    """One direction of one protocol between two addresses, and what came of it."""

    def __init__(self, source, target, source_address, target_address, protocol):
        self.source, self.target = source, target
        self.source_address, self.target_address = source_address, target_address
        self.protocol = protocol
        self.rtt_ms = None
        self.failure = 'timeout'
        self.arrived = False  # the request came to the target's NIC, whether or not the answer came back
        self.answered = False  # somebody answered, perhaps another network's VM with the same address

    def settle(self, rtt_ms=None):
        if rtt_ms is not None and not self.answered:
            self.answered, self.answer_ms = True, rtt_ms
        if self.answered and self.arrived:
            self.rtt_ms = self.answer_ms

    def result(self):
        family = 6 if ':' in self.target_address else 4
        result = {'from': self.source.name, 'to': self.target.name, 'address': self.target_address,
                  'protocol': self.protocol, 'family': family, 'arrived': self.arrived, 'ok': self.rtt_ms is not None}
        return {**result, 'ms': round(self.rtt_ms, 3)} if result['ok'] else {**result, 'failure': self.failure}


def all_pairs(nics, families, protocols):
    """Every address of every NIC from the NICs of every other VM or hypervisor, by their first address of the same family.

    Networks may use the same addresses; a NIC does not try an address that is its own VM's too.
    """
    owned = {(nic.node, address.ip) for nic in nics for address in nic.addresses}
    pairs = []
    for source in nics:
        for target in nics:
            if source.node == target.node:
                continue
            for address in target.addresses:
                own = [a for a in source.addresses if a.version == address.version]
                if own and address.version in families and (source.node, address.ip) not in owned:
                    pairs += [Pair(source, target, str(own[0].ip), str(address.ip), protocol) for protocol in protocols]
    return pairs


def probe(lab, pairs, timeout):
    """Fills in every pair within about `timeout` seconds and returns the results in order."""
    asyncio.run(_probe(lab, pairs, timeout))
    return [pair.result() for pair in pairs]


async def _probe(lab, pairs, timeout):
    await asyncio.gather(_echo(lab, [pair for pair in pairs if pair.protocol == 'icmp'], timeout),
                         _connect(lab, [pair for pair in pairs if pair.protocol == 'tcp'], timeout))


async def _echo(lab, pairs, timeout):
    """Asks every pair at 0, 20, 50 and 75 % of the time until it is answered, and watches each target for the request."""
    loop = asyncio.get_running_loop()
    token = os.urandom(8)
    waiting = dict(enumerate(pairs))
    sockets = {}

    def open_for(nic, address):
        """One socket both asks from this address and sees what is asked of it."""
        if (nic.name, address) not in sockets:
            protocol = socket.IPPROTO_ICMPV6 if ':' in address else socket.IPPROTO_ICMP
            opened = bound_socket(lab.namespace(nic.node), nic.device, address, socket.SOCK_RAW, protocol)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            sockets[nic.name, address] = opened
            loop.add_reader(opened, _take_echo, opened, nic, token, waiting)
        return sockets[nic.name, address]

    try:
        for pair in pairs:
            open_for(pair.target, pair.target_address)
            open_for(pair.source, pair.source_address)
        started = loop.time()
        for part in (0.0, 0.2, 0.5, 0.75):
            await _until(loop, started + part * timeout, waiting)
            for number, pair in list(waiting.items()):
                _send_echo(open_for(pair.source, pair.source_address), pair, token, number)
        await _until(loop, started + timeout, waiting)
    finally:
        for opened in sockets.values():
            loop.remove_reader(opened)
            opened.close()


async def _until(loop, deadline, waiting):
    while waiting and loop.time() < deadline:
        await asyncio.sleep(min(0.01, max(0.0, deadline - loop.time())))


def echo_request(ipv6, identifier, sequence, payload):
    header = struct.pack('!BBHHH', 128 if ipv6 else 8, 0, 0, identifier, sequence)
    return header + payload if ipv6 else header[:2] + struct.pack('!H', checksum(header + payload)) + header[4:] + payload


def echo_of(packet, ipv6):
    """('request' or 'reply', payload) of an ICMP echo; (None, b'') for anything else."""
    icmp = packet if ipv6 else packet[(packet[0] & 15) * 4:]
    kinds = {128: 'request', 129: 'reply'} if ipv6 else {8: 'request', 0: 'reply'}
    return (kinds[icmp[0]], icmp[8:]) if len(icmp) >= 8 and icmp[0] in kinds else (None, b'')


def checksum(data):
    total = sum(struct.unpack(f'!{(len(data) + 1) // 2}H', data + b'\0' * (len(data) % 2)))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def _send_echo(opened, pair, token, number):
    payload = token + struct.pack('!Id', number, time.monotonic())
    try:
        opened.sendto(echo_request(':' in pair.target_address, number & 0xffff, 1, payload), (pair.target_address, 0))
    except OSError as error:  # such as EHOSTUNREACH while ARP has failed: the next attempt asks again
        pair.failure = os.strerror(error.errno)


def _take_echo(opened, nic, token, waiting):
    for _ in range(64):
        try:
            packet = opened.recv(2048)
        except OSError:
            return
        kind, payload = echo_of(packet, opened.family == socket.AF_INET6)
        if kind is None or payload[:8] != token:
            continue
        number, sent = struct.unpack('!Id', payload[8:20])
        pair = waiting.get(number)
        if pair is None:
            continue
        if kind == 'request' and pair.target is nic:
            pair.arrived = True
            pair.settle()
        elif kind == 'reply' and pair.source is nic:
            pair.settle((time.monotonic() - sent) * 1000)
        if pair.rtt_ms is not None:
            del waiting[number]


async def _connect(lab, pairs, timeout):
    servers = {}
    gate = asyncio.Semaphore(OPEN_CONNECTIONS)
    try:
        for pair in pairs:
            key = (pair.target.name, pair.target_address)
            if key not in servers:
                servers[key] = await asyncio.start_server(_invert, sock=listener_of(lab, pair), backlog=1024)

        async def one(pair):
            async with gate:
                port = servers[(pair.target.name, pair.target_address)].sockets[0].getsockname()[1]
                await _exchange(lab, pair, port, timeout, TCP_BYTES)

        await asyncio.gather(*(one(pair) for pair in pairs))
    finally:
        for server in servers.values():
            server.close()


async def _invert(reader, writer):
    """The server's side: sends every byte back inverted, so that an echo of the network's own cannot pass for it."""
    try:
        while data := await reader.read(65536):
            writer.write(data.translate(INVERTED))
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


INVERTED = bytes(255 - value for value in range(256))


async def _exchange(lab, pair, port, timeout, length):
    started = time.monotonic()
    try:
        opened = bound_socket(lab.namespace(pair.source.node), pair.source.device, pair.source_address, socket.SOCK_STREAM)
        with opened:
            await asyncio.wait_for(_talk(opened, pair.target_address, port, os.urandom(length)), timeout)
        pair.arrived = True
        pair.settle((time.monotonic() - started) * 1000)
    except asyncio.TimeoutError:
        pair.failure = 'timeout'
    except OSError as error:
        pair.failure = os.strerror(error.errno) if error.errno else str(error)


async def _talk(opened, address, port, data):
    loop = asyncio.get_running_loop()
    await loop.sock_connect(opened, (address, port))
    sending = asyncio.ensure_future(loop.sock_sendall(opened, data))
    received = bytearray()
    while len(received) < len(data):
        chunk = await loop.sock_recv(opened, 65536)
        if not chunk:
            raise OSError('closed early')
        received += chunk
    await sending
    if received != data.translate(INVERTED):
        raise OSError('data differs')


def tcp_transfer(lab, source, target, family, length, timeout):
    """One connection that carries `length` bytes each way, checked."""
    pairs = [pair for pair in all_pairs([source, target], (family,), ('tcp',)) if pair.source is source]
    if not pairs:
        raise LabError('no-address', f'{source.name} and {target.name} have no IPv{family} address both')

    async def transfer(pair):
        listener = listener_of(lab, pair)
        server = await asyncio.start_server(_invert, sock=listener)
        try:
            await _exchange(lab, pair, listener.getsockname()[1], timeout, length)
        finally:
            server.close()

    asyncio.run(transfer(pairs[0]))
    return {**pairs[0].result(), 'bytesEachWay': length}
