"""Causes: what is known of troubles, read from the YAML documents in `views/causes`.

A cause says by named matchers where it holds, and in words what it is, what clears it and where to go.
"""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from osconsole.documents import decode
from osconsole.errors import DocumentError
from osconsole.views.why.observations import OBSERVATIONS

PACKAGE = "osconsole.views"
Word = Literal["True", "False", "Unknown"]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a document: a key that is not known is an error."""


class ConditionIs(_Part, frozen=True):
    """A condition of the object: its type (a trailing or leading `*` stands for anything), status, reason, message."""

    type: tuple[str, ...] = ()
    status: tuple[Word, ...] = ("False", "Unknown")
    reason: tuple[str, ...] = ()
    message: tuple[str, ...] = ()


class EventIs(_Part, frozen=True):
    """A Warning Event of the last hour that speaks of the object."""

    reason: tuple[str, ...] = ()
    message: tuple[str, ...] = ()


class ContainerIs(_Part, frozen=True):
    """A container of the pod: its state, the reason of it or of its last end, the exit code, the kubelet's message."""

    state: tuple[Literal["waiting", "running", "terminated"], ...] = ()
    reason: tuple[str, ...] = ()
    exit: tuple[int, ...] = ()
    message: tuple[str, ...] = ()
    init: bool | None = None
    restarted: bool = False


class PodIs(_Part, frozen=True):
    """The pod as a whole: its phase, reason and message (of the status, else of PodScheduled)."""

    phase: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    message: tuple[str, ...] = ()


class AnsibleIs(_Part, frozen=True):
    """The last result of a host in the pod's Ansible run."""

    outcome: tuple[Literal["failed", "unreachable"], ...] = ("failed", "unreachable")
    task: tuple[str, ...] = ()
    message: tuple[str, ...] = ()


class FieldIs(_Part, frozen=True):
    """The value at a path of the object is one of these, written as text; with none, it is there and not empty."""

    path: str
    value: tuple[str, ...] = ()


class MissingIs(_Part, frozen=True):
    """The object that a field names does not exist."""

    path: str
    kind: str


class When(_Part, frozen=True):
    """Where a cause holds: all that is given must be so. `name` are patterns that the object's name has.

    `observed` names things that take more than one value to see: `observations.py` lists them.
    """

    name: tuple[str, ...] = ()
    condition: ConditionIs | None = None
    event: EventIs | None = None
    container: ContainerIs | None = None
    pod: PodIs | None = None
    log: tuple[str, ...] = ()
    ansible: AnsibleIs | None = None
    field: FieldIs | None = None
    missing: MissingIs | None = None
    observed: str = ""


class Go(_Part, frozen=True):
    """Where to go: an object of a kind by name ("" is the only one), or the `root` whose spec a person edits.

    It is looked for in the object's own `namespace` unless another is given. Trouble of that object is the deeper one,
    unless `follow` is false.
    """

    kind: str = ""
    name: str = ""
    namespace: str = ""
    root: bool = False
    follow: bool = True


class Cause(_Part, frozen=True):
    """One known trouble.

    Attributes:
        kinds: where it is looked for; empty is any kind.
        when: alternatives, in the order in which they are tried.
        sentence, clears: what it is and what clears it; `{captures}` are filled in.
        go: where something can be done.
        blocks: what cannot be done for as long as it lasts.
        source: where it is known from.
        general: says little; any other cause of the same object is preferred.
    """

    name: str
    when: tuple[When, ...]
    sentence: str
    clears: str
    source: str
    kinds: tuple[str, ...] = ()
    go: Go | None = None
    blocks: str = ""
    general: bool = False


class Document(_Part, frozen=True):
    """One file of causes."""

    title: str
    causes: tuple[Cause, ...]


@cache
def documents() -> tuple[Document, ...]:
    """Every document that is shipped.

    Raises:
        DocumentError: one is broken, or two causes have one name.
    """
    folder = resources.files(PACKAGE) / "causes"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    found = tuple(document(file.read_text(encoding="utf-8"), f"causes/{file.name}") for file in files)
    names = [cause.name for one in found for cause in one.causes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DocumentError(f"causes: two are called '{min(twice)}': rename one")
    return found


def document(text: str, source: str) -> Document:
    """One document from YAML.

    Raises:
        DocumentError: an unknown key or observation, or a cause that says nowhere when it holds.
    """
    found = decode(text, Document, source)
    for cause in found.causes:
        if not cause.when or When() in cause.when:
            raise DocumentError(f"{source}: cause '{cause.name}' does not say when it holds: give a matcher")
        for when in cause.when:
            if when.observed and when.observed not in OBSERVATIONS:
                known = ", ".join(sorted(OBSERVATIONS))
                raise DocumentError(f"{source}: cause '{cause.name}': unknown observation '{when.observed}': {known}")
    return found


@cache
def causes(kind: str) -> tuple[Cause, ...]:
    """The causes that are looked for at a kind, the telling ones first."""
    found = [c for one in documents() for c in one.causes if not c.kinds or kind in c.kinds]
    return tuple(sorted(found, key=lambda c: c.general))
