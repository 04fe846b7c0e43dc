"""Moments: what a person means by a time, and how one is written. Pure: now and the time zone are arguments."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from osconsole.errors import UsageError

_AGO = re.compile(r"-?((?:\d+[smhd])+)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
NOW = "now"


def moment(text: str, now: float, zone: tzinfo | None = None) -> float:
    """Unix seconds of `02:13`, `02:13:05` (the last time it was that late), `10m` or `2h30m` ago, or a date and time.

    Raises:
        UsageError: it is none of these, or lies in the future.
    """
    word = text.strip()
    if word == NOW:
        return now
    found = _ago(word, now) or _clock(word, now, zone) or _dated(word, zone)
    if not found:
        raise UsageError(f"'{text}' is no time: write 02:13, 02:13:05, 10m (ago), 2h30m, or 2026-11-24T02:13")
    if found > now + 1:
        raise UsageError(f"'{text}' is in the future: it is {written(now, now, zone)} now")
    return found


def _ago(word: str, now: float) -> float:
    if not (match := _AGO.fullmatch(word)):
        return 0.0
    return now - sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([smhd])", match[1]))


def _clock(word: str, now: float, zone: tzinfo | None) -> float:
    if not (match := _CLOCK.fullmatch(word)):
        return 0.0
    here = datetime.fromtimestamp(now, UTC).astimezone(zone)
    try:
        then = here.replace(hour=int(match[1]), minute=int(match[2]), second=int(match[3] or 0), microsecond=0)
    except ValueError:
        return 0.0
    return (then if then <= here else then - timedelta(days=1)).timestamp()


def _dated(word: str, zone: tzinfo | None) -> float:
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        return 0.0
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone) if zone else found.astimezone()
    return found.timestamp()


def written(at: float, now: float, zone: tzinfo | None = None) -> str:
    """`14:03:18` of today, `11-24 14:03:18` of another day."""
    then, here = (datetime.fromtimestamp(t, UTC).astimezone(zone) for t in (at, now))
    return then.strftime("%H:%M:%S" if then.date() == here.date() else "%m-%d %H:%M:%S")


def exact(at: float) -> str:
    """`2026-11-24T02:13:05Z`, for other programs."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
