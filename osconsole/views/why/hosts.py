"""Hosts: compute nodes are no objects; what is wrong with one is in its address, its metal, or what ran on it last."""

from collections.abc import Iterator

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.views import nodes, reach, results
from osconsole.views.state import OK, PERSON, WORDS, Verdict
from osconsole.views.text import clean, count
from osconsole.views.why.explanation import Step
from osconsole.views.why.walk import Walk
from osconsole.views.why.world import World

NODESET = kinds.key("OpenStackDataPlaneNodeSet")
HOST = "Host"  # the kind of `nodes.host_key`; no object has it


def find(name: str, namespace: str, world: World) -> tuple[Resource, str] | None:
    """The NodeSet and the host that `nodeset/host`, or `host` where only one set has it, means."""
    named, _, host = name.rpartition("/")
    sets = [s for s in world.all(NODESET, namespace) if host in reach.hosts(s) and named in {"", s.ref.name}]
    return (sets[0], host) if len(sets) == 1 else None


def walk(ref: Ref, walk: Walk, world: World) -> Verdict | None:
    """Walk down from a host, into the worst of what is known of it; its verdict, None when there is no such host."""
    found = find(ref.name, ref.namespace, world)
    if found is None:
        return None
    nodeset, host = found
    parts = list(_parts(nodeset, host, world))
    verdict, at = max(parts, key=lambda part: (WORDS[part[0].word].rank, part[0].since), default=(Verdict(), None))
    if at is None or verdict.word == OK:
        ran = sum(part[1] is not None and part[1].kind == "Job" for part in parts)
        verdict = Verdict(OK, f"{count(ran, 'service')} ran") if ran else Verdict(PERSON, "nothing has run on it yet")
    walk.steps.append(Step(ref, f"{verdict.why or verdict.word} ({clean(nodeset.ref.short)})", verdict.since))
    below = world.get(at) if at and verdict.word != OK else nodeset if verdict.word != OK else None
    if below:
        walk.down(below)
    return verdict


def _parts(nodeset: Resource, host: str, world: World) -> Iterator[tuple[Verdict, Ref | None]]:
    """What is said by each service that ran on the host, by its IPSet and by its metal, and where to look."""
    for result in results.results(nodeset, world.snapshot)[host].values():
        said = f"{result.service}: {result.says}" if result.says else result.service
        yield Verdict(result.word, clean(said), result.at), result.job
    for found in (nodes.address_of(host, nodeset, world.snapshot), nodes.metal_of(host, nodeset, world.snapshot)):
        if found is not None:
            yield world.verdict(found), found.ref
