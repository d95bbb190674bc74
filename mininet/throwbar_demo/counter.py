"""One TCP connection between two VMs that counts, and how far it is: records go out in order, and each must come back so."""

import json
import subprocess
import sys
import threading

from throwbar_lab.machine import NAMED_NAMESPACES

from .processes import ROOT
from .screen import DemoError

INTERVAL_MS = 10
TELL_MS = 50
CONNECT_MS = 3000
DRAIN_MS = 5000


class Counter:
    """Counts from its making until `stop`; `count` is the last record that came back."""

    def __init__(self, lab, source, target):
        namespaces = {nic['name']: nic['namespace'] for nic in lab.description['nics']}
        family_of = {ip: 6 if ':' in ip else 4 for ip in (*source.ips, *target.ips)}
        source_ip, target_ip = next((one, other) for one in source.ips for other in target.ips if family_of[one] == family_of[other])
        spec = {'source': source_ip, 'address': target_ip, 'targetNamespace': namespaces[target.id],
                'intervalMs': INTERVAL_MS, 'tellMs': TELL_MS, 'connectMs': CONNECT_MS, 'drainMs': DRAIN_MS}
        self.count = 0
        self._result = None
        self._process = subprocess.Popen(
            ['nsenter', f'--net={NAMED_NAMESPACES}/{namespaces[source.id]}', sys.executable, f'{ROOT}/mininet/throwbar_lab/meter.py',
             'tcp', json.dumps(spec)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = self._read()
        if 'failed' in said:
            raise DemoError(f'no TCP connection from {source.label} to {target.label}: {said["failed"]}')
        self._reading = threading.Thread(target=self._follow, daemon=True)
        self._reading.start()

    def _read(self):
        line = self._process.stdout.readline()
        return json.loads(line) if line else {'failed': 'the counter has ended'}

    def _follow(self):
        while self._result is None:
            said = self._read()
            if 'counted' in said:
                self.count = said['counted']
            else:
                self._result = said

    def stop(self):
        """What it came to: `sent`, `received`, `largestGapMs`, and `broken` with the reason or None."""
        self._process.stdin.close()
        self._reading.join(timeout=DRAIN_MS / 1000 + 5)
        if self._result is None or 'failed' in self._result:
            raise DemoError(f'the TCP counter ended without a word: {(self._result or {}).get("failed")}')
        return self._result
