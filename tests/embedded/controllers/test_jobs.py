"""Jobs: counts, retries, verdicts."""

from osconsole.embedded.kinds import JOB, POD


async def test_a_job_completes(world, template):
    await world.create(JOB, "sync", {"template": template(restartPolicy="Never")})
    done = await world.status(JOB, "sync", succeeded=1, ready=0, terminating=0, uncountedTerminatedPods={})
    assert [c["type"] for c in done["status"]["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    assert {c["reason"] for c in done["status"]["conditions"]} == {"CompletionsReached"}
    assert done["status"]["completionTime"] >= done["status"]["startTime"]
    (pod,) = await world.objects(POD, "batch.kubernetes.io/job-name=sync")
    assert pod["status"]["phase"] == "Succeeded"
    assert not pod["metadata"].get("finalizers")
    assert await world.until(lambda: world.events("Completed"))


async def test_completions_and_parallelism(world, template):
    spec = {"completions": 4, "parallelism": 2, "template": template(restartPolicy="Never")}
    await world.create(JOB, "many", spec)
    await world.condition(JOB, "many", "Complete")
    assert len(await world.objects(POD)) == 4


async def test_a_failing_job_is_tried_again_and_gives_up(world, template):
    broken = template(restartPolicy="Never", annotations={"sandbox.osconsole.io/fail": "2"})
    await world.create(JOB, "play", {"backoffLimit": 1, "template": broken})
    failed = await world.condition(JOB, "play", "Failed")
    assert (failed["reason"], failed["message"]) == (
        "BackoffLimitExceeded",
        "Job has reached the specified backoff limit",
    )
    job = await world.get(JOB, "play")
    assert job["status"]["failed"] == 2
    assert "completionTime" not in job["status"]
    pods = await world.objects(POD)
    assert [p["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] for p in pods] == [2, 2]
    first, second = sorted(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])
    ended = first["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"]
    assert second["metadata"]["creationTimestamp"] > ended


async def test_a_pod_that_is_deleted_counts_as_failed_once(world, template):
    slow = template(restartPolicy="Never", annotations={"sandbox.osconsole.io/run-for": "60"})
    await world.create(JOB, "play", {"template": slow, "backoffLimit": 6})

    async def running():
        return [pod for pod in await world.objects(POD) if pod["status"].get("phase") == "Running"]

    (pod,) = await world.until(running)
    await world.delete(POD, pod["metadata"]["name"])
    await world.gone(POD, pod["metadata"]["name"])
    (again,) = await world.until(running)
    assert again["metadata"]["uid"] != pod["metadata"]["uid"]
    await world.delete(JOB, "play", "Foreground")
    await world.gone(JOB, "play")
    assert await world.objects(POD) == []


async def test_deadline_suspension_and_expiry(world, template):
    slow = template(restartPolicy="Never", annotations={"sandbox.osconsole.io/run-for": "60"})
    await world.create(JOB, "late", {"activeDeadlineSeconds": 1, "template": slow})
    assert (await world.condition(JOB, "late", "Failed"))["reason"] == "DeadlineExceeded"
    await world.create(JOB, "held", {"suspend": True, "template": template(restartPolicy="Never")})
    await world.condition(JOB, "held", "Suspended")
    await world.patch(JOB, "held", {"spec": {"suspend": False, "ttlSecondsAfterFinished": 1}})
    await world.gone(JOB, "held")
