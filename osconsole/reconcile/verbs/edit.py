"""Edit: what a person changed in the editor, as the smallest merge patch of the object they edited."""

from typing import Any

from osconsole.errors import Refused
from osconsole.model.intents import Edit
from osconsole.model.preview import Finding, Preview, Touched
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Patch
from osconsole.reconcile.verbs import chain, stakes

SERVER = frozenset({
    "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "deletionTimestamp",
    "deletionGracePeriodSeconds",
})  # fmt: skip
FIXED = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
IMMUTABLE = frozenset({"OpenStackDataPlaneDeployment"})


def judge(intent: Edit, snapshot: Snapshot) -> Preview:
    """The Preview of an edit.

    Raises:
        Refused: the object is not there.
    """
    resource = chain.known(intent.ref, snapshot)
    current = _editable(resource.body())
    base = _editable(intent.base) if intent.base else current
    wanted = _differences(base, _editable(intent.body), ())
    touches = tuple(t for t in wanted if dig(current, *t.path) != t.new)
    line = chain.upward(resource, snapshot)
    findings = chain.standing(resource, snapshot)
    if not touches:
        findings.append(Finding("refused", "nothing was changed"))
    if reverted := _reverted(line):
        findings.append(Finding("refused", reverted))
    for fixed in FIXED:
        if any(t.path[: len(fixed)] == fixed for t in touches):
            findings.append(Finding("refused", f"{'.'.join(fixed)} cannot be changed"))
    if resource.ref.kind in IMMUTABLE and any(t.path[0] == "spec" for t in touches):
        findings.append(Finding("refused", "the spec of a Deployment cannot be changed: make another one"))
    if resource.ref.kind == "Secret" and any(t.path[0] in {"data", "stringData"} for t in touches):
        findings.append(Finding("refused", "Secret values are not read by the console, so it cannot edit them"))
    findings += _meanwhile(current, base, touches)
    at_stake = stakes.quorums(resource, touches)
    if at_stake:
        findings.append(Finding("warn", f"it changes what must keep a quorum: {', '.join(at_stake)}"))
    stopped = stakes.stops(touches)
    findings += [Finding("warn", f"{what} stops, and Ready will still be True") for what in stopped]
    return Preview(
        intent=intent,
        title=f"Edit {resource.ref.short}: {len(touches)} field{'s' * (len(touches) != 1)}",
        target=resource.ref,
        because=chain.because(line[:1]),
        uid=resource.uid,
        version=resource.version,
        generation=resource.generation,
        touches=touches,
        rolls=stakes.rolls(resource, touches, snapshot),
        findings=tuple(findings),
        undo="edit it back: the journal has the old values",
        confirm=resource.ref.name if at_stake or stopped else "",
    )


def _meanwhile(current: dict[str, Any], base: dict[str, Any], touches: tuple[Touched, ...]) -> list[Finding]:
    """What others changed while the editor was open: theirs stays, and nobody's is written over."""
    both = [t for t in touches if dig(current, *t.path) != t.old]
    for t in both[:1]:
        now, was = t.shown(dig(current, *t.path)), t.shown(t.old)
        words = f"{'.'.join(t.path)} is {now} by now, it was {was} when the editor was opened: edit it anew"
        return [Finding("refused", words)]
    theirs = _differences(base, current, ())
    fields = f"{len(theirs)} field{'s' * (len(theirs) != 1)}"
    return [Finding("warn", f"others changed {fields} since the editor was opened: that stays")] if theirs else []


def needed(preview: Preview, snapshot: Snapshot) -> Patch:
    """What any edit of the object takes.

    Raises:
        Refused: none would last.
    """
    if reverted := _reverted(chain.upward(chain.known(preview.target, snapshot), snapshot)):
        raise Refused(reverted)
    return Patch(preview.target, {}, preview.uid)


def patch(preview: Preview) -> Patch:
    """The merge patch that makes a Preview's touches true.

    Raises:
        Refused: it touches nothing.
    """
    if not preview.touches:
        raise Refused("nothing was changed")
    out: dict[str, Any] = {}
    for touched in preview.touches:
        at = out
        for part in touched.path[:-1]:
            at = at.setdefault(part, {})
        at[touched.path[-1]] = touched.new
    return Patch(preview.target, out, preview.uid)


def _reverted(line: list[Resource]) -> str:
    """Why an edit of the first of a line of controllers would not last; "" when it would."""
    if len(line) < 2:
        return ""
    return f"{line[1].ref.short} controls it and would revert the edit: edit {line[-1].ref.short}"


def _editable(body: dict[str, Any]) -> dict[str, Any]:
    """What a person may change: no status, nothing that the server writes."""
    meta = {key: value for key, value in (body.get("metadata") or {}).items() if key not in SERVER}
    return {**{key: value for key, value in body.items() if key != "status"}, "metadata": meta}


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> list[Touched]:
    """The leaves that differ; lists count as leaves, since a merge patch replaces them whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        out = []
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                out += _differences(old.get(key), new.get(key), (*path, key))
        return out
    return [Touched(path, old, new)]
