"""A run goes to its end where no operator lives: the session that started it drives it under its Lease."""

import asyncio
from contextlib import aclosing

import pytest

from osconsole.cli.known import settled
from osconsole.embedded import cluster
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.intents import Restart
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
