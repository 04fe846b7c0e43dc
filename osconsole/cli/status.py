"""`status` and `wait`: how things stand, for scripts and for a glance."""

import json
import time
from typing import Any

import click

from osconsole.cli import kept
from osconsole.cli import options as shared
from osconsole.cli.glyphs import glyph
from osconsole.cli.known import known, located, run, until
from osconsole.errors import Forbidden, OsconsoleError, Unreachable, UsageError
from osconsole.model import kinds
from osconsole.model.conditions import BACKOFF
from osconsole.model.connection import Options
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.contradictions import Contradiction
from osconsole.views.moments import moment
from osconsole.views.summary import CONTROL_PLANE, Summary, summary
from osconsole.views.text import clean, count
from osconsole.views.why.explain import sentence

TREE = frozenset(
    kind.key
    for kind in kinds.KINDS
    if kind.group.endswith("openstack.org")
    or kind.kind in {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}
)
DEPLOYED = frozenset({"OpenStackDataPlaneDeployment", "OpenStackDataPlaneNodeSet"})


@click.command()
@shared.connection
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--all", "everything", is_flag=True, help="NodeSets count for the exit code too.")
@click.option("--at", default="", metavar="TIME", help="How they stood then: 02:13, 2h (ago), or a date and time.")
def status(*, options: Options, output: str, everything: bool, at: str) -> int:
    """How the clouds in scope stand. Exit 0 when each control plane is Ready at its generation, 1 when not."""
    found = _past(options, at) if at else run(_summary(options))
    print(json.dumps(as_json(found), indent=2) if output == "json" else as_text(found))
    return code(found, everything=everything)


def code(found: Summary, *, everything: bool = False) -> int:
    """The exit code: 0 when each control plane is Ready at its generation (and, with everything, each NodeSet)."""
    good = bool(found.control_planes) and all(p.ready for p in found.control_planes)
    if everything:
        good = good and all(n.ready for n in found.nodesets)
    return 0 if good else 1


async def _summary(options: Options) -> Summary:
    async with known(options, TREE) as session:
        scope = session.status.namespace
        line = session.snapshot.line(CONTROL_PLANE, scope)
        if line.state == "denied":
            raise Forbidden(f"no permission: {line.why}", 403)
        return summary(session.snapshot, scope, session.now())


def _past(options: Options, text: str) -> Summary:
    """As far as consoles on this machine have watched."""
    at = moment(text, time.time())
    return summary(kept.world(options, at), kept.place(options)[1], at)


def as_json(found: Summary) -> dict[str, Any]:
    """For other programs."""
    planes = [
        {"namespace": p.ref.namespace, "name": p.ref.name, "ready": p.ready, "state": p.verdict.word, "why": p.why}
        for p in found.control_planes
    ]
    sets = [
        {
            "namespace": n.ref.namespace, "name": n.ref.name, "ready": n.ready, "state": n.verdict.word,
            "hosts": n.hosts, "why": "" if n.ready else n.verdict.why,
        }
        for n in found.nodesets
    ]  # fmt: skip
    against = [
        {
            "namespace": c.ref.namespace, "kind": c.ref.kind, "name": c.ref.name, "rule": c.rule, "state": c.word,
            "says": c.sentence, "evidence": [f"{e.kind}/{e.name}" for e in c.evidence],
        }
        for c in found.contradictions
    ]  # fmt: skip
    runs = [
        {
            "namespace": d.ref.namespace, "name": d.ref.name, "state": d.word, "why": d.why,
            "done": d.done, "services": d.total,
        }
        for d in found.deployments
    ]  # fmt: skip
    counts = {"running": found.running, "stale": list(found.stale)}
    return {"controlPlanes": planes, "nodeSets": sets, "deployments": runs, **counts, "contradictions": against}


def as_text(found: Summary) -> str:
    """For a person."""
    rows = []
    for plane in found.control_planes:
        counts = f"{plane.pods_ready}/{plane.pods_wanted} pods"
        rows.append((glyph(plane.verdict.word), plane.ref, plane.version, counts, plane.why))
    for nodeset in found.nodesets:
        said = "" if nodeset.ready else nodeset.verdict.why
        rows.append((glyph(nodeset.verdict.word), nodeset.ref, "", count(nodeset.hosts, "host"), said))
    rows += [(glyph(d.word), d.ref, "", f"{d.done}/{d.total} services", d.why) for d in found.deployments]
    if not rows:
        return "no OpenStackControlPlane and no NodeSet in scope: choose another with -n, or -A for all namespaces"
    wide = max(len(f"{ref.namespace}/{ref.name}") for _, ref, *_ in rows)
    lines = [
        f"{glyph} {ref.namespace + '/' + ref.name:<{wide}}  {version:<8} {counts:>14}  {clean(said)}".rstrip()
        for glyph, ref, version, counts, said in rows
    ]
    several = len({ref.namespace for _, ref, *_ in rows}) > 1
    lines += [_contradiction(one, several=several) for one in found.contradictions]
    return "\n".join([*lines, *(f"~ {clean(line)}" for line in found.stale)])


def _contradiction(found: Contradiction, *, several: bool) -> str:
    where = f" in {found.ref.namespace}" if several and found.ref.namespace else ""
    return f"{glyph(found.word)} {clean(found.ref.short + where)}: {found.sentence}"


@click.command()
@shared.connection
@click.argument("ref")
@click.option(
    "--for", "goal", type=click.Choice(["ready", "deployed", "gone"]), required=True, help="What to wait for."
)
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds; 0 is for ever."
)
def wait(*, options: Options, ref: str, goal: str, timeout_s: float) -> int:
    """Wait until REF (kind/name) is ready, deployed or gone. Exit 1 when it is not in time, or can no longer be."""
    wanted = shared.reference(ref, options.namespace or "")
    if goal == "deployed" and wanted.kind not in DEPLOYED:
        raise UsageError(f"a {wanted.kind} is never deployed: that is said of {' and '.join(sorted(DEPLOYED))}")
    return run(_wait(options, wanted, goal, timeout_s))


async def _wait(options: Options, wanted: Ref, goal: str, timeout_s: float) -> int:
    kind = KindKey(wanted.group, wanted.kind)
    async with known(options, {kind}) as session:
        target = located(session, wanted)
        try:
            await until(session, lambda snapshot: reached(snapshot, target, goal), timeout_s)
        except Unreachable:
            found = session.snapshot.get(target)
            said = sentence(found, session.snapshot, session.now()) if found else f"there is no {target}"
            raise OsconsoleError(f"not {goal} after {timeout_s:g} s: {said}") from None
    print(f"{target.short} is {goal}")
    return 0


def reached(snapshot: Snapshot, target: Ref, goal: str) -> bool:
    """The object is as `goal` says.

    Raises:
        OsconsoleError: it can no longer become so.
    """
    found = snapshot.get(target)
    if goal == "gone":
        return found is None
    if found is None:
        return False
    if goal == "ready":
        return found.ready
    if facts.value(found, "status", "deployed"):
        return True
    failed = next((c for c in found.conditions if c.type == "DeploymentReady" and c.reason == BACKOFF), None)
    if failed:  # other errors are tried again
        raise OsconsoleError(f"{target.short} has failed: {clean(failed.message)}")
    return False
