"""PodDisruptionBudgets: how many pods may be evicted now."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.clock import age_s, stamp
from osconsole.embedded.controllers.claims import owner_keys
from osconsole.embedded.controllers.pods import condition, is_deleted, is_finished, is_ready
from osconsole.embedded.controllers.selectors import matches, scaled
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import (
    DEPLOYMENT,
    POD,
    POD_DISRUPTION_BUDGET,
    REPLICA_SET,
    STATEFUL_SET,
    Kind,
)
from osconsole.embedded.view import Cluster

# An eviction that the API server allowed but that never came is forgotten after this, as upstream does.
_FORGET_S = 120.0


class Disruptions:
    """Keeps the status of each budget."""

    name = "disruption-controller"
    watches = (POD_DISRUPTION_BUDGET, POD, DEPLOYMENT, REPLICA_SET, STATEFUL_SET)
    workers = 2

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The budget, or every budget that selects the pod."""
        if kind == POD_DISRUPTION_BUDGET:
            return [key_of(obj)]
        budgets = self._cluster.informer(POD_DISRUPTION_BUDGET).in_namespace(obj["metadata"]["namespace"])
        if kind == POD:
            labels = obj["metadata"].get("labels")
            return [key_of(budget) for budget in budgets if matches(budget["spec"].get("selector"), labels)]
        # A change of size changes what a percentage means.
        return [key_of(budget) for budget in budgets]

    async def reconcile(self, key: Key) -> float | None:
        """Count, and write what may be evicted."""
        budget = self._cluster.informer(POD_DISRUPTION_BUDGET).get(*key)
        if budget is None or is_deleted(budget):
            return None
        selector = budget["spec"].get("selector")
        pods = [
            pod
            for pod in self._cluster.informer(POD).in_namespace(key[0])
            if matches(selector, pod["metadata"].get("labels")) and not is_finished(pod)
        ]
        disrupted = self._disrupted(budget)
        alive = [pod for pod in pods if not is_deleted(pod) and pod["metadata"]["name"] not in disrupted]
        healthy = sum(is_ready(pod) for pod in alive)
        expected = self._expected(pods)
        if budget["spec"].get("maxUnavailable") is not None:
            desired = max(0, expected - scaled(budget["spec"]["maxUnavailable"], expected, up=True))
        else:
            least = budget["spec"].get("minAvailable", 1)
            expected = expected if isinstance(least, str) else len(pods)
            desired = scaled(least, expected, up=True)
        allowed = max(0, healthy - desired) if expected else 0
        status: Object = {
            **(budget.get("status") or {}),
            "observedGeneration": budget["metadata"]["generation"],
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "disruptionsAllowed": allowed,
            "conditions": [_allowed(budget, allowed)],
        }
        status.pop("disruptedPods", None)
        if disrupted:
            status["disruptedPods"] = disrupted
        await self._cluster.set_status(POD_DISRUPTION_BUDGET, budget, status)
        return _FORGET_S if disrupted else None

    def _disrupted(self, budget: Object) -> dict[str, str]:
        """Evictions that were allowed and have not happened yet."""
        pods, namespace = self._cluster.informer(POD), budget["metadata"]["namespace"]
        noted = (budget.get("status") or {}).get("disruptedPods") or {}
        kept = {}
        for name, at in noted.items():
            pod = pods.get(namespace, name)
            if pod is not None and not is_deleted(pod) and age_s(at) < _FORGET_S:
                kept[name] = at
        return kept

    def _expected(self, pods: list[Object]) -> int:
        """What the owners of the pods ask for."""
        owners: dict[str, int] = {}
        alone = 0
        for pod in pods:
            found = self._scale_of(pod)
            if found is None:
                alone += 1
            else:
                owners[found[0]] = found[1]
        return sum(owners.values()) + alone

    def _scale_of(self, pod: Object) -> tuple[str, int] | None:
        for key in owner_keys(STATEFUL_SET, pod):
            the_set = self._cluster.informer(STATEFUL_SET).get(*key)
            return (the_set["metadata"]["uid"], int(the_set["spec"].get("replicas", 1))) if the_set else None
        for key in owner_keys(REPLICA_SET, pod):
            replica_set = self._cluster.informer(REPLICA_SET).get(*key)
            for owner_key in owner_keys(DEPLOYMENT, replica_set) if replica_set else ():
                deployment = self._cluster.informer(DEPLOYMENT).get(*owner_key)
                if deployment:
                    return deployment["metadata"]["uid"], int(deployment["spec"].get("replicas", 1))
            if replica_set:
                return replica_set["metadata"]["uid"], int(replica_set["spec"].get("replicas", 1))
        return None


def _allowed(budget: Object, allowed: int) -> Object:
    status, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
    old = condition(budget, "DisruptionAllowed")
    generation = budget["metadata"]["generation"]
    if old and (old["status"], old.get("observedGeneration")) == (status, generation):
        return old
    return {
        "type": "DisruptionAllowed",
        "status": status,
        "reason": reason,
        "message": "",
        "observedGeneration": generation,
        "lastTransitionTime": old["lastTransitionTime"] if old and old["status"] == status else stamp(),
    }
