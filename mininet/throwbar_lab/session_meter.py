"""Many TCP connections kept open at once between two VMs, in one process: whether all of them live, and their longest silence."""

import asyncio
import json
import socket
import struct
import sys
import time

from .machine import inside
from .measuring import milliseconds
from .probes import SO_BINDTODEVICE

RECORD = 64  # bytes


class Session:
    """One connection; numbered records go out, and each must come back, in order and unchanged."""

    def __init__(self, number):
        self.number = number
        self.port = None
        self.sent = self.received = 0
        self.broken = None
        self.last = self.largest_gap = 0.0

    async def run(self, spec, address, stopping):
        opened = _socket(spec['device'], spec['source'])
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(opened, address), spec['connectMs'] / 1000)
            self.port = opened.getsockname()[1]
            reader, writer = await asyncio.open_connection(sock=opened)
        except (OSError, asyncio.TimeoutError) as error:
            self.broken = f'not connected: {error or "timeout"}'
            return
        self.last = time.monotonic()
        taking = asyncio.ensure_future(self._take(reader))
        try:
            while not stopping.is_set() and self.broken is None:
                writer.write(self._record(self.sent))
                self.sent += 1
                await writer.drain()
                await asyncio.sleep(spec['intervalMs'] / 1000)
            deadline = time.monotonic() + spec['drainMs'] / 1000
            while self.received < self.sent and self.broken is None and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
        except OSError as error:
            self.broken = str(error)
        finally:
            taking.cancel()
            writer.transport.abort()

    async def _take(self, reader):
        try:
            while True:
                if await reader.readexactly(RECORD) != self._record(self.received):
                    raise ConnectionError(f'record {self.received} is not what was sent')
                now = time.monotonic()
                self.largest_gap = max(self.largest_gap, now - self.last)
                self.last, self.received = now, self.received + 1
        except (OSError, asyncio.IncompleteReadError) as error:
            self.broken = str(error)

    def _record(self, number):
        return struct.pack('!QQ', self.number, number).ljust(RECORD, b'\xa5')


def _socket(device, address):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode())
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.bind((address, 0))
    made.setblocking(False)
    return made


def sessions(spec):
    asyncio.run(_run(spec))


async def _run(spec):
    with inside(spec['targetNamespace']):
        listener = _socket(spec['targetDevice'], spec['address'])
    server = await asyncio.start_server(_echo, sock=listener, backlog=1024)
    stopping = asyncio.Event()
    made = [Session(number) for number in range(spec['count'])]
    running = [asyncio.ensure_future(each.run(spec, listener.getsockname()[:2], stopping)) for each in made]
    while any(each.received == 0 and each.broken is None for each in made):
        await asyncio.sleep(0.005)
    failed = next((each.broken for each in made if each.received == 0), None)
    if failed:
        raise OSError(failed)
    print('{"ready": true}', flush=True)
    asyncio.get_running_loop().add_reader(sys.stdin, stopping.set)
    await stopping.wait()
    asyncio.get_running_loop().remove_reader(sys.stdin)
    await asyncio.gather(*running)
    server.close()
    print(json.dumps({
        'sessions': [{'port': each.port, 'sent': each.sent, 'received': each.received,
                      'largestGapMs': milliseconds(each.largest_gap), 'broken': each.broken} for each in made],
        'broken': sum(1 for each in made if each.broken), 'lost': sum(each.sent - each.received for each in made),
        'largestGapMs': milliseconds(max(each.largest_gap for each in made))}), flush=True)


async def _echo(reader, writer):
    writer.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
