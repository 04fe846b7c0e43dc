"""Tasks of a run as its output shows them: which one is under way, how many there were, who has reported in it.

Where hosts go at their own pace, the output names a task again whenever a host reports in it: that is no new task as
long as that host has not reported in it before.
"""

from collections import Counter
from collections.abc import Iterable

STOPPED = frozenset({"failed", "unreachable"})  # outcomes after which a host takes no further part


class Tasks:
    """Knows of the current task and, within the play, of those before it.

    Attributes:
        name: of the current task, "" before the first of a play.
        count: how many tasks have started.
        since: when the current one started, 0 where that is not known.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        self.name = ""
        self.count = 0
        self.since = 0.0
        self._known: dict[str, None] = dict.fromkeys(hosts)
        self._given = frozenset(self._known)
        self._playing: dict[str, None] = {}
        self._lost: set[str] = set()
        self._by_name: dict[str, tuple[float, dict[str, str]]] = {}
        self._now: dict[str, str] = {}
        self._fresh = False  # a banner was seen and nothing was reported since

    def play(self) -> None:
        """Another play starts: names mean other tasks, and other hosts may take part."""
        self.name, self._now = "", {}
        self._by_name, self._playing = {}, {}

    def start(self, name: str, at: float) -> None:
        """A banner with a name, written at `at` (0 where that is not known)."""
        known = self._by_name.get(name)
        if known is None or (known[1] and self._through(known[1])):
            self._begin(name, at)
        else:
            self.name, (self.since, self._now) = name, known
        self._fresh = True

    def report(self, host: str, outcome: str) -> None:
        """A host's result in the current task."""
        self._known.setdefault(host)
        self._playing.setdefault(host)
        self._now[host] = outcome
        (self._lost.add if outcome in STOPPED else self._lost.discard)(host)

    def reported(self, host: str, at: float) -> str:
        """What a host that reports now has reported in the current task before, "" for nothing."""
        if self._fresh and host in self._now:
            self._begin(self.name, at)
        self._fresh = False
        return self._now.get(host, "")

    def results(self) -> dict[str, int]:
        """Of the current task: outcome -> hosts."""
        return dict(Counter(self._now.values()))

    def waiting(self) -> tuple[str, ...]:
        """Hosts that take part, have not stopped, and have no result in the current task."""
        if not self.name:
            return ()
        playing = self._playing if len(self._by_name) > 1 and self._playing else self._known
        return tuple(host for host in playing if host not in self._now and host not in self._lost)

    def _through(self, now: dict[str, str]) -> bool:
        """Nobody is left to report, which can be said only where the inventory is known."""
        return bool(self._given) and all(host in now or host in self._lost for host in self._given)

    def _begin(self, name: str, at: float) -> None:
        self.count += 1
        self.name, self.since, self._now = name, at, {}
        self._by_name[name] = (at, self._now)
