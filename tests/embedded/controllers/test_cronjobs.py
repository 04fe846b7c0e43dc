"""CronJobs: when they are due, and what they start."""

from datetime import UTC, datetime, timedelta

import pytest

from osconsole.embedded.clock import stamp
from osconsole.embedded.controllers.schedule import Schedule
from osconsole.embedded.kinds import CRON_JOB, JOB

AT = datetime(2026, 11, 24, 14, 30, 20, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("schedule", "then"),
    [
        ("* * * * *", "2026-11-24T14:31:00Z"),
        ("0 3 * * *", "2026-11-25T03:00:00Z"),
        ("*/20 14 * * *", "2026-11-24T14:40:00Z"),
        ("15/20 * * * *", "2026-11-24T14:35:00Z"),
        ("30 14 * * *", "2026-11-25T14:30:00Z"),
        ("0 0 1,15 * *", "2026-12-01T00:00:00Z"),
        ("0 6 * * mon-fri", "2026-11-25T06:00:00Z"),
        ("0 6 * * 7", "2026-11-29T06:00:00Z"),
        ("0 0 26 * sun", "2026-11-26T00:00:00Z"),
        ("0 0 29 feb *", "2028-02-29T00:00:00Z"),
        ("@weekly", "2026-11-29T00:00:00Z"),
    ],
)
def test_the_next_time(schedule, then):
    assert stamp(Schedule(schedule).after(AT)) == then


def test_a_day_that_never_comes():
    assert Schedule("0 0 31 2 *").after(AT) is None


@pytest.mark.parametrize("text", ["", "* * * *", "61 * * * *", "* * * * funday", "*/0 * * * *", "5-1 * * * *"])
def test_what_is_no_schedule(text):
    with pytest.raises(ValueError, match=r"."):
        Schedule(text)


async def overdue(world, name):
    """As if it had last started an hour ago."""
    cron = await world.get(CRON_JOB, name)
    ago = stamp(datetime.now(UTC) - timedelta(hours=1, minutes=5))
    await world.client.update_status(CRON_JOB, {**cron, "status": {"lastScheduleTime": ago}})


async def test_what_is_due_is_started_once_and_old_jobs_go(world, template):
    job = {"metadata": {"labels": {"saves": "x"}}, "spec": {"template": template(restartPolicy="Never")}}
    spec = {"schedule": "0 * * * *", "jobTemplate": job, "successfulJobsHistoryLimit": 1}
    await world.create(CRON_JOB, "save", spec)
    assert await world.objects(JOB) == []

    await overdue(world, "save")
    (made,) = await world.until(lambda: world.objects(JOB, "saves=x"))
    owner = made["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("CronJob", "save", True)
    await world.condition(JOB, made["metadata"]["name"], "Complete")

    async def told():
        status = (await world.get(CRON_JOB, "save")).get("status") or {}
        return status if status.get("lastSuccessfulTime") and not status.get("active") else None

    status = await world.until(told)
    # The hours that were missed before count for nothing.
    assert (
        made["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"]
        == (status["lastScheduleTime"])
    )
    assert datetime.now(UTC) - datetime.fromisoformat(status["lastScheduleTime"]) < timedelta(hours=1, minutes=1)
    assert len(await world.objects(JOB)) == 1
    assert await world.until(lambda: world.events("SuccessfulCreate"))


async def test_suspended_and_forbidden(world, template):
    slow = template(restartPolicy="Never", annotations={"sandbox.osconsole.io/run-for": "60"})
    spec = {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": slow}}, "concurrencyPolicy": "Forbid"}
    await world.create(CRON_JOB, "slow", {**spec, "suspend": True})
    await overdue(world, "slow")
    await world.patch(CRON_JOB, "slow", {"spec": {"suspend": False}})
    (first,) = await world.until(lambda: world.objects(JOB))

    async def active():
        return ((await world.get(CRON_JOB, "slow")).get("status") or {}).get("active")

    (running,) = await world.until(active)
    assert running["name"] == first["metadata"]["name"]
    await overdue(world, "slow")
    assert await world.until(lambda: world.events("JobAlreadyActive"))
    assert len(await world.objects(JOB)) == 1
