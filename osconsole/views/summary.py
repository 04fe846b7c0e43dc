"""The state of everything in one value: what the header shows and `osconsole status` prints."""

from collections.abc import Iterator

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import contradictions, deployments, facts, progress, tree
from osconsole.views.contradictions import Contradiction
from osconsole.views.rules import neighbours
from osconsole.views.state import OK, Verdict

CONTROL_PLANE = kinds.key("OpenStackControlPlane")
VERSION = kinds.key("OpenStackVersion")
NODESET = kinds.key("OpenStackDataPlaneNodeSet")


class ControlPlane(msgspec.Struct, frozen=True):
    """One control plane: `ready` is its own word at its own generation; pods are those of its workloads."""

    ref: Ref
    ready: bool
    verdict: Verdict
    pods_ready: int
    pods_wanted: int
    version: str
    why: str


class NodeSet(msgspec.Struct, frozen=True):
    """One NodeSet."""

    ref: Ref
    ready: bool
    verdict: Verdict
    hosts: int


class Deployment(msgspec.Struct, frozen=True):
    """One Deployment that runs, or failed and was not made up for: `done` of `total` services are through."""

    ref: Ref
    word: str
    why: str
    done: int
    total: int


class Summary(msgspec.Struct, frozen=True):
    """Everything in a scope; `stale` names the kinds whose line is down, with why; contradictions are not smoothed."""

    control_planes: tuple[ControlPlane, ...]
    nodesets: tuple[NodeSet, ...]
    running: int
    stale: tuple[str, ...]
    contradictions: tuple[Contradiction, ...] = ()
    deployments: tuple[Deployment, ...] = ()

    @property
    def hosts(self) -> int:
        """Compute nodes of all NodeSets."""
        return sum(n.hosts for n in self.nodesets)

    @property
    def hosts_ready(self) -> int:
        """Compute nodes whose NodeSet is Ready."""
        return sum(n.hosts for n in self.nodesets if n.ready)


def summary(snapshot: Snapshot, scope: str, now: float) -> Summary:
    """The summary of a namespace, or ("") of all."""
    planes = sorted(snapshot.all(CONTROL_PLANE, scope), key=lambda r: r.ref)
    sets = sorted(snapshot.all(NODESET, scope), key=lambda r: r.ref)
    lost = {key.kind: line.why for (key, _), line in snapshot.lines.items() if line.state == "lost"}
    return Summary(
        tuple(_plane(p, snapshot, now) for p in planes),
        tuple(_nodeset(n, snapshot, now) for n in sets),
        len(progress.running(snapshot, scope)),
        tuple(f"{kind}: {why}" for kind, why in sorted(lost.items())),
        contradictions.find(snapshot, scope, now),
        tuple(_deployments(snapshot, scope)),
    )


def _deployments(snapshot: Snapshot, scope: str) -> Iterator[Deployment]:
    for found in sorted(snapshot.all(progress.DEPLOYMENT, scope), key=lambda d: (d.created, d.ref)):
        if neighbours.done(found) or not progress.matters(found, snapshot):
            continue
        parts = progress.lanes(found, snapshot)
        done, total = sum(p.done for p in parts), sum(len(p.services) for p in parts)
        yield Deployment(found.ref, *deployments.judged(found, parts), done, total)


def _plane(resource: Resource, snapshot: Snapshot, now: float) -> ControlPlane:
    node = tree.grow(resource, snapshot, now)
    version = snapshot.get(VERSION.ref(resource.ref.namespace, resource.ref.name))
    deployed = facts.value(version, "status", "deployedVersion") if version else None
    ready = resource.ready
    why = "" if ready and node.verdict.word == OK else node.verdict.why
    return ControlPlane(resource.ref, ready, node.verdict, node.ready, node.wanted, str(deployed or ""), why)


def _nodeset(resource: Resource, snapshot: Snapshot, now: float) -> NodeSet:
    node = tree.grow(resource, snapshot, now)
    return NodeSet(resource.ref, resource.ready, node.verdict, len(facts.mapping(resource, "spec", "nodes")))
