"""A server that misbehaves: the store ends as the server is, and the line said the truth meanwhile."""

import asyncio
import gc
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator

import pytest
import yaml

from osconsole.documents import parse
from osconsole.errors import Forbidden, NotFound
from osconsole.kube import reflector
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from tests.kube.conftest import Embedded
from tests.kube.weather import CONFIGMAPS, PATH, Mirrored, fault

HERE = CONFIGMAPS.path("default")


@pytest.fixture
async def hands(faulty) -> AsyncIterator[Api]:
    """The hands that write and play the faults; another connection than the one that watches."""
    api = Api(Options(kubeconfig=str(faulty.kubeconfig)))
    yield api
    await api.request("DELETE", PATH)
    await api.close()


@pytest.fixture
async def seen(faulty, hands, monkeypatch) -> AsyncIterator[Mirrored]:
    """A mirror in a hurry, of five objects; afterwards nothing of it runs."""
    monkeypatch.setattr("osconsole.kube.backoff.FIRST_S", 0.1)
    monkeypatch.setattr("osconsole.kube.backoff.MOST_S", 0.5)
    monkeypatch.setattr(reflector, "PROVEN_S", 0.5)
    before = asyncio.all_tasks()
    eyes = Api(Options(kubeconfig=str(faulty.kubeconfig)))
    mirrored = Mirrored(eyes, namespace="default")
    for number in range(5):
        await write(hands, f"c{number}", "0")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(mirrored.run())
        await mirrored.agrees()
        yield mirrored
        task.cancel()
    await eyes.close()
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}


async def write(api: Api, name: str, value: str) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"v": value}}
    await api.patch(CONFIGMAPS.path("default", name), body, kind="apply", force=True)


async def stir(api: Api) -> None:
    """A few writes of every sort."""
    for value in "abc":
        for number in range(5):
            await write(api, f"c{number}", value)
    await api.delete(CONFIGMAPS.path("default", "c4"))


LINES = [
    ("cut", {}),
    ("truncate", {}),
    ("garble", {}),
    ("error", {"code": 500}),
    ("error", {"code": 410}),
    ("duplicate", {"times": 5}),
    ("duplicate", {"skip": 2, "times": 3}),
    ("reorder", {}),
    ("reorder", {"skip": 1, "times": 3}),
    ("inflate", {"size_bytes": 10_000_000}),
    ("stall", {"seconds": 0.5}),
    ("loris", {"seconds": 0.5}),
]


@pytest.mark.parametrize(("name", "rest"), LINES, ids=lambda value: str(value))
async def test_a_bad_line_of_a_watch(hands, seen, name, rest):
    await fault(hands, name, verb="WATCH", path="configmaps", **rest)
    await stir(hands)
    await seen.agrees()
    assert (await hands.request("GET", PATH)).count(b'"fault"') == 0, "it befell nothing"
    for line in seen.said:
        assert line.state in {"live", "lost"}
        assert line.state == "live" or line.why


ANSWERS = [
    ("status", {"code": 410}, "Expired"),
    ("status", {"code": 429, "seconds": 1}, "TooManyRequests"),
    ("status", {"code": 503}, "ServiceUnavailable"),
    ("status", {"code": 500}, "InternalError"),
    ("html", {}, "text/html"),
]


@pytest.mark.parametrize(("name", "rest", "why"), ANSWERS, ids=lambda value: str(value))
async def test_a_watch_that_is_refused_for_a_while(hands, seen, name, rest, why):
    await fault(hands, name, verb="WATCH", path="configmaps", times=3, **rest)
    await fault(hands, "cut-now", verb="WATCH")
    await stir(hands)
    await seen.agrees()
    assert any(why in line.why for line in seen.said if line.state == "lost"), seen.said


LISTS = [
    ("status", {"code": 429, "seconds": 1, "times": 2}),
    ("status", {"code": 500, "times": 3}),
    ("html", {"times": 2}),
    ("truncate", {"times": 2}),
    ("loris", {"seconds": 0.5}),
    ("stall", {"seconds": 0.5}),
    ("inflate", {"size_bytes": 10_000_000}),
    ("continue", {"times": 1}),
    ("continue", {"times": 0}),
]


@pytest.mark.parametrize(("name", "rest"), LISTS, ids=lambda value: str(value))
async def test_a_list_in_pages_that_goes_wrong(faulty, hands, seen, name, rest, monkeypatch):
    """A second mirror that knows no streaming lists begins in the bad weather; it never shows less than there is."""
    monkeypatch.setattr(reflector, "PAGE", 2)
    eyes = Api(Options(kubeconfig=str(faulty.kubeconfig)))
    eyes.watchlist = False
    late = Mirrored(eyes, namespace="default")
    await fault(hands, name, verb="GET", path="configmaps", **rest)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(late.run())
        await late.until(lambda: late.line.state == "live")
        assert late.versions() == seen.versions()
        assert all(line.state in {"lost", "live"} for line in late.said)
        await hands.request("DELETE", PATH)
        await stir(hands)
        await late.agrees()
        task.cancel()
    await eyes.close()


async def test_a_storm_of_410_is_not_answered_with_a_storm_of_lists(hands, seen):
    before = await requests(hands)
    await fault(hands, "error", code=410, verb="WATCH", path="configmaps", times=0)
    await write(hands, "c0", "storm")
    await asyncio.sleep(3)  # what is measured is how much is asked meanwhile
    spent = await requests(hands) - before
    await hands.request("DELETE", PATH)
    await stir(hands)
    await seen.agrees()
    assert spent < 25, spent
    assert any("Expired" in line.why for line in seen.said)


async def requests(api: Api) -> int:
    return sum((await api.send("GET", PATH)).object()["requests"].values())


@pytest.mark.parametrize("name", ["stall", "loris"])
async def test_silence_is_noticed_whether_or_not_bytes_drip(hands, seen, name, monkeypatch):
    monkeypatch.setattr(reflector, "SILENCE_S", 1.0)
    await fault(hands, name, verb="WATCH", path="configmaps", seconds=3, times=0)
    await write(hands, "c0", "hidden")
    await seen.until(lambda: any("no answer in time" in line.why for line in seen.said))
    await hands.request("DELETE", PATH)
    await stir(hands)
    await seen.agrees()


async def test_a_server_that_is_gone(hands, seen):
    await fault(hands, "gone", seconds=1.5)
    assert any(line.state == "lost" and "refused" in line.why for line in seen.said), seen.said
    await stir(hands)
    await seen.agrees()


async def test_a_certificate_of_another_authority(faulty, hands, seen):
    """It is said; when the kubeconfig names the new authority, nobody has to start anew."""
    before = faulty.kubeconfig.read_text()
    answer = await fault(hands, "certificate", code=1)
    try:
        await fault(hands, "cut-now")
        await seen.until(lambda: any("unknown authority" in line.why for line in seen.said))
        config = parse(before, "kubeconfig")
        config["clusters"][0]["cluster"] |= answer
        faulty.kubeconfig.write_text(yaml.dump(config))
        await seen.until(lambda: seen.line.state == "live")
        await stir(hands)
        await seen.agrees()
    finally:
        await fault(hands, "certificate")
        faulty.kubeconfig.write_text(before)


@pytest.mark.parametrize("seconds", [-86400, 86400])
async def test_a_clock_that_is_wrong(hands, seen, seconds):
    await fault(hands, "skew", seconds=seconds)
    await stir(hands)
    await seen.agrees()
    assert [line.state for line in seen.said] == ["live"]
    await fault(hands, "skew")


async def test_an_older_store(tmp_path):
    """The server comes back from a backup: versions that it has not reached yet, objects that it never heard of."""
    own_server = Embedded(tmp_path / "server")
    tmp_path.joinpath("server").mkdir()
    own_server.start()
    store = own_server.kubeconfig.with_name("cluster.sqlite")
    hands, eyes = (Api(Options(kubeconfig=str(own_server.kubeconfig))) for _ in range(2))
    seen = Mirrored(eyes, namespace="default")
    await write(hands, "kept", "old")
    await asyncio.to_thread(own_server.kill)
    backup = shutil.copytree(store.parent, store.parent.with_name("backup"))
    await asyncio.to_thread(own_server.start)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        for value in range(20):
            await write(hands, "kept", f"new {value}")
        await write(hands, "never", "was")
        await seen.agrees()
        newest = max(map(int, seen.versions().values()))
        await asyncio.to_thread(own_server.kill)
        for name in ("cluster.sqlite", "cluster.sqlite-wal", "cluster.sqlite-shm"):
            (store.parent / name).unlink(missing_ok=True)
            if (backup / name).exists():
                shutil.copy(backup / name, store.parent / name)
        with sqlite3.connect(store) as database:  # as a backup without --bump-revision
            database.execute("UPDATE promise SET rv = (SELECT max(rv) FROM stored)")
        await asyncio.to_thread(own_server.start)
        await seen.agrees(60)
        assert "never" not in seen.versions()
        assert max(map(int, seen.versions().values())) < newest
        task.cancel()
    own_server.kill()
    await hands.close()
    await eyes.close()


async def test_memory_is_flat(hands, seen, monkeypatch):
    """Cuts and storms leave nothing behind."""
    monkeypatch.setattr("osconsole.kube.backoff.MOST_S", 0.05)
    counted: list[int] = []
    for _ in range(3):
        for _ in range(10):
            await fault(hands, "error", code=410, verb="WATCH", path="configmaps")
            await write(hands, "c1", os.urandom(4).hex())
            await fault(hands, "cut-now", verb="WATCH")
        await seen.agrees()
        gc.collect()
        counted.append(len(gc.get_objects()))
    assert counted[2] < counted[1] * 1.01 + 200, counted


async def test_faults_are_off_by_default_and_for_the_administrator(api, faulty, hands):
    with pytest.raises((NotFound, Forbidden)):
        await api.request("GET", PATH)
    theirs = Api(Options(kubeconfig=str(faulty.kubeconfig), as_user="somebody"))
    await hands.request("GET", PATH)
    with pytest.raises(Forbidden):
        await theirs.create(PATH, {"fault": "cut-now"})
    await theirs.close()
