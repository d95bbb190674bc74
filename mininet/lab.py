#!/usr/bin/python3
"""The lab's command line: `up FILE`, `matrix`, `ask`, `list`, `down`, `system-ovs`. Run it with Debian's /usr/bin/python3, as root."""

import argparse
import json
import signal
import socket
import subprocess
import sys
import threading

try:
    from throwbar_lab import machine
    from throwbar_lab.build import Lab
    from throwbar_lab.machine import Claim, LabError
    from throwbar_lab.serve import Server
    from throwbar_lab.system_ovs import SystemOvs
    from throwbar_lab.topology import read_topology
except ModuleNotFoundError as missing:
    sys.exit(f'lab: {missing}; run mininet/install.sh, and use /usr/bin/python3 (this is {sys.executable})')


def up(options):
    """Builds, serves until told to stop, removes everything. With --stdio every word is JSON."""
    machine.check_machine()
    machine.check_id(options.id)
    stop = _stop_signals()
    machine.die_with_parent()
    claim = Claim(options.id)
    guard = subprocess.Popen([sys.executable, __file__, 'guard', '--id', options.id], stdin=subprocess.PIPE, start_new_session=True)
    try:
        machine.remove(options.id)  # what a killed lab of this id left
        lab = Lab(read_topology(options.file), options)
        seconds = lab.start()
        server = Server(lab, stop)
        server.listen(f'{lab.directory}/control.sock')
        _tell_ready(options, lab, seconds)
        if options.stdio:
            threading.Thread(target=lambda: (server.serve(sys.stdin, sys.stdout), stop.set()), daemon=True).start()
        stop.wait()
    finally:
        machine.remove(options.id)
        claim.close()
        guard.stdin.write(b'done\n')
        guard.stdin.close()


def _stop_signals():
    """An event whose wait a signal interrupts as well, once; after either, cleaning up is not interrupted."""
    stop = threading.Event()
    came = False

    def handle(*_):
        # A parent with several threads that dies sends several signals, each maybe in the middle of this: no lock, so no set().
        nonlocal came
        if not came and not stop.is_set():
            came = True
            raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, handle)
    return stop


def _tell_ready(options, lab, seconds):
    description = lab.describe()
    if options.stdio:
        print(json.dumps({'event': 'ready', 'seconds': seconds, **description}), flush=True)
        return
    print(f'lab {lab.id}: {lab.topology.name} is up after {seconds} s; Ctrl-C removes it')
    for nic in description['nics']:
        print(f'  {nic["name"]:<12} {nic["network"]:<10} {nic["mac"]} {" ".join(nic["ips"])} on {nic["switch"]} port {nic["port"]}')
    print(f'try: ip netns exec {lab.namespace("VM")} ping ADDRESS\n'
          f'     OVS_RUNDIR={lab.directory}/SWITCH ovs-ofctl dump-flows br0\n'
          f'     {sys.executable} {__file__} matrix --id {lab.id}', flush=True)


def guard(options):
    """Waits for the lab to end; if it ended without cleaning up, does that."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if not sys.stdin.readline():
        down_one(options.id)


def down_one(lab):
    claim = Claim(machine.check_id(lab))
    try:
        return machine.remove(lab)
    finally:
        claim.close()


def down(options):
    machine.check_machine()
    for lab in machine.labs() if options.all else [options.id]:
        if _is_running(lab):
            ask_lab(lab, {'do': 'stop'})
        print(f'lab {lab}: removed {down_one(lab)} namespaces that were left')


def _is_running(lab):
    try:
        Claim(lab, wait=0).close()
        return False
    except LabError:
        return True


def ask_lab(lab, request):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(60)
    try:
        connection.connect(f'{machine.state_directory(lab)}/control.sock')
        connection.sendall(json.dumps(request).encode() + b'\n')
        return json.loads(connection.makefile().readline() or '{"ok": false, "error": {"text": "the lab went away"}}')
    except OSError as error:
        raise LabError('not-running', f'lab {lab!r} does not answer: {error}') from error


def ask(options):
    """One request; fields as key=value, where value is JSON or else text."""
    fields = dict(pair.split('=', 1) for pair in options.fields)
    answer = ask_lab(options.id, {'do': options.command, **{key: _value(text) for key, text in fields.items()}})
    if not answer['ok']:
        raise LabError(answer['error'].get('code', 'failed'), answer['error']['text'])
    print(json.dumps(answer['result'], indent=1))


def matrix(options):
    """The ping matrix as a table: rows reach columns by IPv4 ping (4), IPv6 ping (6), TCP over each (t, T)."""
    answer = ask_lab(options.id, {'do': 'matrix'})
    if not answer['ok']:
        raise LabError(answer['error'].get('code', 'failed'), answer['error']['text'])
    marks = {('icmp', 4): '4', ('icmp', 6): '6', ('tcp', 4): 't', ('tcp', 6): 'T'}
    cells = {}
    for pair in answer['result']['pairs']:
        cell = cells.setdefault((pair['from'], pair['to']), [])
        cell.append(marks[pair['protocol'], pair['family']] if pair['ok'] else '-')
    names = list(dict.fromkeys(source for source, _ in cells))
    width = max(map(len, ['from / to', *names])) + 2
    print(f'{"from / to":<{width}}' + ''.join(f'{name:<{width}}' for name in names))
    for source in names:
        print(f'{source:<{width}}' + ''.join(f'{"".join(cells.get((source, target), ".")):<{width}}' for target in names))
    print(f'4, 6: ping; t, T: TCP over IPv4, IPv6; -: no answer ({answer["result"]["ms"]} ms for all)')


def _value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def list_labs(_):
    for lab in machine.labs():
        print(f'{lab}\t{"running" if _is_running(lab) else "left over: remove with lab.py down --id " + lab}')


def system_ovs(options):
    """For plain `mn`: an Open vSwitch in the root namespace while this runs, unless the machine has one."""
    machine.check_machine()
    stop = _stop_signals()
    machine.die_with_parent()
    system = SystemOvs(options.wait)
    try:
        print(json.dumps({'event': 'ready', 'started': system.start()}), flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
        stop.wait()
    finally:
        system.stop()


def arguments():
    parser = argparse.ArgumentParser(prog='lab.py', description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name, function, help_text):
        made = commands.add_parser(name, help=help_text)
        made.set_defaults(function=function)
        return made

    made = command('up', up, 'build a topology and keep it until stopped')
    made.add_argument('file')
    made.add_argument('--id', default='lab', help='1 to 9 lower-case letters and digits; labs with different ids run side by side')
    made.add_argument('--controller', dest='controllers', action='append', metavar='TARGET',
                      help='OpenFlow target on this machine, default tcp:127.0.0.1:6653; may be repeated; "none" for none')
    made.add_argument('--protocols', default='', help='such as OpenFlow13; default: all that Open vSwitch has')
    made.add_argument('--fail-mode', choices=('secure', 'standalone'), default='secure')
    made.add_argument('--stdio', action='store_true', help='take JSON requests on standard input and end with it')
    made = command('down', down, 'remove a lab, running or left over')
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument('--id')
    which.add_argument('--all', action='store_true')
    made = command('ask', ask, 'send one request to a running lab')
    made.add_argument('--id', default='lab')
    made.add_argument('command')
    made.add_argument('fields', nargs='*', metavar='key=value')
    made = command('matrix', matrix, 'show what reaches what in a running lab')
    made.add_argument('--id', default='lab')
    command('list', list_labs, 'show labs on this machine')
    made = command('system-ovs', system_ovs, 'run an Open vSwitch for plain mn if the machine runs none')
    made.add_argument('--wait', type=float, default=60, help='seconds to wait for another such run to end')
    made = command('guard', guard, argparse.SUPPRESS)
    made.add_argument('--id', required=True)
    return parser.parse_args()


def main():
    options = arguments()
    if hasattr(options, 'controllers'):
        options.controllers = [target for target in options.controllers or ['tcp:127.0.0.1:6653'] if target != 'none']
    try:
        options.function(options)
    except KeyboardInterrupt:
        pass
    except (LabError, OSError) as error:
        if getattr(options, 'stdio', False):
            print(json.dumps({'event': 'failed', 'error': {'code': getattr(error, 'code', 'failed'), 'text': str(error)}}), flush=True)
        sys.exit(f'lab: {error}')


if __name__ == '__main__':
    main()
