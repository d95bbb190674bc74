"""The Open vSwitch of the root namespace, which plain `mn` uses: started where the machine runs none, and then stopped.

One at a time on a machine; a system service that runs is left alone.
"""

import os
import socket

from .machine import Claim
from .ovs import OpenVSwitch

RUNDIR = '/var/run/openvswitch'


class SystemOvs:
    def __init__(self, wait):
        self.claim = Claim('system-ovs', wait)
        self.ovs = None
        self.kept = None  # what was in the directory before; None if it was not there

    def start(self):
        """Returns whether it had to start one."""
        if _answers(f'{RUNDIR}/db.sock'):
            return False
        self.kept = os.listdir(RUNDIR) if os.path.isdir(RUNDIR) else None
        self.ovs = OpenVSwitch(RUNDIR)
        self.ovs.start_database()
        self.ovs.start_vswitchd()
        self.ovs.vsctl('set', 'Open_vSwitch', '.', 'external_ids:system-id=throwbar-lab')
        return True

    def stop(self):
        if self.ovs:
            self.ovs.stop()
            for name in set(os.listdir(RUNDIR)) - set(self.kept or ()):
                os.unlink(f'{RUNDIR}/{name}')
            if self.kept is None:
                os.rmdir(RUNDIR)
        self.claim.close()


def _answers(path):
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with probe:
        try:
            probe.connect(path)
            return True
        except OSError:
            return False
