"""Contradictions: where two truths of one moment do not fit, said as such and not smoothed over.

`find` gives all of a scope: what `rules.contrary` finds of single objects, and what only shows over many or over time.
Nothing here says why: that is `views.why`.
"""

from collections.abc import Iterator

from osconsole.model.conditions import READY
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, health, tree
from osconsole.views.rules import contrary
from osconsole.views.state import DEGRADED, FAILED, OFF
from osconsole.views.text import clean, count

Contradiction = contrary.Contradiction
RULES = contrary.RULES

FLAPS = 5  # times that Ready was lost within FLAPS_S
FLAPS_S = 600.0


def find(snapshot: Snapshot, scope: str, now: float) -> tuple[Contradiction, ...]:
    """All contradictions in a namespace, or ("") in all; of the operators, those that look after it."""
    out = []
    for kind in snapshot.objects:
        if not kind.group.endswith("openstack.org"):
            continue
        for resource in snapshot.all(kind, scope):
            found = tree.grow(resource, snapshot, now).against
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
