"""The session: it lives through what happens to clusters and kubeconfigs, and writes only what it may."""

import asyncio
from contextlib import aclosing

import pytest
import yaml

from osconsole.documents import parse
from osconsole.errors import Conflict, OsconsoleError, Refused
from osconsole.model.connection import Options
from osconsole.model.intents import Delete, Edit, Scale
from osconsole.model.kinds import key
from osconsole.session import Session

POD, DEPLOYMENT, CONFIGMAP = key("Pod"), key("Deployment"), key("ConfigMap")
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
WORKLOAD = {"metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}}


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


async def until(session: Session, true, within_s: float = 25) -> None:
    async with asyncio.timeout(within_s), aclosing(session.follow()) as snapshots:
        async for snapshot in snapshots:
            if true(snapshot):
                return


def live(session: Session, *kinds):
    return lambda snap: all(snap.line(k, session.status.namespace).state == "live" for k in kinds)


async def test_a_cluster_that_leaves_is_lost_in_seconds_and_comes_back(own_server):
    async with Session(Options(kubeconfig=str(own_server.kubeconfig), namespace="default")) as session:
        session.show([POD, CONFIGMAP])
        api = None
        await until(session, live(session, POD, CONFIGMAP))
        assert session.status.state == "live"
        api = session._source.connected().api
        await api.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "kept"}})
        kept = CONFIGMAP.ref("default", "kept")
        await until(session, lambda snap: snap.get(kept))
        await asyncio.to_thread(own_server.kill)
        await until(session, lambda _: session.status.state == "lost", 3)
        await until(session, lambda snap: snap.line(CONFIGMAP, "default").state == "lost", 3)
        assert session.snapshot.get(kept)
        assert session.status.since > session.snapshot.line(CONFIGMAP, "default").seen
        with pytest.raises(OsconsoleError):
            await session.read(kept)
        await asyncio.to_thread(own_server.start)
        await until(session, lambda _: session.status.state == "live", 30)
        await until(session, live(session, POD, CONFIGMAP), 30)
        await api.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "later"}})
        await until(session, lambda snap: snap.get(CONFIGMAP.ref("default", "later")))
        assert session.snapshot.get(kept)


async def test_a_kubeconfig_that_appears_is_used(server, tmp_path):
    path = tmp_path / "config"
    path.write_text("current-context: nowhere\n")
    async with Session(Options(kubeconfig=str(path))) as session:
        await until(session, lambda _: session.status.state == "denied")
        assert str(path) in session.status.why
        assert session.contexts() == ()
        with pytest.raises(OsconsoleError, match="nowhere"):
            await session.preview(Delete(POD.ref("n", "p")))
        path.write_text(server.kubeconfig.read_text())
        await until(session, lambda _: session.status.state == "live")


async def test_an_expired_token_is_said_and_a_login_elsewhere_mends_it(server, tmp_path):
    path = tmp_path / "config"
    config = parse(server.kubeconfig.read_text(), "k")
    good = config["users"][0]["user"]["token"]
    config["users"][0]["user"]["token"] = "stale"
    path.write_text(yaml.safe_dump(config))
    async with Session(Options(kubeconfig=str(path), namespace="default")) as session:
        session.show([POD])
        await until(session, lambda _: session.status.state == "denied")
        assert "log in again" in session.status.why
        config["users"][0]["user"]["token"] = good
        path.write_text(yaml.safe_dump(config))
        await until(session, lambda snap: session.status.state == "live" and live(session, POD)(snap), 40)


async def test_scale_is_previewed_written_and_recorded(server, api, namespace):
    await api.create(f"/apis/apps/v1/namespaces/{namespace}/deployments", WORKLOAD)
    target = DEPLOYMENT.ref(namespace, "d")
    async with Session(Options(kubeconfig=str(server.kubeconfig), namespace=namespace)) as session:
        session.show([DEPLOYMENT, POD])
        await until(session, lambda snap: snap.get(target))
        preview = await session.preview(Scale(target, 3))
        assert not preview.refused
        assert "-  replicas: 1" in preview.diff
        assert "+  replicas: 3" in preview.diff
        assert (await session.read(target)).get("spec", "replicas") == 1
        assert await session.can(Scale(target, 3)) == ""
        await api.patch(f"/apis/apps/v1/namespaces/{namespace}/deployments/d", {"spec": {"replicas": 2}})
        with pytest.raises(Conflict, match=r"spec\.replicas is 2 by now"):
            await session.submit(preview)
        await until(session, lambda snap: snap.get(target).get("spec", "replicas") == 2)
        await session.submit(await session.preview(Scale(target, 3)))
        assert (await session.read(target)).get("spec", "replicas") == 3
        done = session.journal()
        assert [e.result == "done" for e in done] == [False, True]
        assert done[-1].patch == {"spec": {"replicas": 3}}
        assert done[-1].after != done[-1].before != ""


async def test_read_only_sessions_and_contexts_refuse(server, api, namespace, tmp_path):
    await api.create(f"/apis/apps/v1/namespaces/{namespace}/deployments", WORKLOAD)
    target = DEPLOYMENT.ref(namespace, "d")
    name = parse(server.kubeconfig.read_text(), "k")["current-context"]
    (tmp_path / "config" / "osconsole").mkdir(parents=True)
    settings = tmp_path / "config" / "osconsole" / "settings.yaml"
    for read_only, text, said in (
        (True, "version: 1\n", "--read-only"),
        (False, f"version: 1\ncontexts: {{{name}: {{read_only: true}}}}\n", "marked read_only"),
    ):
        settings.write_text(text)
        options = Options(kubeconfig=str(server.kubeconfig), namespace=namespace, read_only=read_only)
        async with Session(options) as session:
            session.show([DEPLOYMENT])
            await until(session, lambda snap: snap.get(target))
            preview = await session.preview(Scale(target, 3))
            assert said in preview.refused
            assert said in await session.can(Scale(target, 3))
            with pytest.raises(Refused, match=said):
                await session.submit(preview)
            assert session.journal() == ()
    settings.write_text(f"version: 1\ncontexts: {{{name}: {{protected: true}}}}\n")
    async with Session(Options(kubeconfig=str(server.kubeconfig), namespace=namespace)) as session:
        session.show([DEPLOYMENT])
        await until(session, lambda snap: snap.get(target))
        assert (await session.preview(Scale(target, 3))).confirm == name
        assert session.contexts()[0].protected


async def test_missing_rights_are_words_before_and_after(server, api, namespace):
    await api.create(f"/apis/apps/v1/namespaces/{namespace}/deployments", WORKLOAD)
    root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]}]
    await api.create(f"{root}/roles", {"metadata": {"name": "r"}, "rules": rules})
    subject = {"kind": "User", "name": namespace, "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}
    await api.create(f"{root}/rolebindings", {"metadata": {"name": "r"}, "subjects": [subject], "roleRef": reference})
    target = DEPLOYMENT.ref(namespace, "d")
    options = Options(kubeconfig=str(server.kubeconfig), namespace=namespace, as_user=namespace)
    async with Session(options) as session:
        session.show([DEPLOYMENT, POD])
        await until(session, lambda snap: snap.get(target) and snap.line(POD, namespace).state == "denied")
        assert "pods in namespace" in session.snapshot.line(POD, namespace).why
        assert await session.can(Scale(target, 3)) == f"no permission: patch deployments.apps in namespace {namespace}"
        assert "no permission" in (await session.preview(Scale(target, 3))).refused
        assert session.status.state == "live"


async def test_what_the_server_refuses_is_a_finding(server, api, namespace):
    await api.create(f"/apis/apps/v1/namespaces/{namespace}/deployments", WORKLOAD)
    target = DEPLOYMENT.ref(namespace, "d")
    async with Session(Options(kubeconfig=str(server.kubeconfig), namespace=namespace)) as session:
        session.show([DEPLOYMENT])
        await until(session, lambda snap: snap.get(target))
        known = session.snapshot.get(target)
        body = known.body()
        body["spec"]["selector"]["matchLabels"] = {"other": "labels"}
        preview = await session.preview(Edit(target, known.version, body))
        assert "the server refuses it" in preview.refused


async def test_another_context_and_scope(server, api, namespace, tmp_path):
    config = parse(server.kubeconfig.read_text(), "k")
    config["contexts"].append(
        {"name": "other", "context": {**config["contexts"][0]["context"], "namespace": namespace}}
    )
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    await api.create(f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": "x"}})
    async with Session(Options(kubeconfig=str(path))) as session:
        session.show([CONFIGMAP])
        await until(session, live(session, CONFIGMAP))
        assert session.status.namespace == ""
        await session.use("other")
        await until(session, lambda snap: session.status.context == "other" and live(session, CONFIGMAP)(snap))
        assert session.status.namespace == namespace
        assert {r.ref.namespace for r in session.snapshot.all(CONFIGMAP)} == {namespace}
        session.scope("default")
        await until(session, lambda snap: snap.line(CONFIGMAP, "default").state == "live")
        await session.use("absent")
        await until(session, lambda _: session.status.state == "denied")
        assert "no context 'absent'" in session.status.why
