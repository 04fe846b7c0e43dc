"""Run now: one Job of a CronJob outside of its schedule, as `kubectl create job --from`, mostly for backups."""

from datetime import UTC, datetime
from typing import Any

from osconsole.errors import Refused
from osconsole.model import kinds
from osconsole.model.conditions import instant
from osconsole.model.intents import RunNow
from osconsole.model.preview import Finding, Preview
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Create
from osconsole.reconcile.verbs import chain
from osconsole.views.text import age

CRON, JOB = kinds.key("CronJob"), kinds.key("Job")
GALERA, BACKUP = kinds.key("Galera"), kinds.key("GaleraBackup")
_MANUAL = {"cronjob.kubernetes.io/instantiate": "manual"}


def judge(intent: RunNow, snapshot: Snapshot, now: float) -> Preview:
    """The Preview of one run.

    Raises:
        Refused: the object is not there, or nothing about it runs on a schedule.
    """
    cron = _scheduled(chain.known(intent.ref, snapshot), snapshot)
    name = f"{cron.ref.name[:46]}-{datetime.fromtimestamp(now, UTC):%m%d-%H%M%S}"
    return Preview(
        intent=intent,
        title=f"Run {cron.ref.short} now",
        target=JOB.ref(cron.ref.namespace, name),
        because=f"a Job is made from {cron.ref.short}, whose schedule goes on as it is",
        rolls=("1 Job starts",),
        findings=tuple(_findings(cron, snapshot, now)),
        undo="deleting the Job stops it; what it has written stays",
    )


def create(preview: Preview, snapshot: Snapshot) -> Create:
    """The write.

    Raises:
        Refused: what it is made from is gone.
    """
    assert isinstance(preview.intent, RunNow)
    cron = _scheduled(chain.known(preview.intent.ref, snapshot), snapshot)
    template = cron.get("spec", "jobTemplate", default={})
    meta = template.get("metadata") or {}
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": cron.ref.name, "uid": cron.uid, "controller": True}
    body: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": preview.target.name,
            "namespace": preview.target.namespace,
            "labels": meta.get("labels") or {},
            "annotations": {**(meta.get("annotations") or {}), **_MANUAL},
            "ownerReferences": [owner],
        },
        "spec": template.get("spec") or {},
    }
    return Create(body)


def _scheduled(resource: Resource, snapshot: Snapshot) -> Resource:
    """The CronJob that is meant: itself, that of a GaleraBackup, or that of the only GaleraBackup of a Galera."""
    if resource.kind == CRON:
        return resource
    if resource.kind == GALERA:
        resource = _saved(resource, snapshot)
    elif resource.kind != BACKUP:
        raise Refused(f"nothing of {resource.ref.short} runs on a schedule")
    ref = CRON.ref(resource.ref.namespace, f"backup-{resource.ref.name}")
    found = snapshot.get(ref)
    if found is None:
        raise Refused(f"{ref.short} is not known here: it is not made yet, or not watched (:backups does)")
    return found


def _saved(galera: Resource, snapshot: Snapshot) -> Resource:
    mine = [
        backup
        for backup in snapshot.all(BACKUP, galera.ref.namespace)
        if backup.get("spec", "databaseInstance") == galera.ref.name
    ]
    if len(mine) != 1:
        names = ", ".join(backup.ref.name for backup in mine)
        there = f"several GaleraBackups save it ({names}): name one" if mine else "no GaleraBackup saves it: make one"
        raise Refused(f"{galera.ref.short}: {there}")
    return mine[0]


def _findings(cron: Resource, snapshot: Snapshot, now: float) -> list[Finding]:
    out = []
    jobs = [job for job in snapshot.owned(cron) if job.kind == JOB]
    active = next((job.ref for job in jobs if not _over(job)), None)
    if active:
        out.append(Finding("refused", f"{active.short} runs already: wait for it"))
    if cron.get("spec", "suspend"):
        out.append(Finding("warn", "its schedule is suspended: this one runs all the same"))
    if galera := _database(cron, snapshot):
        level = "ok" if galera.ready else "warn"
        out.append(Finding(level, f"{galera.ref.short} is {'' if galera.ready else 'not '}Ready"))
    done = max((instant(job.get("status", "completionTime")) for job in jobs), default=0.0)
    last = f"the last one that ended well did so {age(now - done)} ago" if done else "none that ended well is kept"
    return [*out, Finding("ok", last)]


def _over(job: Resource) -> bool:
    return any(condition.type in {"Complete", "Failed"} and condition.ok for condition in job.conditions)


def _database(cron: Resource, snapshot: Snapshot) -> Resource | None:
    backup = snapshot.owner(cron)
    if backup is None or backup.kind != BACKUP:
        return None
    return snapshot.get(GALERA.ref(cron.ref.namespace, str(backup.get("spec", "databaseInstance", default=""))))
