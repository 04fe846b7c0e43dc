"""Job: pods that run to their end, tried again after a failure, counted exactly once each.

Every pod carries the finalizer `batch.kubernetes.io/job-tracking` until its end is in the Job's status, in three steps
that each survive a kill: note the uid in `uncountedTerminatedPods`, take the finalizer off, count it.
"""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.clock import age_s
from osconsole.embedded.controllers.claims import claim, owner_keys
from osconsole.embedded.controllers.job_status import (
    Tally,
    finish,
    is_over,
    retry_in_s,
    started,
    tally,
    verdict,
    wanted_pods,
)
from osconsole.embedded.controllers.pods import condition, deletion_rank, from_template, is_active, is_deleted
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import JOB, POD, Kind
from osconsole.embedded.view import Cluster

FINALIZER = "batch.kubernetes.io/job-tracking"


class Jobs:
    """Starts pods, counts their ends, says when the Job is over. `backoff_s` is the first pause before a retry."""

    name = "job-controller"
    watches = (JOB, POD)
    workers = 4

    def __init__(self, cluster: Cluster, backoff_s: float) -> None:
        self._cluster, self._backoff_s = cluster, backoff_s

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The Job itself, or the Job that owns the pod."""
        return [key_of(obj)] if kind == JOB else owner_keys(JOB, obj)

    async def reconcile(self, key: Key) -> float | None:
        """Count what has ended, then start, stop or finish."""
        job = self._cluster.informer(JOB).get(*key)
        if job is None:
            await self._release_orphans(key)
            return None
        pods = await claim(self._cluster, JOB, job, POD)
        if is_deleted(job) or is_over(job):
            await self._release(pods)
            return await self._expire(job)
        count = tally(job, pods, FINALIZER)
        if count.fresh:
            # First step of counting; the next pass, which sees this one's write, goes on.
            job = await self._cluster.set_status(JOB, job, count.status)
        await self._release([pod for pod in pods if pod["metadata"]["uid"] in count.noted])
        count = tally(job, self._cluster.informer(POD).owned_by(job["metadata"]["uid"]), FINALIZER)
        return await self._act(job, count)

    async def _act(self, job: Object, count: Tally) -> float | None:
        pods = self._cluster.informer(POD).owned_by(job["metadata"]["uid"])
        active = [pod for pod in pods if is_active(pod)]
        why = verdict(job, count, active)
        pause_s = None
        if why is not None or job["spec"].get("suspend"):
            for pod in active:
                await self._delete(job, pod)
            if why is None:
                # What a suspension stops has not failed.
                await self._release(active)
        else:
            pause_s = retry_in_s(job, count, pods, self._backoff_s)
            if not pause_s:
                await self._resize(job, count, active)
        pods = self._cluster.informer(POD).owned_by(job["metadata"]["uid"])
        unsettled = any(FINALIZER in (pod["metadata"].get("finalizers") or []) for pod in pods)
        status = started(job, count.status, pods)
        if why is not None:
            status = finish(job, status, why, done=not unsettled)
        await self._cluster.set_status(JOB, job, status)
        if why is not None and not unsettled:
            self._cluster.events.note(job, why.event, why.message, warning=why.failed, component=self.name)
        deadline_s = job["spec"].get("activeDeadlineSeconds")
        if deadline_s is not None and why is None and status.get("startTime"):
            left_s = max(0.1, float(deadline_s) - age_s(status["startTime"]))
            return left_s if pause_s is None else min(pause_s, left_s)
        return pause_s

    async def _resize(self, job: Object, count: Tally, active: list[Object]) -> None:
        wanted = wanted_pods(job, count, len(active))
        for _ in range(wanted - len(active)):
            await self._create(job)
        surplus = sorted(active, key=deletion_rank)[: max(0, len(active) - wanted)]
        for pod in surplus:
            await self._delete(job, pod)
        await self._release(surplus)

    async def _create(self, job: Object) -> Object:
        name, uid = job["metadata"]["name"], job["metadata"]["uid"]
        labels = {
            "batch.kubernetes.io/job-name": name,
            "batch.kubernetes.io/controller-uid": uid,
            "job-name": name,
            "controller-uid": uid,
        }
        pod = from_template(job["spec"]["template"], JOB, job, labels)
        pod["metadata"]["generateName"] = f"{name[:57]}-"
        pod["metadata"]["finalizers"] = [*pod["metadata"]["finalizers"], FINALIZER]
        created = await self._cluster.create(POD, pod)
        message = f"Created pod: {created['metadata']['name']}"
        self._cluster.events.note(job, "SuccessfulCreate", message, component=self.name)
        return created

    async def _delete(self, job: Object, pod: Object) -> None:
        await self._cluster.delete(POD, pod)
        message = f"Deleted pod: {pod['metadata']['name']}"
        self._cluster.events.note(job, "SuccessfulDelete", message, component=self.name)

    async def _release(self, pods: list[Object]) -> None:
        for pod in pods:
            left = [name for name in pod["metadata"].get("finalizers") or [] if name != FINALIZER]
            if len(left) != len(pod["metadata"].get("finalizers") or []):
                # The uid keeps a pod of the same name from losing its own.
                patch = {"metadata": {"uid": pod["metadata"]["uid"], "finalizers": left or None}}
                await self._cluster.patch(POD, pod, patch)

    async def _release_orphans(self, key: Key) -> None:
        """The Job is gone: nobody counts its pods any more."""
        pods = self._cluster.informer(POD).in_namespace(key[0])
        await self._release([pod for pod in pods if key in owner_keys(JOB, pod)])

    async def _expire(self, job: Object) -> float | None:
        ttl_s = job["spec"].get("ttlSecondsAfterFinished")
        if ttl_s is None or is_deleted(job) or not is_over(job):
            return None
        end = condition(job, "Complete") or condition(job, "Failed") or {}
        left_s = float(ttl_s) - age_s(end["lastTransitionTime"])
        if left_s > 0:
            return left_s
        await self._cluster.delete(JOB, job)
        return None
