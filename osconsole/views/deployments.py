"""Deployments of compute nodes as rows: NodeSets, services, and of those that run the task and whom it waits for."""

from collections.abc import Iterator, Mapping

import msgspec

from osconsole.model.conditions import find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Run
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, facts, outcomes, reach
from osconsole.views.progress import DEPLOYMENT, NODESET, Lane, Service, hosts_line, lanes
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.rules import conflicts, neighbours
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, WAITING, WORDS
from osconsole.views.text import bar, clean, count, span

HEADS = (
    Column("DEPLOYMENT", least=24, most=48),
    Column("S", least=1, most=1),
    Column("DONE", ">", least=5, most=7),
    Column("", least=10, most=10, yields=3),
    Column("TIME", ">", least=6, most=7),
    Column("OF", ">", least=2, most=7, yields=2),
    Column("ATTEMPT", ">", least=7, most=7, yields=2),
    Column("WHAT", least=16, most=200),
)
NAMED = 4  # hosts that are waited for and named; more are counted
ENDED = frozenset({OK, FAILED})


def rows(snapshot: Snapshot, scope: str, now: float, folds: Mapping[Ref, bool]) -> Table:
    """Deployments, newest first; those under way are unfolded into NodeSets and services."""
    found = sorted(snapshot.all(DEPLOYMENT, scope), key=lambda d: -d.created)
    out: list[Row] = []
    for deployment in found:
        out.extend(_deployment(deployment, snapshot, now, folds))
    return Table(HEADS, tuple(out), "" if out else "none: D on a NodeSet makes one")


def one(deployment: Resource, snapshot: Snapshot, now: float) -> Table:
    """One Deployment in full: how it was asked for, every service, the task of those that run."""
    parts = lanes(deployment, snapshot)
    out = [_folded(_heading(deployment, parts, snapshot, now), "")]
    asked = Cell(clean(ordered(deployment)), "quiet")
    manager, at = made_by(deployment)
    by = Cell(f"by {clean(manager)}" if manager else "made", "quiet")
    cells = (by, *[Cell()] * 3, columns.since(at), Cell(), Cell(), asked)
    out.append(Row((deployment.ref, "asked"), cells, deployment.ref, "", "", 1))
    for part in parts:
        out.extend(_lane(part, deployment, now, whole=True))
    return Table(HEADS, tuple(out))


def chosen(about: Ref | None, snapshot: Snapshot, scope: str) -> Resource | None:
    """The Deployment of a Ref; without one the newest under way, else the newest."""
    if about is not None:
        return snapshot.get(about)
    found = sorted(snapshot.all(DEPLOYMENT, scope), key=lambda d: d.created)
    under = [d for d in found if judged(d, lanes(d, snapshot))[0] not in ENDED]
    return next(reversed(under or found), None)


def ordered(deployment: Resource) -> str:
    """What was asked for: services, limit, tags."""
    spec = facts.value(deployment, "spec") or {}
    services = ", ".join(map(str, spec.get("servicesOverride") or ())) or "all services"
    return f"[{services}]  limit {reach.limit(deployment) or '-'}  tags {reach.tagged(deployment) or '-'}"


def made_by(deployment: Resource) -> tuple[str, float]:
    """Who wrote its spec first, as the server knows them, and when."""
    spec = [w for w in deployment.writers if not w.subresource]
    first = min(spec, key=lambda w: w.at, default=None)
    return (first.manager, deployment.created) if first else ("", deployment.created)


def expected_s(parts: tuple[Lane, ...]) -> float:
    """How long the whole may take, 0 where some service never ran: NodeSets run side by side, services in turn."""
    longest = 0.0
    for part in parts:
        if any(s.expected is None for s in part.services):
            return 0.0
        longest = max(longest, sum(s.expected.duration_s for s in part.services if s.expected))
    return longest


def judged(deployment: Resource, parts: tuple[Lane, ...]) -> tuple[str, str]:
    """A word of state and what is said of a Deployment."""
    condition = find(deployment.conditions, "DeploymentReady")
    if facts.value(deployment, "status", "deployed"):
        return OK, "deployed"
    troubled = next((s for p in parts for s in p.services if s.word in {DEGRADED, FAILED}), None)
    said = f"{troubled.name}: {clean(troubled.why)}" if troubled else clean(condition.message) if condition else ""
    if neighbours.over(deployment):
        return FAILED, said
    if troubled or (condition and condition.error):
        return DEGRADED, said
    ready = find(deployment.conditions, "InputReady")
    if ready and not ready.ok and not any(s.job for p in parts for s in p.services):
        return WAITING, clean(ready.message)
    now = [f"{s.name}" for p in parts if (s := p.current)]
    return PROGRESSING, "now " + ", ".join(dict.fromkeys(now)) if now else "about to end"


def _deployment(deployment: Resource, snapshot: Snapshot, now: float, folds: Mapping[Ref, bool]) -> Iterator[Row]:
    parts = lanes(deployment, snapshot)
    row = _heading(deployment, parts, snapshot, now)
    opened = folds.get(deployment.ref, row.state != OK)
    yield row if opened else _folded(row, "shut")
    if opened:
        for part in parts:
            yield from _lane(part, deployment, now)


def _folded(row: Row, fold: str) -> Row:
    return msgspec.structs.replace(row, fold=fold)


def _heading(deployment: Resource, parts: tuple[Lane, ...], snapshot: Snapshot, now: float) -> Row:
    done, total = sum(p.done for p in parts), sum(len(p.services) for p in parts)
    word, why = judged(deployment, parts)
    if word not in ENDED and (gone := conflicts.job_missing(deployment, snapshot, now)) and now >= gone.due:
        word, why = FAILED, clean(gone.sentence)
    ended = max((s.ended for p in parts for s in p.services), default=0.0) if word in ENDED else 0.0
    took = span((ended or now) - deployment.created) if ended or word not in ENDED else ""
    cells = (
        Cell(clean(deployment.ref.name)), Cell(WORDS[word].glyph, WORDS[word].role), Cell(f"{done}/{total}"),
        Cell(bar(done, total)), Cell(took), Cell(about(expected_s(parts), word), "quiet"), Cell(),
        Cell(why, WORDS[word].role),
    )  # fmt: skip
    text = " ".join(c.text for c in cells).lower()
    return Row(deployment.ref, cells, deployment.ref, deployment.version, word, 0, "open", text)


def about(length_s: float, word: str) -> str:
    """`~3m20`, `~?` where nothing is known, "" when it is over."""
    if word in ENDED:
        return ""
    return f"~{span(length_s)}" if length_s else "~?"


def _lane(part: Lane, deployment: Resource, now: float, *, whole: bool = False) -> Iterator[Row]:
    word = OK if part.done == len(part.services) else (part.current.word if part.current else WAITING)
    hosts = count(part.hosts, "host")
    if len(part.reached) < part.hosts:
        hosts = f"{len(part.reached)} of {hosts}, by its limit"
    cells = (
        Cell(clean(part.nodeset)), Cell(WORDS[word].glyph, WORDS[word].role), Cell(f"{part.done}/{len(part.services)}"),
        Cell(bar(part.done, len(part.services))), Cell(), Cell(), Cell(), Cell(hosts, "quiet"),
    )  # fmt: skip
    ref = NODESET.ref(deployment.ref.namespace, part.nodeset)
    yield Row((deployment.ref, part.nodeset), cells, ref, "", word, 1, "open", part.nodeset.lower())
    for service in part.services:
        yield _service(service, part, deployment, now)
        if whole and service.run and service.run.tasks and not service.run.ended and service.word not in ENDED:
            yield from _task(service, service.run, part, deployment)


def _service(service: Service, part: Lane, deployment: Resource, now: float) -> Row:
    state = WORDS[service.word]
    took = span((service.ended or now) - service.started) if service.started else ""
    expects = service.expected.duration_s if service.expected else 0.0
    attempt = f"{service.attempt}/{service.attempts}" if service.attempt > 1 or service.word == FAILED else ""
    good = sum(o.word == OK for o in outcomes.outcomes(service, part).values())
    cells = (
        Cell(clean(service.name)), Cell(state.glyph, state.role),
        Cell(f"{good}/{len(part.reached)}" if service.word != WAITING else ""), Cell(), Cell(took),
        Cell(about(expects, service.word) if service.started else "", "quiet"),
        Cell(attempt, "warn"), Cell(_what(service), state.role if service.why else ""),
    )  # fmt: skip
    key = (deployment.ref, part.nodeset, service.name)
    return Row(key, cells, service.pod or service.job, "", service.word, 2, "", service.name.lower())


def _what(service: Service) -> str:
    run = service.run
    if service.word in {PROGRESSING, DEGRADED} and run and run.tasks and not run.ended:
        parts = [service.why and clean(service.why), f"{_number(service, run)}: {clean(run.task)}", _waits(run)]
        return "  ".join(part for part in parts if part)
    return clean(service.why) or hosts_line(run)


def _number(service: Service, run: Run) -> str:
    """`task 31/44`; without a total where no earlier run has told it, or this one has more."""
    total = service.expected.tasks if service.expected else 0
    return f"task {run.tasks}/{total}" if total and total >= run.tasks else f"task {run.tasks}"


def _waits(run: Run) -> str:
    more = f" and {len(run.waiting) - NAMED} more" if len(run.waiting) > NAMED else ""
    return f"waiting on: {', '.join(map(clean, run.waiting[:NAMED]))}{more}" if run.waiting else ""


def _task(service: Service, run: Run, part: Lane, deployment: Resource) -> Iterator[Row]:
    """The task under way, how hosts fare in it, and those that are waited for."""
    fares = "  ".join(f"{number} {word}" for word, number in run.results.items())
    again = ", ".join(f"{clean(host)} tries again, {left} left" for host, left in run.retrying.items())
    for name, text, role in (("task", f"{clean(run.task)}  {fares}".rstrip(), ""), ("waits", _waits(run), "busy"),
                             ("again", again, "warn")):  # fmt: skip
        if text:
            key = (deployment.ref, part.nodeset, service.name, name)
            since = columns.since(run.since) if name == "task" else Cell()
            cells = (Cell(), Cell(), Cell(), Cell(), since, Cell(), Cell(), Cell(text, role))
            yield Row(key, cells, service.pod, "", "", 3, "", text.lower())
