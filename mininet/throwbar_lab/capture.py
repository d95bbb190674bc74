"""Captures by tcpdump: running before start() returns, and honest about frames it lost."""

import os
import re
import signal
import subprocess
import time

from .machine import NAMED_NAMESPACES, LabError

READY_SECONDS = 5
MOST_FRAMES = 100_000


class Capture:
    def __init__(self, namespace, device, directory, number, options):
        """options: `filter` (pcap syntax), `direction` ('in', 'out' or 'inout', seen from the device)."""
        self.file = f'{directory}/capture-{number}.pcap'
        # In immediate mode each frame takes a slot as long as the longest that is kept: 4,096 slots here, for whatever a NIC sends.
        command = ['nsenter', f'--net={NAMED_NAMESPACES}/{namespace}', 'tcpdump', '-i', device, '-n', '-U', '--immediate-mode',
                   '-B', '16384', '-s', '4096', '-Z', 'root', '-c', str(MOST_FRAMES), '-Q', options.get('direction', 'inout'), '-w', self.file]
        if options.get('filter'):
            command.append(options['filter'])
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = b''
        deadline = time.monotonic() + READY_SECONDS
        os.set_blocking(self.process.stderr.fileno(), False)
        while b'listening on' not in self.said:
            self.said += self.process.stderr.read() or b''
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise LabError('capture-failed', f'tcpdump on {device}: {self.said.decode(errors="replace").strip()}')
            time.sleep(0.002)

    def stop(self, settle):
        """Waits `settle` seconds for frames under way. Returns the pcap file's path and how many frames were missed."""
        time.sleep(settle)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise LabError('timeout', 'tcpdump does not end') from None
        self.said += self.process.stderr.read() or b''
        dropped = re.search(rb'(\d+) packets? dropped by kernel', self.said)
        if not dropped:
            raise LabError('capture-failed', self.said.decode(errors='replace').strip())
        return {'file': self.file, 'missed': int(dropped.group(1))}
