"""Printers of apps, batch and policy: what runs pods and what protects them."""

import datetime
from typing import Any

from osconsole.embedded.api.printing.values import (
    Printer,
    age,
    at,
    containers,
    duration,
    headers,
    instant,
    labels,
    name,
    selector,
    since,
)

_WIDE = ("Containers", "Images", "Selector")


def _number(obj: dict[str, Any], *path: str) -> int:
    return int(at(obj, *path) or 0)


def _deployment(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [
        name(obj),
        f"{_number(obj, 'status', 'readyReplicas')}/{_number(obj, 'spec', 'replicas')}",
        _number(obj, "status", "updatedReplicas"),
        _number(obj, "status", "availableReplicas"),
        age(obj, now),
        *containers(at(obj, "spec", "template")),
        selector(at(obj, "spec", "selector")),
    ]


def _replica_set(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [
        name(obj),
        _number(obj, "spec", "replicas"),
        _number(obj, "status", "replicas"),
        _number(obj, "status", "readyReplicas"),
        age(obj, now),
        *containers(at(obj, "spec", "template")),
        _matched(at(obj, "spec", "selector")),
    ]


def _matched(found: Any) -> str:
    """A selector of today, or the plain labels of a ReplicationController."""
    today = not found or "matchLabels" in found or "matchExpressions" in found
    return selector(found) if today else labels(found)


def _stateful_set(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    ready = f"{_number(obj, 'status', 'readyReplicas')}/{_number(obj, 'spec', 'replicas')}"
    return [name(obj), ready, age(obj, now), *containers(at(obj, "spec", "template"))]


def _daemon_set(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    counts = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
    return [
        name(obj),
        *(_number(obj, "status", key) for key in (*counts, "numberAvailable")),
        labels(at(obj, "spec", "template", "spec", "nodeSelector")),
        age(obj, now),
        *containers(at(obj, "spec", "template")),
        selector(at(obj, "spec", "selector")),
    ]


def _revision(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    owners = at(obj, "metadata", "ownerReferences") or ()
    owner = next((one for one in owners if one.get("controller")), None)
    shown = "<none>"
    if owner is not None:
        group = owner["apiVersion"].rpartition("/")[0]
        shown = f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}"
    return [name(obj), shown, obj.get("revision", 0), age(obj, now)]


def _job_status(obj: dict[str, Any]) -> str:
    true = {one.get("type") for one in at(obj, "status", "conditions") or () if one.get("status") == "True"}
    for kind in ("Complete", "Failed"):
        if kind in true:
            return kind
    if at(obj, "metadata", "deletionTimestamp"):
        return "Terminating"
    for kind, word in (("Suspended", "Suspended"), ("FailureTarget", "FailureTarget")):
        if kind in true:
            return word
    return "SuccessCriteriaMet" if "SuccessCriteriaMet" in true else "Running"


def _job(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    succeeded = _number(obj, "status", "succeeded")
    completions, parallelism = at(obj, "spec", "completions"), _number(obj, "spec", "parallelism")
    wanted = f"1 of {parallelism}" if parallelism > 1 else "1"
    started, ended = instant(at(obj, "status", "startTime")), instant(at(obj, "status", "completionTime"))
    return [
        name(obj),
        _job_status(obj),
        f"{succeeded}/{completions if completions is not None else wanted}",
        duration(((ended or now) - started).total_seconds()) if started else "",
        age(obj, now),
        *containers(at(obj, "spec", "template")),
        selector(at(obj, "spec", "selector")),
    ]


def _cron_job(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    last = at(obj, "status", "lastScheduleTime")
    template = at(obj, "spec", "jobTemplate", "spec")
    return [
        name(obj),
        at(obj, "spec", "schedule") or "",
        at(obj, "spec", "timeZone") or "<none>",
        "True" if at(obj, "spec", "suspend") else "False",
        len(at(obj, "status", "active") or ()),
        since(last, now) if last else "<none>",
        age(obj, now),
        *containers(at(template, "template")),
        selector(at(template, "selector")),
    ]


def _budget(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    bounds = [at(obj, "spec", key) for key in ("minAvailable", "maxUnavailable")]
    shown = ["N/A" if bound is None else str(bound) for bound in bounds]
    return [name(obj), *shown, _number(obj, "status", "disruptionsAllowed"), age(obj, now)]


def _scale(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), _number(obj, "spec", "replicas"), _number(obj, "status", "replicas"), age(obj, now)]


_REPLICAS = ("Desired:integer", "Current:integer", "Ready:integer")
_REPLICA_SET = Printer(headers(*_REPLICAS, "Age", wide=_WIDE), _replica_set)
WORKLOADS = {
    "Deployment": Printer(headers("Ready", "Up-to-date", "Available", "Age", wide=_WIDE), _deployment),
    "ReplicaSet": _REPLICA_SET,
    "ReplicationController": _REPLICA_SET,
    "Scale": Printer(headers("Desired:integer", "Available:integer", "Age"), _scale),
    "StatefulSet": Printer(headers("Ready", "Age", wide=_WIDE[:2]), _stateful_set),
    "DaemonSet": Printer(
        headers(*_REPLICAS, "Up-to-date:integer", "Available:integer", "Node Selector", "Age", wide=_WIDE), _daemon_set
    ),
    "ControllerRevision": Printer(headers("Controller", "Revision", "Age"), _revision),
    "Job": Printer(headers("Status", "Completions", "Duration", "Age", wide=_WIDE), _job),
    "CronJob": Printer(
        headers("Schedule", "Timezone", "Suspend:boolean", "Active:integer", "Last Schedule", "Age", wide=_WIDE),
        _cron_job,
    ),
    "PodDisruptionBudget": Printer(
        headers("Min Available", "Max Unavailable", "Allowed Disruptions:integer", "Age"), _budget
    ),
}
