"""The lab's control protocol: newline-delimited JSON on standard input and output, and on a unix socket.

Request `{"id": 1, "do": "ping", ...}`; answer `{"id": 1, "ok": true, "result": ...}` or
`{"id": 1, "ok": false, "error": {"code": ..., "text": ...}}`. Requests run side by side and answers come as they are
ready. `stop` ends the lab; so does the end of standard input when it is driven that way.
"""

import json
import os
import socket
import threading
import traceback

from .commands import COMMANDS
from .machine import LabError

MOST_REQUESTS = 64


class Server:
    def __init__(self, lab, stop):
        self.lab = lab
        self.stop = stop  # threading.Event
        self.slots = threading.BoundedSemaphore(MOST_REQUESTS)

    def listen(self, path):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(8)
        _background(self._accept, listener)

    def _accept(self, listener):
        while True:
            connection, _ = listener.accept()
            _background(self.serve, connection.makefile('r', encoding='utf-8'), connection.makefile('w', encoding='utf-8'))

    def serve(self, requests, answers):
        """Until the requests end."""
        lock = threading.Lock()
        for line in requests:
            self.slots.acquire()
            _background(self._answer, line, answers, lock)

    def _answer(self, line, answers, lock):
        try:
            answer = self.perform(line)
        finally:
            self.slots.release()
        try:
            with lock:
                answers.write(json.dumps(answer) + '\n')
                answers.flush()
        except (OSError, ValueError):
            pass  # whoever asked has gone

    def perform(self, line):
        identifier = None
        try:
            request = json.loads(line)
            identifier = request.pop('id', None)
            name = request.pop('do', None)
            if name == 'stop':
                self.stop.set()
                return {'id': identifier, 'ok': True, 'result': {}}
            if name not in COMMANDS:
                raise LabError('no-such-command', f'no command {name!r}; there are {", ".join(COMMANDS)}')
            return {'id': identifier, 'ok': True, 'result': COMMANDS[name](self.lab, **request)}
        except LabError as error:
            return _failure(identifier, error.code, str(error))
        except (ValueError, TypeError, AttributeError) as error:
            return _failure(identifier, 'bad-request', ''.join(traceback.format_exception_only(error)).strip())
        except Exception as error:  # whatever else goes wrong is told to whoever asked; the lab goes on
            return _failure(identifier, 'failed', ''.join(traceback.format_exception(error)).strip())


def _failure(identifier, code, text):
    return {'id': identifier, 'ok': False, 'error': {'code': code, 'text': text}}


def _background(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()
