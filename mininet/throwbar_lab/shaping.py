"""Cables that carry no more than they are declared to, so that a lab has a bottleneck where a real one has."""

from . import machine

UNITS = {'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12}
QUEUE_S = 0.02  # of a port: what it may have waiting


def bits_per_second(text):
    """`100M`."""
    return int(float(text[:-1]) * UNITS[text[-1]]) if text[-1] in UNITS else int(text)


def shape(ends, bandwidth):
    """Each of these ends of a cable, Mininet interfaces, sends at most so many bit/s."""
    burst = max(16_000, bandwidth // 8 // 250)  # a tick's worth
    limit = burst + int(bandwidth * QUEUE_S / 8)
    for end in ends:
        end.bandwidth = bandwidth
        machine.run(['tc', '-n', end.node.namespace, 'qdisc', 'replace', 'dev', end.name, 'root', 'tbf', 'rate', f'{bandwidth}bit',
                     'burst', str(burst), 'limit', str(limit)])


def silence(end):
    """A queue without room."""
    machine.run(['tc', '-n', end.node.namespace, 'qdisc', 'replace', 'dev', end.name, 'root', 'pfifo', 'limit', '0'])


def end_silence(end):
    machine.run(['tc', '-n', end.node.namespace, 'qdisc', 'del', 'dev', end.name, 'root'])
    bandwidth = getattr(end, 'bandwidth', None)
    if bandwidth:
        shape([end], bandwidth)
