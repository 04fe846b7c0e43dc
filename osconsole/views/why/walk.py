"""Walk: down from an object, and on from where its cause points, noting each step and the deepest cause."""

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import tree
from osconsole.views.text import clean
from osconsole.views.why import links
from osconsole.views.why.chain import WELL, changed, descend, says, since
from osconsole.views.why.explanation import Step
from osconsole.views.why.finding import Finding, blocking, diagnose, shown
from osconsole.views.why.observations import addresses
from osconsole.views.why.telling import evidence
from osconsole.views.why.world import World

DEEPEST = 12  # how often one trouble may be another's
ENDPOINTS = kinds.key("Endpoints")


class Walk:
    """The steps so far, the deepest finding, where to go, and what is blocked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: set[Ref] = set()
        self.steps: list[Step] = []
        self.finding: Finding | None = None
        self.go: Ref | None = None
        self.blocked = ""

    def down(self, resource: Resource) -> None:
        """Down from one object; where its cause points to another that is in trouble too, down from there."""
        top = resource
        onward: Resource | None = resource
        for _ in range(DEEPEST):
            if onward is None:
                break
            onward = self._leg(onward)
        self._look_at()
        self.blocked = self.blocked or self._above(top)

    def _leg(self, resource: Resource) -> Resource | None:
        """One object down to its worst; the object to go on with."""
        nodes = descend(resource, self._world)
        self._seen |= {node.resource.ref for node in nodes}
        self.steps += [self._step(node) for node in nodes]
        found = diagnose(nodes, self._world)
        self.steps += evidence(nodes[-1], self._world, found)
        if found is None or not found.beats(self.finding):
            return None
        self.finding, self.go = found, links.target(found.cause.go, found.words, found.case)
        self.blocked = found.say(found.cause.blocks) or self.blocked
        return self._onward(nodes)

    def _step(self, node: tree.Node) -> Step:
        return Step(node.resource.ref, shown(says(node)) + shown(changed(node, self._world)), since(node))

    def _onward(self, nodes: list[tree.Node]) -> Resource | None:
        """The object that the cause points to, if its own trouble is the deeper one."""
        go = self.finding.cause.go if self.finding else None
        if go is None or not go.follow or self.go is None:
            return None
        if self.go in self._seen or self.go in _owners(nodes[-1].resource, self._world.snapshot):
            return None
        found = self._world.get(self.go)
        if found is None:
            return None
        node = tree.grow(found, self._world.snapshot, self._world.now)
        return found if node.verdict.word not in WELL or diagnose([node], self._world) else None

    def _look_at(self) -> None:
        """The last step: where to go, and how it stands there."""
        if self.go is None or self.go in self._seen or self.finding is None:
            return
        found = self._world.get(self.go)
        if found is None:
            self.steps.append(Step(self.go, clean(self.go.short), 0.0, "so look at"))
            return
        verdict = self._world.verdict(found)
        said = f"{clean(self.go.short)} is {verdict.word}" + (f": {shown(verdict.why)}" if verdict.why else "")
        said += self._endpoints(self.finding.words.get("host", ""), self.go.namespace)
        self.steps.append(Step(self.go, said, verdict.since, "so look at"))

    def _endpoints(self, host: str, namespace: str) -> str:
        """What the Service behind a host name has to say."""
        if ".svc" not in host:
            return ""
        ref = ENDPOINTS.ref(namespace, host.partition(".")[0])
        found = self._world.get(ref)
        if found is None:
            return f", but its Service {clean(ref.name)} has no endpoints" if self._world.missing(ref) else ""
        return f", Service endpoints: {addresses(found) or 'none'}"

    def _above(self, resource: Resource) -> str:
        """What the object whose spec a person would edit keeps from being done."""
        root = self._world.snapshot.root(resource)
        return blocking(tree.grow(root, self._world.snapshot, self._world.now), self._world)


def _owners(resource: Resource, snapshot: Snapshot) -> set[Ref]:
    """The controllers above an object: their trouble is this one's, not its cause."""
    out: set[Ref] = set()
    while (owner := snapshot.owner(resource)) and owner.ref not in out:
        out.add(owner.ref)
        resource = owner
    return out
