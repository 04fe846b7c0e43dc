"""The reflector against servers that are stopped, frozen, forgetful and strict."""

import asyncio
import random
from contextlib import aclosing

import pytest

from osconsole.errors import Unreachable
from osconsole.kube import mirror
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, Kind, key
from osconsole.model.ref import KindKey
from osconsole.store import Store

CONFIGMAPS = BY_KEY[key("ConfigMap")]


class Mirrored:
    """A store that a reflector fills."""

    def __init__(self, api: Api, kind: Kind, namespace: str = "") -> None:
        self.store = Store()
        self.kind, self.namespace, self._api = kind, namespace, api

    async def run(self) -> None:
        async with aclosing(changes(self._api, self.kind, self.namespace)) as batches:
            async for batch in batches:
                self.store.apply(batch)

    @property
    def state(self) -> str:
        return self.store.snapshot.line(self.kind.key, self.namespace).state

    def versions(self) -> dict[str, str]:
        return {r.ref.name: r.version for r in self.store.snapshot.all(self.kind.key, self.namespace)}

    async def until(self, true, within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            async for _ in self.store.follow(0.01):
                if true():
                    return


async def truth(api: Api, namespace: str) -> dict[str, str]:
    found = await api.send("GET", CONFIGMAPS.path(namespace))
    return {i["metadata"]["name"]: i["metadata"]["resourceVersion"] for i in found.object()["items"]}


async def storm(api: Api, namespace: str, writes: int) -> None:
    """Random creations, changes and deletions."""
    dice, known = random.Random(7), set()
    for step in range(writes):
        name = f"c{dice.randrange(20)}"
        path = CONFIGMAPS.path(namespace, name)
        if name not in known:
            body = {"metadata": {"name": name}, "data": {"s": str(step)}}
            await api.create(CONFIGMAPS.path(namespace), body)
            known.add(name)
        elif dice.random() < 0.3:
            await api.delete(path)
            known.discard(name)
        else:
            await api.patch(path, {"data": {"s": str(step)}})


@pytest.mark.parametrize("watchlist", [True, False])
async def test_ends_with_what_the_server_has(api, namespace, watchlist):
    api.watchlist = watchlist
    seen = Mirrored(api, CONFIGMAPS, namespace)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await seen.until(lambda: seen.state == "live")
        await storm(api, namespace, 150)
        expected = await truth(api, namespace)
        await seen.until(lambda: seen.versions() == expected)
        task.cancel()


async def test_pages_are_put_together(api, namespace, monkeypatch):
    for number in range(7):
        await api.create(CONFIGMAPS.path(namespace), {"metadata": {"name": f"c{number}"}})
    pages = [p async for p in api.pages(CONFIGMAPS.path(namespace), limit=3)]
    assert len(pages) >= 3
    names = [mirror.decode(item, CONFIGMAPS).ref.name for page in pages for item in page.items]
    assert [n for n in names if n.startswith("c")] == [f"c{number}" for number in range(7)]


async def test_survives_a_server_that_is_killed_and_comes_back(own_server):
    api = Api(Options(kubeconfig=str(own_server.kubeconfig)))
    seen = Mirrored(api, CONFIGMAPS, "default")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await api.create(CONFIGMAPS.path("default"), {"metadata": {"name": "kept"}})
        await seen.until(lambda: "kept" in seen.versions())
        await asyncio.to_thread(own_server.kill)
        await seen.until(lambda: seen.state == "lost", 3)
        assert "kept" in seen.versions()
        await seen.until(lambda: "refused" in seen.store.snapshot.line(CONFIGMAPS.key, "default").why)
        await asyncio.to_thread(own_server.start)
        await seen.until(lambda: seen.state == "live", 65)
        await api.create(CONFIGMAPS.path("default"), {"metadata": {"name": "later"}})
        expected = await truth(api, "default")
        await seen.until(lambda: seen.versions() == expected)
        task.cancel()
    await api.close()


async def test_a_forgotten_version_is_listed_anew(api, namespace):
    seen = Mirrored(api, CONFIGMAPS, namespace)
    await api.create(CONFIGMAPS.path(namespace), {"metadata": {"name": "one"}})
    from osconsole.kube.reflector import Reflector, Scope

    reflector = Reflector(api, Scope(CONFIGMAPS, namespace))
    reflector._listed, reflector._version = True, "1"  # as after hours without a line
    async with asyncio.TaskGroup() as tasks:

        async def run() -> None:
            async with aclosing(reflector.run()) as batches:
                async for batch in batches:
                    seen.store.apply(batch)

        task = tasks.create_task(run())
        await seen.until(lambda: "one" in seen.versions())
        task.cancel()


async def test_what_is_not_served_is_absent(api):
    kind = Kind("nowhere.example.org", "v1", "Thing", "things")
    seen = Mirrored(api, kind)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await seen.until(lambda: seen.state == "absent")
        assert "things.nowhere.example.org" in seen.store.snapshot.line(KindKey(kind.group, kind.kind)).why
        task.cancel()


async def role(api: Api, namespace: str, user: str, verbs: list[str]) -> None:
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}]
    root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    await api.create(f"{root}/roles", {"metadata": {"name": user}, "rules": rules})
    subject = {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    await api.create(f"{root}/rolebindings", {"metadata": {"name": user}, "subjects": [subject], "roleRef": reference})


@pytest.mark.parametrize(
    ("verbs", "state", "missing", "listed"),
    [
        (["list", "watch"], "live", "", True),
        (["get"], "denied", "watch configmaps in namespace", False),
        (["list"], "denied", "watch configmaps in namespace", True),
    ],
)
async def test_missing_rights_are_named(server, api, namespace, verbs, state, missing, listed):
    user = f"u-{namespace}"
    await role(api, namespace, user, verbs)
    await api.create(CONFIGMAPS.path(namespace), {"metadata": {"name": "one"}})
    theirs = Api(Options(kubeconfig=str(server.kubeconfig), as_user=user))
    seen = Mirrored(theirs, CONFIGMAPS, namespace)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await seen.until(lambda: seen.state == state)
        assert missing in seen.store.snapshot.line(CONFIGMAPS.key, namespace).why
        assert ("one" in seen.versions()) is listed
        task.cancel()
    await theirs.close()


async def test_a_frozen_server_is_lost(own_server, monkeypatch):
    monkeypatch.setattr("osconsole.kube.api.HEADERS_S", 1.0)
    own_server.freeze()
    api = Api(Options(kubeconfig=str(own_server.kubeconfig)))
    seen = Mirrored(api, CONFIGMAPS, "default")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await seen.until(lambda: seen.state == "lost")
        assert "no answer in time" in seen.store.snapshot.line(CONFIGMAPS.key, "default").why
        own_server.thaw()
        await seen.until(lambda: seen.state == "live")
        task.cancel()
    await api.close()


async def test_silence_is_a_failure(api, namespace):
    with pytest.raises(Unreachable, match="no answer in time"):
        async for _ in api.stream(CONFIGMAPS.path(namespace), {"watch": "true"}, silence_s=0.3):
            pass
