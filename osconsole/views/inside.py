"""Inside: where one may go into: the running pods under an object, and their running containers. Pure."""

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts

_POD = kinds.key("Pod")
_DEFAULT = "kubectl.kubernetes.io/default-container"


def pods(snapshot: Snapshot, ref: Ref) -> list[Resource]:
    """The pods that the object is or owns, over any number of levels, that have something running; by name."""
    top = snapshot.get(ref)
    waiting, seen, found = [top] if top else [], set(), []
    while waiting:
        one = waiting.pop()
        if one.uid in seen:
            continue
        seen.add(one.uid)
        if one.kind == _POD and containers(one):
            found.append(one)
        waiting.extend(snapshot.owned(one))
    return sorted(found, key=lambda pod: pod.ref)


def containers(pod: Resource) -> list[str]:
    """Names of the containers that run, the pod's default one first, those that start it last."""
    default = pod.get("metadata", "annotations", _DEFAULT, default="")
    running = [container for container in facts.pod(pod).containers if container.state == "running"]
    order = sorted(running, key=lambda container: (container.name != default, container.init))
    return [container.name for container in order]
