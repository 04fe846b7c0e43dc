"""Host patterns: what Ansible's `--limit` and `hosts:` select among groups of hosts.

Names, globs, `~regex`, subscripts, `!` to leave out and `&` to keep only those; parted by commas, else by colons.
"""

import fnmatch
import re
from collections.abc import Mapping, Sequence


def select(limit: str, groups: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The hosts that a pattern selects, in the groups' order; all for "", () when none matches."""
    everyone = list(dict.fromkeys(host for hosts in groups.values() for host in hosts))
    groups = {**groups, "all": everyone}
    patterns = _split(limit) or ["all"]
    chosen: set[str] = set()
    if not any(pattern[0] not in "!&" for pattern in patterns):
        chosen = set(everyone)
    for pattern in sorted(patterns, key=lambda p: {"&": 1, "!": 2}.get(p[0], 0)):
        if pattern[0] == "&":
            chosen &= _matching(pattern[1:], groups, everyone)
        elif pattern[0] == "!":
            chosen -= _matching(pattern[1:], groups, everyone)
        else:
            chosen |= _matching(pattern, groups, everyone)
    return tuple(host for host in everyone if host in chosen)


_COLON_PARTS = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_SUBSCRIPT = re.compile(r"^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$")


def _split(limit: str) -> list[str]:
    """The patterns of a limit: separated by commas, or where there is none by colons."""
    parts = limit.split(",") if "," in limit else _COLON_PARTS.findall(limit)
    return [part.strip() for part in parts if part.strip(" !&")]


def _matching(pattern: str, groups: Mapping[str, Sequence[str]], everyone: Sequence[str]) -> set[str]:
    subscript = None if pattern.startswith("~") else _SUBSCRIPT.match(pattern)
    if not subscript:
        return set(_named(pattern, groups, everyone))
    found = _named(subscript.group(1), groups, everyone)
    if subscript.group(2):
        index = int(subscript.group(2))
        return {found[index]} if -len(found) <= index < len(found) else set()
    end = int(subscript.group(4)) + 1 if subscript.group(4) else len(found)
    return set(found[int(subscript.group(3)) : end])


def _named(pattern: str, groups: Mapping[str, Sequence[str]], everyone: Sequence[str]) -> list[str]:
    """Hosts of the groups with that name; where no group has it, or it is a glob, hosts with it too."""
    try:
        match = re.compile(pattern[1:] if pattern.startswith("~") else fnmatch.translate(pattern)).match
    except re.error:
        return []
    named = [host for name, hosts in groups.items() if match(name) for host in hosts]
    if not named or pattern.startswith("~") or any(mark in pattern for mark in ".?*["):
        named += [host for host in everyone if match(host)]
    return list(dict.fromkeys(named))
