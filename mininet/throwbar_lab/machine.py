"""What the lab leaves on the machine, and how to find and remove it: named namespaces, a state directory, processes.

Every process of a lab lives in one of its namespaces, and every namespace is named after the lab, so whatever
carries the lab's id can be removed without knowing how far its start got.
"""

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import signal
import subprocess
import threading
import time

STATE = '/run/throwbar-lab'
NAMED_NAMESPACES = '/run/netns'
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """Something a user can act on; `code` is stable, the text says what to do."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def check_id(lab):
    if not re.fullmatch(r'[a-z0-9]{1,9}', lab):
        raise LabError('bad-id', f'lab id {lab!r}: 1 to 9 lower-case letters and digits')
    return lab


def check_interface_name(name):
    if len(name.encode()) > 15:
        raise LabError('name-too-long', f'interface name {name!r} has {len(name)} characters; Linux allows 15')
    return name


def state_directory(lab):
    return f'{STATE}/{lab}'


def namespace_prefix(lab):
    return f'tb-{lab}-'


def namespace_name(lab, node):
    return namespace_prefix(lab) + node


def check_machine():
    """What the lab cannot start without."""
    if os.geteuid() != 0:
        raise LabError('not-root', 'the lab needs root: it makes network namespaces and devices')
    missing = [tool for tool in ('ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl', 'ovsdb-tool', 'mnexec', 'tcpdump', 'ethtool', 'ip')
               if not shutil.which(tool)]
    if missing:
        raise LabError('tools-missing', f'not installed: {", ".join(missing)}; run mininet/install.sh')


def run(command, input=None, timeout=20, env=None):
    """Runs to the end, bounded, and returns its output; what it complained about becomes the error."""
    try:
        done = subprocess.run(command, input=input, capture_output=True, text=True, timeout=timeout, check=False, env=env)
    except subprocess.TimeoutExpired:
        raise LabError('timeout', f'{" ".join(command)} did not end within {timeout} s') from None
    if done.returncode != 0:
        raise LabError('command-failed', f'{" ".join(command)}: {done.stderr.strip() or done.stdout.strip()}')
    return done.stdout


def wait_until(condition, what, timeout=15.0):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise LabError('timeout', f'{what}: not within {timeout:g} s')
        time.sleep(0.005)


@contextlib.contextmanager
def inside(namespace):
    """Moves the calling thread into a named namespace; sockets made there stay in it for ever."""
    with open('/proc/thread-self/ns/net', 'rb') as home, open(f'{NAMED_NAMESPACES}/{namespace}', 'rb') as target:
        _setns(target.fileno())
        try:
            yield
        finally:
            _setns(home.fileno())


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'setns')


def die_with_parent():
    """SIGTERM for this process when the one that started it ends, however it ends."""
    pr_set_pdeathsig = 1
    _libc.prctl(pr_set_pdeathsig, signal.SIGTERM)


class Claim:
    """Exclusive use of a lab id, given up by close() or by the death of the process; `wait` in seconds."""

    def __init__(self, lab, wait=2.0):
        os.makedirs(STATE, exist_ok=True)
        self.path = f'{STATE}/{lab}.lock'
        deadline = time.monotonic() + wait
        while not self._taken():
            if time.monotonic() > deadline:
                raise LabError('in-use', f'{lab!r} is in use by a running process; choose another --id, or stop that one first')
            time.sleep(0.05)

    def _taken(self):
        self.file = open(self.path, 'w', encoding='ascii')
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it before may have removed the file after we opened it.
            if os.stat(self.path).st_ino == os.fstat(self.file.fileno()).st_ino:
                return True
        except (BlockingIOError, FileNotFoundError):
            pass
        self.file.close()
        return False

    def close(self):
        os.unlink(self.path)
        self.file.close()


def labs():
    """Ids of all labs that left anything on this machine, running or not."""
    found = {name.split('-')[1] for name in _listed(NAMED_NAMESPACES) if re.match(r'tb-[a-z0-9]+-', name)}
    found |= {name.split('.')[0] for name in _listed(STATE) if re.fullmatch(r'[a-z0-9]+(\.lock)?', name)}
    return sorted(found)


def remove(lab):
    """Removes everything that carries the lab's id; the caller holds the claim. Returns how many namespaces it found."""
    names = [name for name in _listed(NAMED_NAMESPACES) if name.startswith(namespace_prefix(lab))]
    own = os.stat('/proc/self/ns/net').st_ino  # a start that failed half-way must not make us end everything
    _end_processes({os.stat(f'{NAMED_NAMESPACES}/{name}').st_ino for name in names} - {own})
    links = [name for name in _listed('/sys/class/net') if name.startswith(namespace_prefix(lab))]
    if links:
        subprocess.run(['ip', '-force', '-batch', '-'], input=''.join(f'link del {name}\n' for name in links),
                       capture_output=True, text=True, timeout=20, check=False)
    if names:
        run(['ip', '-force', '-batch', '-'], ''.join(f'netns del {name}\n' for name in names))
    shutil.rmtree(state_directory(lab), ignore_errors=True)
    for slot in _listed(f'{STATE}/.slots'):
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(f'{STATE}/.slots/{slot}') == lab:
                os.unlink(f'{STATE}/.slots/{slot}')
    return len(names)


def _end_processes(namespaces):
    deadline = time.monotonic() + 10
    while namespaces:
        alive = [pid for pid in map(int, filter(str.isdigit, os.listdir('/proc'))) if _namespace_of(pid) in namespaces]
        if not alive:
            return
        if time.monotonic() > deadline:
            raise LabError('leftovers', f'processes {alive} do not end')
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _namespace_of(pid):
    try:
        return os.stat(f'/proc/{pid}/ns/net').st_ino
    except OSError:
        return None


def _listed(directory):
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []


def take_slot(lab):
    """A number from 0 to 255 that no other lab on this machine has: the third byte of its management network."""
    os.makedirs(f'{STATE}/.slots', exist_ok=True)
    for slot in range(256):
        with contextlib.suppress(FileExistsError):
            os.symlink(lab, f'{STATE}/.slots/{slot}')
            return slot
    raise LabError('no-slot', '256 labs are running; stop some with lab.py down')


def in_parallel(function, items):
    """Calls function on every item at once and returns the results in order; the first error is raised."""
    results = [None] * len(items)
    errors = []

    def call(index, item):
        try:
            results[index] = function(item)
        except Exception as error:  # handed to the caller's thread
            errors.append(error)

    threads = [threading.Thread(target=call, args=pair, daemon=True) for pair in enumerate(items)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
