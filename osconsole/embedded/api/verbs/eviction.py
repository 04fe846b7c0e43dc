"""May a pod be evicted: every PodDisruptionBudget that selects it must allow one more disruption."""

from typing import Any

from osconsole.embedded.api.clock import now
from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.kinds.catalog import WORKLOADS
from osconsole.embedded.api.selectors import from_object
from osconsole.embedded.api.server import Server
from osconsole.embedded.api.storage.entry import Entry

_BUDGET = next(kind for kind in WORKLOADS if kind.kind == "PodDisruptionBudget")


def check(server: Server, pod: Entry, *, dry_run: bool) -> None:
    """Take one disruption from the pod's budget.

    Raises:
        Failure: 429, the budget is used up or not yet computed; 500, several budgets select the pod.
    """
    obj = pod.object()
    if (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed", "Pending") or obj["metadata"].get(
        "deletionTimestamp"
    ):
        return
    budgets = [
        entry
        for entry in server.collection(_BUDGET).entries(pod.namespace)
        if from_object((entry.object().get("spec") or {}).get("selector")).matches(pod.labels)
    ]
    if len(budgets) > 1:
        raise Failure(
            500,
            "InternalError",
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            {},
        )
    if budgets:
        _take(server, budgets[0], pod.name, dry_run=dry_run)


def _take(server: Server, budget: Entry, pod: str, *, dry_run: bool) -> None:
    obj = budget.object()
    status: dict[str, Any] = obj.setdefault("status", {})
    if status.get("observedGeneration", 0) < obj["metadata"].get("generation", 0):
        text = f"The disruption budget {budget.name} is still being processed by the server."
        raise _refusal(text, retry_after_s=10)
    if status.get("disruptionsAllowed", 0) <= 0:
        wanted, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        raise _refusal(
            f"The disruption budget {budget.name} needs {wanted} healthy pods and has {healthy} currently",
        )
    if not dry_run:
        status["disruptionsAllowed"] -= 1
        status.setdefault("disruptedPods", {})[pod] = now()
        server.store.put(_BUDGET, obj, budget)


def _refusal(why: str, *, retry_after_s: int = 0) -> Failure:
    details = {"causes": [{"reason": "DisruptionBudget", "message": why}]}
    return Failure(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
        details,
        retry_after_s,
    )
