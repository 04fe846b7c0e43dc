"""A service's pods: Deployment, StatefulSet or DaemonSet, its disruption budget, and its periodic Jobs."""

from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.model.resource import Resource, dig
from osconsole.reconcile.controlplane.describe import Pods
from osconsole.reconcile.controlplane.objects import made, number
from osconsole.reconcile.controlplane.pods import filled, pod_spec, template
from osconsole.reconcile.controlplane.walk import Walk


class Claim(msgspec.Struct, frozen=True):
    """The volume that each pod of a StatefulSet keeps; class and size are paths in the spec."""

    name: str
    storage_class: tuple[str, ...] = ("storageClass",)
    size: tuple[str, ...] = ("storageRequest",)
    default_size: str = "10Gi"
    labels: dict[str, str] = {}


class Workload(msgspec.Struct, frozen=True):
    """The pods of a service; `kind` is Deployment, StatefulSet or DaemonSet.

    `service` names the headless Service of a StatefulSet; `selector` is given where it is less than the pods' labels.
    """

    kind: str
    name: str
    pods: Pods
    service: str = ""
    claim: Claim | None = None
    selector: dict[str, str] = {}
    parallel: bool = False
    labels: dict[str, str] = {}
    count: str = "readyCount"
    conditions: tuple[str, ...] = ("DeploymentReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait until every pod runs the newest template and is ready."""
        found = walk.ensure(self.body(walk))
        walk.facts["replicas"] = str(number(walk.spec, "replicas"))
        if self.count:
            walk.report[self.count] = ready_pods(found)
        if found is None or not rolled_out(found):
            return walk.busy(self.conditions[0])
        return walk.ok(self.conditions[0])

    def body(self, walk: Walk) -> dict[str, Any]:
        """The workload as it should be."""
        spec: dict[str, Any] = {
            "selector": {"matchLabels": filled(self.selector or self.pods.labels, walk)},
            "template": template(self.pods, walk, config_hash=walk.facts.get("hash", "")),
        }
        if self.kind != "DaemonSet":
            spec["replicas"] = number(walk.spec, "replicas")
        if self.kind == "StatefulSet":
            spec["serviceName"] = walk.fill(self.service)
            spec["podManagementPolicy"] = "Parallel" if self.parallel else "OrderedReady"
        if self.claim:
            spec["volumeClaimTemplates"] = [claim(self.claim, walk)]
        return made(walk.me, self.kind, walk.fill(self.name), filled(self.labels, walk), spec=spec)


def claim(it: Claim, walk: Walk) -> dict[str, Any]:
    """The template of a volume claim."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": walk.get(*it.size, default=it.default_size)}},
    }
    if storage_class := walk.get(*it.storage_class):
        spec["storageClassName"] = storage_class
    meta: dict[str, Any] = {"name": walk.fill(it.name)}
    if it.labels:
        meta["labels"] = filled(it.labels, walk)
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}


def rolled_out(found: Resource) -> bool:
    """Whether a workload has nothing left to do, as lib-common judges it."""
    body = found.body()
    status = body.get("status") or {}
    if status.get("observedGeneration", 0) < found.generation:
        return False
    if found.ref.kind == "DaemonSet":
        wanted = status.get("desiredNumberScheduled", 0)
        return bool(status.get("numberReady", 0) == wanted == status.get("updatedNumberScheduled", 0))
    wanted = number(body, "spec", "replicas")
    counts = [status.get("readyReplicas", 0), status.get("replicas", 0)]
    if wanted:  # a StatefulSet of no pods has none that are updated, and does not say so
        counts.append(status.get("updatedReplicas", 0))
    return all(count == wanted for count in counts)


def ready_pods(found: Resource | None) -> int:
    """How many pods of a workload are ready."""
    status = dig(found.body(), "status", default={}) if found else {}
    count = status.get("readyReplicas", status.get("numberReady", 0))
    return int(count or 0)


class Budget(msgspec.Struct, frozen=True):
    """The PodDisruptionBudget of a workload with more than one pod: one may be away."""

    name: str
    selector: dict[str, str]
    conditions: tuple[str, ...] = ("PDBReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, or take it away where there is one pod or none."""
        name = walk.fill(self.name)
        if number(walk.spec, "replicas") > 1:
            spec = {"maxUnavailable": 1, "selector": {"matchLabels": filled(self.selector, walk)}}
            walk.ensure(made(walk.me, "PodDisruptionBudget", name, spec=spec))
        else:
            walk.remove(walk.world.find(key("PodDisruptionBudget"), walk.namespace, name))
        return walk.ok(self.conditions[0])


class Periodic(msgspec.Struct, frozen=True):
    """A CronJob; `schedule` is a path in the spec."""

    name: str
    pods: Pods
    schedule: tuple[str, ...]
    default_schedule: str = "1 0 * * *"
    conditions: tuple[str, ...] = ("CronJobReady",)

    def run(self, walk: Walk) -> bool:
        """Make it; nothing waits for its runs."""
        pod = {**pod_spec(self.pods, walk, {}), "restartPolicy": "Never"}
        spec = {
            "schedule": walk.get(*self.schedule, default=self.default_schedule),
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {
                "metadata": {"labels": filled(self.pods.labels, walk)},
                "spec": {"parallelism": 1, "completions": 1, "template": {"spec": pod}},
            },
        }
        walk.ensure(made(walk.me, "CronJob", walk.fill(self.name), spec=spec))
        return walk.ok(self.conditions[0])
