"""From what should be to an outcome: only what differs is written, so that an object at rest costs no request."""

from collections.abc import Iterable
from typing import Any

from osconsole.model.conditions import READY
from osconsole.model.resource import Resource
from osconsole.reconcile import drift
from osconsole.reconcile.actions import Action, Ensure, SetStatus
from osconsole.reconcile.controlplane.objects import ref_of
from osconsole.reconcile.decide import Act, Done, Outcome, Wait, World


def needed(world: World, *bodies: dict[str, Any]) -> tuple[Ensure, ...]:
    """An Ensure for each body that the world does not hold yet."""
    out = []
    for body in bodies:
        found = world.get(ref_of(body))
        if found is None or drift.patch(found.body(), body):
            out.append(Ensure(body))
    return tuple(out)


def outcome(obj: Resource, actions: Iterable[Action], status: dict[str, Any], why: str, until: float = 0.0) -> Outcome:
    """Act while something is to be written; then Done when the status says Ready, else Wait for `why`."""
    writes = tuple(actions)
    if drift.status_patch(obj.get("status", default={}), status):
        writes = (*writes, SetStatus(obj.ref, status))
    if writes:
        return Act(writes, why)
    ready: dict[str, Any] = next((c for c in status.get("conditions", []) if c["type"] == READY), {})
    return Done() if ready.get("status") == "True" else Wait(why, until)


def replaced(wanted: dict[str, Any], current: Any) -> dict[str, Any]:
    """`wanted` so that a merge patch leaves no other key behind, at any depth."""
    before = current if isinstance(current, dict) else {}
    out: dict[str, Any] = dict.fromkeys(name for name in before if name not in wanted)
    for name, value in wanted.items():
        out[name] = replaced(value, before.get(name)) if isinstance(value, dict) else value
    return out
