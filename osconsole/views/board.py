"""The lists of the overview: what needs attention, what runs now; and Kubernetes Events."""

from collections.abc import Iterator

from osconsole.model import kinds
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import alarms, columns, contradictions, deployments, facts, health, progress, tree
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PERSON, PROGRESSING, WAITING, WORDS
from osconsole.views.text import bar, clean, span

ROOTS = ("OpenStackControlPlane", "OpenStackDataPlaneNodeSet", "OpenStackDataPlaneDeployment")
LOUD = frozenset({FAILED, DEGRADED, PERSON})
RUN_LABEL = "osconsole.io/run"

ATTENTION = (
    Column("S", least=1, most=1),
    Column("WHAT", least=18, most=40),
    Column("WHY", least=30, most=200),
    Column("SINCE", ">", least=5, most=5, yields=2),
)
RUNNING = (
    Column("S", least=1, most=1),
    Column("WHAT", least=18, most=44),
    Column("", least=10, most=10, yields=2),
    Column("TIME", ">", least=6, most=7),
    Column("OF", ">", least=6, most=7, yields=1),
    Column("NOW", least=14, most=200),
)


def attention(snapshot: Snapshot, scope: str, now: float) -> Table:
    """Worst first: of each tree the deepest objects that are wrong by themselves, and what waits for a person."""
    found: dict[object, Row] = {}
    for word in ROOTS:
        for root in snapshot.all(kinds.key(word), scope):
            if word == "OpenStackDataPlaneDeployment" and not progress.matters(root, snapshot):
                continue
            for node in _causes(tree.grow(root, snapshot, now)):
                found.setdefault(node.resource.ref, _problem(node, snapshot))
    for said in contradictions.find(snapshot, scope, now):
        found.setdefault(said.ref, _contradiction(said, snapshot))
    for row in alarms.rows(snapshot, scope, now):
        found.setdefault(row.key, row)
    rows = sorted(found.values(), key=lambda r: (-WORDS[r.state].rank, r.cells[3].instant))
    return Table(ATTENTION, tuple(rows), "" if rows else "nothing needs attention")


def _causes(node: tree.Node) -> Iterator[tree.Node]:
    """The deepest loud nodes; a loud node with loud children is told through them, a Job's pods through the Job."""
    if node.verdict.word not in LOUD:
        return  # then nothing below is loud: it would have bubbled up
    job = node.resource.ref.kind == "Job" and node.own.word in LOUD
    below = [] if job else [cause for child in node.children for cause in _causes(child)]
    if below:
        yield from below
    elif node.own.word in LOUD:
        yield node


def _problem(node: tree.Node, snapshot: Snapshot) -> Row:
    own, ref = node.own, node.resource.ref
    why = own.why
    if ref.kind == "Job" and (said := progress.failure(progress.pods(node.resource, snapshot), snapshot)):
        why = f"{why}: {said}"
    cells = (
        columns.state_cell(own),
        Cell(clean(ref.short)),
        Cell(clean(why), own.state.role),
        columns.since(own.since),
    )
    return Row(ref, cells, ref, node.resource.version, own.word, text=f"{ref.short} {why}".lower())


def _contradiction(said: contradictions.Contradiction, snapshot: Snapshot) -> Row:
    state, resource = WORDS[said.word], snapshot.get(said.ref)
    cells = (
        Cell(state.glyph, state.role, 0.0, -state.rank), Cell(clean(said.ref.short)),
        Cell(said.sentence, state.role), columns.since(said.since),
    )  # fmt: skip
    text = f"{said.ref.short} {said.sentence}".lower()
    return Row(said.ref, cells, said.ref, resource.version if resource else "", said.word, text=text)


def running(snapshot: Snapshot, scope: str, now: float) -> Table:
    """Deployments, runs of ours and rollouts that are under way."""
    rows = [_deployment(d, snapshot, now) for d in progress.running(snapshot, scope)]
    rows += [_run(c, now) for c in snapshot.all(kinds.key("ConfigMap"), scope) if _active_run(c)]
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for workload in snapshot.all(kinds.key(kind), scope):
            rows += _rollout(workload, snapshot, now)
    return Table(RUNNING, tuple(rows), "" if rows else "nothing runs")


def _deployment(deployment: Resource, snapshot: Snapshot, now: float) -> Row:
    parts = progress.lanes(deployment, snapshot)
    done, total = sum(p.done for p in parts), sum(len(p.services) for p in parts)
    current = next((p.current for p in parts if p.current and p.current.word != WAITING), None)
    current = current or next((p.current for p in parts if p.current), None)
    said = "waits for its NodeSets"
    word = PROGRESSING
    if current:
        run = current.run
        word = current.word if current.word in {DEGRADED, FAILED} else PROGRESSING
        attempt = f" attempt {current.attempt}/{current.attempts}" if current.attempt > 1 else ""
        task = f": task {run.tasks} {clean(run.task)}" if run and not run.ended else ""
        said = f"{current.name}{attempt}{task or (current.why and f': {current.why}')}"
    if not progress.under_way(deployment):
        names = dict.fromkeys(progress.service_of(job) for job in progress.goes_on(deployment, snapshot))
        said, word = f"has failed; {', '.join(names)} goes on to its end", FAILED
    state = WORDS[word]
    cells = (
        Cell(state.glyph, state.role), Cell(clean(f"deploy {deployment.ref.name}")), Cell(bar(done, total)),
        Cell(span(now - deployment.created)), Cell(deployments.about(deployments.expected_s(parts), word), "quiet"),
        Cell(f"{done}/{total}  {said}", state.role),
    )  # fmt: skip
    return Row(deployment.ref, cells, deployment.ref, deployment.version, word, text=deployment.ref.name.lower())


def _active_run(config: Resource) -> bool:
    return RUN_LABEL in config.labels and config.labels[RUN_LABEL] not in {"done", "failed", "stopped"}


def _run(config: Resource, now: float) -> Row:
    data = facts.value(config, "data") or {}
    state = WORDS[PROGRESSING]
    cells = (
        Cell(state.glyph, state.role), Cell(clean(str(data.get("title") or config.ref.name))), Cell(),
        Cell(span(now - config.created)), Cell(), Cell(clean(str(data.get("step") or ""))),
    )  # fmt: skip
    return Row(config.ref, cells, config.ref, config.version, PROGRESSING, text=config.ref.name.lower())


def _rollout(workload: Resource, snapshot: Snapshot, now: float) -> list[Row]:
    found = facts.workload(workload)
    own = tree.grow(workload, snapshot, now).own
    if own.word in {OK, OFF} or (found.updated >= found.desired and found.current == found.desired):
        return []
    cells = (
        columns.state_cell(own), Cell(clean(f"roll {workload.ref.name}")), Cell(bar(found.ready, found.desired)),
        Cell(span(now - own.since) if own.since else ""), Cell(), Cell(own.why, own.state.role),
    )  # fmt: skip
    return [Row(workload.ref, cells, workload.ref, workload.version, own.word, text=workload.ref.name.lower())]


def events(snapshot: Snapshot, scope: str, now: float) -> Table:
    """Kubernetes Events, newest first."""
    names = columns.for_kind("Event", namespaced=True, scope=scope or "-")
    heads = tuple(columns.COLUMNS[name].column for name in names)
    found = sorted(snapshot.all(kinds.key("Event"), scope), key=columns.event_at, reverse=True)
    rows = []
    for event in found:
        own = health.judge(event, snapshot, now)
        cells = columns.cells(names, event, snapshot, own)
        text = " ".join(c.text for c in cells).lower()
        rows.append(Row(event.ref, cells, event.ref, event.version, own.word, text=text))
    return Table(heads, tuple(rows), "" if rows else "none")
