"""A session keeps what it sees of a server, tells it, and shows it again."""

import asyncio
import time
from contextlib import aclosing

import pytest

from osconsole.errors import Refused
from osconsole.model.connection import Options
from osconsole.model.entry import Query
from osconsole.model.kinds import key
from osconsole.session import Session
from osconsole.views import timeline

DEPLOYMENT = key("Deployment")
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
SPEC = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE, "replicas": 0}
PATH = "/apis/apps/v1/namespaces/default/deployments"
WITHIN_S = 25


async def until(session: Session, true) -> None:
    async with asyncio.timeout(WITHIN_S), aclosing(session.follow()) as snapshots:
        async for snapshot in snapshots:
            if true(snapshot):
                return


async def told(session: Session, query: Query, words: str) -> None:
    """What was kept says so, within a while."""
    history = session._source.connected().history
    found = ""
    for _ in range(10 * WITHIN_S):
        found = "\n".join(map(timeline.sentence, await asyncio.to_thread(history.search, query)))
        if words in found:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"'{words}' is not among\n{found}")


async def test_a_session_tells_and_shows_what_it_has_seen(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    web = DEPLOYMENT.ref("default", "past")
    async with Session(Options(kubeconfig=str(server.kubeconfig), namespace="default")) as session:
        session.show([DEPLOYMENT])
        await until(session, lambda snap: snap.line(DEPLOYMENT, "default").state == "live")
        api = session._source.connected().api
        await api.create(PATH, {"metadata": {"name": "past"}, "spec": SPEC})
        await until(session, lambda snap: snap.get(web))
        await told(session, Query(under=web), "added")
        before = time.time()
        await asyncio.sleep(1.1)  # moments are whole seconds
        change = {"metadata": {"labels": {"x": "y"}}, "spec": {**SPEC, "minReadySeconds": 7}}
        found = await session.read(web)
        body = {**found.body(), "spec": {**found.body()["spec"], **change["spec"], "template": TEMPLATE}}
        await api.request("PUT", f"{PATH}/past", body=body)
        await told(session, Query(under=web), "spec.minReadySeconds - → 7")
        await session.past.look(before)
        assert session.snapshot.get(web).get("spec", "minReadySeconds") is None
        assert session.status.read_only
        with pytest.raises(Refused, match="come"):
            await session.read(web)
        await session.past.look(0)
        assert session.snapshot.get(web).get("spec", "minReadySeconds") == 7
        await api.delete(f"{PATH}/past")
        await until(session, lambda snap: snap.get(web) is None)
        await told(session, Query(under=web), "gone")
