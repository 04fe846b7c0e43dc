"""Transition: one thing that became different about an object, found by comparing two versions of it.

OpenStack's operators emit almost no Events, so the console makes its own record of what happened.
"""

from collections.abc import Iterator

import msgspec

from osconsole.model import edits, gist, phases
from osconsole.model.conditions import READY, Condition, find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Run


class Transition(msgspec.Struct, frozen=True, gc=False):
    """What changed.

    Attributes:
        what: "added", "gone", "deleting", "generation" (of the spec; `message` names paths), "ready" (counts),
            "image", "phase", "scheduled", "restarts", "waiting", "failed" (pods of a Job), "ansible",
            or a condition's type.
        severity: "Error", "Warning", "Info" or "".
        actor: who wrote the spec, where that is known.
        uid, version: of the object as it became; together with `what` the same for everyone who saw it.
    """

    at: float
    ref: Ref
    what: str
    old: str = ""
    new: str = ""
    severity: str = ""
    message: str = ""
    actor: str = ""
    uid: str = ""
    version: str = ""


# Kinds whose coming and going says nothing: records, leases and what is derived from others.
QUIET = frozenset({"Event", "Lease", "Endpoints", "EndpointSlice", "ControllerRevision", "ServiceAccount"})


def _words(condition: Condition | None) -> str:
    if condition is None:
        return ""
    return condition.status + (f"/{condition.reason}" if condition.reason and not condition.ok else "")


def transitions(old: Resource | None, new: Resource | None, at: float) -> Iterator[Transition]:
    """The differences worth remembering; one of the two is None when the object came or went."""
    some = new or old
    if some is None or some.ref.kind in QUIET:
        return
    if new is None:
        yield Transition(at, some.ref, "gone", uid=some.uid, version=some.version)
    elif old is None or old.uid != new.uid:
        yield Transition(at, new.ref, "added", uid=new.uid, version=new.version)
    else:
        for what, was, now, severity, message, actor in _differences(old, new):
            yield Transition(at, new.ref, what, was, now, severity, message, actor, new.uid, new.version)


_Difference = tuple[str, str, str, str, str, str]


def _differences(old: Resource, new: Resource) -> Iterator[_Difference]:
    if new.deleted and not old.deleted:
        yield "deleting", "", "", "", "its deletion was asked for", ""
    if new.generation > old.generation and new.ref.kind != "Pod":
        said = edits.told(edits.edits(old.raw, new.raw))
        yield "generation", str(old.generation), str(new.generation), "", said, _writer(new)
    if new.kind in gist.FORMS:
        for happening in phases.happenings(old, new):
            yield *happening, ""
    if old.conditions != new.conditions:
        yield from _conditions(old, new)


def _conditions(old: Resource, new: Resource) -> Iterator[_Difference]:
    if new.ref.kind == "Job":
        return  # its phases say the same
    # A pod's other conditions only lead up to Ready.
    ready = find(new.conditions, READY) if new.ref.kind == "Pod" else None
    for condition in (ready,) if ready else new.conditions if new.ref.kind != "Pod" else ():
        was, now = _words(find(old.conditions, condition.type)), _words(condition)
        if was != now:
            yield condition.type, was, now, _severity(new, condition), condition.message, ""
    if new.ref.kind not in {"Pod", "Node"}:
        left = {condition.type for condition in new.conditions}
        for condition in old.conditions:
            if condition.type not in left:
                yield condition.type, _words(condition), "", "", "", ""


def _severity(new: Resource, condition: Condition) -> str:
    """As the condition says it; a Node's conditions have none of their own."""
    if new.ref.kind == "Node":
        if condition.type == READY:
            return "" if condition.ok else "Error"
        return "Warning" if condition.ok else ""
    return condition.severity


def _writer(new: Resource) -> str:
    """Who wrote the spec last."""
    spec = [w for w in new.writers if w.subresource in {"", "scale"}]
    return max(spec, key=lambda w: w.at).manager if spec else ""


def failures(old: Run | None, new: Run, pod: Resource, at: float) -> Iterator[Transition]:
    """What an Ansible run in a pod newly tells: hosts that failed, and its end."""
    before = old.hosts if old else {}
    for host, last in new.hosts.items():
        if last.outcome in {"failed", "unreachable"} and before.get(host) != last:
            said = f"{last.task}: {last.message}" if last.message else last.task
            yield _ansible(pod, at, (f"{host} {last.outcome}", "Error", said))
    if new.ended and not (old and old.ended):
        bad = [r.host for r in new.recap if r.failed or r.unreachable]
        said = f"{len(new.recap) - len(bad)} of {len(new.recap)} hosts are done"
        yield _ansible(pod, at, ("ended", "Error" if bad else "", said))


def _ansible(pod: Resource, at: float, said: tuple[str, str, str]) -> Transition:
    new, severity, message = said
    return Transition(at, pod.ref, "ansible", "", new, severity, message, "", pod.uid, message)
