"""How long a simulated container runs, and which containers run again. Pure."""

from osconsole.embedded.client import Object
from osconsole.embedded.kubelet.container import Container
from osconsole.embedded.kubelet.faults import faults_of
from osconsole.embedded.kubelet.timing import Timing

# The exit code of a process that TERM ended.
TERMINATED = 143


def is_work(pod: Object) -> bool:
    """The pod of a Job: it runs to its own end."""
    return any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences") or [])


def is_sidecar(spec: Object) -> bool:
    """An init container that stays beside the main ones."""
    return spec.get("restartPolicy") == "Always"


def simulated_life_s(pod: Object, spec: Object, container: Container, timing: Timing, *, is_init: bool) -> float | None:
    """Seconds until it ends by itself; None: it runs until it is stopped."""
    faults = faults_of(pod, container.name)
    if faults.fails(container.restarts):
        return faults.run_for_s if faults.run_for_s is not None else timing.fail_s
    if is_init:
        return None if is_sidecar(spec) else timing.init_s
    if is_work(pod):
        return faults.run_for_s if faults.run_for_s is not None else timing.job_s
    return None


def is_restarted(pod: Object, spec: Object, container: Container, *, is_init: bool) -> bool:
    """A container that has ended runs again."""
    policy = pod["spec"].get("restartPolicy", "Always")
    if is_init:
        return is_sidecar(spec) or (not container.has_succeeded and policy != "Never")
    return policy == "Always" or (not container.has_succeeded and policy == "OnFailure")
