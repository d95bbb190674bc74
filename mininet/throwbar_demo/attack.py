"""One VM tries to pass for another and to leave its network; the switches count it and captures look for its frames."""

import base64

from .screen import count, pad

FRAMES = 20
ATTEMPTS = {  # kinds of frame that the lab can send
    'spoofed-mac': 'with the source MAC of {victim}',
    'spoofed-ip': 'with the source IP of {victim}',
    'arp-forged': 'ARP: "I have the IPv4 address of {victim}"',
    'na-forged': 'ND: "I have the IPv6 address of {victim}"',
    'vlan-tagged': 'tagged with VLAN {vlan} of {network}',
}


def show(screen, lab, controller, declared):
    screen.title('What a VM cannot do')
    attacker = _attacker(declared)
    others = [nic for nic in declared.nics if nic.network != attacker.network]
    victim = next((nic for nic in others if nic.own), next(iter(others), None))
    if victim is None:
        screen.note('There is only one network, so there is nothing to break into.')
        return
    ports = declared.outward_ports()
    screen.note(f'{attacker.label} of {_kind(declared, attacker)} sends {FRAMES} frames of each kind.')
    screen.note(f'Meanwhile tcpdump listens on {_ports(ports)}.')
    captures = [lab.ask('startCapture', node=switch, port=port)['capture'] for switch, port in ports]
    with screen.step('sending forged frames and reading the counters'):
        attempts = [_attempt(lab, controller, declared, kind, attacker, victim) for kind in ATTEMPTS]
    broadcasts = _broadcasts(lab, declared, attacker)
    watched = _Captured(lab, captures)
    _table(screen, [(text, dropped, watched.seen(marker)) for text, dropped, marker, _ in (*attempts, *broadcasts)])
    _verdict(screen, declared, attacker, watched, attempts, broadcasts)


def _attempt(lab, controller, declared, kind, attacker, victim):
    """What it is in words, what the switches counted, the frames' marker, whether exactly these frames were dropped."""
    vlan = declared.networks[victim.network].get('vlan', 1)
    before = controller.drops()
    marker = lab.ask('flood', source=attacker.id, kind=kind, target=victim.id, victim=victim.id, vlan=vlan, count=FRAMES)['marker']
    drops = controller.drops_since(before, FRAMES)
    counted = ', '.join(f'{number} {reason}' for reason, number in drops.items()) or 'none'
    return ATTEMPTS[kind].format(victim=victim.label, vlan=vlan, network=victim.network), counted, marker, drops.total() == FRAMES


def _broadcasts(lab, declared, attacker):
    """Honest ones, which must arrive: to a fellow of the attacker's, and from a VM whose network spans switches."""
    found = []
    for source in dict.fromkeys((attacker, _traveller(declared))):
        fellow = next((nic for nic in declared.members(source.network) if nic.vm != source.vm), None) if source else None
        if fellow:
            inside = lab.ask('startCapture', node=fellow.id, direction='in')['capture']
            marker = lab.ask('flood', source=source.id, kind='broadcast', count=FRAMES)['marker']
            heard = _Captured(lab, [inside]).seen(marker)
            found.append((f'an honest broadcast from {source.label}', f'none: {fellow.label} got {heard}', marker, heard == FRAMES))
    return found


def _verdict(screen, declared, attacker, watched, attempts, broadcasts):
    sent = FRAMES * len(attempts)
    screen.check(all(good for *_, good in attempts), f'{count(sent, "forged frame")} sent, every one dropped and counted with its reason')
    markers = [marker for _, _, marker, _ in attempts]
    whose = 'forged'
    if declared.is_internal(attacker.network):
        markers += [marker for text, _, marker, _ in broadcasts if text.endswith(attacker.label)]
        whose = f'of {attacker.network}'
    seen = sum(map(watched.seen, markers))
    screen.check(seen == 0 and watched.missed == 0, f'the captures saw {count(seen, "frame")} {whose}, and missed {watched.missed}')
    traveller = _traveller(declared)
    crossed = [watched.seen(marker) for text, _, marker, _ in broadcasts if traveller and text.endswith(traveller.label)]
    screen.check(all(good for *_, good in broadcasts) and all(number >= FRAMES for number in crossed),
                 'honest broadcasts arrived' + (f', and the captures do see those of {traveller.label}' if crossed else ''))


def _attacker(declared):
    """Of an internal network, where there is one: it has least business on a cable."""
    vms = [nic for nic in declared.nics if not nic.own]
    internal = [nic for nic in vms if declared.is_internal(nic.network)]
    return (internal or vms or declared.nics)[0]


def _traveller(declared):
    """A NIC whose broadcasts cross a cable, which shows that the captures do see frames: its network spans switches."""
    for nic in declared.nics:
        if any(other.switch != nic.switch for other in declared.members(nic.network)):
            return nic
    return None


class _Captured:
    """What some captures saw together."""

    def __init__(self, lab, captures):
        stopped = [lab.ask('stopCapture', capture=capture) for capture in captures]
        self.files = [base64.b64decode(capture['pcap']) for capture in stopped]
        self.missed = sum(capture['missed'] for capture in stopped)

    def seen(self, marker):
        return sum(file.count(bytes.fromhex(marker)) for file in self.files)


def _kind(declared, nic):
    return f'{nic.network} (internal to {nic.switch})' if declared.is_internal(nic.network) else nic.network


def _ports(ports):
    names = [':'.join(port) for port in ports]
    return ' and '.join(names) if len(names) <= 2 else f'{len(names)} ports: each end of every cable and uplink'


def _table(screen, rows):
    columns = [('what it sends', *(row[0] for row in rows)), ('dropped', *(row[1] for row in rows))]
    widths = [max(map(len, column)) + 3 for column in columns]
    screen.note(f'  {pad("what it sends", widths[0])}{pad("dropped", widths[1])}seen on cables and uplinks')
    for what, dropped, seen in rows:
        screen.line(f'    {pad(what, widths[0])}{pad(dropped, widths[1])}{seen}')
