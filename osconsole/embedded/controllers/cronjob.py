"""CronJob: a Job each time that its schedule says so.

What was missed is made up for once, with the latest time; the name of a Job says its time, so none is made twice.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from osconsole.embedded.client import Object
from osconsole.embedded.clock import instant, now, stamp
from osconsole.embedded.controllers.claims import owner_keys
from osconsole.embedded.controllers.job_status import is_over
from osconsole.embedded.controllers.pods import condition, is_deleted, owner_reference
from osconsole.embedded.controllers.schedule import Schedule
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import CRON_JOB, JOB, Kind
from osconsole.embedded.view import Cluster
from osconsole.errors import Conflict

_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
# Times that were missed are counted up to here, as Kubernetes does; then only the next one matters.
_MISSED = 100


class CronJobs:
    """Makes Jobs in time, keeps as many of them as it is told to."""

    name = "cronjob-controller"
    watches = (CRON_JOB, JOB)
    workers = 1

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The CronJob itself, or the one that owns the Job."""
        return [key_of(obj)] if kind == CRON_JOB else owner_keys(CRON_JOB, obj)

    async def reconcile(self, key: Key) -> float | None:
        """Take stock of its Jobs, start one when it is time; the seconds until the next."""
        cron = self._cluster.informer(CRON_JOB).get(*key)
        if cron is None or is_deleted(cron):
            return None
        jobs = self._cluster.informer(JOB).owned_by(cron["metadata"]["uid"])
        status = self._counted(cron, jobs)
        await self._tidy(cron, jobs)
        try:
            schedule = Schedule(cron["spec"]["schedule"])
        except ValueError as error:
            self._note(cron, "UnparseableSchedule", f"unparseable schedule: {error}", warning=True)
            await self._cluster.set_status(CRON_JOB, cron, status)
            return None
        at = now()
        due = None if cron["spec"].get("suspend") else _due(schedule, cron, at)
        if due is not None and await self._may_start(cron, status):
            started = await self._start(cron, due)
            status["lastScheduleTime"] = stamp(due)
            status["active"] = [*status.get("active", []), _reference(started)] if started else status.get("active", [])
        await self._cluster.set_status(CRON_JOB, cron, {name: value for name, value in status.items() if value})
        coming = schedule.after(at)
        return max(0.05, (coming - at).total_seconds()) if coming and not cron["spec"].get("suspend") else None

    def _counted(self, cron: Object, jobs: list[Object]) -> Object:
        """The status as its Jobs are."""
        status = dict(cron.get("status") or {})
        status["active"] = [_reference(job) for job in jobs if not is_over(job)]
        done = [str(job["status"]["completionTime"]) for job in jobs if (job.get("status") or {}).get("completionTime")]
        if done:
            status["lastSuccessfulTime"] = max([*done, status.get("lastSuccessfulTime", "")])
        return status

    async def _may_start(self, cron: Object, status: Object) -> bool:
        """What its concurrencyPolicy makes of a Job that still runs."""
        running, policy = status["active"], cron["spec"].get("concurrencyPolicy", "Allow")
        if running and policy == "Forbid":
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._note(cron, "JobAlreadyActive", message)
            return False
        if running and policy == "Replace":
            for job in self._cluster.informer(JOB).owned_by(cron["metadata"]["uid"]):
                if not is_over(job):
                    await self._delete(cron, job)
            status["active"] = []
        return True

    async def _start(self, cron: Object, due: datetime) -> Object | None:
        template: Any = cron["spec"]["jobTemplate"]
        meta = template.get("metadata") or {}
        name = f"{cron['metadata']['name']}-{int(due.timestamp()) // 60}"
        owner = owner_reference(CRON_JOB, cron)
        job = {
            "metadata": {
                "name": name,
                "namespace": cron["metadata"]["namespace"],
                "labels": meta.get("labels") or {},
                "annotations": {**(meta.get("annotations") or {}), _SCHEDULED: stamp(due)},
                "ownerReferences": [owner],
            },
            "spec": template["spec"],
        }
        try:
            made = await self._cluster.create(JOB, job)
        except Conflict:
            return None
        self._note(cron, "SuccessfulCreate", f"Created job {name}")
        return made

    async def _tidy(self, cron: Object, jobs: list[Object]) -> None:
        """Delete the oldest of those that are over, beyond the history limits."""
        for kind, limit, default in (
            ("Complete", "successfulJobsHistoryLimit", 3),
            ("Failed", "failedJobsHistoryLimit", 1),
        ):
            over = [job for job in jobs if condition(job, kind) and not is_deleted(job)]
            over.sort(key=lambda job: (str(job["metadata"]["creationTimestamp"]), job["metadata"]["name"]))
            keep = int(cron["spec"].get(limit, default))
            for job in over[: max(0, len(over) - keep)]:
                await self._delete(cron, job)

    async def _delete(self, cron: Object, job: Object) -> None:
        await self._cluster.delete(JOB, job)
        self._note(cron, "SuccessfulDelete", f"Deleted job {job['metadata']['name']}")

    def _note(self, cron: Object, reason: str, message: str, *, warning: bool = False) -> None:
        self._cluster.events.note(cron, reason, message, warning=warning, component=self.name)


def _due(schedule: Schedule, cron: Object, at: datetime) -> datetime | None:
    """The latest time that has come and was not used; None when none has, or when it is too late for it."""
    status, deadline_s = cron.get("status") or {}, cron["spec"].get("startingDeadlineSeconds")
    last = instant(status.get("lastScheduleTime") or cron["metadata"]["creationTimestamp"])
    if deadline_s is not None:
        last = max(last, at - timedelta(seconds=deadline_s))
    found = None
    for _ in range(_MISSED):
        coming = schedule.after(last)
        if coming is None or coming > at:
            return found
        found = last = coming
    return found


def _reference(job: Object) -> Object:
    meta = job["metadata"]
    return {
        "apiVersion": JOB.api_version,
        "kind": JOB.kind,
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
        "resourceVersion": meta["resourceVersion"],
    }
