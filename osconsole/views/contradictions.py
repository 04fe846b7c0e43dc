"""Contradictions: where two truths of one moment do not fit, said as such and not smoothed over.

`find` gives all of a scope, `of` those of one object. A rule looks at an object and what it owns, or at the neighbours
that its kind has; RULES is the table. Nothing here says why: that is `views.why`.
"""

from collections.abc import Callable, Iterator

import msgspec

from osconsole.model.conditions import READY
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import judged
from osconsole.views import facts, health
from osconsole.views.rules import conflicts
from osconsole.views.rules.conflicts import DEPLOYMENTS, NODESETS, VERSIONS, Conflict
from osconsole.views.state import DEGRADED, FAILED, OFF, Verdict
from osconsole.views.text import clean, count

UNSEEN_S = 60.0  # a controller that has not looked at a new generation for so long does not look
FLAPS = 5  # times that Ready was lost within FLAPS_S
FLAPS_S = 600.0


class Contradiction(msgspec.Struct, frozen=True):
    """One contradiction.

    Attributes:
        ref: the object that says what is not so.
        rule: the name of the rule that found it.
        word: the word of state that the object is shown with, if its own is better.
        since: Unix seconds; 0 when not known.
        evidence: the objects that say otherwise.
        due: when it counts; before that it may be a moment between two writes.
    """

    ref: Ref
    rule: str
    word: str
    sentence: str
    since: float = 0.0
    evidence: tuple[Ref, ...] = ()
    due: float = 0.0


class Rule(msgspec.Struct, frozen=True):
    """A named rule; `kinds` empty is every kind of OpenStack that has conditions."""

    name: str
    about: str
    find: Callable[[Resource, Snapshot, float], Conflict | None]
    kinds: frozenset[str] = frozenset()


def _pods_down(resource: Resource, snapshot: Snapshot, now: float) -> Conflict | None:
    """Ready, and a workload of its own is not."""
    if not resource.ready:
        return None
    for child in snapshot.owned(resource):
        if child.ref.kind in {"Deployment", "StatefulSet", "DaemonSet"}:
            verdict = health.judge(child, snapshot, now)
            if verdict.word in {DEGRADED, FAILED}:
                return Conflict(f"says Ready, but {child.ref.short}: {verdict.why}", verdict.since, (child.ref,))
    return None


def _child_in_error(resource: Resource, snapshot: Snapshot, now: float) -> Conflict | None:
    """Ready, and an object that it owns is in error."""
    if not resource.ready:
        return None
    for ref in sorted(snapshot.children.get(resource.uid, ())):
        child = snapshot.get(ref)
        if child is None or not ref.group.endswith("openstack.org") or not judged(child):
            continue
        verdict = health.judge(child, snapshot, now)
        if verdict.word in {DEGRADED, FAILED}:
            return Conflict(f"says Ready, but {ref.short} is in error: {verdict.why}", verdict.since, (ref,))
    return None


def _unseen(resource: Resource, snapshot: Snapshot, _: float) -> Conflict | None:
    """A new generation that no controller looks at."""
    if resource.caught_up or resource.deleted:
        return None
    asked = max((w.at for w in resource.writers if not w.subresource), default=0.0)
    seen = (t.at for t in reversed(snapshot.recent) if t.ref == resource.ref and t.what == "generation")
    since = asked or next(seen, resource.created)
    said = f"generation {resource.generation} was asked for, its controller is still at {resource.observed}"
    return Conflict(said, since, (), since + UNSEEN_S)


RULES: tuple[Rule, ...] = (
    Rule("pods-down", "an object is Ready, its pods are not", _pods_down),
    Rule("child-in-error", "an object is Ready, what it owns is in error", _child_in_error),
    Rule("not-looking", "no controller looks at the new generation", _unseen),
    Rule("job-missing", "a Deployment runs, its next Job is gone", conflicts.job_missing, DEPLOYMENTS),
    Rule("no-such-nodeset", "a Deployment names a NodeSet that is not there", conflicts.no_nodeset, DEPLOYMENTS),
    Rule("limited-run", "a NodeSet is Ready by runs that left something out", conflicts.limited, NODESETS),
    Rule("stuck-nodeset", "a NodeSet counts as running for a failed Deployment", conflicts.stuck, NODESETS),
    Rule("update-waits", "a minor update waits for what nobody made", conflicts.update_waits, VERSIONS),
)  # fmt: skip


def of(resource: Resource, snapshot: Snapshot, now: float) -> Contradiction | None:
    """The first contradiction of one object; it may be due only later."""
    if not judged(resource):
        return None
    for rule in RULES:
        if rule.kinds and resource.ref.kind not in rule.kinds:
            continue
        found = rule.find(resource, snapshot, now)
        if found is not None:
            sentence = clean(found.sentence)
            seen = (found.since, found.evidence, found.due)
            return Contradiction(resource.ref, rule.name, found.word, sentence, *seen)
    return None


def shown(own: Verdict, found: Contradiction | None, now: float) -> Verdict:
    """The verdict of an object with its contradiction, when that is due and says worse."""
    if found is None:
        return own
    if found.due > now:
        until = min(own.until, found.due) if own.until else found.due
        return Verdict(own.word, own.why, own.since, until)
    told = Verdict(found.word, found.sentence, found.since, own.until)
    return told if told.state.rank >= own.state.rank else own


def find(snapshot: Snapshot, scope: str, now: float) -> tuple[Contradiction, ...]:
    """All contradictions in a namespace, or ("") in all; of the operators, those that look after it."""
    out = []
    for kind in snapshot.objects:
        if not kind.group.endswith("openstack.org"):
            continue
        for resource in snapshot.all(kind, scope):
            found = of(resource, snapshot, now)
            if found is not None and found.due <= now:
                out.append(found)
    out.extend(_operators_down(snapshot, scope, now))
    out.extend(_flapping(snapshot, scope, now))
    return tuple(out)


# The operator that looks after an API group, where it is not named like the group.
OPERATORS = {
    "core": "openstack", "client": "openstack", "dataplane": "openstack", "operator": "openstack",
    "network": "infra", "memcached": "infra", "rabbitmq": "infra", "redis": "infra", "topology": "infra",
    "instanceha": "infra", "baremetal": "openstack-baremetal",
}  # fmt: skip
_WORKLOAD = KindKey("apps", "Deployment")


def _operators_down(snapshot: Snapshot, scope: str, now: float) -> Iterator[Contradiction]:
    """Objects say Ready, and nobody is there to say otherwise."""
    down = {}
    for workload in snapshot.all(_WORKLOAD):
        name = workload.ref.name.removesuffix("-operator-controller-manager")
        if name != workload.ref.name and not facts.workload(workload).ready and _old(workload, snapshot, now):
            down[name] = workload
    if not down:
        return
    claims: dict[str, list[Ref]] = {}
    for kind in snapshot.objects:
        name = kind.group.partition(".")[0]
        name = OPERATORS.get(name, name)
        if kind.group.endswith("openstack.org") and name in down:
            claims.setdefault(name, []).extend(r.ref for r in snapshot.all(kind, scope) if r.ready)
    for name, refs in sorted(claims.items()):
        if refs:
            found, verdict = down[name], health.judge(down[name], snapshot, now)
            said = (
                f"{name}-operator is down: {count(len(refs), 'object')} that {'say' if len(refs) > 1 else 'says'} Ready"
            )
            said += f" may no longer be so ({', '.join(r.short for r in sorted(refs)[:3])})"
            yield Contradiction(found.ref, "operator-down", DEGRADED, clean(said), verdict.since, tuple(sorted(refs)))


def _old(workload: Resource, snapshot: Snapshot, now: float) -> bool:
    """No pod of it is ready, and that is not of this moment."""
    return health.judge(workload, snapshot, now).word in {FAILED, OFF}


def _flapping(snapshot: Snapshot, scope: str, now: float) -> Iterator[Contradiction]:
    """Ready is lost again and again: each time too short to be an alarm."""
    lost: dict[Ref, list[float]] = {}
    for event in snapshot.recent:
        ours = event.ref.group.endswith("openstack.org") and scope in {"", event.ref.namespace}
        if ours and event.what == READY and event.old.startswith("True") and now - event.at < FLAPS_S:
            lost.setdefault(event.ref, []).append(event.at)
    for ref, times in lost.items():
        if len(times) >= FLAPS and snapshot.get(ref) is not None:
            said = f"was Ready and lost it {len(times)} times in {int(FLAPS_S / 60)} minutes"
            yield Contradiction(ref, "flaps", DEGRADED, said, times[0])
