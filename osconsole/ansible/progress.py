"""One run's progress, folded from its output into `model.run.Run`. Pure; counts never go back."""

from collections.abc import Iterable
from itertools import chain, islice, repeat

from osconsole.ansible import stream
from osconsole.ansible.tasks import STOPPED, Tasks
from osconsole.model.run import MOST_FAILURES, TAIL, Failure, HostResult, Recap, Run

_LINE_LENGTH = 300
# The worse of two results of one host in one task wins: a loop reports each item.
_WEIGHT = {"": 0, "skipped": 1, "ok": 2, "rescued": 3, "changed": 3, "ignored": 4, "failed": 5, "unreachable": 6}


class Progress:
    """Fed with the lines of one run from its first; gives the Run so far."""

    def __init__(self, playbook: str = "", hosts: Iterable[str] = ()) -> None:
        """`hosts` are those of the inventory, where known: they can be waited for before they have answered."""
        self._stream = stream.Stream()
        self._playbook = playbook
        self._play = ""
        self._tail: tuple[str, ...] = ()
        self._changed = 0
        self._tasks = Tasks(hosts)
        self._results: dict[str, HostResult] = {}
        self._retrying: dict[str, int] = {}
        self._failures: dict[tuple[str, str], Failure] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._recap: dict[str, Recap] = {}

    def feed(self, lines: Iterable[str], times: Iterable[float] = ()) -> Run:
        """Take more lines, with when each was written (Unix seconds) where that is known; the Run after them."""
        batch = list(lines)
        for line, at in zip(batch, chain(times, repeat(0.0)), strict=False):
            event = self._stream.read(line)
            if event is not None:
                self._fold(event, at)
        newest = list(islice(filter(None, map(_shown, reversed(batch))), TAIL))
        self._tail = (*self._tail, *reversed(newest))[-TAIL:]
        return self.run

    @property
    def run(self) -> Run:
        """The Run so far."""
        tasks = self._tasks
        return Run(
            playbook=self._playbook,
            play=self._play,
            task=tasks.name,
            tasks=tasks.count,
            since=tasks.since,
            results={} if self._recap else tasks.results(),
            retrying={} if self._recap else dict(self._retrying),
            hosts=dict(self._results),
            waiting=() if self._recap else tasks.waiting(),
            changed=self._changed,
            counts={host: Recap(host, **counts) for host, counts in self._counts.items()},
            failures=tuple(sorted(self._failures.values(), key=lambda f: f.outcome not in STOPPED)),
            recap=tuple(self._recap.values()),
            tail=self._tail,
        )

    def _fold(self, event: stream.Event, at: float) -> None:
        match event:
            case stream.HostReported():
                self._report(event, at)
            case stream.TaskStarted(name):
                self._tasks.start(name, at)
                self._retrying = {}
            case stream.PlayStarted(name):
                self._play = name
                self._tasks.play()
            case stream.Explained(host, message):
                self._explain(host, message)
            case stream.Retrying(host, _, left):
                self._retrying[host] = left
            case stream.Included(_, hosts):
                for host in hosts:
                    self._report(stream.HostReported(host, "ok"), at)
            case stream.HostRecapped(host, counts):
                self._end(host, counts)

    def _report(self, event: stream.HostReported, at: float) -> None:
        host, before = event.host, self._tasks.reported(event.host, at)
        self._retrying.pop(host, None)
        if event.outcome != "ignored" and _WEIGHT[event.outcome] < _WEIGHT[before]:
            return
        task, last = self._tasks.name, self._results.get(host)
        message, item = event.message, event.item
        if event.outcome == "ignored" and last:
            message = last.message
        elif last and last.outcome == "failed" and last.task != task:  # it went on after all
            self._became(host, last, "rescued")
        if event.outcome in STOPPED and len(self._failures) < MOST_FAILURES:
            self._failures[host, task] = Failure(host, task, event.outcome, message, item)
        elif event.outcome == "ignored" and last:
            self._became(host, last, "ignored")
        self._tasks.report(host, event.outcome)
        self._results[host] = HostResult(task, event.outcome, message)
        self._changed += event.outcome == "changed" != before
        self._count(host, before, event.outcome)

    def _explain(self, host: str, message: str) -> None:
        """What a failure says that has been reported already."""
        last = self._results.get(host)
        if last and last.outcome in STOPPED:
            self._results[host] = HostResult(last.task, last.outcome, message)
            self._became(host, self._results[host], last.outcome)

    def _became(self, host: str, last: HostResult, outcome: str) -> None:
        if (host, last.task) in self._failures:
            item = self._failures[host, last.task].item
            self._failures[host, last.task] = Failure(host, last.task, outcome, last.message, item)

    def _count(self, host: str, before: str, after: str) -> None:
        """Ansible's way of counting: a changed result is an ok one too, an ignored failure as well."""
        counts = self._counts.setdefault(host, {})
        for outcome, step in ((before, -1), (after, 1)):
            for name in _COUNTED.get(outcome, ()):
                counts[name] = counts.get(name, 0) + step

    def _end(self, host: str, counts: dict[str, int]) -> None:
        """A line of the recap tells which failures were rescued or ignored, and which were not."""
        known = {name: count for name, count in counts.items() if name in Recap.__struct_fields__}
        self._recap[host] = Recap(host, **known)
        self._counts[host] = known
        last = self._results.get(host)
        if last is None:
            return
        outcome = last.outcome
        if outcome == "failed" and not counts.get("failed"):
            outcome = "rescued" if counts.get("rescued") else "ignored"
        elif outcome == "ignored" and counts.get("failed"):
            outcome = "failed"
        self._results[host] = HostResult(last.task, outcome, last.message)
        if outcome != last.outcome:
            self._became(host, last, outcome)


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
