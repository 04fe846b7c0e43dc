"""Stages a case of `cases/*.yaml`: a few objects in shorthand become a Snapshot and what was read beside it."""

from pathlib import Path
from typing import Any

import msgspec

from osconsole.documents import parse, read
from osconsole.model import kinds
from osconsole.model.changes import Listed, Put
from osconsole.model.evidence import Evidence, LogTail
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, resource
from osconsole.model.run import HostResult, Run
from osconsole.model.snapshot import Snapshot
from osconsole.views.why.explain import explain
from osconsole.views.why.explanation import Explanation

T = 1_767_225_600.0  # 2026-01-01T00:00:00Z
NOW = T + 600
STAMP = "2026-01-01T00:00:00Z"
STRANGERS = {  # kinds that are not in our table
    "PodDisruptionBudget": "policy/v1", "InstallPlan": "operators.coreos.com/v1alpha1",
    "ClusterServiceVersion": "operators.coreos.com/v1alpha1", "Subscription": "operators.coreos.com/v1alpha1",
    "OpenStack": "operator.openstack.org/v1beta1", "RabbitMQUser": "rabbitmq.openstack.org/v1beta1",
}  # fmt: skip


def cases() -> list[dict[str, Any]]:
    """Every case of every file."""
    files = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    return [case for file in files for case in parse(read(file), file.name)]


def told(case: dict[str, Any]) -> Explanation:
    """The explanation of a case: of its first object, unless it says which."""
    world, evidence, about = staged(case)
    first = explain(about, world, NOW)
    return explain(about, world, NOW, evidence(first)) if case.get("log") else first


def staged(case: dict[str, Any]) -> tuple[Snapshot, Any, Ref]:
    """The snapshot, the answers to what is wanted of it, and what is asked about."""
    made: dict[str, Resource] = {}
    for number, short in enumerate(case["objects"]):
        found = _object(short, number, made)
        made[f"{found.ref.kind} {found.ref.name}"] = found
    events = [_event(short, number, made) for number, short in enumerate(case.get("events", []))]
    lists: dict[KindKey, list[Resource]] = {kinds.key("Event"): events}
    lists |= {kinds.key(kind): [] for kind in case.get("none", [])}
    for found in made.values():
        lists.setdefault(found.kind, []).append(found)
    world = Snapshot().apply([Listed(kind, "", tuple(found), T) for kind, found in lists.items()])
    for later in case.get("then", []):
        world = world.apply([Put(_renewed(_object(later["object"], 0, made), later["ago"]), NOW - later["ago"])])
    about = made[case["ask"]].ref if "ask" in case else next(iter(made.values())).ref
    if run := case.get("ansible"):
        pod = next(r.ref for r in made.values() if r.ref.kind == "Pod")
        runs = {pod: Run(hosts={run["host"]: HostResult(run["task"], run["outcome"], run["message"])})}
        world = msgspec.structs.replace(world, runs=runs)

    def evidence(found: Explanation) -> Evidence:
        return Evidence(logs={w: tuple(case["log"]) for w in found.wants if isinstance(w, LogTail)})

    return world, evidence, about


def _renewed(found: Resource, ago: int) -> Resource:
    body = found.body()
    body["metadata"]["resourceVersion"] = f"{ago} s ago"
    return resource(body)


def api_version(kind: str) -> str:
    """Of a kind by its name alone."""
    found = kinds.find(kind)
    return STRANGERS.get(kind) or (found.api_version if found else "example.org/v1")


def _object(short: dict[str, Any], number: int, made: dict[str, Resource]) -> Resource:
    kind, name = short["kind"], short.get("name", "it")
    meta: dict[str, Any] = {
        "name": name, "namespace": "openstack", "uid": f"u{number}", "resourceVersion": str(number + 1),
        "generation": 1, "creationTimestamp": STAMP, **short.get("metadata", {}),
    }  # fmt: skip
    if "owner" in short:
        owner = made[short["owner"]]
        meta["ownerReferences"] = [{
            "apiVersion": owner.api_version, "kind": owner.ref.kind, "name": owner.ref.name, "uid": owner.uid,
            "controller": True,
        }]  # fmt: skip
    if kind in {"Node", "StorageClass", "OpenStack"}:
        del meta["namespace"]
    status = dict(short.get("status", {}))
    if "conditions" in short:
        status["conditions"] = [condition(text) for text in short["conditions"]]
    spec = dict(short.get("spec", {}))
    if "container" in short:
        spec["containers"] = [{"name": "main", "image": "quay.io/x/y:1"}]
        key = "initContainerStatuses" if short["container"].get("init") else "containerStatuses"
        status = {"phase": "Pending", **status, key: [_container(short["container"])]}
    body = {"apiVersion": api_version(kind), "kind": kind, "metadata": meta, "spec": spec, "status": status}
    return resource(body | short.get("body", {}))


def condition(text: str) -> dict[str, str]:
    """`Type Status[/Severity] [Reason]: message` as an entry of status.conditions."""
    head, _, message = text.partition(": ")
    kind, what, *reason = head.split(" ")
    status, _, severity = what.partition("/")
    return {
        "type": kind, "status": status, "severity": severity, "reason": reason[0] if reason else "",
        "message": message, "lastTransitionTime": STAMP,
    }  # fmt: skip


def _container(short: dict[str, Any]) -> dict[str, Any]:
    state = short.get("state", "waiting")
    detail = {"reason": short.get("reason", ""), "message": short.get("message", "")}
    if state == "terminated":
        detail["exitCode"] = short.get("exit", 1)
    out = {
        "name": "main", "ready": False, "restartCount": short.get("restarts", 0), "state": {state: detail},
    }  # fmt: skip
    if state == "running":
        out |= {"ready": short.get("ready", False), "state": {"running": {"startedAt": short.get("since", STAMP)}}}
    if state != "terminated" and "exit" in short:
        out["lastState"] = {"terminated": {"exitCode": short["exit"], "reason": short.get("last", "Error")}}
    return out


def _event(short: dict[str, Any], number: int, made: dict[str, Resource]) -> Resource:
    about = made[short["about"]] if "about" in short else next(iter(made.values()))
    return resource({
        "apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": short["reason"],
        "message": short["message"], "lastTimestamp": "2026-01-01T00:09:00Z",
        "metadata": {"name": f"e{number}", "namespace": "openstack", "uid": f"e{number}", "resourceVersion": "1"},
        "involvedObject": {"uid": about.uid, "kind": about.ref.kind, "name": about.ref.name},
    })  # fmt: skip
