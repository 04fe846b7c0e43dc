"""Recordings of upstream's own operators, for tests: played to a moment, or moment by moment."""

from functools import cache
from pathlib import Path

import pytest

from osconsole.model.snapshot import Snapshot
from osconsole.recording import Moment, read

FOLDER = Path(__file__).parents[2] / "shared" / "recordings"


def path(name: str) -> Path:
    """The file; the test is skipped where it is not at hand."""
    found = FOLDER / f"{name}.ndjson.xz"
    if not found.exists():
        pytest.skip(f"the recording {name} is not here")
    return found


@cache
def _moments(file: Path) -> tuple[Moment, ...]:
    return tuple(read(file))


def moments(name: str) -> list[Moment]:
    """Every moment of "fresh-up" or "actions", read once a process."""
    return list(_moments(path(name)))


def play(name: str, until: float | None = None) -> Snapshot:
    """The world so many seconds after the recording began; None is its end."""
    found = moments(name)
    end = found[-1].at if until is None else found[0].at + until
    return Snapshot().apply(moment.change for moment in found if moment.at <= end)
