"""Ansible's ordinary output, line by line, as events. Pure; it knows the default callback's format and nothing else.

The caller strips timestamps. Colours are tolerated, lines that are not Ansible's give no event, and no line, however
long, costs more than a look at its start and end.
"""

import re
from typing import Any

import msgspec

NAME_LENGTH = 200
MESSAGE_LENGTH = 500
HIDDEN = "hidden by no_log"
_PARSED_LENGTH = 200_000


class PlayStarted(msgspec.Struct, frozen=True, gc=False):
    """PLAY [name]."""

    name: str


class TaskStarted(msgspec.Struct, frozen=True, gc=False):
    """TASK [name] or RUNNING HANDLER [name]."""

    name: str
    handler: bool = False


class HostReported(msgspec.Struct, frozen=True, gc=False):
    """One result: ok, changed, skipped, failed, unreachable, or ignored for a failure that was.

    Attributes:
        item: of a loop, "" outside one.
        message: what a failure says.
    """

    host: str
    outcome: str
    item: str = ""
    message: str = ""


class Explained(msgspec.Struct, frozen=True, gc=False):
    """What the last failure of a host says, where its result goes over several lines."""

    host: str
    message: str


class Retrying(msgspec.Struct, frozen=True, gc=False):
    """A task with `until` that will be tried again."""

    host: str
    task: str
    left: int


class Included(msgspec.Struct, frozen=True, gc=False):
    """A file of tasks was included for some hosts."""

    path: str
    hosts: tuple[str, ...]


class NothingToDo(msgspec.Struct, frozen=True, gc=False):
    """No host of the inventory matches the play, or none is left."""

    text: str


class Noted(msgspec.Struct, frozen=True, gc=False):
    """A warning or an error outside a result."""

    level: str
    text: str


class RecapStarted(msgspec.Struct, frozen=True, gc=False):
    """PLAY RECAP."""


class HostRecapped(msgspec.Struct, frozen=True, gc=False):
    """One line of the recap; counts by Ansible's names."""

    host: str
    counts: dict[str, int]


Event = (
    PlayStarted
    | TaskStarted
    | HostReported
    | Explained
    | Retrying
    | Included
    | NothingToDo
    | Noted
    | RecapStarted
    | HostRecapped
)

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_BANNER = re.compile(
    r"^(PLAY RECAP|PLAY|TASK|RUNNING HANDLER|NO MORE HOSTS LEFT|CLEANUP TASK) (?:\[(.*)\] )?\*{3,}(?:\[|$)"
)
_CHECKED = "] [CHECK MODE"  # between the name and the stars, where check mode is marked
_PART = re.compile(r'^    "?(msg|stderr|module_stderr|censored)"?: ["\']?(.*?)["\']?,?$')
_RESULT = re.compile(r"^(ok|changed|skipping|failed|fatal): \[([^\]]+)\](?:: (FAILED|UNREACHABLE)!)?(?: => )?")
_ITEM = re.compile(r"\(item=(.*?)\)(?: => |\s*$)")
_LOOSE_MESSAGE = re.compile(r'"msg": "((?:[^"\\]|\\.)*)')
_RETRY = re.compile(r"^FAILED - RETRYING: (?:\[([^\]]+)\]: )?(.*) \((\d+) retries left\)\.")
_RECAP = re.compile(r"^(\S+)\s*: (ok=\d+.*)$")
_BLOCKS = frozenset({"|", "|-", "|+", ">", ">-", ">+"})  # YAML: the text stands on the next lines
_OUTCOMES = {"ok": "ok", "changed": "changed", "skipping": "skipped", "failed": "failed", "fatal": "failed"}
_STARTS = {"P": "_banner", "T": "_banner", "R": "_banner", "N": "_banner", "C": "_banner", "F": "_retry"}
_STARTS |= {"o": "_result", "c": "_result", "s": "_result", "f": "_result", "i": "_included", ".": "_ignoring"}
_STARTS |= {"[": "_note", " ": "_part"}


def clean(line: str) -> str:
    """The line without escape sequences and control characters."""
    if "\x1b" in line:
        line = _ESCAPES.sub("", line)
    return line if line.isprintable() else _CONTROLS.sub("", line)


class Stream:
    """Reads one run; remembers only what a later line refers to."""

    def __init__(self) -> None:
        self._failing: dict[str, str] = {}  # host -> item, of failures that may still turn out to be ignored
        self._latest = ""
        # The latest result is a failure that is yet to say what is wrong: "yes", or "below" in a block.
        self._unsaid = ""
        self._half = ""  # the line that said it, which the log may have ended in
        self._in_recap = False

    def read(self, line: str) -> Event | None:
        """The event of a line, if it has one."""
        line = line.rstrip("\r\n")
        if "\x1b" in line:
            line = _ESCAPES.sub("", line)
        if not line:
            return None
        if self._in_recap and (recap := _RECAP.match(line)):
            return _recapped(recap)
        reader = _STARTS.get(line[0])
        if reader is None:
            return None
        event: Event | None = getattr(self, reader)(line)
        return event

    def _banner(self, line: str) -> Event | None:
        found = _BANNER.match(line) if "***" in line else None
        if found is None:
            return None
        word, name = found.group(1), clean((found.group(2) or "").removesuffix(_CHECKED))[:NAME_LENGTH]
        self._in_recap = word == "PLAY RECAP"
        self._failing.clear()
        self._unsaid = ""
        if word == "PLAY":
            return PlayStarted(name)
        if self._in_recap:
            return RecapStarted()
        if word == "NO MORE HOSTS LEFT":
            return NothingToDo("no more hosts left")
        return TaskStarted(name, word == "RUNNING HANDLER")

    def _result(self, line: str) -> Event | None:
        found = _RESULT.match(line)
        if found is None:
            return NothingToDo("no hosts matched") if line.startswith("skipping: no hosts matched") else None
        word, host, how = found.groups()
        host = clean(host.partition(" -> ")[0])[:NAME_LENGTH]
        rest = line[found.end() :]
        item = _ITEM.search(rest[: NAME_LENGTH * 4]) if "(item=" in rest[:8] else None
        outcome = "unreachable" if how == "UNREACHABLE" else _OUTCOMES[word]
        message = _message(rest[item.end() if item else 0 :]) if outcome in {"failed", "unreachable"} else ""
        told = clean(item.group(1))[:NAME_LENGTH] if item else ""
        self._latest = host
        self._unsaid = "yes" if outcome in {"failed", "unreachable"} and not message else ""
        if outcome == "failed":
            self._failing[host] = told
        return HostReported(host, outcome, told, message)

    def _ignoring(self, line: str) -> Event | None:
        """Said after the last result of a host, which in a loop need not be the item that failed.

        Items of several hosts come as they come: when the latest host did not fail, it is the oldest whose item did.
        The recap tells in the end.
        """
        if line != "...ignoring":
            return None
        looped = (host for host, item in self._failing.items() if item)
        host = self._latest if self._latest in self._failing else next(looped, "")
        if not host:
            return None
        del self._failing[host]
        self._unsaid = ""
        return HostReported(host, "ignored")

    def _part(self, line: str) -> Event | None:
        """A line of a result that goes over several, in JSON or in YAML."""
        half, self._half = self._half, ""
        # The line that the log ended in, now whole; a colour that was cut has left its letters in the half.
        again = bool(half) and (line.startswith(half) or half.startswith(line))
        if not self._unsaid and not again:
            return None
        if (self._unsaid == "below" or again) and line.startswith(" " * 8):
            message = _short(line)
        elif found := _PART.match(line[:_PARSED_LENGTH]):
            name, text = found.groups()
            message = HIDDEN if name == "censored" else _short(_unquoted(text))
        else:
            return None
        if message in _BLOCKS:
            self._unsaid = "below"
            return None
        self._unsaid, self._half = ("", line) if message else ("yes", "")
        return Explained(self._latest, message) if message else None

    def _retry(self, line: str) -> Event | None:
        found = _RETRY.match(line[: NAME_LENGTH * 4])
        if found is None:
            return None
        host, task, left = found.groups()
        return Retrying(clean(host or ""), clean(task)[:NAME_LENGTH], int(left))

    def _included(self, line: str) -> Event | None:
        path, middle, hosts = line.removeprefix("included: ").partition(" => (item=")[0].rpartition(" for ")
        if not middle or not line.startswith("included: "):
            return None
        return Included(clean(path), tuple(clean(host.strip()) for host in hosts.split(",")))

    def _note(self, line: str) -> Event | None:
        for level in ("WARNING", "ERROR", "DEPRECATION WARNING"):
            if line.startswith(f"[{level}]: "):
                return Noted(level.lower(), clean(line[len(level) + 4 :])[:MESSAGE_LENGTH])
        return None


def _recapped(found: re.Match[str]) -> HostRecapped:
    pairs = (part.partition("=") for part in found.group(2).split())
    return HostRecapped(clean(found.group(1)), {name: int(value) for name, _, value in pairs if value.isdigit()})


def _message(rest: str) -> str:
    """What a failure says: the result's `msg`, the error output of a command, or the start of what stands there.

    "" when the result goes over the next lines.
    """
    start = rest.find("{")
    body = rest[start:] if start >= 0 else rest
    if body.strip() in {"", "{"}:
        return ""
    try:
        result = msgspec.json.decode(body) if start >= 0 and len(body) <= _PARSED_LENGTH else None
    except (msgspec.DecodeError, RecursionError):
        result = None
    if isinstance(result, dict):
        return _told(result)
    found = _LOOSE_MESSAGE.search(body[:_PARSED_LENGTH])
    return _short(_unquoted(found.group(1)) if found else body)


def _unquoted(text: str) -> str:
    """The inside of a JSON string as text; as it stands where it is none."""
    try:
        return msgspec.json.decode(f'"{text}"', type=str)
    except msgspec.DecodeError:
        return text


def _told(result: dict[str, Any]) -> str:
    if "censored" in result:
        return HIDDEN
    text = str(result.get("msg") or "")
    detail = next((str(result[key]) for key in ("stderr", "module_stderr", "stdout") if result.get(key)), "")
    if detail and (not text or text.startswith(("non-zero return code", "MODULE FAILURE", "Task failed"))):
        text = f"{text}: {detail}" if text else detail
    return _short(text or "failed")


def _short(text: str) -> str:
    return clean(" ".join(text[: MESSAGE_LENGTH * 4].split()))[:MESSAGE_LENGTH]
