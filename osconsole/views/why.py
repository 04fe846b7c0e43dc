"""Why: from an object down to the last thing known of its trouble, each step with its evidence.

`steps` is the chain, `sentence` the one line. An unknown case ends honestly at the last object that says something.
"""

import msgspec

from osconsole.model.conditions import READY, mirror
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, progress, tree
from osconsole.views.rows import Line
from osconsole.views.state import OFF, OK, Verdict
from osconsole.views.text import age, clean


class Step(msgspec.Struct, frozen=True):
    """One link of the chain: the object, what it says, since when (Unix seconds, 0 unknown)."""

    ref: Ref
    says: str
    since: float = 0.0


def steps(resource: Resource, snapshot: Snapshot, now: float) -> tuple[Step, ...]:
    """From the object down; a single step when nothing is wrong."""
    node = tree.grow(resource, snapshot, now)
    out = [Step(resource.ref, _says(node), node.verdict.since)]
    while child := _worst_child(node):
        node = child
        out.append(Step(node.resource.ref, _says(node), node.verdict.since))
    out.extend(_beyond(node.resource, snapshot))
    return tuple(out)


def sentence(resource: Resource, snapshot: Snapshot, now: float) -> str:
    """`Nova nova is degraded for 9m because ...`."""
    verdict = tree.grow(resource, snapshot, now).verdict
    name = clean(resource.ref.short)
    if verdict.word == OK:
        return f"{name} is ok" + (f": {verdict.why}" if verdict.why else "")
    root = steps(resource, snapshot, now)[-1]
    because = root.says or verdict.why
    where = "" if root.ref == resource.ref else f"{clean(root.ref.short)}: "
    long = f" for {age(now - verdict.since)}" if verdict.since else ""
    return f"{name} is {verdict.word}{long} because {where}{because}"


def lines(resource: Resource, snapshot: Snapshot, now: float) -> tuple[Line, ...]:
    """The chain as text for a pane; Enter on a step goes to its object."""
    out = [Line(((sentence(resource, snapshot, now), "accent"),))]
    for step in steps(resource, snapshot, now):
        when = f"  {age(now - step.since)}" if step.since else ""
        spans = ((f"  {step.ref.kind} {clean(step.ref.name)}", ""), (f"   {step.says}", ""), (when, "quiet"))
        out.append(Line(spans, step.ref))
    return tuple(out)


def _worst_child(node: tree.Node) -> tree.Node | None:
    found = [c for c in node.children if c.verdict.word not in {OK, OFF}]
    return max(found, key=lambda c: (c.verdict.state.rank, c.verdict.since), default=None)


def _says(node: tree.Node) -> str:
    """The object's own worst condition by name, or its own verdict."""
    resource, own = node.resource, node.own
    worst = mirror([c for c in resource.conditions if c.type != READY])
    if worst and not worst.ok and resource.ref.group.endswith("openstack.org"):
        severity = f"/{worst.severity}" if worst.severity else ""
        return f"{worst.type} {worst.status}{severity}: {clean(worst.message.strip() or worst.reason)}"
    if own.word in {OK, OFF}:
        return "says it is ready" if resource.conditions and node.verdict.word != OK else (own.why or own.word)
    return own.why or own.word


def _beyond(resource: Resource, snapshot: Snapshot) -> list[Step]:
    """What lies below the owner tree: a container's end, a failed Ansible task."""
    if resource.ref.kind == "Pod":
        run = snapshot.runs.get(resource.ref)
        if run and run.failed:
            host = run.failed[0]
            last = run.hosts[host]
            return [Step(resource.ref, f"{clean(host)} {last.outcome} in {clean(last.task)}: {clean(last.message)}")]
        ended = next((c for c in facts.pod(resource).containers if c.last_exit or c.exit_code), None)
        if ended:
            code = ended.exit_code or ended.last_exit
            return [Step(resource.ref, f"container {ended.name} exits {code}, {ended.restarts} restarts")]
    if resource.ref.kind == "OpenStackDataPlaneDeployment":
        parts = progress.lanes(resource, snapshot)
        bad = next((s for p in parts for s in p.services if s.why), None)
        if bad and bad.job:
            return [Step(bad.pod or bad.job, f"service {bad.name}: {bad.why}")]
    return []


def verdict(resource: Resource, snapshot: Snapshot, now: float) -> Verdict:
    """The bubbled verdict of one object."""
    return tree.grow(resource, snapshot, now).verdict
