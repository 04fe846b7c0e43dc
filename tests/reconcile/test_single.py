"""One operator reconciles a namespace, and one whose Lease has run out asks before it writes."""

import asyncio

import pytest

from osconsole.errors import Refused
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, key
from osconsole.reconcile import lease as leases
from osconsole.reconcile.lease import Lease
from osconsole.reconcile.single import acquire

LEASE, NAMESPACE = BY_KEY[key("Lease")], BY_KEY[key("Namespace")]


@pytest.fixture
async def api(kubeconfig):
    found = Api(Options(kubeconfig=str(kubeconfig)))
    yield found
    await found.close()


async def waits(api: Api, namespace: str) -> str:
    """What another operator of that scope says instead of beginning."""
    said: list[str] = []
    heard = asyncio.Event()

    def say(text: str) -> None:
        said.append(text)
        heard.set()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(acquire(api, namespace, say))
        listening = tasks.create_task(heard.wait())
        await asyncio.wait([task, listening], return_when=asyncio.FIRST_COMPLETED, timeout=20)
        task.cancel()
        listening.cancel()
    return " ".join(said)


async def test_scopes_that_overlap_have_one_operator(api):
    for name in ("one", "two"):
        await api.create(NAMESPACE.path(), {"metadata": {"name": name}})
    everywhere = await acquire(api, "", print)
    assert "reconciles all namespaces already" in await waits(api, "one")
    await everywhere.release()
    ours = await acquire(api, "one", print)
    await acquire(api, "two", print)
    assert "already" in await waits(api, "")
    assert "holds the Lease" in await waits(api, "one")
    await ours.sure()


async def test_whoever_could_not_renew_asks_before_it_writes(api, monkeypatch):
    ours = Lease(api, "default", "run")
    assert await ours.take() == ""
    await ours.sure()
    taken = {"spec": {"holderIdentity": "another", "renewTime": "2999-01-01T00:00:00.000000Z"}}
    await api.patch(LEASE.path("default", "run"), taken)
    await ours.sure()  # as far as we know it is ours for a while
    monkeypatch.setattr(leases, "LIFE_S", -1)
    with pytest.raises(Refused, match="taken over by another"):
        await ours.sure()
