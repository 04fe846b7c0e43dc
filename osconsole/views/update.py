"""The minor update: its stages in order, how far each is, and what waits for whom.

The stages' conditions flicker back for seconds and vanish at the end (`domain.md` §7.7): a stage that was reached stays
so unless it is lost for CALM_S, a later one that is reached proves the earlier ones, and "done" is only that
deployedVersion is targetVersion. Source of the stages: `domain.md` §3.12.
"""

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import Condition, find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import CALM_S
from osconsole.views import facts, images
from osconsole.views.rules import conflicts, neighbours, versions
from osconsole.views.rules.versions import STAGES
from osconsole.views.state import DEGRADED, FAILED, OK, PERSON, PROGRESSING, WAITING
from osconsole.views.text import clean

VERSION = kinds.key("OpenStackVersion")
READS = (VERSION, neighbours.NODESET, neighbours.DEPLOYMENT)
OVN, COMPUTE = "MinorUpdateOVNDataplane", "MinorUpdateDataplane"


class Stage(msgspec.Struct, frozen=True):
    """One stage: its condition's type, its name in words, its state, what it waits for and what to do about it."""

    type: str
    name: str
    word: str
    sentence: str = ""
    remedy: str = ""
    since: float = 0.0
    ref: Ref | None = None


def stages(version: Resource, snapshot: Snapshot, now: float) -> tuple[Stage, ...]:
    """The stages of an OpenStackVersion; empty when no update is under way or asked for."""
    if not versions.updating(version):
        return ()
    last = max((i for i, name in enumerate(STAGES) if _reached(version, name, snapshot, now)), default=-1)
    out = []
    for place, name in enumerate(STAGES):
        condition = find(version.conditions, name)
        spoken = versions.spoken(name)
        if place <= last:
            out.append(Stage(name, spoken, OK, "reached", since=_since(condition)))
        elif place == last + 1:
            out.append(_current(name, condition, version, snapshot))
        else:
            out.append(Stage(name, spoken, WAITING, f"waits for {versions.spoken(STAGES[place - 1])}"))
    return tuple(out)


def _since(condition: Condition | None) -> float:
    return condition.since if condition and condition.ok else 0.0


def _reached(version: Resource, name: str, snapshot: Snapshot, now: float) -> bool:
    """It is True, or was a moment ago for this target."""
    found = find(version.conditions, name)
    if found is not None and found.ok:
        return True
    for event in reversed(snapshot.recent):
        if now - event.at > CALM_S:
            break
        if event.ref == version.ref and event.what == name and event.old.startswith("True"):
            return True
    return False


def _current(name: str, condition: Condition | None, version: Resource, snapshot: Snapshot) -> Stage:
    """The stage that is worked at, or that waits for a person."""
    said = clean(condition.message.strip()) if condition and condition.message else "not begun yet"
    since = condition.since if condition else 0.0
    if name in conflicts.MOVED_BY:
        return _compute(name, said, version, snapshot)
    word = PROGRESSING
    if condition is not None and condition.status == "False":
        word = {"Error": FAILED, "Warning": DEGRADED}.get(condition.severity, PROGRESSING)
    return Stage(name, versions.spoken(name), word, said, "", since, version.ref)


def _compute(name: str, said: str, version: Resource, snapshot: Snapshot) -> Stage:
    """A stage of the compute nodes: it moves by a Deployment that a person makes."""
    service, namespace, spoken = conflicts.MOVED_BY[name], version.ref.namespace, versions.spoken(name)
    _, target = versions.versions(version)
    late = behind(name, version, snapshot)
    running = [d for d in snapshot.all(neighbours.DEPLOYMENT, namespace) if not facts.value(d, "status", "deployed")]
    failed = [d for d in running if neighbours.over(d)]
    active = [d for d in running if not neighbours.over(d)]
    if active:
        names = ", ".join(clean(d.ref.name) for d in active)
        told = f"Deployment {names} runs; then {_named(late)}" if late else f"Deployment {names} runs"
        return Stage(name, spoken, PROGRESSING, told, "", min(d.created for d in active), active[0].ref)
    if failed and name == OVN:
        first = failed[0].ref
        told = f"Deployment {clean(first.name)} has failed, and counts as running until it is deleted"
        how = f"kubectl -n {namespace} delete openstackdataplanedeployment {first.name}"
        return Stage(name, spoken, PERSON, told, clean(how), failed[0].created, first)
    if not late:
        return Stage(name, spoken, PROGRESSING, f"{said}; no NodeSet is behind", "", 0.0, version.ref)
    how = f"osconsole deploy -n {namespace} {' '.join(s.ref.name for s in late)} --service {service}"
    told = f"{_named(late)} {'is' if len(late) == 1 else 'are'} not at {target}: a Deployment of [{service}] is needed"
    return Stage(name, spoken, PERSON, clean(told), clean(how), 0.0, late[0].ref)


def behind(name: str, version: Resource, snapshot: Snapshot) -> list[Resource]:
    """The NodeSets that a stage of the compute nodes waits for, the smallest first: a canary goes ahead."""
    _, target = versions.versions(version)
    wanted = images.targets(version).get("ovnControllerImage")
    sets = sorted(snapshot.all(neighbours.NODESET, version.ref.namespace), key=lambda s: (_hosts(s), s.ref))
    out = []
    for nodeset in (s for s in sets if _hosts(s)):
        if name == OVN:
            has = facts.value(nodeset, "status", "containerImages", "OvnControllerImage")
            # Where both versions have the same image, upstream wants to see a run of it all the same.
            if has and (has != wanted or not _differs(version)):
                out.append(nodeset)
        elif facts.value(nodeset, "status", "deployedVersion") != target or not nodeset.ready:
            out.append(nodeset)
    return out


def _differs(version: Resource) -> bool:
    """OVN's image is another one in the target than in what is deployed."""
    old, new = versions.versions(version)
    known = facts.mapping(version, "status", "containerImageVersionDefaults")
    ovn = [dig(known, name, "ovnControllerImage") for name in (old, new)]
    return ovn[0] != ovn[1] or None in ovn


def _hosts(nodeset: Resource) -> int:
    return len(facts.mapping(nodeset, "spec", "nodes"))


def _named(sets: list[Resource]) -> str:
    names = ", ".join(clean(s.ref.name) for s in sets)
    return f"NodeSet{'s' if len(sets) > 1 else ''} {names}"
