"""Stakes: what is at stake in the fields that a write touches: whose quorum, what stops, what may restart. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from osconsole.model import kinds
from osconsole.model.paths import SCALES, quorum_at, scaling
from osconsole.model.preview import Path, Touched
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.verbs import chain
from osconsole.views import quorum
from osconsole.views.text import count

VERSION, NODESET = kinds.key("OpenStackVersion"), kinds.key("OpenStackDataPlaneNodeSet")
_MOST = 8  # lines that say what restarts
_DRIVEN = frozenset({"enabled", "template", "templates"})  # what of a service's block its pods are made from


def quorums(resource: Resource, touches: Iterable[Touched]) -> list[str]:
    """Whose members change or restart: those for which a single action asks for the typed name as well."""
    if resource.ref.kind in quorum.QUORATE:
        return [resource.ref.short]
    if resource.kind == VERSION and any(t.path[:2] == ("spec", "targetVersion") for t in touches):
        return ["all databases and message queues, which an update restarts"]
    if resource.kind != chain.CONTROL_PLANE:
        return []
    return list(dict.fromkeys(filter(None, (quorum_at(t.path) for t in touches))))


def stops(touches: Iterable[Touched]) -> list[str]:
    """What ceases to run: services that are switched off, numbers of pods that become none."""
    return [".".join(t.path[:-1]) for t in touches if _stopped(t)]


def _stopped(touched: Touched) -> bool:
    off = 0 if touched.path[-1] == "replicas" else False if _switches(touched.path) else None
    return off is not None and touched.new == off and touched.old != off


def _switches(path: Path) -> bool:
    """A service's own switch, and not that of one of its features."""
    return len(path) == 3 and path[2] == "enabled"


def rolls(resource: Resource, touches: Sequence[Touched], snapshot: Snapshot) -> tuple[str, ...]:
    """What may restart or run for it, as sentences; that a pod's template really changes, only its operator knows."""
    spec = [t for t in touches if t.path[0] == "spec"]
    if not spec:
        return ()
    if resource.kind == NODESET:
        return ("nothing runs on its hosts for that until they are deployed (D)",)
    if resource.kind == VERSION:
        return ("a minor update goes through its stages: :update shows them",)
    if resource.ref.kind in chain.WORKLOADS:
        inside = any(t.path[:2] == ("spec", "template") for t in spec)
        return (_restarts(resource, snapshot),) if inside else ()
    if resource.kind != chain.CONTROL_PLANE:
        return ()
    lines = list(dict.fromkeys(_lines(resource, spec, snapshot)))
    more = (f"and {len(lines) - _MOST} more",) if len(lines) > _MOST else ()
    return (*lines[:_MOST], *more)


def _lines(plane: Resource, touches: Sequence[Touched], snapshot: Snapshot) -> Iterator[str]:
    fields = {found: field.path for found in _components(plane, snapshot) if (field := scaling(found))}
    for touched in touches:
        path = touched.path
        if path[-1] == "replicas" and path in fields.values():
            continue  # pods come or go, none restarts
        mine = {found: field for found, field in fields.items() if field[1] == path[1]}
        if not mine or (path[2:3] and path[2] not in _DRIVEN):
            yield f"{'.'.join(path[:2])} is read by its operator: see which pods restart under Events"
            continue
        within = [found for found, field in mine.items() if path[: len(field) - 1] == field[:-1]]
        for found in within or mine:
            for load in chain.workloads(found, snapshot):
                yield f"{load.ref.short} goes" if _stopped(touched) else _restarts(load, snapshot)


def _components(plane: Resource, snapshot: Snapshot) -> Iterator[Resource]:
    """Everything with a replica field that belongs to the control plane."""
    for kind in SCALES:
        for found in snapshot.all(kinds.key(kind), plane.ref.namespace):
            if chain.upward(found, snapshot)[-1] is plane:
                yield found


def _restarts(load: Resource, snapshot: Snapshot) -> str:
    return f"{load.ref.short}: {count(len(chain.pods(load, snapshot)), 'pod')} may restart"
