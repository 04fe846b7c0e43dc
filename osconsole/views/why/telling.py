"""Telling: the evidence below the last object of a chain: a container's end, a failed task, a line of log, an Event."""

from osconsole.views import columns, facts, tree
from osconsole.views.text import count
from osconsole.views.why.case import Case
from osconsole.views.why.explanation import Step
from osconsole.views.why.finding import Finding, shown, troubled
from osconsole.views.why.patterns import MOST, find
from osconsole.views.why.world import World

ALARMING = ("fatal: ", "error", "critical", "exception", "traceback", "failed!", "panic", "cannot", "denied", "refused")
# Kinds of which Kubernetes itself tells in Events.
EVENTFUL = frozenset({
    "Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "PersistentVolumeClaim", "Service", "Certificate", "Node",
})  # fmt: skip


def evidence(node: tree.Node, world: World, found: Finding | None) -> list[Step]:
    """What lies below an object that is in trouble."""
    if not troubled(node, world):
        return []
    case = Case(node.resource, node.own, world)
    out = _of_pod(case, found) if node.resource.ref.kind == "Pod" else []
    return out + _event(case)


def _event(case: Case) -> list[Step]:
    if case.resource.ref.kind not in EVENTFUL:
        return []
    for event in case.world.warnings(case.resource):
        reason, message = (str(facts.value(event, key) or "") for key in ("reason", "message"))
        return [Step(case.resource.ref, shown(f"{reason}: {message}"), columns.event_at(event), "event")]
    return []


def _of_pod(case: Case, found: Finding | None) -> list[Step]:
    ref = case.resource.ref
    out = []
    if container := case.guilty():
        out.append(Step(ref, _container(container), container.since, "container"))
    run = case.world.snapshot.runs.get(ref)
    if run and run.failed:
        host = run.failed[0]
        last = run.hosts[host]
        more = f" (and {count(len(run.failed) - 1, 'more host')})" if len(run.failed) > 1 else ""
        out.append(Step(ref, shown(f"{host}{more} {last.outcome} in {last.task}: {last.message}"), 0.0, "ansible"))
    line = found.words.get("line", "") if found and found.case.resource is case.resource else ""
    if said := line or _telling(case.log()):
        out.append(Step(ref, shown(said.strip()[:MOST]), 0.0, "log"))
    return out


def _telling(log: tuple[str, ...]) -> str:
    """The last line that sounds of trouble, else the last one that says anything."""
    said = [line for line in reversed(log) if line.strip()]
    return next((line for line in said if find(ALARMING, line[:MOST]) is not None), said[0] if said else "")


def _container(found: facts.Container) -> str:
    code = found.exit_code or found.last_exit
    why = found.reason if found.reason not in {"", "Error", "Completed"} else found.last_reason
    words = [
        f"{'init ' if found.init else ''}{found.name}",
        f"exits {code}" if code else found.state,
        f"({why})" if why else "",
        f"{count(found.restarts, 'restart')}" if found.restarts else "",
    ]
    return shown(" ".join(word for word in words if word))
