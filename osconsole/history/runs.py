"""Runs: how far Ansible had come, kept beside the versions of objects as one more kind of them."""

import msgspec

from osconsole.model.changes import Progressed
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, resource
from osconsole.model.run import Run

KIND = KindKey("osconsole.io", "AnsibleRun")
EVERY_S = 5.0  # between two versions of a run that goes on


def ref_of(pod: Ref) -> Ref:
    """Under which name the run in a pod is kept."""
    return KIND.ref(pod.namespace, pod.name)


def kept(pod: Ref, run: Run, at: float) -> Resource:
    """A run as it is kept."""
    meta = {"name": pod.name, "namespace": pod.namespace, "uid": pod.name, "resourceVersion": f"{at:.3f}"}
    body = {"apiVersion": f"{KIND.group}/v1", "kind": KIND.kind, "metadata": meta, "run": msgspec.to_builtins(run)}
    return resource(body)


def progressed(found: Resource, at: float) -> Progressed | None:
    """The run again; None where it was written by another release in another form."""
    try:
        run = msgspec.convert(found.body().get("run"), Run)
    except msgspec.ValidationError:
        return None
    return Progressed(Ref("", "Pod", found.ref.namespace, found.ref.name), run, at)
