"""Explain: the one door. From an object to the last thing known of its trouble, and the cause where one is known."""

from osconsole.model.evidence import NONE, Evidence
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views.state import DEGRADED, OK, UNKNOWN, Verdict
from osconsole.views.text import age, clean
from osconsole.views.why import hosts
from osconsole.views.why.chain import WELL
from osconsole.views.why.explanation import Explanation, Step
from osconsole.views.why.walk import Walk
from osconsole.views.why.world import World


def explain(ref: Ref, snapshot: Snapshot, now: float, evidence: Evidence = NONE) -> Explanation:
    """Why the object is as it is; better when what it `wants` is read and it is asked again with that.

    A Ref of `views.nodes.host_key` is a compute node.
    """
    world = World(snapshot, now, evidence)
    walk = Walk(world)
    if ref.kind == hosts.HOST:
        verdict = hosts.walk(ref, walk, world)
    elif resource := world.get(ref):
        verdict = _walked(resource, walk, world)
    else:
        verdict = None
    if verdict is None:
        what = "is not known yet" if ref.kind != hosts.HOST and not world.missing(ref) else "does not exist"
        said = f"{clean(ref.short)} {what}"
        return Explanation(ref, Verdict(UNKNOWN, what), said, (Step(ref, what),), wants=world.wants)
    found = walk.finding
    return Explanation(
        ref, verdict, _sentence(ref, verdict, walk, now), tuple(walk.steps), found.cause.name if found else "",
        found.say(found.cause.clears) if found else "", walk.go, walk.blocked, world.wants,
    )  # fmt: skip


def sentence(resource: Resource, snapshot: Snapshot, now: float) -> str:
    """`Nova nova is degraded for 9m because ...`."""
    return explain(resource.ref, snapshot, now).sentence


def _walked(resource: Resource, walk: Walk, world: World) -> Verdict:
    """Walk down from an object; its verdict, which is no better than what was found."""
    walk.down(resource)
    verdict = world.verdict(resource)
    if walk.finding and verdict.word == OK:
        return Verdict(DEGRADED, walk.finding.say(walk.finding.cause.sentence), resource.created)
    return verdict


def _sentence(ref: Ref, verdict: Verdict, walk: Walk, now: float) -> str:
    name = clean(ref.short)
    if verdict.word in WELL and walk.finding is None:
        return f"{name} is {verdict.word}" + (f": {verdict.why}" if verdict.why else "")
    long = f" for {age(now - verdict.since)}" if verdict.since else ""
    if walk.finding is None:
        last = walk.steps[-1]
        at, because = last.ref, last.says or verdict.why
    else:
        at, because = walk.finding.case.resource.ref, walk.finding.say(walk.finding.cause.sentence)
    where = "" if at == ref else f"{clean(at.short)}: "
    return f"{name} is {verdict.word}{long} because {where}{because}"
