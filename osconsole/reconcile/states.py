"""The states of a run and the one patch that moves it, shared by every kind of run."""

from osconsole.model import kinds
from osconsole.model.resource import Resource
from osconsole.reconcile import quorate
from osconsole.reconcile.actions import Patch

LABEL = "osconsole.io/run"
TARGET = "osconsole.io/run-target"
OPERATOR = "osconsole-operator"  # the Lease of an operator, which drives every run that it sees
EVERYWHERE = "default"  # where the Lease of an operator of all namespaces lies
ACTIVE, PAUSED, DONE, FAILED, STOPPED = "active", "paused", "done", "failed", "stopped"

# What deciding on a run may read.
_READS = (
    *("ConfigMap", "Pod", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"),
    *("OpenStackControlPlane", "OpenStackVersion"),
)
READS = tuple(dict.fromkeys((*(kinds.key(kind) for kind in _READS), *quorate.READS)))


def moved(run: Resource, state: str, step: str, now: float, **data: str) -> Patch:
    """The write that says how far a run is."""
    content = {"step": step, "moved": f"{now:.0f}", **data}
    return Patch(run.ref, {"metadata": {"labels": {LABEL: state}}, "data": content}, run.uid)


def steer(run: Resource, state: str, now: float) -> Patch:
    """The write of a person who stops (STOPPED), holds (PAUSED) or resumes (ACTIVE) a run between two steps.

    What is done stays done.
    """
    words = {STOPPED: "stopped by a person: ", PAUSED: "held by a person: ", ACTIVE: ""}[state]
    step = str(run.get("data", "step", default="")).removeprefix("held by a person: ")
    return moved(run, state, words + step, now)
