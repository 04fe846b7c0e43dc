"""Words and numbers as the screen writes them: ages, ratios, bars, and hostile text made visible."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text without control, escape or direction characters: each becomes a visible sign."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in {0x09, 0x0A, 0x0D}:
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def age(seconds: float) -> str:
    """`12s 4m 3h 9d`; "" for a moment that is not known or in the future by more than a minute."""
    if seconds < -60:
        return ""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def span(seconds: float) -> str:
    """A duration that ended or goes on: `37s`, `1m18`, `2h05`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}"
    return f"{whole // 3600}h{whole % 3600 // 60:02}"


def bar(done: int, total: int, steps: int = 8) -> str:
    """A progress bar of `steps` cells between rules."""
    filled = 0 if total <= 0 else min(steps, done * steps // total)
    return "▕" + "█" * filled + " " * (steps - filled) + "▏"


def image(name: str) -> str:
    """The short form of a container image: last path element with its tag, or the first digits of its digest."""
    tail = name.rpartition("/")[2]
    base, at, digest = tail.partition("@")
    return f"{base}@{digest.partition(':')[2][:8]}" if at else tail


def count(number: int, noun: str) -> str:
    """`1 pod`, `2 pods`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
