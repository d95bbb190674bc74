"""The two processes of the demo: the lab, spoken to over its pipes, and the controller, spoken to over REST.

Both end with the demo, however it ends. The controller's files are in the lab's directory, which the lab's guard removes.
"""

import collections
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

from .screen import DemoError, count

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
READY_SECONDS = 30
SETTLE_SECONDS = 4  # Open vSwitch tells its counters up to about a second late


class Lab:
    """`lab.py up FILE --stdio`: requests as JSON lines, one at a time."""

    def __init__(self, file, lab_id, target):
        self.process = subprocess.Popen(
            [sys.executable, f'{ROOT}/mininet/lab.py', 'up', file, '--id', lab_id, '--controller', target, '--stdio'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)

    def wait_ready(self):
        self.description = self._answer()
        if self.description.get('event') != 'ready':
            raise DemoError(f'the lab did not start: {self.description["error"]["text"]}')

    def ask(self, command, **fields):
        self.process.stdin.write(json.dumps({'do': command, **fields}) + '\n')
        self.process.stdin.flush()
        answer = self._answer()
        if not answer['ok']:
            raise DemoError(f'the lab could not {command}: {answer["error"]["text"]}')
        return answer['result']

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise DemoError('the lab has ended')
        return json.loads(line)

    def stop(self):
        """Returns when nothing of it is left; one that hangs is killed, and its guard cleans up."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Controller:
    def __init__(self, directory, listen, api):
        self.directory, self.listen, self.api = directory, listen, api
        self.url = f'http://{api}'
        self.process = None

    def start(self, file=None):
        """Without a file it keeps what is stored."""
        command = ['setpriv', '--pdeathsig', 'KILL', 'node', f'{ROOT}/dist/src/cli/main.js', 'run', *([file] if file else []),
                   '--listen', self.listen, '--api', self.api, '--data', f'{self.directory}/data']
        with open(f'{self.directory}/controller.log', 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.wait(self._answers, 'the controller answers')

    def _answers(self):
        try:
            return self.get('/healthz')['ok']
        except urllib.error.URLError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {'content-type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise DemoError(f'POST {path}: {error.read().decode(errors="replace")}') from error

    def wait(self, condition, what, seconds=READY_SECONDS):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None:
                raise DemoError(f'the controller ended with status {self.process.returncode}:\n{self.last_log()}')
            if time.monotonic() > deadline:
                raise DemoError(f'{what}: not within {seconds} s')
            time.sleep(0.02)

    def last_log(self, lines=8):
        with open(f'{self.directory}/controller.log', encoding='utf-8', errors='replace') as log:
            return ''.join(collections.deque(log, lines)).rstrip()

    def wait_converged(self, say):
        """Every declared switch has confirmed its whole program, every VM is active, every declared link was found."""
        def converged():
            waiting, done = self._standing()
            say(', '.join(waiting) if waiting else done)
            return not waiting

        self.wait(converged, 'all switches converged')

    def _standing(self):
        switches = [switch for switch in self.get('/v1/switches') if switch['declared']]
        links = [link for link in self.get('/v1/links') if link['declared']]
        vms = self.get('/v1/vms')
        converged = sum(switch['state'] == 'converged' for switch in switches)
        up, active = sum(link['state'] == 'up' for link in links), sum(vm['state'] == 'active' for vm in vms)
        waiting = [f'{have} of {want} {what}' for have, want, what in (
            (converged, len(switches), 'switches converged'), (up, len(links), 'link directions found'),
            (active, len(vms), 'VMs active')) if have < want]
        rules = sum(switch['rules'] for switch in switches)
        cables = f'{count(len(links) // 2, "cable")} found, ' if links else ''
        return waiting, f'{rules:,} rules confirmed by {count(len(switches), "switch", "switches")}, {cables}{count(len(vms), "VM")} active'

    def rule_operations(self):
        """Rules added, modified and deleted since this controller started."""
        with urllib.request.urlopen(f'{self.url}/metrics', timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return round(sum(float(line.split()[-1]) for line in lines if line.startswith('throwbar_rule_operations_total{')))

    def drops(self):
        """Frames dropped so far, by reason, on all switches."""
        counts = collections.Counter()
        for drop in self.get('/v1/drops'):
            counts[drop['reason']] += drop['packets']
        return counts

    def drops_since(self, before, expected=0):
        """Waits until at least `expected` more have been counted, or long enough that they would have been."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            grown = self.drops() - before
            if grown.total() >= expected or time.monotonic() > deadline:
                return grown
            time.sleep(0.05)
