"""Draws a topology: a box for each hypervisor with its VMs by network, fabric switches beside them, and a line for each cable or segment."""

from .screen import pad

INDENT = '  '


def draw(declared, paint, width):
    """Lines of the drawing; names of networks stand closer where it would be wider than `width`, and cables become words."""
    for dense in (False, True):
        lines = _drawing(declared, paint, dense, width)
        if lines:
            return lines
    return [f'{INDENT}{":".join(one)} is cabled to {":".join(other)}' for one, other in declared.links]


def _drawing(declared, paint, dense, width):
    boxes = [_Box(declared, name, paint, dense) for name, spec in declared.switches.items() if spec['role'] == 'hypervisor']
    places, x = {}, 0  # (switch, port) or (fabric switch, None) -> column
    for box in boxes:
        places.update({(box.name, port): x + at for port, at in box.ports.items()})
        x += box.width + 1
    fabric = [name for name, spec in declared.switches.items() if spec['role'] == 'fabric']
    for name in fabric:
        places[name, None] = x + 1 + len(name) // 2
        x += len(name) + 2
    if x + len(INDENT) > width:
        return None
    height = max((len(box.lines) for box in boxes), default=1)
    rows = [' '.join(box.row(row, height) for box in boxes) for row in range(height)]
    rows[-1] += ''.join(f' {name} ' for name in fabric)
    return [INDENT + row.rstrip() for row in [*rows, *_cables(declared, places, x)]]


class _Box:
    def __init__(self, declared, name, paint, dense):
        self.name = name
        members = {}
        for nic in declared.nics:
            if nic.switch == name:
                members.setdefault(nic.network, []).append(nic.local)
        label = 0 if dense else max(map(len, members), default=0)
        content = [(network, f'{network:<{label}} {" ".join(names)}') for network, names in members.items()]
        top, bottom = f'─ {name} ', '─'
        self.ports = {}
        for port, _ in declared.uplinks(name):
            self.ports[port] = len(bottom) + 2 + (len(port) - 1) // 2
            bottom += f' {port} ─'
        inner = max([len(text) + 2 for _, text in content] + [len(top), len(bottom)])
        self.width = inner + 2
        self.lines = [f'┌{top.ljust(inner, "─")}┐',
                      *(f'│ {pad(paint(declared.colour(network), text), inner - 2)} │' for network, text in content),
                      f'└{bottom.ljust(inner, "─")}┘']

    def row(self, row, height):
        """Boxes stand on one line: a lower one has nothing above it."""
        missing = height - len(self.lines)
        return self.lines[row - missing] if row >= missing else ' ' * self.width


def _cables(declared, places, width):
    """One row for each cable and segment, with a dot where it is plugged in; lines to the rows below pass through."""
    def column(end):
        return places[end] if end in places else places[end[0], None]

    wires = [([column(end) for end in link], '') for link in declared.links]
    segments = {}
    for name in declared.switches:
        for port, segment in declared.uplinks(name):
            if segment:
                segments.setdefault(segment, []).append(places[name, port])
    wires += [(columns, f'  {segment}') for segment, columns in segments.items()]
    last = {x: row for row, (columns, _) in enumerate(wires) for x in columns}
    yield ''.join('│' if x in last else '╵' if x in places.values() else ' ' for x in range(width))
    for row, (columns, label) in enumerate(wires):
        yield ''.join(_cell(x, columns, last.get(x, -1) > row) for x in range(width)).rstrip() + label


def _cell(x, columns, passes):
    if x in columns:
        return '●'
    if min(columns) < x < max(columns):
        return '┼' if passes else '─'
    return '│' if passes else ' '
