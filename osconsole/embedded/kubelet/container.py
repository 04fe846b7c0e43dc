"""One container of a pod as the node agent knows it, and its entry in the pod's status, both ways. Pure.

What the agent forgets at a restart it reads from the status again; `due` and `ready_due` are moments of the agent's own
clock and start anew.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from osconsole.embedded.client import Object
from osconsole.embedded.clock import instant, stamp


@dataclass(slots=True)
class Exit:
    """How a container ended."""

    code: int
    at: datetime
    message: str = ""
    reason: str = ""


@dataclass(slots=True)
class Container:
    """The state of one container."""

    name: str
    image: str
    state: Literal["waiting", "running", "exited"] = "waiting"
    reason: str = "ContainerCreating"
    message: str = ""
    restarts: int = 0
    container_id: str = ""
    started_at: datetime | None = None
    exit: Exit | None = None
    last: Object = field(default_factory=dict)
    ready: bool = False
    due: float | None = None
    ready_due: float | None = None

    @property
    def has_succeeded(self) -> bool:
        """It ended with exit code 0."""
        return self.state == "exited" and self.exit is not None and self.exit.code == 0

    def start(self, pod_uid: str, at: datetime) -> None:
        """It runs from now on; one that ran before counts as restarted."""
        self.restarts += bool(self.last)
        self.state, self.reason, self.message = "running", "", ""
        self.started_at, self.exit, self.ready = at, None, False
        self.due = self.ready_due = None
        digest = hashlib.sha256(f"{pod_uid} {self.name} {self.restarts} {at.isoformat()}".encode())
        self.container_id = f"cri-o://{digest.hexdigest()}"

    def ended(self, how: Exit) -> None:
        """It runs no more."""
        self.state, self.exit, self.ready = "exited", how, False
        self.due = self.ready_due = None

    def wait_for_restart(self, pause_s: float, pod: str) -> None:
        """It will run again after a pause."""
        self.last, self.state = self._terminated(), "waiting"
        self.reason = "CrashLoopBackOff" if pause_s else "ContainerCreating"
        self.message = (
            f"back-off {_duration(pause_s)} restarting failed container={self.name} pod={pod}" if pause_s else ""
        )

    def _terminated(self) -> Object:
        how = self.exit
        if how is None:
            return {}
        record = {
            "exitCode": how.code,
            "reason": how.reason or ("Completed" if how.code == 0 else "Error"),
            "startedAt": stamp(self.started_at or how.at),
            "finishedAt": stamp(how.at),
            "containerID": self.container_id,
        }
        if how.message:
            record["message"] = how.message
        return record

    def status(self) -> Object:
        """The entry in `containerStatuses`."""
        if self.state == "running":
            state: Object = {"running": {"startedAt": stamp(self.started_at)}}
        elif self.state == "exited":
            state = {"terminated": self._terminated()}
        else:
            state = {"waiting": {"reason": self.reason, **({"message": self.message} if self.message else {})}}
        digest = hashlib.sha256(self.image.encode()).hexdigest()
        repository = self.image.partition("@")[0].rpartition(":")[0] or self.image
        return {
            "name": self.name,
            "image": self.image,
            "imageID": f"{repository}@sha256:{digest}" if self.container_id else "",
            "containerID": self.container_id,
            "ready": self.ready,
            "started": self.state == "running",
            "restartCount": self.restarts,
            "state": state,
            "lastState": {"terminated": self.last} if self.last else {},
        }


def container_of(spec: Object, entry: Object | None) -> Container:
    """The container of a spec, as its entry in the status left it."""
    container = Container(spec["name"], spec.get("image", ""))
    if not entry:
        return container
    container.restarts = int(entry.get("restartCount") or 0)
    container.container_id = entry.get("containerID") or ""
    container.last = (entry.get("lastState") or {}).get("terminated") or {}
    container.ready = bool(entry.get("ready"))
    state = entry.get("state") or {}
    if "running" in state:
        container.state, container.reason = "running", ""
        container.started_at = instant(state["running"]["startedAt"])
    elif "terminated" in state:
        gone = state["terminated"]
        container.state, container.reason = "exited", ""
        container.started_at = instant(gone["startedAt"])
        container.exit = Exit(
            int(gone["exitCode"]), instant(gone["finishedAt"]), gone.get("message", ""), gone.get("reason", "")
        )
    elif "waiting" in state:
        container.reason = state["waiting"].get("reason", container.reason)
        container.message = state["waiting"].get("message", "")
    return container


def _duration(seconds: float) -> str:
    """Go's way to print it: `10s`, `1m20s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
