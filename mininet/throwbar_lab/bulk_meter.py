"""As much as goes through, or at a rate, from one NIC to another, and how much of it arrived in each tenth of a second."""

import os
import socket
import sys
import threading
import time

from .machine import inside
from .measuring import report_bulk
from .probes import SO_BINDTODEVICE

TICK_S = 0.1
TCP_CONGESTION = 13
RECEIVE_BYTES = 1 << 16


def bulk(spec):
    """spec['protocol']: 'tcp' (`count` connections that send all they can), 'udp' or 'broadcast' (at `rateBps` of payload)."""
    meter = _Bulk(spec)
    meter.start()
    print('{"ready": true}', flush=True)
    sys.stdin.read()
    report_bulk(TICK_S, meter.stop())


class _Bulk:
    def __init__(self, spec):
        self.spec = spec
        self.family = socket.AF_INET6 if ':' in spec['address'] else socket.AF_INET
        self.running = True
        self.received = []  # of each receiver: a count that only its thread changes
        self.ticks = []

    def start(self):
        {'tcp': self._start_tcp, 'udp': self._start_datagrams, 'broadcast': self._start_datagrams}[self.spec['protocol']]()
        self._thread(self._sample)

    def stop(self):
        self.running = False
        time.sleep(TICK_S)
        return self.ticks

    def _start_tcp(self):
        listener = self._far(socket.SOCK_STREAM, self.spec['address'])
        listener.listen(self.spec['count'])
        self._thread(self._accept, listener)
        for _ in range(self.spec['count']):
            opened = self._near(socket.SOCK_STREAM)
            opened.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, self.spec['congestion'].encode())
            opened.settimeout(self.spec['connectMs'] / 1000)
            opened.connect(listener.getsockname()[:2])
            self._thread(self._send_stream, opened)

    def _start_datagrams(self):
        is_broadcast = self.spec['protocol'] == 'broadcast'
        opened, far = self._near(socket.SOCK_DGRAM), self._far(socket.SOCK_DGRAM, '' if is_broadcast else self.spec['address'])
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._count(far)
        self._thread(self._send_datagrams, opened, ('255.255.255.255' if is_broadcast else self.spec['address'], far.getsockname()[1]))

    def _near(self, kind):
        made = socket.socket(self.family, kind)
        made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, self.spec['device'].encode())
        made.bind((self.spec['source'], 0))
        return made

    def _far(self, kind, address):
        with inside(self.spec['targetNamespace']):
            made = socket.socket(self.family, kind)
            made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, self.spec['targetDevice'].encode())
        if kind == socket.SOCK_DGRAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made.bind((address, 0))
        return made

    def _accept(self, listener):
        for _ in range(self.spec['count']):
            self._count(listener.accept()[0])

    def _count(self, end):
        counted = [0]
        self.received.append(counted)
        self._thread(self._receive, end, counted)

    def _receive(self, end, counted):
        while data := end.recv(RECEIVE_BYTES):
            counted[0] += len(data)

    def _send_stream(self, opened):
        chunk = bytes(RECEIVE_BYTES)
        opened.settimeout(1)
        while self.running:
            try:
                opened.send(chunk)
            except TimeoutError:
                pass  # nothing goes through: measured by who receives nothing

    def _send_datagrams(self, opened, address):
        payload = os.urandom(self.spec['payloadBytes'])
        interval = 8 * len(payload) / self.spec['rateBps']
        due = time.monotonic()
        while self.running:
            now = time.monotonic()
            if now < due:
                time.sleep(min(0.001, due - now))
                continue
            due = max(due + interval, now - 0.01)
            try:
                opened.sendto(payload, address)
            except OSError:
                pass  # did not leave: measured by who receives nothing

    def _sample(self):
        due, before = time.monotonic(), 0
        while self.running:
            due += TICK_S
            time.sleep(max(0.0, due - time.monotonic()))
            total = sum(counted[0] for counted in self.received)
            self.ticks.append(total - before)
            before = total

    @staticmethod
    def _thread(function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()
