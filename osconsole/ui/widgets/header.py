"""Header: one line that says where we are, how it stands, and how well we know it."""

import math
import time

from osconsole.model.connection import REPLAY, Status
from osconsole.ui.lines.span import BOLD, PLAIN, QUIET, Line, Look, Span, blank, line
from osconsole.ui.lines.width import width_of
from osconsole.views.summary import Summary
from osconsole.views.text import age, clean

_Group = tuple[int, list[Span]]  # how important it is (0 stays longest), and what it says
WHY, WHY_LEAST = 5, 30  # how important the reason of trouble is, and characters below which it says nothing


class HeaderWidget:
    """A `Part` of one line: groups of words, of which the least important give way on a narrow terminal."""

    def __init__(self) -> None:
        self.status = Status()
        self.summary = Summary((), (), 0, ())
        self.aside = ""  # what else goes on
        self._width = 0
        self._drawn: tuple[object, Line] = (None, blank(0))

    def resize(self, width: int, height: int) -> None:
        """The width of the terminal."""
        self._width = width

    def due(self, now: float) -> float:
        """The next minute; the next second while the line is down."""
        return math.floor(now) + 1 if self.status.state != "live" else (now // 60 + 1) * 60

    def lines(self, now: float) -> list[Line]:
        """The line, the same object while it says the same."""
        left, right = self._left(), self._right(now)
        wants = (str(left), str(right), self._width)
        if self._drawn[0] != wants:
            self._drawn = (wants, self._fitted(left, right))
        return [self._drawn[1]]

    def _left(self) -> list[_Group]:
        status = self.status
        where = "/".join(word for word in (status.context, status.namespace or "all") if word)
        groups: list[_Group] = [(2, [(clean(where) or "no context", BOLD)])]
        for plane in self.summary.control_planes[:1]:
            state = plane.verdict.state
            groups.append((3, [(clean(f"{plane.ref.name} {plane.version}".strip()), PLAIN)]))
            groups.append((0, [(f"{state.glyph} {state.word}", Look(state.role, bold=True))]))
            groups.append((1, [(f"{plane.pods_ready}/{plane.pods_wanted} ready", PLAIN)]))
        if len(self.summary.control_planes) > 1:
            groups.append((4, [(f"+{len(self.summary.control_planes) - 1} control planes", QUIET)]))
        if self.summary.hosts:
            groups.append((5, [(f"nodes {self.summary.hosts_ready}/{self.summary.hosts}", PLAIN)]))
        if self.summary.running:
            groups.append((4, [(f"{self.summary.running} running", Look("busy"))]))
        if self.aside:
            groups.append((2, [(self.aside, Look("busy"))]))
        mode = "ro" if status.read_only else "rw protected" if status.protected else "rw"
        groups.append((6, [(mode, Look("warn") if status.protected else QUIET)]))
        return groups

    def _right(self, now: float) -> list[_Group]:
        status = self.status
        stale = self.summary.stale
        if status.state == REPLAY:  # its clock is what matters most
            when = time.strftime("%H:%M:%S", time.localtime(now))
            return [(0, [(f"recording {when}", Look("busy", bold=True))]), (1, [(status.why, Look("busy"))])]
        if status.state == "live" and not stale:
            groups: list[_Group] = [(1, [("live", Look("good"))])]
            if status.rtt_ms:
                groups.append((7, [(f"rtt {status.rtt_ms:.0f}ms", QUIET)]))
        elif status.state == "live":
            groups = [(1, [(clean(f"stale: {stale[0]}")[:40], Look("warn"))])]
        else:
            long = f" {age(now - status.since)}" if status.since else ""
            why = f" {clean(status.why)}" if status.why else ""
            role = "busy" if status.state == "connecting" else "bad"
            groups = [(0, [(status.state + long, Look(role, bold=True))]), (WHY, [(why.strip(), Look(role))])]
        if status.insecure:
            groups.insert(0, (0, [("TLS not verified", Look("bad", bold=True))]))
        return [*groups, (3, [(time.strftime("%H:%M", time.localtime(now)), PLAIN)])]

    def _fitted(self, left: list[_Group], right: list[_Group]) -> Line:
        """All groups with two blanks between; as long as they are too long, the least important one goes."""
        left, right = list(left), list(right)

        def size() -> int:
            return sum(2 + sum(width_of(text) for text, _ in spans) for _, spans in (*left, *right)) + 1

        for at, (rank, spans) in enumerate(right):
            if rank == WHY and size() > self._width:  # the reason takes what room there is
                text, look = spans[0]
                right[at] = (rank, [(text[: max(WHY_LEAST, len(text) - size() + self._width)], look)])
        while size() > self._width and len(left) + len(right) > 1:
            side = max((left, right), key=lambda groups: max((rank for rank, _ in groups), default=-1))
            side.remove(max(side, key=lambda group: group[0]))
        before, after = self._joined(left), self._joined(right)
        gap = self._width - sum(width_of(text) for text, _ in (*before, *after)) - 2
        return line([(" ", PLAIN), *before, (" " * max(0, gap), PLAIN), *after], self._width)

    @staticmethod
    def _joined(groups: list[_Group]) -> list[Span]:
        out: list[Span] = []
        for _, spans in groups:
            if any(text for text, _ in spans):
                out += [*([("  ", PLAIN)] if out else []), *spans]
        return out
