"""kill -9 of the controller and its restart, felt by pings each millisecond and counted by its own metrics."""

import time

from .screen import count

ALONE_SECONDS = 1.0
AFTERWARDS_SECONDS = 1.0


def show(screen, lab, controller, declared):
    screen.title('Killing the controller')
    source, target = _pair(declared)
    if source is None:
        screen.note('No network has two VMs, so nothing can be pinged.')
        return
    families = [family for family in (4, 6) if all(any((':' in ip) == (family == 6) for ip in nic.ips) for nic in (source, target))]
    meters = [lab.ask('startMeter', kind='ping', source=source.id, target=target.id, family=family)['meter'] for family in families]
    screen.note(f'{source.label} on {source.switch} pings {target.label} on {target.switch} each millisecond, '
                f'over {" and ".join(f"IPv{family}" for family in families)}.')
    with screen.step('kill -9 of the controller, and a while without one'):
        controller.kill()
        time.sleep(ALONE_SECONDS)
    with screen.step('starting it again: what each switch has is read and compared') as say:
        controller.start()
        controller.wait_converged(lambda text: say(f'started again: {text}'))
        time.sleep(AFTERWARDS_SECONDS)
    results = [lab.ask('stopMeter', meter=meter) for meter in meters]
    lost, sent = (sum(result[what] for result in results) for what in ('lost', 'sent'))
    gap = max(result['largestGapMs'] for result in results)
    screen.check(lost == 0 and sent > 0, f'{lost} of {count(sent, "ping")} lost; longest time without an answer {gap:.0f} ms')
    sent_rules = controller.rule_operations()
    screen.check(sent_rules == 0, f'{count(sent_rules, "rule")} sent by the new controller (throwbar_rule_operations_total)')


def _pair(declared):
    """Two NICs of one network, on different switches where there are such."""
    pairs = [(one, other) for one in declared.nics for other in declared.members(one.network) if one.vm != other.vm]
    return next((pair for pair in pairs if pair[0].switch != pair[1].switch), pairs[0] if pairs else (None, None))
