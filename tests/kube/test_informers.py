"""Which streams run: what exists, what may be seen, what it costs to look at a quiet cluster."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from osconsole.errors import NotFound
from osconsole.kube import arrivals, discovery, informers
from osconsole.kube.api import Api
from osconsole.kube.informers import Home, Informers
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, Kind, key
from osconsole.model.ref import KindKey
from osconsole.model.snapshot import LOADING
from osconsole.store import Store
from tests.kube.weather import PATH, fault

THINGS = Kind("example.org", "v1", "Thing", "things")
CRDS = BY_KEY[key("CustomResourceDefinition")].path()
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"kind": "Thing", "plural": "things"},
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}


@asynccontextmanager
async def watching(api: Api, *keys: str, namespace: str = "") -> AsyncIterator[Store]:
    """A store whose kinds are shown."""
    store = Store()
    informers = Informers(api, store.apply, Home(namespace))
    informers.show([(THINGS.key if name == "Thing" else key(name), "") for name in keys])
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(informers.run())
        yield store
        task.cancel()


async def until(store: Store, kind: Kind, state: str, namespace: str = "", within_s: float = 30) -> None:
    async with asyncio.timeout(within_s):
        async for snapshot in store.follow(0.01):
            if snapshot.lines.get((kind.key, namespace), LOADING).state == state:
                return


async def test_a_kind_comes_and_goes_with_its_definition(api):
    async with watching(api, "Thing", "ConfigMap") as store:
        await until(store, THINGS, "absent")
        await api.create(CRDS, DEFINITION)
        await until(store, THINGS, "live")
        thing = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "one"}}
        await api.create(THINGS.path("default"), thing)
        async with asyncio.timeout(10):
            async for snapshot in store.follow(0.01):
                if list(snapshot.all(THINGS.key)):
                    break
        await api.delete(f"{CRDS}/things.example.org")
        await until(store, THINGS, "absent")
        assert not list(store.snapshot.all(THINGS.key))


async def test_a_404_alone_makes_nothing_vanish(faulty):
    """Some proxy says it; discovery says otherwise."""
    hands, eyes = (Api(Options(kubeconfig=str(faulty.kubeconfig))) for _ in range(2))
    configmaps = BY_KEY[key("ConfigMap")]
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept"}}
    await hands.patch(configmaps.path("default", "kept"), body, kind="apply")
    async with watching(eyes, "ConfigMap") as store:
        await until(store, configmaps, "live")
        before = {r.ref for r in store.snapshot.all(configmaps.key)}
        assert before
        await fault(hands, "status", code=404, verb="WATCH", path="configmaps")
        await fault(hands, "cut-now", verb="WATCH")
        await until(store, configmaps, "lost")
        assert {r.ref for r in store.snapshot.all(configmaps.key)} == before
        await until(store, configmaps, "live")
    await hands.request("DELETE", PATH)
    await hands.close()
    await eyes.close()


BROKEN = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1.far.example.com"},
    "spec": {
        "group": "far.example.com",
        "version": "v1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "service": {"name": "nowhere", "namespace": "default"},
    },
}


async def test_a_group_whose_own_server_is_down_hides_no_other_and_is_not_called_absent(api, monkeypatch):
    monkeypatch.setattr(informers, "SILENT_S", 0.5)
    services = "/apis/apiregistration.k8s.io/v1/apiservices"
    try:
        await api.create(services, BROKEN)
    except NotFound:
        pytest.skip("the embedded server has no aggregation")
    far = Kind("far.example.com", "v1", "Star", "stars")
    store = Store()
    streams = Informers(api, store.apply)
    streams.show([(key("ConfigMap"), ""), (far.key, "")])
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(streams.run())
        await until(store, BY_KEY[key("ConfigMap")], "live")
        await until(store, far, "lost")
        assert store.snapshot.line(far.key).why == (
            "whether there is Star is not known: the API server of far.example.com does not answer"
        )
        await api.delete(f"{services}/v1.far.example.com")
        await until(store, far, "absent")
        task.cancel()


async def test_a_group_that_fails_in_old_discovery_is_kept_as_it_was(tmp_path):
    """A server before 1.26 says it group by group: one that is too busy now has not uninstalled anything."""
    busy = False

    async def answer(request: web.Request) -> web.Response:
        group = request.path.split("/")[2:3]
        if busy and group == ["b.org"]:
            return web.json_response({"kind": "Status", "message": "busy"}, status=429)
        entry = {"kind": "Thing", "name": "things", "namespaced": True, "verbs": ["list", "watch"]}
        versions = [{"version": "v1"}]
        return web.json_response(
            {"versions": ["v1"], "groups": [{"name": n, "versions": versions} for n in ("a.org", "b.org")]}
            if not group
            else {"resources": [entry]}
        )

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cluster = {"server": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    config = {"clusters": [{"name": "c", "cluster": cluster}], "contexts": [{"name": "c", "context": {"cluster": "c"}}]}
    (tmp_path / "k").write_text(json.dumps({**config, "current-context": "c"}))
    api = Api(Options(kubeconfig=str(tmp_path / "k")))
    streams = Informers(api, lambda _: None)
    for busy in (False, True):  # noqa: B007
        streams._note(await discovery.served(api))
        assert {streams.find(KindKey(group, "Thing")) is not None for group in ("", "a.org", "b.org")} == {True}
    await api.close()
    await runner.cleanup()


async def test_a_quiet_cluster_costs_nothing(faulty, monkeypatch):
    """All kinds of the table, most of them not served: no request but watches, also while something is absent."""
    monkeypatch.setattr(arrivals, "UNSEEN_S", 3600.0)
    hands, eyes = (Api(Options(kubeconfig=str(faulty.kubeconfig))) for _ in range(2))
    names = ["Pod", "ConfigMap", "Secret", "Service", "Job", "Node", "Thing", "OpenStackControlPlane", "Galera"]
    async with watching(eyes, *names) as store:
        for name in names:
            kind = THINGS if name == "Thing" else BY_KEY[key(name)]
            await until(store, kind, "absent" if kind.group.endswith(".org") else "live")
        await asyncio.sleep(2)  # whatever the beginning still needs
        before = (await hands.send("GET", PATH)).object()["requests"]
        await asyncio.sleep(6)  # what is measured is that nothing is asked
        assert (await hands.send("GET", PATH)).object()["requests"] == before
    await hands.close()
    await eyes.close()


async def test_without_rights_it_is_a_state_and_the_own_namespace_is_tried(server, api, namespace):
    user = f"v-{namespace}"
    root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "watch"]}]
    await api.create(f"{root}/roles", {"metadata": {"name": user}, "rules": rules})
    subject = {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": user, "apiGroup": "rbac.authorization.k8s.io"}
    body = {"metadata": {"name": user}, "subjects": [subject], "roleRef": reference}
    await api.create(f"{root}/rolebindings", body)
    theirs = Api(Options(kubeconfig=str(server.kubeconfig), as_user=user))
    configmaps, secrets = BY_KEY[key("ConfigMap")], BY_KEY[key("Secret")]
    async with watching(theirs, "ConfigMap", "Secret", "Thing", namespace=namespace) as store:
        await until(store, configmaps, "live", namespace)
        await until(store, secrets, "denied", namespace)
        lines = store.snapshot.lines
        assert lines[configmaps.key, ""].why == "watch configmaps"
        assert lines[secrets.key, namespace].why == f"watch secrets in namespace {namespace}"
    await theirs.close()


async def test_a_half_open_connection_is_noticed_by_the_kernel(api):
    """Its other end cannot be taken away here; what asks the kernel to look can be seen."""
    server = urlsplit(api.line.target.cluster.server)
    async with aclosing(api.stream(BY_KEY[key("ConfigMap")].path(), {"watch": "true"})) as chunks:
        await anext(chunks)
        assert alive((server.hostname, server.port)) >= {(1, 30_000)}


def alive(peer: tuple[str | None, int | None]) -> set[tuple[int, int]]:
    """Keepalive and user timeout of this process's connections to a server."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError), socket.fromfd(int(entry.name), socket.AF_INET, socket.SOCK_STREAM) as one:
            if one.getpeername() == peer:
                kept = one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
                found.add((kept, one.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)))
    return found
