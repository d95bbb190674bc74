"""What reaches what, measured; and for what does not, why not, with the switches' counters as witnesses."""

from .screen import count, pad

BETWEEN = '  │  '
REASONS = {'unknown-unicast': 'nobody in its network has the destination MAC'}


def show(screen, lab, controller, declared):
    screen.title('What reaches what')
    before = controller.drops()
    with screen.step('pinging and connecting every pair of VMs') as say:
        results = lab.ask('matrix')['pairs']
        whose = 'VMs and hypervisors' if any(nic.own for nic in declared.nics) else 'VMs'
        say(f'{count(len(results), "probe")}: ping and TCP, over IPv4 and IPv6, between every two {whose}')
    found = {}
    for result in results:
        found.setdefault((result['from'], result['to']), []).append(result)
    for line in _table(screen, declared, found):
        screen.line(f'  {line}')
    screen.note('● all four answered   · nothing came through   = has the same addresses, not tried')
    networks = {nic.id: nic.network for nic in declared.nics}
    inside = [result for result in results if networks[result['from']] == networks[result['to']]]
    answered = sum(result['ok'] for result in inside)
    screen.check(answered == len(inside), f'inside a network: {answered} of {len(inside)} probes answered')
    _why_not(screen, declared, [result for result in results if networks[result['from']] != networks[result['to']]], networks)
    _witness(screen, lab, controller, declared, before)


def _table(screen, declared, found):
    """Rows reach columns; a bar stands between networks."""
    first = max((len(nic.label) for nic in declared.nics), default=0) + 2
    groups = [(name, declared.members(name)) for name in declared.networks if declared.members(name)]
    yield ' ' * first + BETWEEN.join(
        screen.paint(declared.colour(name), '  '.join(f'{nic.column:^5}' for nic in members)) for name, members in groups)
    for name, sources in groups:
        for source in sources:
            row = BETWEEN.join('  '.join(_cell(screen, source, target, found) for target in members) for _, members in groups)
            yield (pad(screen.paint(declared.colour(name), source.label), first) + row).rstrip()


def _cell(screen, source, target, found):
    width = max(5, len(target.column))
    results = found.get((source.id, target.id))
    if results is None:
        return ' ' * width if source.vm == target.vm else '='.center(width)
    good = sum(result['ok'] for result in results)
    mark = '●' if good == len(results) else f'{good}/{len(results)}' if good else '·'
    text = mark.center(width)
    expected = source.network == target.network
    return screen.paint('green' if expected and mark == '●' else 'red' if expected or good else 'dim', text)


def _why_not(screen, declared, across, networks):
    """One line for each reason, with what was measured of the pairs of networks that it parts."""
    reasons = {}
    for one, other in declared.pairs_of_networks():
        reasons.setdefault(declared.why_not(one, other), []).append({one, other})
    for reason, parted in reasons.items():
        probes = [result for result in across if {networks[result['from']], networks[result['to']]} in parted]
        arrived = sum(result['arrived'] for result in probes)
        names = ', '.join(' and '.join(sorted(pair, key=list(declared.networks).index)) for pair in parted)
        screen.check(arrived == 0, f'{names}: {arrived} of {len(probes)} probes came through')
        screen.note(f'  {reason}')


def _witness(screen, lab, controller, declared, before):
    """Probes to another network end at ARP, which its own network does not answer; frames to a known MAC must be counted."""
    during = controller.drops_since(before)
    screen.note(f'Meanwhile, by the switches\' counters: {_counted(during)}.' if during else
                'No switch had to drop anything: in its own network nobody answered ARP or ND for such an address.')
    before = controller.drops()
    sent = 0
    with screen.step('sending frames straight to the MAC addresses of other networks'):
        for source in declared.nics:
            for target in declared.nics:
                if source.network != target.network and source.vm != target.vm:
                    sent += lab.ask('flood', source=source.id, kind='unicast', target=target.id, count=1, intervalMs=0)['sent']
        grown = controller.drops_since(before, sent)
    screen.check(grown.total() == sent, f'{count(sent, "such frame")} sent; {_counted(grown)}')
    for reason in grown.keys() & REASONS.keys():
        screen.note(f'  {reason}: {REASONS[reason]}')


def _counted(drops):
    parts = ', '.join(f'{number} {reason}' for reason, number in drops.most_common())
    return f'{drops.total()} dropped: {parts}' if parts else 'none dropped'
