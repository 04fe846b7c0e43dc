"""The table of `show: backups`: each database, when it was last saved and by what; what is labelled for a restore."""

from osconsole.model import kinds
from osconsole.model.conditions import READY, find, instant
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, health
from osconsole.views.judged import STATE, remedy, row, said
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PAUSED, PROGRESSING
from osconsole.views.text import age, clean, count

BACKUP, RESTORE = kinds.key("GaleraBackup"), kinds.key("GaleraRestore")
GALERA, CONFIG = kinds.key("Galera"), kinds.key("OpenStackBackupConfig")
CRON, JOB, CLAIM = kinds.key("CronJob"), kinds.key("Job"), kinds.key("PersistentVolumeClaim")
READS = (GALERA, BACKUP, RESTORE, CONFIG, CRON, JOB, CLAIM)
OLD_S = 2 * 86400.0  # a backup that is older is an alarm, whatever the schedule says
LABEL = "backup.openstack.org/backup"

COLUMNS = (
    STATE,
    Column("WHAT", least=20, most=40),
    Column("SCHEDULE", least=9, most=16, yields=4),
    Column("LAST", ">", least=4, most=5),
    Column("SAID", least=30, most=160),
    Column("WHAT TO DO", least=20, most=140, yields=3),
)


def rows(snapshot: Snapshot, scope: str, now: float) -> Table:
    """Databases with their backups, restores under way, and what is labelled."""
    out: list[Row] = []
    for galera in sorted(snapshot.all(GALERA, scope), key=lambda g: g.ref):
        mine = [b for b in snapshot.all(BACKUP, galera.ref.namespace) if _saves(b, galera)]
        out += [_backup(b, snapshot, now) for b in sorted(mine, key=lambda b: b.ref)] or [_unsaved(galera)]
    out += [_restore(r, snapshot, now) for r in sorted(snapshot.all(RESTORE, scope), key=lambda r: r.ref)]
    out += [_config(c, snapshot) for c in sorted(snapshot.all(CONFIG, scope), key=lambda c: c.ref)]
    return Table(COLUMNS, tuple(out), "" if out else "no database and no backup configuration is known here")


def _saves(backup: Resource, galera: Resource) -> bool:
    return bool(facts.value(backup, "spec", "databaseInstance") == galera.ref.name)


def _unsaved(galera: Resource) -> Row:
    cells = (
        Cell(clean(galera.ref.short)), Cell(), Cell(), said("no GaleraBackup saves it", OFF),
        remedy(clean(f"make a GaleraBackup with databaseInstance {galera.ref.name}")),
    )  # fmt: skip
    return row(galera.ref, OFF, cells, galera.ref, galera.version)


def _backup(backup: Resource, snapshot: Snapshot, now: float) -> Row:
    name, namespace = f"backup-{backup.ref.name}", backup.ref.namespace
    cron = snapshot.get(CRON.ref(namespace, name))
    last = _last(cron, snapshot)
    word, sentence, how = _judged(backup, cron, snapshot, now)
    schedule = facts.value(cron or backup, "spec", "schedule")
    what = f"{facts.value(backup, 'spec', 'databaseInstance')} by {backup.ref.name}"
    cells = (
        Cell(clean(what)), Cell(clean(str(schedule or ""))), Cell("", "", last, -last),
        said(clean(sentence), word), remedy(clean(how)),
    )  # fmt: skip
    return row(backup.ref, word, cells, backup.ref, backup.version)


def _judged(backup: Resource, cron: Resource | None, snapshot: Snapshot, now: float) -> tuple[str, str, str]:
    """Word, sentence and what to do for one GaleraBackup."""
    namespace, name = backup.ref.namespace, f"backup-{backup.ref.name}"
    own = health.judge(backup, snapshot, now)
    if own.word in {FAILED, DEGRADED}:
        return own.word, own.why, ""
    if cron is None:
        line = snapshot.line(CRON, namespace)
        denied = f"its CronJob is not seen: no permission: {line.why}"
        return own.word, denied if line.state == "denied" else f"its CronJob {name} is not there", ""
    if facts.value(cron, "spec", "suspend"):
        return PAUSED, f"CronJob {name} is suspended", "set spec.suspend to false"
    if told := _newest(cron, snapshot):
        return told
    last, kept = _last(cron, snapshot), _claim(backup, snapshot)
    run = f"kubectl -n {namespace} create job --from=cronjob/{name} {name}-now"
    if now - (last or backup.created) > OLD_S:
        aged = f"the last good backup is {age(now - last)} old" if last else "it was never saved"
        return DEGRADED, f"{aged}, {kept}", run
    return OK, kept if last else f"nothing was saved yet, {kept}", "" if last else run


def _newest(cron: Resource, snapshot: Snapshot) -> tuple[str, str, str] | None:
    """What the newest run says, if it has failed or is under way."""
    jobs = sorted((j for j in snapshot.owned(cron) if j.kind == JOB), key=lambda j: j.created)
    if not jobs:
        return None
    newest, name = facts.job(jobs[-1]), jobs[-1].ref.name
    if newest.gave_up:
        return FAILED, f"the last run has failed ({newest.gave_up})", f"osconsole logs job/{name}"
    return (PROGRESSING, f"Job {name} runs", "") if newest.active else None


def _last(cron: Resource | None, snapshot: Snapshot) -> float:
    """When a backup last went well, by the CronJob or by the Jobs made of it."""
    if cron is None:
        return 0.0
    ended = [facts.job(j).ended for j in snapshot.owned(cron) if j.kind == JOB and facts.job(j).complete]
    return max([instant(facts.text(cron, "status", "lastSuccessfulTime")), *ended])


def _claim(backup: Resource, snapshot: Snapshot) -> str:
    """Where it is kept."""
    name = f"mysql-backup-{backup.ref.name}"
    found = snapshot.get(CLAIM.ref(backup.ref.namespace, name))
    if found is None:
        return f"its claim {name} is not there"
    size = facts.value(found, "status", "capacity", "storage") or facts.value(
        found, "spec", "resources", "requests", "storage"
    )
    return f"kept on {name} ({size or '?'}, {facts.value(found, 'status', 'phase') or 'Pending'})"


def _restore(restore: Resource, snapshot: Snapshot, now: float) -> Row:
    own = health.judge(restore, snapshot, now)
    source = facts.value(restore, "spec", "backupSource")
    sentence = own.why or f"pod restore-{restore.ref.name} is there: the restore script is run in it by a person"
    cells = (
        Cell(clean(restore.ref.short)), Cell(), Cell("", "", restore.created, -restore.created),
        said(clean(f"from {source}: {sentence}"), own.word), Cell(),
    )  # fmt: skip
    return row(restore.ref, own.word, cells, restore.ref, restore.version)


# What an OpenStackBackupConfig counts -> how it is called.
COUNTED = (("secrets", "Secret"), ("configMaps", "ConfigMap"), ("networkAttachmentDefinitions", "NAD"), ("crs", "CR"))


def _config(config: Resource, snapshot: Snapshot) -> Row:
    labelled = [facts.number(config, "status", "labeledResources", key) or 0 for key, _ in COUNTED]
    told = [count(n, noun) for n, (_, noun) in zip(labelled, COUNTED, strict=True)]
    volumes = sum(c.labels.get(LABEL) == "true" for c in snapshot.all(CLAIM, config.ref.namespace))
    ready = find(config.conditions, READY)
    word = OK if ready and ready.ok else PROGRESSING
    sentence = f"labelled for a restore: {', '.join(told)}; {count(volumes, 'claim')} to be saved"
    if word != OK and ready is not None:
        sentence = f"{sentence}; {ready.message}"
    cells = (Cell(clean(config.ref.short)), Cell(), Cell(), said(clean(sentence), word), Cell())
    return row(config.ref, word, cells, config.ref, config.version)
