"""Cron schedules: five fields or a name such as @daily, in UTC. Only when; what happens then is its reader's."""

from datetime import datetime, timedelta

_NAMED = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_BOUNDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}), (0, 23, {}), (1, 31, {}), (1, 12, _MONTHS), (0, 7, _DAYS),
)  # fmt: skip
# 29 February comes back within eight years.
_DAYS_AHEAD = 8 * 366


class Schedule:
    """When something is due. `ValueError` for what is no schedule."""

    def __init__(self, text: str) -> None:
        fields = _NAMED.get(text.strip(), text).split()
        if len(fields) != len(_BOUNDS):
            raise ValueError(f"'{text}' is no schedule: five fields are needed")
        found = [_values(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)]
        self._minutes, self._hours, self._days, self._months = found[:4]
        self._weekdays = {day % 7 for day in found[4]}
        # Where both are given one of them is enough.
        self._either = "*" not in (fields[2][:1], fields[4][:1])

    def after(self, at: datetime) -> datetime | None:
        """The first time after an instant; None when it never comes."""
        start = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for ahead in range(_DAYS_AHEAD):
            day = start.replace(hour=0, minute=0) + timedelta(days=ahead)
            if not self._has(day):
                continue
            for hour in sorted(self._hours):
                for minute in sorted(self._minutes):
                    if (found := day.replace(hour=hour, minute=minute)) >= start:
                        return found
        return None

    def _has(self, day: datetime) -> bool:
        if day.month not in self._months:
            return False
        by_date, by_weekday = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return by_date or by_weekday if self._either else by_date and by_weekday


def _values(field: str, least: int, most: int, names: dict[str, int]) -> set[int]:
    """The numbers of `*`, `1-5`, `*/10`, `mon,fri`."""
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        low, high = (least, most) if span in ("*", "?") else (_number(first, names), _number(last or first, names))
        if step and not dash and span not in ("*", "?"):
            high = most
        if not least <= low <= high <= most or (step and not int(step) > 0):
            raise ValueError(f"'{part}' is not from {least} to {most}")
        found.update(range(low, high + 1, int(step or 1)))
    return found


def _number(text: str, names: dict[str, int]) -> int:
    return names[text] if text in names else int(text)
