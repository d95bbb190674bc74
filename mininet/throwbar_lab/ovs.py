"""One Open vSwitch as on a real host: its own ovsdb-server and ovs-vswitchd, in one namespace, in one directory.

Unix sockets are found by path whatever the namespace, so `OVS_RUNDIR=<directory> ovs-vsctl|ovs-ofctl|ovs-appctl`
reaches it from anywhere.
"""

import os
import shutil
import signal
import subprocess

from .machine import LabError, run, wait_until

SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
BRIDGE = 'br0'
# As the scripts of its packages start it: it stands between all others, and must not wait behind them.
NICENESS = '-10'


class OpenVSwitch:
    def __init__(self, directory, enter=(), socket=None):
        """enter: command prefix that runs a program in the namespace of this switch; socket: where its database listens as well."""
        self.directory = directory
        self.socket = socket
        self.enter = list(enter)
        self.database = None
        self.vswitchd = None

    @property
    def environment(self):
        return {**os.environ, 'OVS_RUNDIR': self.directory, 'OVS_LOGDIR': self.directory, 'OVS_DBDIR': self.directory,
                'OVS_SYSCONFDIR': self.directory}

    @property
    def database_socket(self):
        return f'{self.directory}/db.sock'

    def start_database(self, empty=None):
        """empty: an empty database file to copy, which is faster than making one."""
        os.makedirs(self.directory, exist_ok=True)
        file = f'{self.directory}/conf.db'
        if empty:
            shutil.copy(empty, file)
        else:
            make_empty_database(file)
        self.resume_database()

    def resume_database(self):
        """Serves the database that is there."""
        remotes = [f'--remote=punix:{self.database_socket}']
        if self.socket:
            os.makedirs(os.path.dirname(self.socket), exist_ok=True)
            remotes.append(f'--remote=punix:{self.socket}')
        self.database = self._daemon('ovsdb-server', f'{self.directory}/conf.db', *remotes)

    def start_vswitchd(self):
        wait_until(lambda: os.path.exists(self.database_socket), f'ovsdb-server in {self.directory}')
        self.vswitchd = self._daemon('ovs-vswitchd', f'unix:{self.database_socket}')

    def _daemon(self, program, *arguments):
        with open(f'{self.directory}/{program}.stderr', 'wb') as errors:
            return subprocess.Popen(
                [*self.enter, 'nice', '-n', NICENESS, program, *arguments, '--pidfile', '--log-file', '-vconsole:off',
                 '--no-chdir'],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)

    def kill(self, program, name='KILL'):
        """program: ovs-vswitchd or ovsdb-server."""
        daemon = self.vswitchd if program == 'ovs-vswitchd' else self.database
        if daemon is None or daemon.poll() is not None:
            raise LabError('not-running', f'no {program} runs in {self.directory}')
        daemon.send_signal(signal.Signals[f'SIG{name}'])
        daemon.wait(timeout=10)

    def stop(self):
        for daemon in (self.vswitchd, self.database):
            if daemon and daemon.poll() is None:
                daemon.terminate()
                daemon.wait(timeout=10)
        if self.socket and os.path.exists(self.socket):
            os.unlink(self.socket)

    def vsctl(self, *arguments):
        """Returns when ovs-vswitchd has done what it was told, at most 15 s."""
        return run(['ovs-vsctl', '--timeout=15', *arguments], env=self.environment)

    def appctl(self, *arguments):
        return run(['ovs-appctl', '--timeout=5', *arguments], env=self.environment)

    def add_bridge(self, options, ports, controllers):
        """options: columns of the Bridge record; ports: (name, columns) in the order of their port numbers."""
        command = ['add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, 'datapath_type=netdev', *options]
        for port, columns in ports:
            command += ['--', *add_port(port, columns)]
        for number, target in enumerate(controllers):
            quoted = target.replace(':', '\\:')
            command += ['--', f'--id=@c{number}', 'create', 'Controller', f'target={quoted}', 'max_backoff=1000',
                        'connection_mode=out-of-band', '--', 'add', 'bridge', BRIDGE, 'controller', f'@c{number}']
        self.vsctl(*command)


def add_port(port, columns):
    """The ovs-vsctl command that attaches an interface; columns: of its Interface record."""
    settings = [f'{column}=' + value.replace(':', '\\:') for column, value in columns.items()]
    return ['add-port', BRIDGE, port, *(['--', 'set', 'interface', port, *settings] if settings else [])]


def make_empty_database(file):
    run(['ovsdb-tool', 'create', file, SCHEMA])
