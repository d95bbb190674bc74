"""A VM moves to another hypervisor and home again, while a TCP connection to it counts before your eyes."""

import threading
import time

from .counter import Counter
from .screen import count, pad

SETTLE_SECONDS = 1
STEP_SECONDS = 10
NOTED_SECONDS = 1  # by then the switch has noted the session


def show(screen, lab, controller, declared):
    screen.title('Moving a VM')
    guest, client, target = _cast(declared)
    if guest is None:
        screen.note('That takes a VM of a network that spans two hypervisors, and a fellow of it to talk to.')
        return
    screen.note(f'{client.label} on {client.switch} holds a TCP connection to {guest.label}: a hundred numbers a second, and each must come back')
    screen.note('in order. The hypervisor, played by the lab, waits for the switches before the guest goes on.')
    counter = Counter(lab, client, guest)
    homes = (guest.switch, target)
    reports = [_move(screen, lab, controller, counter, guest, one, other) for one, other in (homes, homes[::-1])]
    result = counter.stop()
    screen.check(result['broken'] is None and result['received'] == result['sent'] > 0,
                 f'{result["received"]:,} of {count(result["sent"], "number")} came back in order over the one connection')
    sessions = [report['sessions'] for report in reports]
    screen.check(all(told['carried'] == told['before'] > 0 for told in sessions),
                 'the switches saw its session before and after: ' + ' and '.join(f'{told["carried"]} of {told["before"]}' for told in sessions))
    screen.check(all(report['sourceFrames'] == 0 for report in reports), 'no frame of it came from the place that it had left')
    took = ' and '.join(f'{report["switchedAfterMs"]:.0f}' for report in reports)
    screen.note(f'Longest time without a number: {result["largestGapMs"]:.0f} ms. Once it was unplugged, the switches took {took} ms.')


def _move(screen, lab, controller, counter, guest, home, target):
    """Returns the controller's report."""
    request = {'vms': [guest.vm], 'to': target, 'settleS': SETTLE_SECONDS, 'countSessions': True}
    with screen.step(f'{guest.label} leaves {home}') as say:
        def move():
            return next(one for one in controller.get('/v1/moves') if one['id'] == asked['id'])

        def tell():
            now = move()
            say(f'{guest.label} from {home} to {target}: {pad(now["phase"], 12)} counted {counter.count:,}')
            return now['phase']

        def wait_for(*phases):
            controller.wait(lambda: tell() in phases, f'the move is {" or ".join(phases)}', STEP_SECONDS)

        asked = controller.post('/v1/moves', request)
        time.sleep(NOTED_SECONDS)
        unplugging = threading.Thread(target=lab.ask, args=('moveVm',), kwargs={'vm': guest.vm, 'switch': target, 'pause': True})
        unplugging.start()
        wait_for('switched', 'settling', 'done')
        unplugging.join()
        lab.ask('resumeVm', vm=guest.vm, announce='rarp')
        wait_for('done')
    return move()['report']


def _cast(declared):
    """The guest, its client and where it goes, or three times None."""
    hypervisors = [name for name, spec in declared.switches.items() if spec['role'] == 'hypervisor']
    for guest in declared.nics:
        movable = not guest.own and not declared.is_internal(guest.network) and guest.label == guest.vm
        elsewhere = [name for name in hypervisors if name != guest.switch]
        client = next((nic for nic in declared.members(guest.network) if nic.vm != guest.vm and not nic.own), None)
        if movable and elsewhere and client:
            return guest, client, elsewhere[0]
    return None, None, None
