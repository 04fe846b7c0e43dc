"""Columns by name: heading, width and how a cell is made from one object. To add a column, add a line and a test."""

from collections.abc import Callable
from typing import Any

import msgspec

from osconsole.model.conditions import instant
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.rows import Cell, Column
from osconsole.views.state import WORDS, Verdict
from osconsole.views.text import clean, count, image

Make = Callable[[Resource, Snapshot, Verdict], Cell]


class Named(msgspec.Struct, frozen=True):
    """A column with the function that fills it."""

    column: Column
    cell: Make


def cells(names: tuple[str, ...], resource: Resource, snapshot: Snapshot, verdict: Verdict) -> tuple[Cell, ...]:
    """The cells of one object under the named columns."""
    return tuple(COLUMNS[name].cell(resource, snapshot, verdict) for name in names)


def state_cell(verdict: Verdict) -> Cell:
    """The glyph, with its colour; it sorts worst first."""
    return Cell(verdict.state.glyph, verdict.state.role, 0.0, -verdict.state.rank)


def number(value: Any) -> Cell:
    """A right-aligned number; absent is blank."""
    if not isinstance(value, int):
        return Cell(clean(str(value)) if value else "", sort=-1)
    return Cell(str(value), "", 0.0, value)


def since(at: float) -> Cell:
    """An age; the youngest sorts first."""
    return Cell("", "", at, -at)


def ratio(ready: int, wanted: int) -> Cell:
    """`2/3`, in the colour of what is missing."""
    role = "" if ready >= wanted else ("warn" if ready else "bad")
    return Cell(f"{ready}/{wanted}", role, 0.0, (wanted - ready, wanted))


def _text(*path: str) -> Make:
    return lambda r, _s, _v: Cell(clean(str(facts.value(r, *path) or "")))


def _number(*path: str) -> Make:
    return lambda r, _s, _v: number(facts.value(r, *path))


# Kinds whose status does not count ready members: all are when it is Ready, else only the workload knows.
UNCOUNTED = frozenset({"Galera", "Redis"})


def _ready(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    kind = resource.ref.kind
    if kind == "Pod":
        pod = facts.pod(resource)
        return ratio(pod.ready, pod.total) if pod.phase != "Succeeded" else Cell(f"{pod.ready}/{pod.total}", "quiet")
    if kind in {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}:
        found = facts.workload(resource)
        return ratio(found.ready, found.desired)
    if kind == "Job":
        job = facts.job(resource)
        return Cell(f"{job.succeeded}/1", "" if job.succeeded else "quiet")
    ready, wanted = facts.value(resource, "status", "readyCount"), facts.value(resource, "spec", "replicas")
    if not isinstance(wanted, int):
        return Cell()
    if kind in UNCOUNTED:
        return ratio(wanted, wanted) if resource.ready else Cell(f"?/{wanted}", "quiet")
    return ratio(ready or 0, wanted)


def _status(resource: Resource, _: Snapshot, verdict: Verdict) -> Cell:
    """The one word that kubectl shows for a pod; the phase of other objects, else our own word."""
    role = verdict.state.role
    if resource.deleted:
        return Cell("Terminating", "busy")
    if resource.ref.kind == "Pod":
        pod = facts.pod(resource)
        waiting = next((c.reason for c in pod.containers if c.state == "waiting" and c.reason), "")
        ended = next((c.reason for c in pod.containers if c.state == "terminated" and c.exit_code), "")
        return Cell(clean(waiting or ended or ("Completed" if pod.phase == "Succeeded" else pod.phase)), role)
    phase = facts.value(resource, "status", "phase")
    return Cell(clean(str(phase or verdict.word)), role)


def _image(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    if resource.ref.kind == "Pod":
        return Cell(clean(image(facts.pod(resource).image)))
    if resource.ref.kind in {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}:
        return Cell(clean(image(facts.workload(resource).image)))
    return Cell(clean(image(str(facts.value(resource, "spec", "containerImage") or ""))))


def _pod_only(make: Callable[[facts.PodFacts], Cell]) -> Make:
    return lambda r, _s, _v: make(facts.pod(r)) if r.ref.kind == "Pod" else Cell()


def _restarts(pod: facts.PodFacts) -> Cell:
    return Cell(str(pod.restarts), "warn" if pod.restarts else "", 0.0, pod.restarts)


def _attempts(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    job = facts.job(resource)
    attempt = min(job.failed + 1, job.limit + 1)
    return Cell(f"{attempt}/{job.limit + 1}", "warn" if job.failed else "", 0.0, job.failed)


def _nodes(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    return number(len(facts.value(resource, "spec", "nodes") or {}))


def _list(*path: str) -> Make:
    def make(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
        found = facts.value(resource, *path)
        return Cell(clean(", ".join(map(str, found)))) if isinstance(found, list) else Cell()

    return make


def _roles(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    mark = "node-role.kubernetes.io/"
    return Cell(clean(",".join(sorted(k.removeprefix(mark) for k in resource.labels if k.startswith(mark)))))


def _data(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    return Cell(count(len(facts.value(resource, "data") or {}), "key"))


def _event_object(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    found = facts.value(resource, "involvedObject") or {}
    return Cell(clean(f"{found.get('kind', '')} {found.get('name', '')}"))


def _event_time(resource: Resource, _: Snapshot, __: Verdict) -> Cell:
    return since(event_at(resource))


def event_at(resource: Resource) -> float:
    """When an Event last happened."""
    last = facts.value(resource, "lastTimestamp") or facts.value(resource, "eventTime")
    return instant(last) or resource.created


COLUMNS: dict[str, Named] = {
    "state": Named(Column("S", most=1, least=1), lambda _r, _s, v: state_cell(v)),
    "name": Named(Column("NAME", least=20, most=63), lambda r, _s, _v: Cell(clean(r.ref.name), "", 0.0, r.ref.name)),
    "namespace": Named(Column("NAMESPACE", least=9, most=24, yields=5), lambda r, _s, _v: Cell(clean(r.ref.namespace))),
    "kind": Named(Column("KIND", least=6, most=28, yields=4), lambda r, _s, _v: Cell(clean(r.ref.kind), "quiet")),
    "ready": Named(Column("READY", ">", least=5, most=7), _ready),
    "status": Named(Column("STATUS", least=8, most=22), _status),
    "message": Named(
        Column("MESSAGE", least=12, most=200, yields=2), lambda _r, _s, v: Cell(clean(v.why), v.state.role)
    ),
    "age": Named(Column("AGE", ">", least=4, most=4), lambda r, _s, _v: since(r.created)),
    "since": Named(Column("SINCE", ">", least=5, most=5, yields=6), lambda _r, _s, v: since(v.since)),
    "image": Named(Column("IMAGE", least=10, most=44, yields=9), _image),
    "restarts": Named(Column("RESTARTS", ">", least=8, most=8, yields=3), _pod_only(_restarts)),
    "node": Named(Column("NODE", least=8, most=20, yields=7), _pod_only(lambda p: Cell(clean(p.node)))),
    "ip": Named(Column("IP", least=9, most=15, yields=8), _pod_only(lambda p: Cell(clean(p.ip)))),
    "attempt": Named(Column("ATTEMPT", ">", least=7, most=7), _attempts),
    "nodes": Named(Column("NODES", ">", least=5, most=5), _nodes),
    "nodesets": Named(Column("NODESETS", least=10, most=40, yields=3), _list("spec", "nodeSets")),
    "services": Named(Column("SERVICES", least=10, most=60, yields=4), _list("spec", "services")),
    "override": Named(Column("SERVICES", least=8, most=40, yields=4), _list("spec", "servicesOverride")),
    "limit": Named(Column("LIMIT", least=6, most=24, yields=5), _text("spec", "ansibleLimit")),
    "deployed": Named(Column("DEPLOYED", least=8, most=12, yields=6), _text("status", "deployedVersion")),
    "target": Named(Column("TARGET", least=6, most=12), _text("spec", "targetVersion")),
    "playbook": Named(Column("PLAYBOOK", least=10, most=40), _text("spec", "playbook")),
    "roles": Named(Column("ROLES", least=6, most=24), _roles),
    "version": Named(Column("VERSION", least=8, most=14, yields=3), _text("status", "nodeInfo", "kubeletVersion")),
    "type": Named(Column("TYPE", least=7, most=30, yields=3), lambda r, _s, _v: Cell(clean(str(_type(r))))),
    "cluster-ip": Named(Column("CLUSTER-IP", least=10, most=15, yields=4), _text("spec", "clusterIP")),
    "data": Named(Column("DATA", ">", least=6, most=8), _data),
    "storage": Named(Column("SIZE", ">", least=5, most=8), _text("spec", "resources", "requests", "storage")),
    "reason": Named(Column("REASON", least=10, most=24), _text("reason")),
    "object": Named(Column("OBJECT", least=16, most=60), _event_object),
    "count": Named(Column("COUNT", ">", least=5, most=5, yields=3), _number("count")),
    "seen": Named(Column("SEEN", ">", least=4, most=4), _event_time),
}


def _type(resource: Resource) -> Any:
    return facts.value(resource, "type") or facts.value(resource, "spec", "type") or ""


STATUS_OF_CR = ("state", "name", "ready", "message", "since", "age")

BY_KIND: dict[str, tuple[str, ...]] = {
    "Pod": ("state", "name", "ready", "status", "restarts", "node", "ip", "image", "age"),
    "Deployment": ("state", "name", "ready", "image", "message", "age"),
    "StatefulSet": ("state", "name", "ready", "image", "message", "age"),
    "DaemonSet": ("state", "name", "ready", "image", "message", "age"),
    "ReplicaSet": ("state", "name", "ready", "image", "age"),
    "Job": ("state", "name", "ready", "attempt", "message", "age"),
    "Node": ("state", "name", "roles", "version", "message", "age"),
    "Service": ("name", "type", "cluster-ip", "age"),
    "Secret": ("name", "type", "data", "age"),
    "ConfigMap": ("name", "data", "age"),
    "Event": ("seen", "state", "reason", "object", "count", "message"),
    "PersistentVolumeClaim": ("state", "name", "status", "storage", "age"),
    "Namespace": ("name", "status", "age"),
    "OpenStackVersion": ("state", "name", "target", "deployed", "message", "age"),
    "OpenStackDataPlaneNodeSet": ("state", "name", "nodes", "deployed", "message", "since", "age"),
    "OpenStackDataPlaneDeployment": ("state", "name", "nodesets", "override", "limit", "message", "age"),
    "OpenStackDataPlaneService": ("name", "playbook", "age"),
}


def for_kind(kind: str, *, namespaced: bool, scope: str) -> tuple[str, ...]:
    """The columns of a table of one kind; the namespace is a column when all are in scope."""
    names = BY_KIND.get(kind, STATUS_OF_CR)
    if not namespaced or scope:
        return names
    at = names.index("name") if "name" in names else len(names) - 1
    return (*names[:at], "namespace", *names[at:])


def glyph(word: str) -> str:
    """The glyph of a state's word."""
    return WORDS[word].glyph
