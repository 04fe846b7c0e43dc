"""Kinds below the control plane, and OpenStackVersion: what is refused when they are written directly."""

from typing import Any

from osconsole.reconcile.admission.verdict import Context, Problem, name


def version_problems(obj: dict[str, Any], context: Context) -> list[Problem]:
    """One per namespace, and only versions that are known."""
    out = []
    if others := context.others(obj):
        out.append(Problem("metadata.name", f"OpenStackVersion {name(others[0])} is there already: one per namespace"))
    status = obj.get("status") or {}
    offered = {status.get("availableVersion"), *(status.get("containerImageVersionDefaults") or {})} - {None}
    target = (obj.get("spec") or {}).get("targetVersion")
    if target and offered and target not in offered:
        out.append(Problem("spec.targetVersion", f"'{target}' is not known: there are {', '.join(sorted(offered))}"))
    return out


def rabbitmq_problems(obj: dict[str, Any], old: dict[str, Any] | None) -> list[Problem]:
    """Members cannot be taken away while they are remembered."""
    now = (obj.get("spec") or {}).get("replicas", 1)
    was = ((old or {}).get("spec") or {}).get("replicas", 0) if old else 0
    if isinstance(now, int) and now < was:
        why = f"RabbitMQ cannot go from {was} to {now} members: they must be forgotten by hand first"
        return [Problem("spec.replicas", why)]
    return []


def galera_warnings(obj: dict[str, Any]) -> list[str]:
    """Even numbers of members add no quorum."""
    replicas = (obj.get("spec") or {}).get("replicas", 1)
    if isinstance(replicas, int) and replicas and replicas % 2 == 0:
        return [f"spec.replicas: {replicas} members have no more quorum than {replicas - 1}: use 1 or 3"]
    return []
