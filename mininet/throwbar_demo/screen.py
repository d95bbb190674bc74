"""What the demo says on the terminal: steps with the time they took, and facts that were checked."""

import contextlib
import os
import re
import sys
import time

TIME_COLUMN = 90
COLOURS = {'bold': '1', 'dim': '2', 'red': '31', 'green': '32', 'yellow': '33', 'blue': '34', 'magenta': '35', 'cyan': '36'}


class DemoError(Exception):
    """The show cannot go on; the text says why and what to do."""


class Screen:
    """Plain lines where the output is no terminal; no colours with NO_COLOR. `failures` are the checks that did not hold."""

    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.live = stream.isatty() and os.environ.get('TERM') != 'dumb'
        self.coloured = self.live and not os.environ.get('NO_COLOR')
        self.failures = []

    def paint(self, colour, text):
        return f'\x1b[{COLOURS[colour]}m{text}\x1b[0m' if self.coloured else text

    def line(self, text=''):
        print(text, file=self.stream, flush=True)

    def title(self, text):
        self.line(f'\n{self.paint("bold", text)}')

    def note(self, text):
        self.line(f'  {self.paint("dim", text)}')

    def check(self, holds, text):
        """A fact that was measured; one that does not hold makes the demo fail at its end."""
        if not holds:
            self.failures.append(text)
        self.line(f'  {self._mark(holds)} {text}')

    @contextlib.contextmanager
    def step(self, doing):
        """Yields a function that says how far it is; what it said last is what stays, with the time it took."""
        said = [doing]
        started = time.monotonic()

        def say(text):
            said[0] = text
            self._pending(text)

        self._pending(doing)
        try:
            yield say
        except Exception:
            self._settle(f'  {self._mark(False)} {said[0]}')
            raise
        text = f'  {self._mark(True)} {said[0]}'
        self._settle(f'{pad(text, TIME_COLUMN)} {self.paint("dim", f"{time.monotonic() - started:5.1f} s")}')

    def _pending(self, text):
        if self.live:
            print(f'\r\x1b[K  … {text}', end='', file=self.stream, flush=True)

    def _settle(self, text):
        self.line(f'\r\x1b[K{text}' if self.live else text)

    def _mark(self, good):
        return self.paint('green', '✓') if good else self.paint('red', '✗')


def width_of(text):
    return len(re.sub(r'\x1b\[\d+m', '', text))


def pad(text, width):
    return text + ' ' * (width - width_of(text))


def count(number, thing, things=None):
    return f'{number:,} {thing if number == 1 else things or thing + "s"}'
