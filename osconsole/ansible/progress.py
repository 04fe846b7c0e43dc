"""One run's progress, folded from its output into `model.run.Run`. Pure; counts never go back."""

from collections.abc import Iterable

from osconsole.ansible import stream
from osconsole.model.run import HostResult, Recap, Run

_LINE_LENGTH = 300
_STOPPED = frozenset({"failed", "unreachable"})
# The worse of two results of one host in one task wins: a loop reports each item.
_WEIGHT = {"": 0, "skipped": 1, "ok": 2, "rescued": 3, "changed": 3, "ignored": 4, "failed": 5, "unreachable": 6}


class Progress:
    """Fed with the lines of one run from its first; gives the Run so far."""

    def __init__(self, playbook: str = "", hosts: Iterable[str] = ()) -> None:
        """`hosts` are those of the inventory, where known: they can be waited for before they have answered."""
        self._stream = stream.Stream()
        self._playbook = playbook
        self._play = self._task = self._last_line = ""
        self._tasks = self._changed = 0
        self._known: dict[str, None] = dict.fromkeys(hosts)
        self._results: dict[str, HostResult] = {}
        self._now: dict[str, str] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._recap: dict[str, Recap] = {}

    def feed(self, lines: Iterable[str]) -> Run:
        """Take more lines; the Run after them."""
        batch = list(lines)
        for line in batch:
            event = self._stream.read(line)
            if event is not None:
                self._fold(event)
        self._last_line = next(filter(None, map(_shown, reversed(batch))), self._last_line)
        return self.run

    @property
    def run(self) -> Run:
        """The Run so far."""
        return Run(
            playbook=self._playbook,
            play=self._play,
            task=self._task,
            tasks=self._tasks,
            hosts=dict(self._results),
            waiting=self._waiting(),
            changed=self._changed,
            counts={host: Recap(host, **counts) for host, counts in self._counts.items()},
            recap=tuple(self._recap.values()),
            last_line=self._last_line,
        )

    def _waiting(self) -> tuple[str, ...]:
        """Hosts that have not stopped and have no result in the current task."""
        if not self._task or self._recap:
            return ()
        stopped = {host for host, last in self._results.items() if last.outcome in _STOPPED}
        return tuple(host for host in self._known if host not in self._now and host not in stopped)

    def _fold(self, event: stream.Event) -> None:
        match event:
            case stream.HostReported():
                self._report(event)
            case stream.TaskStarted(name):
                self._start(name)
            case stream.PlayStarted(name):
                self._play, self._task = name, ""
                self._now.clear()
            case stream.Included(_, hosts):
                for host in hosts:
                    self._report(stream.HostReported(host, "ok"))
            case stream.HostRecapped(host, counts):
                self._end(host, counts)

    def _start(self, name: str) -> None:
        """A task; Ansible repeats the banner of a task that reports nothing for each host."""
        if name != self._task or self._now:
            self._tasks += 1
        self._task = name
        self._now.clear()

    def _report(self, event: stream.HostReported) -> None:
        host, before = event.host, self._now.get(event.host, "")
        self._known.setdefault(host)
        if event.outcome != "ignored" and _WEIGHT[event.outcome] < _WEIGHT[before]:
            return
        message = event.message
        if event.outcome == "ignored" and host in self._results:
            message = self._results[host].message
        self._now[host] = event.outcome
        self._results[host] = HostResult(self._task, event.outcome, message)
        self._changed += event.outcome == "changed" != before
        self._count(host, before, event.outcome)

    def _count(self, host: str, before: str, after: str) -> None:
        """Ansible's way of counting: a changed result is an ok one too, an ignored failure as well."""
        counts = self._counts.setdefault(host, {})
        for outcome, step in ((before, -1), (after, 1)):
            for name in _COUNTED.get(outcome, ()):
                counts[name] = counts.get(name, 0) + step

    def _end(self, host: str, counts: dict[str, int]) -> None:
        """A line of the recap tells which failures were rescued."""
        known = {name: count for name, count in counts.items() if name in Recap.__struct_fields__}
        self._recap[host] = Recap(host, **known)
        self._counts[host] = known
        self._known.setdefault(host)
        last = self._results.get(host)
        if last and last.outcome == "failed" and not counts.get("failed"):
            outcome = "rescued" if counts.get("rescued") else "ignored"
            self._results[host] = HostResult(last.task, outcome, last.message)


def _shown(line: str) -> str:
    return stream.clean(line[: _LINE_LENGTH * 4]).strip(" \t*")[:_LINE_LENGTH]


_COUNTED = {
    "ok": ("ok",),
    "changed": ("ok", "changed"),
    "skipped": ("skipped",),
    "failed": ("failed",),
    "unreachable": ("unreachable",),
    "ignored": ("ok", "ignored"),
}
