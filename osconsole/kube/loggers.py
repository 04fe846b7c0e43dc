"""Loggers: whose logs are meant. Pods under objects and behind Services, and the containers of a pod. Pure."""

from collections.abc import Iterable
from typing import Any

from osconsole.model.kinds import key
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot

POD, SERVICE = key("Pod"), key("Service")
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_LISTS = ("initContainers", "containers", "ephemeralContainers")


def pods_under(snapshot: Snapshot, refs: Iterable[Ref]) -> list[tuple[Ref, str]]:
    """The pods (with their uids) that the objects are, own over any number of levels, or select; by name."""
    found: dict[tuple[Ref, str], None] = {}
    for ref in refs:
        top = snapshot.get(ref)
        if top is None:
            if ref.kind == POD.kind and not ref.group:
                found[ref, ""] = None
            continue
        waiting, seen = [top], {top.uid}
        while waiting:
            one = waiting.pop()
            if one.kind == POD:
                found[one.ref, one.uid] = None
            below = [child for child in _below(snapshot, one, top) if child.uid not in seen]
            seen.update(child.uid for child in below)
            waiting.extend(below)
    return sorted(found)


def _below(snapshot: Snapshot, one: Resource, top: Resource) -> list[Resource]:
    """What it owns; a Service that was itself asked for has the pods that it sends traffic to."""
    if one is not top or one.kind != SERVICE:
        return snapshot.owned(one)
    wanted = dig(one.body(), "spec", "selector", default={}).items()
    pods = (pod for pod in snapshot.all(POD, one.ref.namespace) if wanted and wanted <= pod.labels.items())
    return list(pods)


def containers(pod: dict[str, Any], asked: str, *, every: bool) -> list[str]:
    """Names of the containers to read, in the order in which they start; none when the pod has not what was asked for.

    Without `asked` and `every` it is the one that the pod names as its default, else its first.
    """
    names = [found["name"] for part in _LISTS for found in dig(pod, "spec", part, default=None) or ()]
    if every:
        return names
    named = asked or dig(pod, "metadata", "annotations", DEFAULT_CONTAINER, default="")
    if asked:
        return [named] if named in names else []
    main = [found["name"] for found in dig(pod, "spec", "containers", default=None) or ()]
    return [named] if named in names else main[:1]


def state(pod: dict[str, Any], container: str) -> dict[str, Any]:
    """The containerStatus of a container; empty before there is one."""
    for part in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for entry in dig(pod, "status", part, default=None) or ():
            if entry.get("name") == container:
                found: dict[str, Any] = entry
                return found
    return {}


def starts_once(pod: dict[str, Any], container: str) -> bool:
    """A container that has ended well will not be started again: an init or debug container, or one of a finite pod."""
    for part in ("initContainers", "ephemeralContainers"):
        for found in dig(pod, "spec", part, default=None) or ():
            if found.get("name") == container:
                return bool(found.get("restartPolicy") != "Always")
    return False
