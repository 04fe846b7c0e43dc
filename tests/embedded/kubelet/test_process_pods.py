"""Process pods: real processes with volumes, environment, logs, exit codes, and an end that leaves nothing."""

import os
import signal
import time
from pathlib import Path

from osconsole.embedded.kinds import CONFIG_MAP, JOB, POD, SECRET

IMAGE = "quay.io/example/openstack-ansibleee-runner:1"


def runner(*steps, **more):
    volumes, policy = more.pop("volumes", []), more.pop("restartPolicy", "Never")
    container = {"name": "play", "image": IMAGE, "args": list(steps), **more}
    return {"restartPolicy": policy, "terminationGracePeriodSeconds": 1, "volumes": volumes, "containers": [container]}


def processes_of(world, uid):
    """The pids of everything that belongs to a pod."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"_{uid}/root".encode() in environment and str(world.processes.folder).encode() in environment:
                found.append(int(entry.name))
    return found


async def terminated(world, name, within_s=20.0):
    async def check():
        status = (await world.get(POD, name)).get("status") or {}
        return (status.get("containerStatuses") or [{}])[0].get("state", {}).get("terminated")

    return await world.until(check, within_s)


async def running(world, name):
    async def check():
        status = (await world.get(POD, name)).get("status") or {}
        return (status.get("containerStatuses") or [{}])[0].get("state", {}).get("running")

    return await world.until(check)


async def test_a_process_sees_its_volumes_and_reports_its_end(world):
    await world.create(SECRET, "key", stringData={"ssh-privatekey": "PRIVATE", "other": "x"})
    await world.create(CONFIG_MAP, "vars", data={"group": "all: yes", "word": "hello"})
    volumes = [
        {"name": "key", "secret": {"secretName": "key", "items": [{"key": "ssh-privatekey", "path": "id"}]}},
        {"name": "vars", "configMap": {"name": "vars"}},
        {"name": "none", "configMap": {"name": "absent", "optional": True}},
        {"name": "work", "emptyDir": {}},
    ]
    mounts = [
        {"name": "key", "mountPath": "/runner/env/ssh_key/id", "subPath": "id"},
        {"name": "vars", "mountPath": "/runner/vars"},
        {"name": "none", "mountPath": "/runner/none"},
        {"name": "work", "mountPath": "/work"},
    ]
    env = [
        {"name": "PLAIN", "value": "$(word) you"},
        {"name": "FROM", "valueFrom": {"configMapKeyRef": {"name": "vars", "key": "word"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ]
    sources = [{"configMapRef": {"name": "vars"}}, {"configMapRef": {"name": "absent", "optional": True}}]
    steps = ["cat:runner/env/ssh_key/id", "mode:runner/env/ssh_key/id", "mode:runner/env", "cat:runner/vars/group"]
    steps += ["env:PLAIN", "env:FROM", "env:NODE", "env:KUBECONFIG", "message:all went well", "exit:0"]
    spec = runner(*steps, volumes=volumes, volumeMounts=mounts, env=env, envFrom=sources)
    pod = await world.create(POD, "play", spec)
    end = await terminated(world, "play")
    assert (end["exitCode"], end["reason"], end["message"]) == (0, "Completed", "all went well")
    done = await world.status(POD, "play", phase="Succeeded")
    lines = (await world.log("play")).splitlines()
    node = done["spec"]["nodeName"]
    assert lines == [
        "PRIVATE",
        "0o600",
        "0o700",
        "all: yes",
        "PLAIN=hello you",
        "FROM=hello",
        f"NODE={node}",
        "KUBECONFIG=None",
    ]

    async def no_secret_left():
        return not list(world.processes.folder.glob(f"agent/pods/*_{pod['metadata']['uid']}/root"))

    await world.until(no_secret_left)


async def test_a_failure_has_its_code_and_the_job_tries_again(world):
    spec = {"backoffLimit": 1, "template": {"spec": runner("say:fatal: [edpm-compute-0]", "message:{}", "exit:2")}}
    await world.create(JOB, "play", spec)
    assert (await world.condition(JOB, "play", "Failed"))["reason"] == "BackoffLimitExceeded"
    pods = await world.objects(POD)
    ends = [pod["status"]["containerStatuses"][0]["state"]["terminated"] for pod in pods]
    assert [(end["exitCode"], end["reason"], end["message"]) for end in ends] == [(2, "Error", "{}")] * 2


async def test_logs_can_be_followed_cut_and_stamped(world):
    await world.create(POD, "play", runner("say:one", "say:two", "say:three", "sleep:1", "say:four"))
    await running(world, "play")
    assert (await world.log("play", follow=True)).splitlines() == ["one", "two", "three", "four"]
    assert (await world.log("play", tailLines=2)).splitlines() == ["three", "four"]
    assert await world.log("play", limitBytes=6) == "one\ntw"
    stamped = (await world.log("play", timestamps=True)).splitlines()
    stamp, _, text = stamped[-1].partition(" ")
    assert text == "four"
    assert (await world.log("play", sinceTime=stamp)).splitlines() == ["four"]


async def test_deleting_the_pod_leaves_no_process(world):
    pod = await world.create(POD, "play", runner("leave:1", "deaf:1", "say:up", "sleep:300"))
    uid = pod["metadata"]["uid"]
    await running(world, "play")

    async def is_up():
        return "up" in await world.log("play")

    await world.until(is_up)
    assert len(processes_of(world, uid)) >= 3
    before = time.monotonic()
    await world.delete(POD, "play")
    await world.gone(POD, "play")
    assert time.monotonic() - before >= 0.9, "the grace period was not given"
    assert processes_of(world, uid) == []

    async def forgotten():
        return not list(world.processes.folder.glob(f"agent/pods/*_{uid}"))

    await world.until(forgotten)


async def test_a_main_process_that_ends_takes_its_daemons_along(world):
    pod = await world.create(POD, "play", runner("leave:1", "exit:0"))
    await terminated(world, "play")
    assert processes_of(world, pod["metadata"]["uid"]) == []


async def test_a_missing_volume_is_waited_for(world):
    volumes = [{"name": "inventory", "secret": {"secretName": "late"}}]
    mounts = [{"name": "inventory", "mountPath": "/runner/inventory/hosts", "subPath": "inventory"}]
    spec = runner("cat:runner/inventory/hosts", volumes=volumes, volumeMounts=mounts)
    await world.create(POD, "play", spec)
    (event, *_) = await world.until(lambda: world.events("FailedMount"))
    assert event["message"] == 'MountVolume.SetUp failed for volume "inventory" : secret "late" not found'
    status = (await world.get(POD, "play"))["status"]
    assert status["phase"] == "Pending"
    assert status["containerStatuses"][0]["state"]["waiting"]["reason"] == "ContainerCreating"
    await world.create(SECRET, "late", stringData={"inventory": "all:"})
    assert (await terminated(world, "play"))["exitCode"] == 0
    assert await world.log("play") == "all:\n"


async def test_a_killed_agent_finds_its_processes_again(world):
    await world.create(POD, "on", runner("say:before", "sleep:3", "say:after", "exit:3"))
    await world.create(POD, "over", runner("say:short", "sleep:1", "exit:0"))
    for name in ("on", "over"):
        await running(world, name)
    started = {name: (await running(world, name))["startedAt"] for name in ("on", "over")}
    world.processes.stop_agent(signal.SIGKILL)
    (result,) = world.processes.folder.glob(f"agent/pods/{world.namespace}_over_*/play/0")

    async def over_has_ended():
        return (result / "exit.json").exists()

    await world.until(over_has_ended)
    world.processes.start_agent()
    assert (await terminated(world, "over"))["exitCode"] == 0
    end = await terminated(world, "on")
    assert (end["exitCode"], end["startedAt"]) == (3, started["on"])
    assert (await world.log("on")).splitlines() == ["before", "after"]
    pod = await world.get(POD, "on")
    assert pod["status"]["containerStatuses"][0]["restartCount"] == 0


async def test_a_killed_shim_is_noticed(world):
    pod = await world.create(POD, "play", runner("leave:1", "say:up", "sleep:300"))
    await running(world, "play")
    (record,) = world.processes.folder.glob(f"agent/pods/*_{pod['metadata']['uid']}/play/0/shim.json")
    shim = int(record.read_text().partition('"pid": ')[2].partition(",")[0])
    os.kill(shim, signal.SIGKILL)
    end = await terminated(world, "play")
    assert (end["exitCode"], end["reason"]) == (137, "ContainerStatusUnknown")
    assert processes_of(world, pod["metadata"]["uid"]) == []
