#!/usr/bin/python3
"""A cable between two namespaces on which every frame takes some time: `slow_cable.py NAMESPACE NAMESPACE DEVICE MILLISECONDS`.

The kernel's own way, netem, is not everywhere. Says `ready` when a tap of that name is up at both ends; lives until its
standard input ends.
"""

import collections
import fcntl
import os
import select
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', '..', '..', 'mininet'))
from throwbar_lab import machine  # noqa: E402

TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LONGEST_FRAME = 65536


def tap(namespace, device):
    with machine.inside(namespace):
        end = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(end, TUNSETIFF, struct.pack('16sH22x', device.encode(), IFF_TAP | IFF_NO_PI))
    machine.run(['ip', '-n', namespace, 'link', 'set', device, 'up'])
    return end


def carry(ends, delay_s):
    others = {ends[0]: ends[1], ends[1]: ends[0]}
    waiting = collections.deque()  # in the order of their time, as all take the same
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([*ends, sys.stdin], [], [], timeout)
        if sys.stdin in readable:
            return
        for end in ends:
            if end in readable:
                waiting.append((time.monotonic() + delay_s, others[end], os.read(end, LONGEST_FRAME)))
        while waiting and waiting[0][0] <= time.monotonic():
            _, end, frame = waiting.popleft()
            try:
                os.write(end, frame)
            except OSError:
                pass  # nobody listens there now, or its queue is full: a cable loses it


def main():
    first, second, device, milliseconds = sys.argv[1:]
    ends = [tap(first, device), tap(second, device)]
    print('ready', flush=True)
    carry(ends, float(milliseconds) / 1000)


main()
