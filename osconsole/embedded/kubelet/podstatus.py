"""A pod's status from its containers. Pure but for the clock."""

from osconsole.embedded.client import Object
from osconsole.embedded.clock import stamp
from osconsole.embedded.kubelet.container import Container
from osconsole.embedded.kubelet.lifetimes import is_restarted

HOST_IP = "127.0.0.1"


def status_of(pod: Object, init: list[Container], main: list[Container], *, pod_ip: str, stopping: bool) -> Object:
    """The whole status; conditions keep their times where nothing changed."""
    before = pod.get("status") or {}
    phase = _phase(pod, init, main, stopping=stopping)
    status: Object = {
        **before,
        "phase": phase,
        "conditions": _conditions(pod, init, main, phase),
        "hostIP": HOST_IP,
        "hostIPs": [{"ip": HOST_IP}],
        "startTime": before.get("startTime") or stamp(),
        "qosClass": before.get("qosClass") or qos_class(pod),
        "containerStatuses": [container.status() for container in main],
    }
    if init:
        status["initContainerStatuses"] = [container.status() for container in init]
    if pod_ip and any(container.container_id for container in [*init, *main]):
        status["podIP"], status["podIPs"] = pod_ip, [{"ip": pod_ip}]
    return status


def _phase(pod: Object, init: list[Container], main: list[Container], *, stopping: bool) -> str:
    never = pod["spec"].get("restartPolicy") == "Never"
    broken = [c for c in init if c.state == "exited" and c.exit and c.exit.code]
    if broken and (never or stopping):
        return "Failed"
    specs = {spec["name"]: spec for spec in pod["spec"]["containers"]}
    over = [c.state == "exited" and (stopping or not is_restarted(pod, specs[c.name], c, is_init=False)) for c in main]
    if all(over):
        return "Failed" if any(c.exit and c.exit.code for c in main) else "Succeeded"
    if all(c.state == "waiting" and not c.last for c in main):
        return "Failed" if stopping else "Pending"
    return "Failed" if stopping else "Running"


def _conditions(pod: Object, init: list[Container], main: list[Container], phase: str) -> list[Object]:
    uninitialised = [c.name for c in init if not (c.ready or (c.state == "exited" and c.exit and c.exit.code == 0))]
    unready = [c.name for c in main if not c.ready]
    done = phase in ("Succeeded", "Failed")
    if not unready:
        ready: tuple[str, str, str] = ("True", "", "")
    elif phase == "Succeeded":
        ready = ("False", "PodCompleted", "")
    elif phase == "Failed":
        ready = ("False", "PodFailed", "")
    else:
        ready = ("False", "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    initialised = ("True", "PodCompleted" if phase == "Succeeded" else "", "")
    if uninitialised and not done:
        initialised = (
            "False",
            "ContainersNotInitialized",
            f"containers with incomplete status: [{' '.join(uninitialised)}]",
        )
    has_sandbox = any(c.container_id for c in [*init, *main]) and not done
    wanted = {
        "PodReadyToStartContainers": ("True" if has_sandbox else "False", "", ""),
        "Initialized": initialised,
        "Ready": ready,
        "ContainersReady": ready,
        "PodScheduled": ("True", "", ""),
    }
    old = {c["type"]: c for c in (pod.get("status") or {}).get("conditions") or []}
    kept = [condition for kind, condition in old.items() if kind not in wanted]
    return kept + [_condition(kind, fields, old.get(kind)) for kind, fields in wanted.items()]


def _condition(kind: str, fields: tuple[str, str, str], old: Object | None) -> Object:
    status, reason, message = fields
    new: Object = {"type": kind, "status": status}
    new.update({key: value for key, value in (("reason", reason), ("message", message)) if value})
    if old and old["status"] == status:
        if old.get("reason", "") == reason and old.get("message", "") == message:
            return old
        return {**new, "lastProbeTime": None, "lastTransitionTime": old.get("lastTransitionTime") or stamp()}
    return {**new, "lastProbeTime": None, "lastTransitionTime": stamp()}


def qos_class(pod: Object) -> str:
    """Guaranteed, Burstable or BestEffort, from requests and limits."""
    resources = [c.get("resources") or {} for c in pod["spec"]["containers"]]
    if not any(r.get("requests") or r.get("limits") for r in resources):
        return "BestEffort"
    for resource in resources:
        limits, requests = resource.get("limits") or {}, resource.get("requests") or {}
        if not {"cpu", "memory"} <= limits.keys() or any(requests.get(k, v) != v for k, v in limits.items()):
            return "Burstable"
    return "Guaranteed"
