"""Contrary: the table of what cannot both be true of one object and its surroundings.

Each rule looks at an object and what it owns, or at the neighbours that its kind has. `views.contradictions` gathers
what they find; the tree shows it with the object.
"""

from collections.abc import Callable

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import judged
from osconsole.model.words import ALARMS
from osconsole.views import health
from osconsole.views.rules import conflicts
from osconsole.views.rules.conflicts import DEPLOYMENTS, NODESETS, VERSIONS, Conflict
from osconsole.views.state import DEGRADED, FAILED, Verdict
from osconsole.views.text import clean

UNSEEN_S = 60.0  # a controller that has not looked at a new generation for so long does not look


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
        standing = snapshot.standings.get(ref) if ref.group.endswith("openstack.org") else None
        if standing is None or not {standing.word, standing.read.word} & ALARMS:
            continue
        child = snapshot.get(ref)
        if child is None:
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
