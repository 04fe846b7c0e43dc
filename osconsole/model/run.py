"""Run: one Ansible run as a value, folded from log lines by `ansible.progress`.

Keyed in a Snapshot by the Ref of the Pod that ran it. Views read nothing else about a run in progress.
"""

import msgspec

MOST_FAILURES = 200
TAIL = 20
OUTCOMES = ("ok", "changed", "skipped", "rescued", "ignored", "failed", "unreachable")


class HostResult(msgspec.Struct, frozen=True, gc=False):
    """What one host did last: the task, the outcome (one of OUTCOMES) and the message of a failure."""

    task: str
    outcome: str
    message: str = ""


class Failure(msgspec.Struct, frozen=True, gc=False):
    """A host that failed in a task; `outcome` is failed, unreachable, or what became of it: ignored, rescued."""

    host: str
    task: str
    outcome: str
    message: str = ""
    item: str = ""


class Expected(msgspec.Struct, frozen=True):
    """What earlier runs of a service let us expect: medians; `tasks` is 0 when no run was counted."""

    duration_s: float
    tasks: int
    runs: int


class Recap(msgspec.Struct, frozen=True, gc=False):
    """One line of PLAY RECAP."""

    host: str
    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0


class Run(msgspec.Struct, frozen=True):
    """A run of a playbook.

    Attributes:
        playbook: its name where known.
        play, task: the current ones, "" before the first.
        tasks: how many tasks have started; never goes back. The total is not knowable from the stream.
        since: when the current task started, as the log says it (Unix seconds); 0 where it does not.
        results: of the current task: outcome -> hosts.
        retrying: hosts that try the current task again -> how many tries are left.
        hosts: every host seen, with its last result.
        waiting: hosts of the play without a result in the current task.
        changed: how many results were `changed`.
        counts: each host's results so far, as Ansible counts them.
        failures: every failure so far, those that stop a host first; at most MOST_FAILURES.
        recap: filled when the run has ended.
        tail: the newest lines of output that say something, at most TAIL.
    """

    playbook: str = ""
    play: str = ""
    task: str = ""
    tasks: int = 0
    since: float = 0.0
    results: dict[str, int] = {}
    retrying: dict[str, int] = {}
    hosts: dict[str, HostResult] = {}
    waiting: tuple[str, ...] = ()
    changed: int = 0
    counts: dict[str, Recap] = {}
    failures: tuple[Failure, ...] = ()
    recap: tuple[Recap, ...] = ()
    tail: tuple[str, ...] = ()

    @property
    def last_line(self) -> str:
        """The newest line of output that says something, for a one-line view."""
        return self.tail[-1] if self.tail else ""

    @property
    def ended(self) -> bool:
        """The recap was seen."""
        return bool(self.recap)

    @property
    def failed(self) -> tuple[str, ...]:
        """Hosts whose last result stops them, unreachable ones included."""
        return tuple(host for host, last in self.hosts.items() if last.outcome in {"failed", "unreachable"})
