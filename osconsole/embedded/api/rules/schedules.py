"""Schedules of CronJobs: what is wrong with five fields of cron, in the words of its parser."""

import zoneinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: at for at, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: at for at, name in enumerate(_DAYS)}),
)
_DESCRIPTORS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}


def broken(text: str) -> str:
    """Why a schedule cannot be understood, "" when it can."""
    if text.startswith("@"):
        known = text in _DESCRIPTORS or text.startswith("@every ")
        return "" if known else f"unrecognized descriptor: {text}"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    for field, (least, most, names) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if why := _part(part, least, most, names):
                return why
    return ""


def _part(text: str, least: int, most: int, names: dict[str, int]) -> str:
    """One of the alternatives of a field: `*`, `a`, `a-b`, each with or without `/step`."""
    span, *steps = text.split("/")
    if len(steps) > 1:
        return f"too many slashes: {text}"
    bounds = span.split("-")
    if len(bounds) > 2:
        return f"too many hyphens: {text}"
    numbers: list[int] = []
    for bound in bounds if span not in ("*", "?") else ():
        number = str(names.get(bound.lower(), bound))
        if not (number.isascii() and number.isdigit()):
            return f'failed to parse int from {bound}: strconv.Atoi: parsing "{bound}": invalid syntax'
        numbers.append(int(number))
    if steps and not steps[0].isdigit():
        return f'failed to parse int from {steps[0]}: strconv.Atoi: parsing "{steps[0]}": invalid syntax'
    start, end = (numbers[0], numbers[-1]) if numbers else (least, most)
    if numbers and steps and len(numbers) == 1:
        end = most
    if start < least:
        return f"beginning of range ({start}) below minimum ({least}): {text}"
    if end > most:
        return f"end of range ({end}) above maximum ({most}): {text}"
    if start > end:
        return f"beginning of range ({start}) beyond end of range ({end}): {text}"
    return f"step of range should be a positive number: {text}" if steps and int(steps[0]) == 0 else ""


def time_zone(name: str) -> str:
    """Why a time zone is refused, "" when it is one."""
    if not name:
        return "timeZone must be nil or non-empty string"
    if name.lower() == "local":
        return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return f"unknown time zone {name}"
    return ""
