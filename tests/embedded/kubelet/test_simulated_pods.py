"""Simulated pods: phases, restarts, faults, logs, and an agent that comes back."""

from osconsole.embedded.kinds import CONFIG_MAP, NODE, POD


async def entry(world, name, kind="containerStatuses"):
    return ((await world.get(POD, name)).get("status") or {}).get(kind, [{}])[0]


async def test_a_pod_goes_through_its_phases(world, template):
    init = [{"name": "first", "image": "init:1"}]
    await world.create(POD, "web", template(initContainers=init)["spec"])
    await world.condition(POD, "web", "Ready")
    status = (await world.get(POD, "web"))["status"]
    assert status["phase"] == "Running"
    assert status["qosClass"] == "BestEffort"
    assert status["podIP"].startswith("10.")
    assert {c["type"]: c["status"] for c in status["conditions"]} == dict.fromkeys(
        ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"), "True"
    )
    (first,), (main,) = status["initContainerStatuses"], status["containerStatuses"]
    assert first["state"]["terminated"]["reason"] == "Completed"
    assert main["containerID"].startswith("cri-o://")
    assert main["imageID"].startswith("quay.io/example/app@sha256:")
    assert (main["ready"], main["started"], main["restartCount"]) == (True, True, 0)
    for reason in ("Scheduled", "Pulled", "Created", "Started"):
        assert await world.until(lambda reason=reason: world.events(reason))


async def test_a_crashing_container_backs_off_and_keeps_its_last_log(world, template):
    await world.create(
        POD, "bad", template("keystone-api")["spec"], meta={"annotations": {"sandbox.osconsole.io/fail": "1"}}
    )

    async def backs_off():
        found = await entry(world, "bad")
        return found.get("restartCount") == 1 and found["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff"

    await world.until(backs_off)
    found = await entry(world, "bad")
    assert found["lastState"]["terminated"]["exitCode"] == 1
    assert found["state"]["waiting"]["message"].startswith("back-off 1s restarting failed container=keystone-api")
    assert "wsgi" in await world.log("bad", previous=True)
    assert await world.until(lambda: world.events("BackOff"))


async def test_a_service_that_fails_once_recovers(world, template):
    faults = {"sandbox.osconsole.io/fail": "1", "sandbox.osconsole.io/fail-times": "1"}
    await world.create(POD, "weak", template()["spec"], meta={"annotations": faults})

    async def recovered():
        found = await entry(world, "weak")
        return found.get("restartCount") == 1 and found["ready"]

    await world.until(recovered)


async def test_other_faults(world, template):
    for fault in ("not-ready", "image-pull", "pending"):
        meta = {"annotations": {f"sandbox.osconsole.io/{fault}": "true"}}
        await world.create(POD, fault, template()["spec"], meta=meta)

    async def reason(name):
        return ((await entry(world, name)).get("state") or {}).get("waiting", {}).get("reason")

    async def pulls():
        return await reason("image-pull") in ("ErrImagePull", "ImagePullBackOff")

    async def is_running():
        return "running" in ((await entry(world, "not-ready")).get("state") or {})

    await world.until(pulls)
    await world.until(is_running)
    assert (await world.condition(POD, "not-ready", "Ready", "False"))["reason"] == "ContainersNotReady"
    assert await reason("pending") == "ContainerCreating"


async def test_logs_speak_like_the_service(world, template):
    await world.create(POD, "keystone-1", template("keystone-api")["spec"])
    await world.create(POD, "openstack-galera-0", template("galera")["spec"])
    await world.condition(POD, "keystone-1", "Ready")
    await world.condition(POD, "openstack-galera-0", "Ready")
    assert "ready for connections" in await world.log("openstack-galera-0")
    first = await world.log("keystone-1", timestamps=True)
    assert "Apache" in first
    assert (await world.log("keystone-1", timestamps=True)).startswith(first), "a log must not change what it said"
    assert len((await world.log("keystone-1", tailLines=1)).splitlines()) == 1


async def test_running_pods_live_through_a_restart_of_the_agent(world, template):
    await world.create(POD, "web", template()["spec"])
    await world.condition(POD, "web", "Ready")
    before = await world.get(POD, "web")
    assert world.processes.stop_agent() == 0
    world.processes.start_agent()
    await world.create(CONFIG_MAP, "later")
    await world.create(POD, "next", template()["spec"])
    await world.condition(POD, "next", "Ready")
    after = await world.get(POD, "web")
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    log = await world.log("web")
    assert log


async def test_a_deleted_pod_ends_gracefully(world, template):
    await world.create(POD, "web", template()["spec"])
    await world.condition(POD, "web", "Ready")
    await world.delete(POD, "web")
    await world.gone(POD, "web")
    assert await world.until(lambda: world.events("Killing"))
    await world.create(POD, "hasty", template()["spec"])
    await world.condition(POD, "hasty", "Ready")
    await world.delete(POD, "hasty", grace_s=0)
    await world.gone(POD, "hasty", within_s=2)


async def test_three_nodes_are_ready(world):
    for number in range(3):
        node = await world.get(NODE, f"worker-{number}")
        assert {c["type"]: c["status"] for c in node["status"]["conditions"]}["Ready"] == "True"
        assert node["status"]["addresses"] == [{"type": "InternalIP", "address": "127.0.0.1"}]
