#!/usr/bin/python3
"""`npm run demo`: a lab of real switches under a real controller, and what the network does, measured as you watch."""

import argparse
import contextlib
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from throwbar_demo import attack, move, picture, reach, restart
from throwbar_demo.declared import Declared
from throwbar_demo.processes import ROOT, Controller, Lab
from throwbar_demo.screen import DemoError, Screen, count, pad
from throwbar_lab.machine import die_with_parent

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DEFAULT_LISTEN, DEFAULT_API = '127.0.0.1:6653', '127.0.0.1:8080'


class Stopped(BaseException):
    """Somebody asked for the end."""


def arguments():
    parser = argparse.ArgumentParser(prog='npm run demo --', description=__doc__)
    parser.add_argument('topology', nargs='?', default='topologies/two-hosts.yaml', help='file to show (default: %(default)s)')
    parser.add_argument('--once', action='store_true', help='end after the show instead of leaving everything running')
    parser.add_argument('--listen', default=DEFAULT_LISTEN, metavar='HOST:PORT', help='where switches connect to (default: %(default)s)')
    parser.add_argument('--api', default=DEFAULT_API, metavar='HOST:PORT', help='where REST listens (default: %(default)s)')
    parser.add_argument('--id', default='demo', help='name of the lab, 1 to 9 lower-case letters and digits (default: %(default)s)')
    return parser.parse_args()


def main():
    options, screen, running = arguments(), Screen(), []
    _on_signals(_stop)
    die_with_parent()  # npm passes signals on to the shell between it and us, which does not
    try:
        status = _show(options, screen, running)
    except Stopped:
        status = 0
    except DemoError as error:
        screen.line(f'\ndemo: {error}')
        status = 1
    finally:
        _on_signals(signal.SIG_IGN)
        _clean_up(screen, running)
    sys.exit(status)


def _on_signals(handler):
    for number in SIGNALS:
        signal.signal(number, handler)


def _stop(*_):
    _on_signals(signal.SIG_IGN)  # cleaning up begins once; npm passes Ctrl-C on a second time
    raise Stopped


def _clean_up(screen, running):
    """In the reverse of the order in which things were started."""
    if not running:
        return
    with contextlib.suppress(OSError):  # the terminal may be gone
        screen.line('\nStopping the controller and removing the lab.')
    for process in reversed(running):
        process.stop()
    with contextlib.suppress(OSError):
        screen.line('Nothing is left running.')


def _show(options, screen, running):
    """Returns the exit status; whatever it starts it adds to `running` at once."""
    started = time.monotonic()
    screen.line(screen.paint('bold', f'Throwbar on {options.topology}'))
    screen.title('Starting')
    lab, controller = _start(options, screen, running)
    declared = Declared(*(controller.get(f'/v1/{what}') for what in ('intent', 'vms', 'interfaces')))
    _show_topology(screen, declared)
    for act in (reach, attack, move, restart):
        act.show(screen, lab, controller, declared)
    if screen.failures:
        screen.title(f'{count(len(screen.failures), "thing")} not as it should be')
        for failure in screen.failures:
            screen.line(f'  {failure}')
        screen.line(f'\nThe last words of the controller:\n{controller.last_log()}')
        return 1
    screen.title(f'All as declared, shown in {time.monotonic() - started:.0f} s.')
    if not options.once:
        _next_commands(screen, options, lab, declared)
        _wait(running)
    return 0


def _start(options, screen, running):
    for option, address in (('--listen', options.listen), ('--api', options.api)):
        _check_free(option, address)
    with screen.step(f'checking {options.topology}') as say:
        say(_check_file(options.topology))
    with screen.step('building the lab') as say:
        lab = Lab(options.topology, options.id, f'tcp:{options.listen}')
        running.append(lab)
        lab.wait_ready()
        switches, vms = lab.description['switches'], {nic['vm'] for nic in lab.description['nics']}
        say(f'lab: {count(len(switches), "Open vSwitch", "Open vSwitches")}, {count(len(vms), "VM")} as Mininet hosts')
    with screen.step('starting the controller') as say:
        controller = Controller(lab.description['directory'], options.listen, options.api)
        running.append(controller)
        controller.start(options.topology)
        say(f'controller: OpenFlow on {options.listen}, REST on {options.api}')
    with screen.step('waiting for switches') as say:
        controller.wait_converged(say)
    return lab, controller


def _check_free(option, address):
    host, _, port = address.rpartition(':')
    if not port.isdigit() or not host:
        raise DemoError(f'{option} {address}: HOST:PORT, such as 127.0.0.1:{DEFAULT_LISTEN.rpartition(":")[2]}')
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip('[]'), int(port)))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise DemoError(f'{option} {address}: {error.strerror}') from error
            raise DemoError(f'{address} is in use{_user_of(port)}. Stop that first, or choose another port, such as\n'
                            f'  npm run demo -- {option} {host}:{int(port) + 100}') from error


def _user_of(port):
    """' by node (pid 12)', or nothing where that cannot be told."""
    listening = subprocess.run(['ss', '-Hltnp', f'sport = :{port}'], capture_output=True, text=True, check=False).stdout
    _, found, users = listening.partition('users:(("')
    if not found:
        return ''
    name, _, rest = users.partition('",pid=')
    return f' by {name} (pid {rest.partition(",")[0]})'


def _check_file(file):
    """`throwbar check`: errors as file:line:column; the lab trusts what passed it."""
    done = subprocess.run(['node', f'{ROOT}/dist/src/cli/main.js', 'check', file], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError(f'{file} is not a valid topology\n{(done.stderr or done.stdout).strip()}')
    return done.stdout.strip().splitlines()[-1].replace(': ok: ', ': ')


def _show_topology(screen, declared):
    screen.title('What is declared')
    for line in picture.draw(declared, screen.paint, shutil.get_terminal_size((100, 40)).columns):
        screen.line(line)
    width = max(map(len, declared.networks), default=0) + 2
    for network in declared.networks:
        screen.line(f'  {pad(screen.paint(declared.colour(network), network), width)}{declared.describe(network)}')


def _next_commands(screen, options, lab, declared):
    """For a second terminal, in the same directory."""
    switch, nic = next(iter(declared.switches)), declared.nics[0] if declared.nics else None
    fellow = next((other for other in declared.members(nic.network) if other.vm != nic.vm), None) if nic else None
    commands = [
        ('npx throwbar get vms', 'also switches, links, hosts, interfaces, networks'),
        (f'npx throwbar flows {switch}', 'every rule with its owner'),
        ('npx throwbar drops', 'what was dropped where, and why'),
        ('npx throwbar events --follow', 'what happens, as it happens'),
        (f'cp {options.topology} /tmp/my.yaml', 'edit it: take a VM away, change an address, ...'),
        ('npx throwbar plan /tmp/my.yaml', 'what would change'),
        ('npx throwbar apply /tmp/my.yaml', 'make it so, with a receipt from each switch'),
        ('npx throwbar move --help', 'VMs move, sessions live: as in the act above'),
        (f'curl http://{options.api}/docs/json', 'REST, described; without /json for a browser'),
    ]
    if fellow:
        commands.insert(0, (f'ip netns exec tb-{options.id}-{nic.vm} ping {fellow.ips[0]}', f'inside {nic.vm}; or bash instead of ping'))
    screen.line(f'\nEverything is still running. In a second terminal, in {ROOT}:')
    if options.api != DEFAULT_API:
        screen.line(f'  export THROWBAR_SERVER=http://{options.api}')
    width = max(len(command) for command, _ in commands) + 3
    for command, meaning in commands:
        screen.line(f'  {pad(command, width)}{screen.paint("dim", "# " + meaning)}')
    screen.line(f'Log of the controller: {lab.description["directory"]}/controller.log\n\n'
                f'{screen.paint("bold", "Ctrl-C ends the demo and removes everything.")}')


def _wait(running):
    """Until a signal comes; the end of the lab or the controller is an error."""
    while all(each.process.poll() is None for each in running):
        time.sleep(0.2)
    raise DemoError('the lab or the controller has ended by itself')


if __name__ == '__main__':
    os.chdir(ROOT)
    main()
