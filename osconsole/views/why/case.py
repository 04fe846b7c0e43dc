"""Case: one object that is asked about, and the words that sentences about it may use."""

from typing import Any

import msgspec

from osconsole.model.evidence import LogTail
from osconsole.model.resource import Resource
from osconsole.views import facts
from osconsole.views.state import Verdict
from osconsole.views.why.world import World

Words = dict[str, str]
BROKEN = frozenset({"waiting", "terminated"})
BENIGN = frozenset({"", "ContainerCreating", "PodInitializing", "Completed"})


class Case(msgspec.Struct, frozen=True):
    """The object, its own verdict, and the world around it."""

    resource: Resource
    own: Verdict
    world: World

    @property
    def words(self) -> Words:
        """What every sentence may name."""
        ref = self.resource.ref
        return {"name": ref.name, "kind": ref.kind, "namespace": ref.namespace}

    def value(self, path: str) -> Any:
        """The value at a dotted path of the object."""
        return facts.value(self.resource, *path.split("."))

    def items(self, path: str) -> list[Any]:
        """The list at a dotted path; empty where there is none."""
        return listed(self.value(path))

    def mapping(self, path: str) -> dict[str, Any]:
        """The mapping at a dotted path; empty where there is none."""
        return mapped(self.value(path))

    def guilty(self) -> facts.Container | None:
        """The container that keeps a pod from being well: the first init container, then the first of the rest."""
        if self.resource.ref.kind != "Pod":
            return None
        found = facts.pod(self.resource).containers
        return next((c for c in found if _broken(c)), None) or next((c for c in found if _unready(c)), None)

    def log(self) -> tuple[str, ...]:
        """The end of the guilty container's log, of its last life when it waits for the next."""
        container = self.guilty()
        if container is None or not (container.restarts or container.state != "waiting"):
            return ()
        previous = container.state == "waiting" and container.restarts > 0
        return self.world.log(LogTail(self.resource.ref, container.name, previous, container.restarts))


def listed(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one: bodies come from a cluster."""
    return value if isinstance(value, list) else []


def mapped(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def _broken(container: facts.Container) -> bool:
    if container.state == "terminated":
        return container.exit_code != 0
    return container.state == "waiting" and container.reason not in BENIGN


def _unready(container: facts.Container) -> bool:
    return not container.ready and not container.init and container.state == "running"
