"""How far Deployments of compute nodes really are: per NodeSet and service, from Jobs, pods and Ansible runs.

The Deployment's own conditions flicker (`domain.md` §7); the Jobs do not.
"""

from collections.abc import Iterator, Mapping

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Run
from osconsole.model.snapshot import Snapshot
from osconsole.views import endings, facts
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, WAITING, WORDS
from osconsole.views.text import bar, clean, count, span

DEPLOYMENT = kinds.key("OpenStackDataPlaneDeployment")
NODESET = kinds.key("OpenStackDataPlaneNodeSet")
JOB = kinds.key("Job")
POD = kinds.key("Pod")
MARK = "openstackdataplane"


class Service(msgspec.Struct, frozen=True):
    """One service of one NodeSet in a Deployment.

    Attributes:
        word: a word of state.
        attempt, attempts: k of n; n is backoffLimit + 1.
        run: of the newest pod, None before it said anything.
        started, ended: Unix seconds, 0 when not (yet).
    """

    name: str
    word: str = WAITING
    job: Ref | None = None
    pod: Ref | None = None
    attempt: int = 0
    attempts: int = 0
    run: Run | None = None
    started: float = 0.0
    ended: float = 0.0
    why: str = ""


class Lane(msgspec.Struct, frozen=True):
    """One NodeSet's part of a Deployment."""

    nodeset: str
    hosts: int
    services: tuple[Service, ...]

    @property
    def done(self) -> int:
        """Services that are through."""
        return sum(s.word == OK for s in self.services)

    @property
    def current(self) -> Service | None:
        """The first service that is not through."""
        return next((s for s in self.services if s.word != OK), None)


def lanes(deployment: Resource, snapshot: Snapshot) -> tuple[Lane, ...]:
    """The lanes of a Deployment in the order of its NodeSets."""
    body = deployment.body()
    spec = body.get("spec") or {}
    namespace = deployment.ref.namespace
    jobs = {
        (j.labels.get(f"{MARK}service", ""), j.labels.get(f"{MARK}nodeset", "")): j
        for j in snapshot.all(JOB, namespace)
        if j.labels.get(f"{MARK}deployment") == deployment.ref.name
    }
    over = bool(facts.value(deployment, "status", "deployed"))
    out = []
    for name in spec.get("nodeSets") or []:
        nodeset = snapshot.get(NODESET.ref(namespace, str(name)))
        names = spec.get("servicesOverride") or (facts.value(nodeset, "spec", "services") if nodeset else None) or []
        hosts = len(facts.value(nodeset, "spec", "nodes") or {}) if nodeset else 0
        found = tuple(_service(str(s), str(name), jobs, (snapshot, over)) for s in dict.fromkeys(names))
        out.append(Lane(str(name), hosts, found))
    return tuple(out)


def _service(name: str, nodeset: str, jobs: dict[tuple[str, str], Resource], context: tuple[Snapshot, bool]) -> Service:
    snapshot, over = context
    job = jobs.get((name, nodeset)) or next((j for (s, _), j in jobs.items() if s == name and _global(j)), None)
    if job is None:
        return Service(name, OK if over else WAITING, why="its Job is no longer there" if over else "")
    found = facts.job(job)
    tried = pods(job, snapshot)
    pod = tried[0] if tried else None
    run = snapshot.runs.get(pod.ref) if pod else None
    word, why = PROGRESSING, ""
    if found.complete:
        word = OK
    elif found.gave_up:
        word, why = FAILED, f"{found.gave_up} after {count(found.failed, 'attempt')}"
    elif found.failed:
        word = DEGRADED
    failed = "" if word == OK else failure(tried, snapshot)
    attempt = min(found.failed + (0 if found.gave_up else 1), found.limit + 1)
    return Service(
        name, word, job.ref, pod.ref if pod else None, attempt, found.limit + 1, run,
        found.started, found.ended, ", ".join(w for w in (why, failed) if w) or _attempts(found),
    )  # fmt: skip


def _global(job: Resource) -> bool:
    """A service that runs once for all NodeSets has no NodeSet in its Job's name."""
    service, deployment = job.labels.get(f"{MARK}service", ""), job.labels.get(f"{MARK}deployment", "")
    return job.ref.name == f"{service}-{deployment}"


def _attempts(job: facts.JobFacts) -> str:
    """What is left to say of a service whose failed pods are gone."""
    return f"{count(job.failed, 'attempt')} failed" if job.failed and not job.complete else ""


def pods(job: Resource, snapshot: Snapshot) -> list[Resource]:
    """The pods of a Job, newest first."""
    found = (r for r in snapshot.owned(job) if r.ref.kind == "Pod")
    return sorted(found, key=lambda r: (r.created, r.version), reverse=True)


def failure(tried: list[Resource], snapshot: Snapshot) -> str:
    """What went wrong in the newest pod that says so."""
    return next((said for pod in tried if (said := _failure(pod, snapshot))), "")


def _failure(pod: Resource, snapshot: Snapshot) -> str:
    """What went wrong in a pod: the failed task where its log was seen, else the hosts that its last words name."""
    run = snapshot.runs.get(pod.ref)
    if run is None or not run.failed:
        return next((said for c in facts.pod(pod).containers if (said := endings.words(c.message))), "")
    host = run.failed[0]
    last = run.hosts[host]
    more = f" and {len(run.failed) - 1} more" if len(run.failed) > 1 else ""
    message = f": {clean(last.message)}" if last.message else ""
    return f"{clean(host)}{more} {last.outcome} in {clean(last.task)}{message}"


def running(snapshot: Snapshot, scope: str) -> list[Resource]:
    """Deployments under way, oldest first."""
    found = [d for d in snapshot.all(DEPLOYMENT, scope) if under_way(d)]
    return sorted(found, key=lambda d: d.created)


def under_way(deployment: Resource) -> bool:
    """It has neither ended well nor failed for good."""
    if facts.value(deployment, "status", "deployed"):
        return False
    condition = find(deployment.conditions, "DeploymentReady")
    return not (condition and condition.error)


def hosts_line(run: Run | None) -> str:
    """`21 ok  2 changed  1 unreachable`: the recap, or each host's last result so far."""
    if run is None:
        return ""
    if run.recap:
        changed = sum(r.changed > 0 and not (r.failed or r.unreachable) for r in run.recap)
        failed = sum(r.failed > 0 for r in run.recap)
        unreachable = sum(r.unreachable > 0 for r in run.recap)
        counts = {"ok": len(run.recap) - changed - failed - unreachable, "changed": changed}
        counts |= {"failed": failed, "unreachable": unreachable}
    else:
        counts = {}
        for last in run.hosts.values():
            counts[last.outcome] = counts.get(last.outcome, 0) + 1
    return "  ".join(f"{number} {word}" for word, number in counts.items() if number)


HEADS = (
    Column("DEPLOYMENT", least=24, most=48),
    Column("S", least=1, most=1),
    Column("DONE", ">", least=5, most=7),
    Column("", least=10, most=10, yields=3),
    Column("TIME", ">", least=6, most=7),
    Column("ATTEMPT", ">", least=7, most=7, yields=2),
    Column("WHAT", least=16, most=200),
)


def rows(snapshot: Snapshot, scope: str, now: float, folds: Mapping[Ref, bool]) -> Table:
    """Deployments, newest first; those under way are unfolded into NodeSets and services."""
    found = sorted(snapshot.all(DEPLOYMENT, scope), key=lambda d: -d.created)
    out: list[Row] = []
    for deployment in found:
        out.extend(_deployment(deployment, snapshot, now, folds))
    return Table(HEADS, tuple(out), "" if out else "none: D on a NodeSet makes one")


def _deployment(deployment: Resource, snapshot: Snapshot, now: float, folds: Mapping[Ref, bool]) -> Iterator[Row]:
    parts = lanes(deployment, snapshot)
    done, total = sum(p.done for p in parts), sum(len(p.services) for p in parts)
    word, why = _word(deployment, parts)
    ends = [s.ended for p in parts for s in p.services]
    ended = max(ends, default=0.0) if word in {OK, FAILED} else 0.0
    opened = folds.get(deployment.ref, word != OK)
    took = span((ended or now) - deployment.created) if ended or word not in {OK, FAILED} else ""
    cells = (
        Cell(clean(deployment.ref.name)), Cell(WORDS[word].glyph, WORDS[word].role), Cell(f"{done}/{total}"),
        Cell(bar(done, total)), Cell(took), Cell(), Cell(why, WORDS[word].role),
    )  # fmt: skip
    yield _row(deployment.ref, cells, deployment, word, 0, "open" if opened else "shut")
    if not opened:
        return
    for part in parts:
        yield from _lane(part, deployment, now)


def _word(deployment: Resource, parts: tuple[Lane, ...]) -> tuple[str, str]:
    condition = find(deployment.conditions, "DeploymentReady")
    if facts.value(deployment, "status", "deployed"):
        return OK, "deployed"
    if condition and condition.error:
        return FAILED, clean(condition.message)
    troubled = next((s for p in parts for s in p.services if s.word in {DEGRADED, FAILED}), None)
    if troubled:
        return DEGRADED, f"{troubled.name}: {troubled.why}"
    ready = find(deployment.conditions, "InputReady")
    if ready and not ready.ok and not any(s.job for p in parts for s in p.services):
        return WAITING, clean(ready.message)
    now = [f"{s.name}" for p in parts if (s := p.current)]
    return PROGRESSING, "now " + ", ".join(dict.fromkeys(now)) if now else "about to end"


def _lane(part: Lane, deployment: Resource, now: float) -> Iterator[Row]:
    word = OK if part.done == len(part.services) else (part.current.word if part.current else WAITING)
    cells = (
        Cell(clean(part.nodeset)), Cell(WORDS[word].glyph, WORDS[word].role), Cell(f"{part.done}/{len(part.services)}"),
        Cell(bar(part.done, len(part.services))), Cell(), Cell(), Cell(count(part.hosts, "host"), "quiet"),
    )  # fmt: skip
    ref = NODESET.ref(deployment.ref.namespace, part.nodeset)
    yield Row((deployment.ref, part.nodeset), cells, ref, "", word, 1, "open", part.nodeset.lower())
    for service in part.services:
        yield _service_row(service, part, deployment, now)


def _service_row(service: Service, part: Lane, deployment: Resource, now: float) -> Row:
    state = WORDS[service.word]
    run = service.run
    took = span((service.ended or now) - service.started) if service.started else ""
    what = service.why
    if service.word == PROGRESSING and run and not run.ended:
        waiting = f"  waiting on {', '.join(map(clean, run.waiting[:3]))}" if run.waiting else ""
        what = f"task {run.tasks}: {clean(run.task)}{waiting}"
    elif not what:
        what = hosts_line(run)
    attempt = f"{service.attempt}/{service.attempts}" if service.attempt > 1 or service.word == FAILED else ""
    cells = (
        Cell(clean(service.name)), Cell(state.glyph, state.role), Cell(), Cell(), Cell(took),
        Cell(attempt, "warn"), Cell(what, state.role if service.why else ""),
    )  # fmt: skip
    key = (deployment.ref, part.nodeset, service.name)
    return Row(key, cells, service.pod or service.job, "", service.word, 2, "", service.name.lower())


def _row(key: object, cells: tuple[Cell, ...], resource: Resource, word: str, depth: int, fold: str) -> Row:
    text = " ".join(c.text for c in cells).lower()
    return Row(key, cells, resource.ref, resource.version, word, depth, fold, text)
