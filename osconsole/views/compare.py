"""Compare: what is different between two moments: objects come and gone, states, images, counts, specs, versions.

Takes two Snapshots; the past one comes from `history`. Before and after an update is the question that this answers.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from osconsole.model import edits
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.views import health
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import OK, WORDS, Verdict
from osconsole.views.text import clean, image

# What comes and goes with every change, and records that say nothing by themselves.
LEFT_OUT = frozenset({
    "Event", "Lease", "Endpoints", "EndpointSlice", "ControllerRevision", "ReplicaSet", "ServiceAccount", "Secret",
    "ConfigMap",
})  # fmt: skip
COLUMNS = (
    Column("S", least=1, most=1),
    Column("OBJECT", least=16, most=44),
    Column("WHAT", least=5, most=34),
    Column("BEFORE", least=8, most=44),
    Column("AFTER", least=8, most=44),
)
# Values of a status that tell what is deployed.
_TOLD = (
    ("status", "deployedVersion"), ("status", "availableVersion"), ("status", "deployedConfigHash"),
    ("status", "configHash"), ("status", "readyCount"), ("status", "readyReplicas"), ("status", "numberReady"),
)  # fmt: skip
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


class Difference(NamedTuple):
    """One difference: `what` is "come", "gone", "state", "generation", an image or a path; `word` is the new state."""

    ref: Ref
    what: str
    before: str = ""
    after: str = ""
    word: str = OK


def differences(old: tuple[Snapshot, float], new: tuple[Snapshot, float], scope: str = "") -> list[Difference]:
    """What differs between two (snapshot, moment), worst state first, then by kind and name."""
    found: list[Difference] = []
    watched = _watched(old[0]) & _watched(new[0])  # what nobody looked at did not come from nowhere
    for kind in watched & {*old[0].objects, *new[0].objects}:
        if kind.kind in LEFT_OUT:
            continue
        was = {r.ref: r for r in old[0].all(kind, scope)}
        now = {r.ref: r for r in new[0].all(kind, scope)}
        for ref in was.keys() | now.keys():
            found.extend(_of(was.get(ref), now.get(ref), old, new))
    return sorted(found, key=lambda d: (-WORDS[d.word].rank, d.ref.kind, d.ref.namespace, d.ref.name, d.what))


def _watched(snapshot: Snapshot) -> set[KindKey]:
    return {kind for (kind, _), line in snapshot.lines.items() if line.seen}


def _of(
    was: Resource | None, now: Resource | None, old: tuple[Snapshot, float], new: tuple[Snapshot, float]
) -> Iterator[Difference]:
    if was is now:
        return
    if was is None or now is None:
        some = was or now
        if some is not None and some.ref.kind != "Pod":  # pods are told by the counts of their workloads
            yield Difference(some.ref, "gone" if now is None else "come")
        return
    before, after = health.judge(was, *old), health.judge(now, *new)
    if before.word != after.word:
        yield Difference(now.ref, "state", _said(before), _said(after), after.word)
    if was.version != now.version:
        yield from _values(was, now, after.word)


def _said(verdict: Verdict) -> str:
    return f"{verdict.word}: {verdict.why}" if verdict.why else verdict.word


def _values(was: Resource, now: Resource, word: str) -> Iterator[Difference]:
    ref = now.ref
    if was.uid != now.uid:
        yield Difference(ref, "made anew", "", "", word)
    if ref.kind == "Pod":
        return
    if was.generation != now.generation:
        for edit in edits.edits(was.raw, now.raw):
            yield Difference(ref, edit.path, edit.old, edit.new, word)
        yield Difference(ref, "generation", str(was.generation), str(now.generation), word)
    old, new = was.body(), now.body()
    for path in _TOLD:
        before, after = dig(old, *path), dig(new, *path)
        if before != after:
            yield Difference(ref, ".".join(path), _short(before), _short(after), word)
    for name, pair in _images(old, new, ref.kind).items():
        yield Difference(ref, name, *pair, word)


def _images(old: Any, new: Any, kind: str) -> dict[str, tuple[str, str]]:
    """Images that differ: of a workload's containers, or of what an OpenStackVersion hands out."""
    if kind in _WORKLOADS:
        was, now = (_containers(body) for body in (old, new))
    elif kind == "OpenStackVersion":
        was, now = (dig(body, "status", "containerImages", default={}) for body in (old, new))
    else:
        return {}
    names = sorted(was.keys() | now.keys())
    pairs = {f"image {name}": (str(was.get(name) or ""), str(now.get(name) or "")) for name in names}
    return {name: (image(a), image(b)) for name, (a, b) in pairs.items() if a != b}


def _containers(body: Any) -> dict[str, str]:
    found = dig(body, "spec", "template", "spec", "containers", default=[])
    return {str(c.get("name")): str(c.get("image")) for c in found if isinstance(c, dict)}


def _short(value: Any) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= 24 else f"{text[:20]}..."


def table(found: list[Difference]) -> Table:
    """Differences as rows."""
    return Table(COLUMNS, tuple(_row(d) for d in found), "" if found else "nothing differs between these moments")


def _row(found: Difference) -> Row:
    state = WORDS[found.word]
    cells = (
        Cell(state.glyph, state.role, sort=state.rank), Cell(clean(found.ref.short)), Cell(clean(found.what)),
        Cell(clean(found.before), "quiet"), Cell(clean(found.after), state.role if found.what == "state" else ""),
    )  # fmt: skip
    text = " ".join((found.ref.short, *found[1:4])).lower()
    return Row(("differs", found.ref, found.what), cells, found.ref, "", found.word, text=text)


def as_text(found: Difference) -> str:
    """A difference as a line of plain text."""
    where = f"{found.ref.namespace}/" if found.ref.namespace else ""
    change = f"  {found.before or '-'} -> {found.after or '-'}" if found.before or found.after else ""
    return clean(f"{WORDS[found.word].ascii} {found.ref.kind} {where}{found.ref.name}  {found.what}{change}")


def as_json(found: list[Difference]) -> list[dict[str, str]]:
    """Differences for other programs."""
    return [
        {
            "kind": d.ref.kind, "namespace": d.ref.namespace, "name": d.ref.name, "what": d.what,
            "before": d.before, "after": d.after, "state": d.word,
        }
        for d in found
    ]  # fmt: skip
