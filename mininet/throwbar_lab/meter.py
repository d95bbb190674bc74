"""A process of its own that measures a conversation between two VMs at a steady pace, until its input ends.

`meter.py ping|udp|tcp|sessions|bulk JSON`; prints one JSON line when it is under way and one with what it saw. It runs in the sender's
namespace; being a process of its own, nothing else that the lab does can delay it.
"""

import json
import os
import select
import socket
import struct
import sys
import threading
import time

if __name__ == '__main__':
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from throwbar_lab.bulk_meter import bulk  # noqa: E402
from throwbar_lab.machine import inside  # noqa: E402
from throwbar_lab.measuring import Arrivals, Pace, report  # noqa: E402
from throwbar_lab.probes import SO_BINDTODEVICE, echo_of, echo_request  # noqa: E402
from throwbar_lab.session_meter import sessions  # noqa: E402
from throwbar_lab.udp_meter import udp  # noqa: E402

RECORD = 64  # bytes of one TCP message


def ping(spec):
    ipv6 = ':' in spec['address']
    family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if ipv6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    opened = socket.socket(family, socket.SOCK_RAW, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    if 'device' in spec:
        opened.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, spec['device'].encode())
        opened.bind((spec['source'], 0))
    opened.setblocking(False)
    token = os.urandom(8)
    pace, arrivals, sent = Pace(spec['intervalMs'] / 1000), Arrivals(), 0

    def take():
        for _ in range(256):
            try:
                kind, payload = echo_of(opened.recv(2048), ipv6)
            except BlockingIOError:
                return
            if kind == 'reply' and payload[:8] == token:
                arrivals.add(*struct.unpack('!Qd', payload[8:24]))

    print('{"ready": true}', flush=True)
    pace.due = pace.last = time.monotonic()
    while True:
        readable, _, _ = select.select([opened, sys.stdin], [], [], pace.wait())
        if opened in readable:
            take()
        if sys.stdin in readable:
            break
        now = time.monotonic()
        if now >= pace.due:
            request = echo_request(ipv6, os.getpid() & 0xffff, sent & 0xffff, token + struct.pack('!Qd', sent, now))
            try:
                opened.sendto(request, (spec['address'], 0))
            except OSError:
                pass  # counted as lost: nothing will answer it
            sent += 1
            pace.sent(now)
    deadline = time.monotonic() + spec['drainMs'] / 1000
    while len(arrivals.seen) < sent and time.monotonic() < deadline:
        if select.select([opened], [], [], 0.01)[0]:
            take()
    report(sent, arrivals, pace)


def tcp(spec):
    """One connection for the whole time: numbered records out, each expected back. With `tellMs`, it says so often how many came."""
    family = socket.AF_INET6 if ':' in spec['address'] else socket.AF_INET
    with inside(spec['targetNamespace']):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind((spec['address'], 0))
        listener.listen(1)
    threading.Thread(target=_echo, args=(listener,), daemon=True).start()
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.settimeout(spec['connectMs'] / 1000)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.bind((spec['source'], 0))
    opened.connect(listener.getsockname()[:2])
    pace, arrivals, sent, broken = Pace(spec['intervalMs'] / 1000), Arrivals(), 0, None
    received = outgoing = b''
    print('{"ready": true}', flush=True)
    pace.due = pace.last = time.monotonic()
    opened.setblocking(False)
    stop_at, tell_at = None, time.monotonic()
    while broken is None and (stop_at is None or (time.monotonic() < stop_at and len(arrivals.seen) < sent)):
        watched = [opened] if stop_at else [opened, sys.stdin]
        readable, _, _ = select.select(watched, [], [], 0.01 if stop_at else pace.wait())
        try:
            if opened in readable:
                received = _take_records(opened, received, arrivals)
            now = time.monotonic()
            if 'tellMs' in spec and now >= tell_at:
                tell_at = now + spec['tellMs'] / 1000
                print(json.dumps({'counted': len(arrivals.seen)}), flush=True)
            if stop_at is None and now >= pace.due:
                outgoing += struct.pack('!Qd', sent, now).ljust(RECORD, b'\xa5')
                sent += 1
                pace.sent(now)
                outgoing = outgoing[opened.send(outgoing):]
        except BlockingIOError:
            pass  # the send buffer is full: a stall, which the arrivals' gap shows
        except OSError as error:
            broken = str(error)
        if sys.stdin in readable:
            stop_at = time.monotonic() + spec['drainMs'] / 1000
    report(sent, arrivals, pace, broken=broken)


def _take_records(opened, received, arrivals):
    chunk = opened.recv(65536)
    if not chunk:
        raise ConnectionError('closed by the other end')
    received += chunk
    while len(received) >= RECORD:
        number, sent_at = struct.unpack('!Qd', received[:16])
        if number != len(arrivals.seen) or received[16:RECORD] != b'\xa5' * (RECORD - 16):
            raise ConnectionError(f'record {number} instead of {len(arrivals.seen)}')
        arrivals.add(number, sent_at)
        received = received[RECORD:]
    return received


def _echo(listener):
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := connection.recv(65536):
        connection.sendall(data)


if __name__ == '__main__':
    try:
        os.nice(-10)
        {'ping': ping, 'udp': udp, 'tcp': tcp, 'sessions': sessions, 'bulk': bulk}[sys.argv[1]](json.loads(sys.argv[2]))
    except OSError as error:
        print(json.dumps({'failed': str(error)}), flush=True)
        sys.exit(1)
