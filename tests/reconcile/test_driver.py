"""A run goes to its end where no operator lives: the session that started it drives it under its Lease."""

import asyncio
from contextlib import aclosing

import msgspec
import pytest

from osconsole.cli.known import settled
from osconsole.embedded import cluster
from osconsole.errors import Refused
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.intents import Edit, Restart, Scale
from osconsole.model.kinds import BY_KEY, key
from osconsole.reconcile import preflight, runs
from osconsole.session import Session

DEPLOYMENT, POD = key("Deployment"), key("Pod")
WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "quay.io/example/web:1"}]},
        },
    },
}


@pytest.fixture
def kubeconfig(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield str(cluster.start(tmp_path / "cluster", "empty"))
    cluster.stop(tmp_path / "cluster")


async def until(session, true, within_s=40.0):
    async with asyncio.timeout(within_s), aclosing(session.follow()) as snapshots:
        async for snapshot in snapshots:
            if found := true(snapshot):
                return found
    raise AssertionError


def whole(snapshot):
    """The uids of two pods, when exactly two are there and Ready."""
    found = [p for p in snapshot.all(POD, "default") if not p.deleted]
    ready = [p.uid for p in found if any(c.type == "Ready" and c.ok for c in p.conditions)]
    return set(ready) if len(ready) == len(found) == 2 else None


async def test_a_restart_without_an_operator(kubeconfig):
    options = Options(kubeconfig=kubeconfig, namespace="default")
    api = Api(options)
    await api.create(BY_KEY[DEPLOYMENT].path("default"), WEB)
    await api.close()
    async with Session(options) as session:
        session.show(preflight.READS)
        await until(session, lambda snapshot: settled(session, snapshot, preflight.READS))
        old = await until(session, whole)
        ref = DEPLOYMENT.ref("default", "web")
        preview = await session.preview(Restart(ref))
        assert preview.refused == ""
        submitted = await session.submit(preview)
        assert submitted.driven_here

        def over(snapshot):
            run = snapshot.get(submitted.ref)
            return run is not None and run.labels.get(runs.LABEL) == runs.DONE

        await until(session, over)
        new = await until(session, whole)
        assert not new & old
        again = await session.preview(Restart(ref))
        assert again.refused == ""


SEES = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
PODS_ONLY = {"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
STARTS = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}


@pytest.mark.parametrize(
    ("name", "rules", "level"), [("eve", (SEES, STARTS), "refused"), ("mallory", (PODS_ONLY, STARTS), "warn")]
)
async def test_a_run_that_nobody_would_carry_out_is_said_before(kubeconfig, name, rules, level):
    options = Options(kubeconfig=kubeconfig, namespace="default")
    api = Api(options)
    await api.create(BY_KEY[DEPLOYMENT].path("default"), WEB)
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
    group = "rbac.authorization.k8s.io"
    head = {"apiVersion": f"{group}/v1", "metadata": {"name": name}}
    await api.create(f"{rbac}/roles", {**head, "kind": "Role", "rules": rules})
    role = {"apiGroup": group, "kind": "Role", "name": name}
    subject = {"apiGroup": group, "kind": "User", "name": name}
    await api.create(f"{rbac}/rolebindings", {**head, "kind": "RoleBinding", "roleRef": role, "subjects": [subject]})
    async with Session(msgspec.structs.replace(options, as_user=name)) as session:
        session.show(preflight.READS)
        await until(session, lambda snapshot: settled(session, snapshot, preflight.READS))
        await until(session, whole)
        intent = Restart(DEPLOYMENT.ref("default", "web"))
        preview = await session.preview(intent)
        said = next(f.text for f in preview.findings if f.level == level and "carr" in f.text)
        assert "create pods/eviction in namespace default" in said
        assert "create leases.coordination.k8s.io in namespace default" in said
        for other in (Edit(intent.ref, "", {}), Scale(intent.ref, 2)):  # whichever text, whichever number
            assert await session.can(other) == "no permission: patch deployments.apps in namespace default"
        pod = next(iter(session.snapshot.all(POD, "default"))).ref
        assert "edit Deployment web" in await session.can(Edit(pod, "", {}))
        if level == "refused":
            assert await session.can(intent) == preview.refused
            with pytest.raises(Refused, match="nobody would carry it out"):
                await session.submit(msgspec.structs.replace(preview, findings=()))
        else:  # an operator that we may not see may be there
            submitted = await session.submit(preview)
            assert not submitted.driven_here
    left = [r for r in (await api.send("GET", BY_KEY[runs.CONFIGMAP].path("default"))).object()["items"]
            if r["metadata"]["name"].startswith("osconsole-run")]  # fmt: skip
    assert len(left) == (level == "warn")
    await api.close()
