"""UDP echoes of one flow, both ends in one thread: nothing but the network, and this process being woken, is in between.

It runs at real-time priority where that is allowed, since what it measures is shorter than a scheduler's turn.
"""

import contextlib
import os
import select
import socket
import struct
import sys
import time

from .machine import inside
from .measuring import Arrivals, Pace, milliseconds, report
from .probes import SO_BINDTODEVICE

MOST_AT_ONCE = 256


def udp(spec):
    """Records go out every intervalMs from one port to one port; how they fared on the way there is told apart."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    opened = _socket(spec['device'], spec['source'])
    with inside(spec['targetNamespace']):
        far = _socket(spec['targetDevice'], spec['address'])
    opened.connect(far.getsockname()[:2])
    far.connect(opened.getsockname()[:2])
    meter = _Meter(opened, far, spec['intervalMs'] / 1000)
    if not meter.run(until=lambda: meter.back.seen, timeout=spec['connectMs'] / 1000):
        raise TimeoutError('nothing came back')
    meter.start_over()
    print('{"ready": true}', flush=True)
    meter.run(watched=[sys.stdin])
    meter.drain(spec['drainMs'] / 1000)
    report(meter.sent, meter.back, meter.pace, there={
        'lost': meter.sent - len(meter.there.seen), 'duplicates': meter.there.duplicates,
        'largestGapMs': milliseconds(meter.there.largest_gap)},
        ports=[opened.getsockname()[1], far.getsockname()[1]])


def _socket(device, address):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode())
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    made.bind((address, 0))
    made.setblocking(False)
    return made


class _Meter:
    def __init__(self, opened, far, interval):
        self.opened, self.far, self.interval = opened, far, interval
        self.token = b''
        self.start_over()

    def start_over(self):
        """Forgets what was sent so far, and does not count it when it still comes."""
        self.token = os.urandom(8)
        self.pace, self.there, self.back, self.sent = Pace(self.interval), Arrivals(), Arrivals(), 0

    def run(self, watched=(), until=lambda: False, timeout=float('inf')):
        """Sends and takes in until something watched is readable or the condition holds; whether it came to that."""
        deadline = time.monotonic() + timeout
        while not until():
            readable, _, _ = select.select([self.opened, self.far, *watched], [], [], self.pace.wait())
            self._take_in(readable)
            if any(each in readable for each in watched):
                return True
            now = time.monotonic()
            if now > deadline:
                return False
            if now >= self.pace.due:
                self._send(self.opened, self.token + struct.pack('!Qd', self.sent, now))
                self.sent += 1
                self.pace.sent(now)
        return True

    def drain(self, timeout):
        deadline = time.monotonic() + timeout
        while len(self.back.seen) < self.sent and time.monotonic() < deadline:
            self._take_in(select.select([self.opened, self.far], [], [], 0.01)[0])

    def _take_in(self, readable):
        if self.far in readable:
            for record in self._records(self.far, self.there):
                self._send(self.far, record)
        if self.opened in readable:
            list(self._records(self.opened, self.back))

    def _records(self, end, arrivals):
        for _ in range(MOST_AT_ONCE):
            try:
                record = end.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                continue  # such as an ICMP error, which is no answer
            if record[:8] == self.token:
                arrivals.add(*struct.unpack('!Qd', record[8:24]))
                yield record

    @staticmethod
    def _send(end, record):
        with contextlib.suppress(OSError):  # counted as lost: nothing will answer it
            end.send(record)
