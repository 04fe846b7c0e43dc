"""Case: one object that is asked about, and the words that sentences about it may use."""

from typing import Any

import msgspec

from osconsole.model.evidence import LogTail
from osconsole.model.resource import Resource
from osconsole.views import facts
from osconsole.views.state import Verdict
from osconsole.views.why.world import World

Words = dict[str, str]
RESTLESS_S = 600.0  # so long after a failure a container that runs again is not trusted
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
        return {"name": ref.name, "kind": ref.kind, "namespace": ref.namespace, "again": self._again()}

    def _again(self) -> str:
        """What must happen for the work of a pod to be done once more."""
        job = self.world.snapshot.owner(self.resource) if self.resource.ref.kind == "Pod" else None
        over = job is not None and job.ref.kind == "Job" and facts.job(job).gave_up
        return "another Deployment is made, for this one is over" if over else "another attempt runs"

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
        """The container that keeps a pod from being well, or did so a moment ago; init containers come first."""
        if self.resource.ref.kind != "Pod":
            return None
        found = facts.pod(self.resource).containers
        return next((c for is_so in (_broken, _unready, self._restless) for c in found if is_so(c)), None)

    def restless(self) -> bool:
        """A pod that runs, one of whose containers has just been started again after it failed."""
        return self.resource.ref.kind == "Pod" and any(map(self._restless, facts.pod(self.resource).containers))

    def _restless(self, container: facts.Container) -> bool:
        lately = self.world.now - container.since < RESTLESS_S
        return container.state == "running" and container.restarts > 0 and container.last_exit != 0 and lately

    def log(self) -> tuple[str, ...]:
        """The end of the guilty container's log, of its last life when it waits for the next."""
        container = self.guilty()
        if container is None or not (container.restarts or container.state != "waiting"):
            return ()
        previous = container.restarts > 0 and (container.state == "waiting" or container.ready)
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
