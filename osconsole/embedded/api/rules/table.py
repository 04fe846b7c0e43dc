"""Which rules hold for which kind."""

from collections.abc import Callable, Mapping
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.rules import duties, holdings, networks, pods, workloads
from osconsole.embedded.api.rules.choices import choices
from osconsole.embedded.api.schema import moulds
from osconsole.embedded.api.schema.schemas import Schema

_RULES: Mapping[str, Callable[[dict[str, Any]], list[Cause]]] = {
    "ConfigMap": holdings.config_map,
    "Secret": holdings.secret,
    "PersistentVolumeClaim": holdings.claim,
    "PersistentVolume": holdings.volume,
    "StorageClass": holdings.storage_class,
    "Pod": pods.pod,
    "Deployment": workloads.deployment,
    "ReplicaSet": workloads.workload,
    "ReplicationController": workloads.replication_controller,
    "StatefulSet": workloads.stateful_set,
    "DaemonSet": workloads.daemon_set,
    "ControllerRevision": duties.revision,
    "Job": workloads.job,
    "CronJob": workloads.cron_job,
    "PodDisruptionBudget": duties.budget,
    "Service": networks.service,
    "Endpoints": networks.endpoints,
    "EndpointSlice": networks.endpoint_slice,
    "Ingress": networks.ingress,
    "Lease": duties.lease,
    "Event": duties.event,
    "Role": duties.role,
    "ClusterRole": duties.cluster_role,
    "RoleBinding": duties.role_binding,
    "ClusterRoleBinding": duties.role_binding,
}


def broken(kind: str, obj: dict[str, Any], schema: Schema) -> list[Cause]:
    """Every rule of its kind that a built-in object breaks."""
    rule = _RULES.get(kind)
    wrong = [] if moulds.fits(obj, schema) else choices(obj, schema)
    return wrong + (rule(obj) if rule is not None else [])
