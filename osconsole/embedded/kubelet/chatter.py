"""What simulated containers say.

A log is a function of the container's start and of time: nothing is written, nothing runs while nobody reads, and it
reads the same after a restart of the agent.

After a few lines at the start there is one line per slot of `period_s`, somewhere in the slot. The lines look like
those of the real services (oslo.log, httpd, Galera, RabbitMQ, OVN, dnsmasq).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from osconsole.embedded.clock import fine_stamp
from osconsole.embedded.kubelet.sayings import PROFILES, Profile, Scene

# As a runtime's rotation does: older lines are gone.
_KEPT_SLOTS = 5000
_WARM_UP_S = 2.0

Line = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a simulated container; `finished` is None while it lasts."""

    pod: str
    service: str
    seed: str
    started: datetime
    finished: datetime | None
    exit_code: int


def said(run: Run, after: datetime | None, until: datetime) -> Iterator[Line]:
    """The lines after `after` (None: from the start) and not later than `until` or the end."""
    end = min(until, run.finished) if run.finished else until
    profile = profile_of(run.service)
    for at, text in _all(run, profile, after, end):
        if (after is None or at > after) and at <= end:
            yield fine_stamp(at), text.encode()
    if run.finished and run.finished <= until and (after is None or run.finished > after):
        for text in profile.last_words(_scene(run, run.finished, -1), run.exit_code):
            yield fine_stamp(run.finished), text.encode()


def next_due(run: Run, after: datetime) -> datetime:
    """A moment at which there may be a new line."""
    profile = profile_of(run.service)
    slot = max(0, int(((after - run.started).total_seconds() - _WARM_UP_S) // profile.period_s))
    return next(at for at in (_moment(run, profile, slot + n) for n in range(3)) if at > after)


def profile_of(service: str) -> Profile:
    """How a container of that name speaks; the last profile fits all."""
    return next(profile for profile in PROFILES if any(word in service for word in profile.words))


def _all(run: Run, profile: Profile, after: datetime | None, end: datetime) -> Iterator[tuple[datetime, str]]:
    first, last = _slot(run, profile, after or run.started) - 1, _slot(run, profile, end) + 1
    first = max(0, first, last - _KEPT_SLOTS)
    if first == 0:
        for number, saying in enumerate(profile.opening):
            at = run.started + timedelta(milliseconds=40 * number + 5)
            yield at, saying(_scene(run, at, -number - 2))
    for slot in range(first, last):
        at = _moment(run, profile, slot)
        scene = _scene(run, at, slot)
        say: Callable[[Scene], str] = scene.random.choice(profile.routine)
        yield at, say(scene)


def _slot(run: Run, profile: Profile, at: datetime) -> int:
    return int(((at - run.started).total_seconds() - _WARM_UP_S) // profile.period_s)


def _moment(run: Run, profile: Profile, slot: int) -> datetime:
    jitter = random.Random(f"{run.seed} {slot}").uniform(0.05, 0.95)  # noqa: S311
    return run.started + timedelta(seconds=_WARM_UP_S + (slot + jitter) * profile.period_s)


def _scene(run: Run, at: datetime, slot: int) -> Scene:
    return Scene(at, run.pod, run.service, random.Random(f"{run.seed} line {slot}"))  # noqa: S311
