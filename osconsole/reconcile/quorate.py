"""Restarting members of a quorum: whose quorum a workload is, whether its next pod may go now, and in which order.

Whether it is safe is judged by `views.quorum`; here it is only asked, for the workload at hand.
"""

from collections.abc import Iterable

from osconsole.model import kinds
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.verbs import chain
from osconsole.views import quorum
from osconsole.views.quorum import Safety

# What judging may read, and ordering.
READS = (*quorum.READS, *(kinds.key(kind) for kind in sorted(quorum.QUORATE)))
_POD_NAME = "statefulset.kubernetes.io/pod-name"


def guard(workload: Resource, snapshot: Snapshot) -> Resource | None:
    """The object above a workload whose members form a quorum; None where pods may go as they like."""
    return next((r for r in chain.upward(workload, snapshot) if r.ref.kind in quorum.QUORATE), None)


def unsafe(workload: Resource, snapshot: Snapshot, now: float, *, outage: bool = False) -> tuple[str, float]:
    """Why no pod of a workload may go now, "" when one may; and when that may change by itself, 0 for never.

    `outage`: a person has agreed that the only member is away meanwhile.
    """
    held = guard(workload, snapshot)
    if held is None:
        return "", 0.0
    found = quorum.safety(held, snapshot, now)
    free = found.word == quorum.SAFE or (outage and found.outage)
    return ("", 0.0) if free else (said(held, found), found.until)


def said(held: Resource, found: Safety) -> str:
    """`Galera openstack: not safe because openstack-galera-1 waits to join (seqno 5)`."""
    return f"{held.ref.short}: {found.sentence}"


def active(workload: Resource, snapshot: Snapshot) -> str:
    """The pod that a Service of the quorum sends all its clients to; "" where none is chosen."""
    held = guard(workload, snapshot)
    if held is None:
        return ""
    services = [s for s in snapshot.owned(held) if s.kind == quorum.SERVICE]
    return next((str(name) for s in services if (name := s.get("spec", "selector", _POD_NAME))), "")


def ordered(workload: Resource, pods: Iterable[Resource], snapshot: Snapshot) -> list[Resource]:
    """Pods in the order in which they go: of a quorum the last ordinal first, and the one that serves at the end."""
    found = sorted(pods, key=lambda pod: pod.ref.name)
    if guard(workload, snapshot) is None:
        return found
    serving = active(workload, snapshot)
    return sorted(found, key=lambda pod: (pod.ref.name == serving, -_ordinal(pod.ref.name)))


def _ordinal(name: str) -> int:
    number = name.rpartition("-")[2]
    return int(number) if number.isdigit() else 0
