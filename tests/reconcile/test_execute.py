"""Actions on a real API server of ours: each is idempotent, and writes only what differs."""

import base64

import pytest

from osconsole.errors import Conflict, NotFound, Refused
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import key
from osconsole.reconcile.actions import Create, Ensure, Generated, Patch, Remove, SetStatus
from osconsole.reconcile.execute import Executor


@pytest.fixture
async def executor(kubeconfig):
    api = Api(Options(kubeconfig=str(kubeconfig)))
    yield Executor(api)
    await api.close()


def made(kind: str, name: str, **rest):
    versions = {"Secret": "v1", "ConfigMap": "v1", "Service": "v1", "Job": "batch/v1", "Deployment": "apps/v1"}
    return {"apiVersion": versions[kind], "kind": kind, "metadata": {"name": name, "namespace": "default"}, **rest}


async def test_secret_values_are_made_up_once(executor):
    action = Create(
        made("Secret", "s", stringData={"user": "me"}),
        {"password": Generated("password", 20), "k": Generated("fernet")},
    )
    assert await executor.carry_out(action)
    first = (await executor.read(key("Secret").ref("default", "s")))["data"]
    assert len(base64.b64decode(first["password"])) == 20
    assert len(base64.b64decode(first["k"])) == 44
    assert base64.b64decode(first["user"]) == b"me"
    assert await executor.carry_out(action) is None
    assert (await executor.read(key("Secret").ref("default", "s")))["data"] == first


async def test_ensure_creates_then_does_nothing_then_patches_what_differs(executor):
    ports = [{"name": "api", "port": 5000}]
    body = made("Service", "svc", spec={"selector": {"a": "b"}, "ports": ports})
    assert await executor.carry_out(Ensure(body), dry_run=True)
    with pytest.raises(NotFound):
        await executor.read(key("Service").ref("default", "svc"))
    assert await executor.carry_out(Ensure(body))
    assert await executor.carry_out(Ensure(body)) is None
    assert await executor.carry_out(
        Ensure(made("Service", "svc", metadata={"name": "svc", "namespace": "default", "labels": {"x": "y"}}))
    )
    found = await executor.read(key("Service").ref("default", "svc"))
    assert found["spec"]["ports"][0]["port"] == 5000
    assert found["metadata"]["labels"] == {"x": "y"}
    assert any(f["manager"] == "osconsole" for f in found["metadata"]["managedFields"])


async def test_a_status_is_written_only_when_a_state_changes_and_times_are_kept(executor):
    pod = {"containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}
    await executor.carry_out(Create(made("Job", "j", spec={"template": {"spec": pod}})))
    ref = key("Job").ref("default", "j")
    conditions = [{"type": "Suspended", "status": "False", "reason": "r", "message": "m"}]
    assert await executor.carry_out(SetStatus(ref, {"conditions": conditions}))
    first = (await executor.read(ref))["status"]["conditions"][0]["lastTransitionTime"]
    assert await executor.carry_out(SetStatus(ref, {"conditions": conditions})) is None
    await executor.carry_out(SetStatus(ref, {"conditions": [*conditions, {"type": "A", "status": "True"}]}))
    times = {c["type"]: c["lastTransitionTime"] for c in (await executor.read(ref))["status"]["conditions"]}
    assert times["Suspended"] == first


async def test_patches_and_removals_mind_the_identity_of_the_object(executor):
    ref = key("ConfigMap").ref("default", "c")
    written = await executor.carry_out(Create(made("ConfigMap", "c", data={"a": "1"})))
    with pytest.raises(Refused, match="made anew"):
        await executor.carry_out(Patch(ref, {"data": {"a": "2"}}, uid="another"))
    assert await executor.carry_out(Patch(ref, {"data": {"a": "2"}}, uid=written.uid, version=written.version))
    with pytest.raises(Conflict):
        await executor.carry_out(Patch(ref, {"data": {"a": "3"}}, version=written.version))
    assert await executor.carry_out(Remove(ref, "another")) is None
    assert await executor.carry_out(Remove(ref, written.uid))
    assert await executor.carry_out(Remove(ref, written.uid)) is None


async def test_a_field_that_the_schema_does_not_keep_is_not_written_for_ever(executor):
    body = made("Deployment", "d", spec={"nosuch": 1, "selector": {"matchLabels": {"a": "b"}}, "template": {
        "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}})  # fmt: skip
    assert await executor.carry_out(Ensure(body))
    assert await executor.carry_out(Ensure(body)) is None
