"""What Ansible said at the end of each Job: the termination message of its last pod, as numbers of hosts."""

from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.decide import World

POD = key("Pod")


class Summary(msgspec.Struct, frozen=True):
    """The compact JSON that the runner leaves behind; fields that it does not know are ignored."""

    total_hosts: int = msgspec.field(name="totalHosts", default=0)
    failed_hosts: int = msgspec.field(name="failedHosts", default=0)
    unreachable_hosts: int = msgspec.field(name="unreachableHosts", default=0)
    failure_percent: int = msgspec.field(name="failurePercent", default=0)
    failed_host_list: list[str] = msgspec.field(name="failedHostList", default_factory=list)
    unreachable_host_list: list[str] = msgspec.field(name="unreachableHostList", default_factory=list)


def summaries(jobs: list[Resource], namespace: str, world: World) -> dict[str, dict[str, Any]]:
    """Job name -> summary, for those whose pods have left one."""
    uids = {job.uid: job.ref.name for job in jobs}
    out: dict[str, dict[str, Any]] = {}
    for pod in sorted(world.all(POD, namespace), key=lambda pod: (pod.created, pod.ref.name)):
        owner = pod.controller
        if owner is None or owner.uid not in uids:
            continue
        for status in pod.get("status", "containerStatuses", default=None) or []:
            message = ((status.get("state") or {}).get("terminated") or {}).get("message")
            if found := _parse(message):
                out[uids[owner.uid]] = found
    return out


def _parse(message: Any) -> dict[str, Any] | None:
    """None for a message that is not a summary: a pod may end with any text."""
    if not isinstance(message, str) or "totalHosts" not in message:
        return None
    try:
        found: dict[str, Any] = msgspec.to_builtins(msgspec.json.decode(message, type=Summary))
    except msgspec.DecodeError:
        return None
    return found
