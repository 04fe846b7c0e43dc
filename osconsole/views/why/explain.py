"""Explain: the one door. From an object to the last thing known of its trouble, and the cause where one is known."""

import msgspec

from osconsole.model import kinds
from osconsole.model.evidence import NONE, Evidence
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, facts, tree
from osconsole.views.state import DEGRADED, OK, UNKNOWN, Verdict
from osconsole.views.text import age, clean, count
from osconsole.views.why import links
from osconsole.views.why.case import Case, Words
from osconsole.views.why.cause import Cause, causes
from osconsole.views.why.chain import WELL, descend, says, since
from osconsole.views.why.explanation import Explanation, Step
from osconsole.views.why.matchers import match
from osconsole.views.why.patterns import MOST, fill
from osconsole.views.why.world import World

DEEPEST = 12  # how often one trouble may be another's
SHOWN = 400  # characters of a text in a sentence or step


class Finding(msgspec.Struct, frozen=True):
    """A cause that holds: for which object, and with which words."""

    cause: Cause
    case: Case
    words: Words

    def say(self, template: str) -> str:
        """A sentence of the cause, filled in and made safe."""
        return shown(fill(template, self.words))


def shown(text: str) -> str:
    """Text of a cluster for a line: no control characters, not longer than SHOWN."""
    text = clean(text[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def explain(ref: Ref, snapshot: Snapshot, now: float, evidence: Evidence = NONE) -> Explanation:
    """Why the object is as it is; better when what it `wants` is read and it is asked again with that."""
    world = World(snapshot, now, evidence)
    resource = world.get(ref)
    if resource is None:
        what = "does not exist" if world.missing(ref) else "is not known yet"
        said = f"{clean(ref.short)} {what}"
        return Explanation(ref, Verdict(UNKNOWN, what), said, (Step(ref, what),), wants=world.wants)
    walk = _Walk(world)
    walk.down(resource)
    found = walk.finding
    verdict = tree.grow(resource, snapshot, now).verdict
    if found and verdict.word == OK:
        verdict = Verdict(DEGRADED, found.say(found.cause.sentence), resource.created)
    sentence = _sentence(resource, verdict, walk, now)
    if found is None:
        return Explanation(ref, verdict, sentence, tuple(walk.steps), wants=world.wants)
    return Explanation(
        ref, verdict, sentence, tuple(walk.steps), found.cause.name, found.say(found.cause.clears), walk.go,
        walk.blocked, world.wants,
    )  # fmt: skip


def sentence(resource: Resource, snapshot: Snapshot, now: float) -> str:
    """`Nova nova is degraded for 9m because ...`."""
    return explain(resource.ref, snapshot, now).sentence


def _sentence(resource: Resource, verdict: Verdict, walk: "_Walk", now: float) -> str:
    name = clean(resource.ref.short)
    if verdict.word in WELL and walk.finding is None:
        return f"{name} is {verdict.word}" + (f": {verdict.why}" if verdict.why else "")
    long = f" for {age(now - verdict.since)}" if verdict.since else ""
    if walk.finding is None:
        last = walk.steps[-1]
        at, because = last.ref, last.says or verdict.why
    else:
        at, because = walk.finding.case.resource.ref, walk.finding.say(walk.finding.cause.sentence)
    where = "" if at == resource.ref else f"{clean(at.short)}: "
    return f"{name} is {verdict.word}{long} because {where}{because}"


class _Walk:
    """The steps so far, and the deepest finding."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: set[Ref] = set()
        self.steps: list[Step] = []
        self.finding: Finding | None = None
        self.go: Ref | None = None
        self.blocked = ""

    def down(self, resource: Resource) -> None:
        """Down from one object, and on from where its cause points while there is trouble too."""
        for _ in range(DEEPEST):
            nodes = descend(resource, self._world)
            self._seen |= {node.resource.ref for node in nodes}
            self.steps += [Step(n.resource.ref, shown(says(n)), since(n)) for n in nodes]
            found = _diagnose(nodes, self._world)
            self.steps += evidence_of(nodes[-1], self._world, found)
            if found is None or (self.finding and found.cause.general and not self.finding.cause.general):
                return
            self.finding, self.go = found, links.target(found.cause.go, found.words, found.case)
            self.blocked = found.say(found.cause.blocks) or self.blocked
            onward = self._onward(nodes)
            if onward is None:
                self._look_at()
                return
            resource = onward

    def _onward(self, nodes: list[tree.Node]) -> Resource | None:
        """The object that the cause points to, if its own trouble is the deeper one."""
        go = self.finding.cause.go if self.finding else None
        if go is None or not go.follow or self.go is None:
            return None
        if self.go in self._seen or self.go in _above(nodes[-1].resource, self._world.snapshot):
            return None
        found = self._world.get(self.go)
        if found is None:
            return None
        node = tree.grow(found, self._world.snapshot, self._world.now)
        return found if node.verdict.word not in WELL or _diagnose([node], self._world) else None

    def _look_at(self) -> None:
        """The last step: where to go, and how it stands there."""
        if self.go is None or self.go in self._seen or self.finding is None:
            return
        found = self._world.get(self.go)
        if found is None:
            self.steps.append(Step(self.go, clean(self.go.short), 0.0, "so look at"))
            return
        verdict = tree.grow(found, self._world.snapshot, self._world.now).verdict
        said = f"{clean(self.go.short)} is {verdict.word}" + (f": {shown(verdict.why)}" if verdict.why else "")
        said += self._endpoints(self.finding.words.get("host", ""))
        self.steps.append(Step(self.go, said, verdict.since, "so look at"))

    def _endpoints(self, host: str) -> str:
        """What the Service behind a host name has to say."""
        name = host.partition(".")[0].partition(":")[0]
        if not name or name.isdigit() or self.go is None:
            return ""
        ref = kinds.key("Endpoints").ref(self.go.namespace, name)
        found = self._world.get(ref)
        if found is None:
            return f", but its Service {clean(name)} has no endpoints" if self._world.missing(ref) else ""
        subsets = facts.value(found, "subsets") or []
        ready = sum(len(s.get("addresses") or []) for s in subsets if isinstance(s, dict))
        return f", Service endpoints: {ready or 'none'}"


def _above(resource: Resource, snapshot: Snapshot) -> set[Ref]:
    """The controllers above an object: their trouble is this one's, not its cause."""
    out: set[Ref] = set()
    while (owner := snapshot.owner(resource)) and owner.ref not in out:
        out.add(owner.ref)
        resource = owner
    return out


def _diagnose(nodes: list[tree.Node], world: World) -> Finding | None:
    """The first cause that holds, the deepest object first; a general one only where no other holds at all."""
    fallback: Finding | None = None
    for node in reversed(nodes):
        case = Case(node.resource, node.own, world)
        if node.verdict.word in WELL and node.resource.ref.kind not in MUTE:
            continue
        for cause in causes(node.resource.ref.kind):
            if cause.general and fallback:
                continue
            words = match(cause, case)
            if words is None:
                continue
            if not cause.general:
                return Finding(cause, case, words)
            fallback = Finding(cause, case, words)
    return fallback


def evidence_of(node: tree.Node, world: World, found: Finding | None) -> list[Step]:
    """What lies below the last object: a container's end, a failed task, a line of its log, an Event."""
    if node.verdict.word in WELL and node.resource.ref.kind not in MUTE:
        return []
    resource = node.resource
    out = _pod_evidence(Case(resource, node.own, world), found) if resource.ref.kind == "Pod" else []
    if resource.ref.kind in EVENTFUL:
        for event in world.warnings(resource)[:1]:
            reason, message = (str(facts.value(event, key) or "") for key in ("reason", "message"))
            out.append(Step(resource.ref, shown(f"{reason}: {message}"), columns.event_at(event), "event"))
    return out


# Kinds that nothing says of whether they are well: their causes are looked for all the same.
MUTE = frozenset({
    "Service", "PodDisruptionBudget", "InstallPlan", "ClusterServiceVersion", "Subscription", "BareMetalHost",
    "CertificateRequest",
})  # fmt: skip
# Kinds of which Kubernetes itself tells in Events.
EVENTFUL = frozenset({
    "Pod", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "PersistentVolumeClaim", "Service", "Certificate", "Node",
})  # fmt: skip


def _pod_evidence(case: Case, found: Finding | None) -> list[Step]:
    ref = case.resource.ref
    out = []
    container = case.guilty()
    if container:
        out.append(Step(ref, _container(container), container.since, "container"))
    run = case.world.snapshot.runs.get(ref)
    if run and run.failed:
        host = run.failed[0]
        last = run.hosts[host]
        more = f" (and {count(len(run.failed) - 1, 'more host')})" if len(run.failed) > 1 else ""
        out.append(Step(ref, shown(f"{host}{more} {last.outcome} in {last.task}: {last.message}"), 0.0, "ansible"))
    line = found.words.get("line", "") if found and found.case.resource is case.resource else ""
    said = line or next((text for text in reversed(case.log()) if text.strip()), "")
    if said:
        out.append(Step(ref, shown(said.strip()[:MOST]), 0.0, "log"))
    return out


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
