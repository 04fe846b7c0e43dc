"""Jobs that a service runs before its pods: schema migration, bootstrap, registration.

As with lib-common's DoJob the hash of the pod template tells whether a Job is to run: it is an annotation of the Job
and, once it succeeded, a value in `status.hash`, so that a Job that was cleaned up is not run again.
"""

from typing import Any

import msgspec

from osconsole.model.conditions import find
from osconsole.model.hashes import object_hash
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.describe import Pods
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.pods import NETWORKS, filled, networks, pod_spec
from osconsole.reconcile.controlplane.walk import Walk

CLEANUP_S = 600
RETRIES = 6


class RunJob(msgspec.Struct, frozen=True):
    """Job `name` with one condition; `key` is its entry in `status.hash`."""

    name: str
    key: str
    pods: Pods
    condition: str = "DBSyncReady"

    @property
    def conditions(self) -> tuple[str, ...]:
        """The one condition."""
        return (self.condition,)

    def run(self, walk: Walk) -> bool:
        """Run it once for each template, and wait until it has succeeded."""
        body = job(walk, walk.fill(self.name), self.pods)
        state = done(walk, body, self.key)
        if state == "done":
            return walk.ok(self.condition)
        if state == "failed":
            return walk.failed(self.condition, f"job.name {body['metadata']['name']} job.namespace {walk.namespace}")
        return walk.busy(self.condition)


def job(walk: Walk, name: str, pods: Pods) -> dict[str, Any]:
    """A Job with one pod that is retried."""
    spec = {**pod_spec(pods, walk, {}), "restartPolicy": "OnFailure"}
    template: dict[str, Any] = {"spec": spec}
    if pods.attachments:
        template["metadata"] = {"annotations": {NETWORKS: networks(walk)}}
    return made(
        walk.me,
        "Job",
        name,
        filled(pods.labels, walk),
        {"hash": object_hash(template)},
        spec=wrapped(walk, template),
    )


def wrapped(walk: Walk, template: dict[str, Any]) -> dict[str, Any]:
    """The spec of a Job around its pod template."""
    spec: dict[str, Any] = {"parallelism": 1, "completions": 1, "backoffLimit": RETRIES, "template": template}
    if not walk.get("preserveJobs", default=False):
        spec["ttlSecondsAfterFinished"] = CLEANUP_S
    return spec


def done(walk: Walk, body: dict[str, Any], key: str, memory: dict[str, Any] | None = None) -> str:
    """Have a Job run: "done", "failed", or "running"; what has succeeded is remembered in the status (`memory`)."""
    wanted = body["metadata"]["annotations"]["hash"]
    hashes = walk.report.setdefault("hash", {})
    if ((memory or walk.status).get("hash") or {}).get(key) == wanted:
        hashes[key] = wanted
        return "done"
    found = walk.see("Job", body["metadata"]["name"])
    if found is not None and found.get("metadata", "annotations", "hash", default="") != wanted:
        if ended(found):
            walk.remove(found)
        return "running"
    if found is None:
        walk.create(body)
        return "running"
    if succeeded(found):
        hashes[key] = wanted
        return "done"
    return "failed" if ended(found) else "running"


def succeeded(found: Resource) -> bool:
    """Whether a Job has completed."""
    condition = find(found.conditions, "Complete")
    return bool(condition and condition.ok)


def ended(found: Resource) -> bool:
    """Whether a Job will start no further pod."""
    condition = find(found.conditions, "Failed")
    return succeeded(found) or bool(condition and condition.ok)
