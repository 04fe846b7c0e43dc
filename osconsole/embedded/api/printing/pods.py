"""The pod printer: readiness, the status word, restarts."""

import datetime
from typing import Any

from osconsole.embedded.api.printing.values import Printer, age, at, headers, name, since


def _waiting_or_terminated(status: dict[str, Any], *, zero_is_fine: bool) -> str:
    state = status.get("state") or {}
    if ended := state.get("terminated"):
        if zero_is_fine and not ended.get("exitCode") and not ended.get("reason"):
            return ""
        if ended.get("reason"):
            return str(ended["reason"])
        return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"
    return str(at(state, "waiting", "reason") or "")


def _initializing(pod: dict[str, Any]) -> str | None:
    """The word of the first init container that is not done."""
    specs = {one["name"]: one for one in at(pod, "spec", "initContainers") or ()}
    for index, status in enumerate(at(pod, "status", "initContainerStatuses") or ()):
        ended = at(status, "state", "terminated")
        if ended is not None and not ended.get("exitCode"):
            continue
        if specs.get(status.get("name"), {}).get("restartPolicy") == "Always" and status.get("started"):
            continue
        reason = _waiting_or_terminated(status, zero_is_fine=False)
        if ended is None and reason in {"", "PodInitializing"}:
            return f"Init:{index}/{len(specs)}"
        return f"Init:{reason}"
    return None


def status_word(pod: dict[str, Any]) -> str:
    """What the STATUS column says."""
    reason = str(at(pod, "status", "reason") or at(pod, "status", "phase") or "")
    for condition in at(pod, "status", "conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "SchedulingGated":
            reason = "SchedulingGated"
    initializing = _initializing(pod)
    reason = _running_word(pod, reason) if initializing is None else initializing
    if at(pod, "metadata", "deletionTimestamp"):
        if at(pod, "status", "reason") == "NodeLost":
            return "Unknown"
        if at(pod, "status", "phase") not in {"Failed", "Succeeded"}:
            return "Terminating"
    return reason


def _running_word(pod: dict[str, Any], reason: str) -> str:
    running = False
    for status in reversed(at(pod, "status", "containerStatuses") or ()):
        if word := _waiting_or_terminated(status, zero_is_fine=False):
            reason = word
        elif status.get("ready") and at(status, "state", "running") is not None:
            running = True
    if reason == "Completed" and running:
        return "Running" if _is_ready(pod) else "NotReady"
    return reason


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = at(pod, "status", "conditions") or ()
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _restarts(pod: dict[str, Any], now: datetime.datetime) -> str:
    initializing = _initializing(pod) is not None
    statuses = at(pod, "status", "initContainerStatuses" if initializing else "containerStatuses") or ()
    count = sum(one.get("restartCount", 0) for one in statuses)
    ends = [at(one, "lastState", "terminated", "finishedAt") for one in statuses]
    last = max(filter(None, ends), default=None)
    return f"{count} ({since(last, now)} ago)" if count and last else str(count)


def _gates(pod: dict[str, Any]) -> str:
    gates = at(pod, "spec", "readinessGates")
    if not gates:
        return "<none>"
    true = {one.get("type") for one in at(pod, "status", "conditions") or () if one.get("status") == "True"}
    return f"{sum(gate.get('conditionType') in true for gate in gates)}/{len(gates)}"


def _cells(pod: dict[str, Any], now: datetime.datetime) -> list[Any]:
    statuses = at(pod, "status", "containerStatuses") or ()
    ready = sum(bool(one.get("ready")) and at(one, "state", "running") is not None for one in statuses)
    sidecars = [one for one in at(pod, "spec", "initContainers") or () if one.get("restartPolicy") == "Always"]
    started = {one.get("name") for one in at(pod, "status", "initContainerStatuses") or () if one.get("ready")}
    ready += sum(one["name"] in started for one in sidecars)
    return [
        name(pod),
        f"{ready}/{len(at(pod, 'spec', 'containers') or ()) + len(sidecars)}",
        status_word(pod),
        _restarts(pod, now),
        age(pod, now),
        at(pod, "status", "podIP") or "<none>",
        at(pod, "spec", "nodeName") or "<none>",
        at(pod, "status", "nominatedNodeName") or "<none>",
        _gates(pod),
    ]


PODS = Printer(
    headers("Ready", "Status", "Restarts", "Age", wide=("IP", "Node", "Nominated Node", "Readiness Gates")), _cells
)
