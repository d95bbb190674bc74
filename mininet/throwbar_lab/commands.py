"""What a running lab can be told to do: each function takes the lab and the request's fields and returns plain JSON."""

import json

from . import changes, machine, traffic


def describe(lab):
    return lab.describe()


def counters(lab, node, port):
    """Frames and bytes of a device, from the kernel; `node` is a switch or a VM."""
    if node not in lab.topology.vms:
        lab.switch(node)
    found = json.loads(machine.run(['ip', '-n', lab.namespace(node), '-s', '-j', 'link', 'show', 'dev', port]))[0]['stats64']
    return {side: {'frames': found[side]['packets'], 'bytes': found[side]['bytes']} for side in ('rx', 'tx')}


def run(lab, node, command, timeoutMs=20000):
    """Runs a program in a switch's or VM's namespace."""
    if node not in lab.topology.vms:
        lab.switch(node)
    return {'stdout': machine.run(['ip', 'netns', 'exec', lab.namespace(node), *command], timeout=timeoutMs / 1000)}


COMMANDS = {function.__name__: function for function in (
    describe, counters, run,
    traffic.matrix, traffic.ping, traffic.tcp, traffic.flood, traffic.sendFlows,
    traffic.startCapture, traffic.stopCapture, traffic.startMeter, traffic.stopMeter,
    changes.moveVm, changes.resumeVm, changes.setLink, changes.setSilence, changes.setController, changes.addPort, changes.removePort,
    changes.killVswitchd, changes.startVswitchd, changes.killDatabase, changes.startDatabase)}
