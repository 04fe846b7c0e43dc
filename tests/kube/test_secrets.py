"""A console that watches Secrets holds none of their values, nor remains of them in any object of the process."""

import asyncio
import base64
import gc
import os
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, key
from tests.kube.weather import Mirrored

SECRETS = BY_KEY[key("Secret")]
CREATE = """
import asyncio, sys
from osconsole.kube.api import Api
from osconsole.model.connection import Options

async def main():
    api = Api(Options(kubeconfig=sys.argv[1]))
    value = sys.stdin.buffer.read().hex()
    for number in range(20):
        body = {"metadata": {"name": f"s{number}"}, "stringData": {"password": value * 3}}
        await api.create(f"/api/v1/namespaces/{sys.argv[2]}/secrets", body)
    for number in range(10):
        await api.patch(f"/api/v1/namespaces/{sys.argv[2]}/secrets/s{number}", {"stringData": {"more": value * 3}})
    await api.close()

asyncio.run(main())
"""


def texts(skip: set[int]) -> Iterator[bytes]:
    """Every text and byte string that any object of this process refers to, structs that the collector skips too."""
    stack: list[Any] = gc.get_objects()
    seen = set(skip)
    while stack:
        found = stack.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, str):
            yield found.encode("utf-8", "replace")
        elif isinstance(found, bytes | bytearray):
            yield bytes(found)
        elif isinstance(found, memoryview):
            yield found.tobytes()
        elif isinstance(found, msgspec.Struct):
            stack.extend(getattr(found, field, None) for field in found.__struct_fields__)
        else:
            stack.extend(gc.get_referents(found))


async def test_no_value_of_a_secret_is_anywhere(server, api, namespace):
    halves = os.urandom(8), os.urandom(8)
    eyes = Api(Options(kubeconfig=str(server.kubeconfig)))
    seen = Mirrored(eyes, SECRETS, namespace)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await seen.until(lambda: seen.line.state == "live")
        await create(server, namespace, halves)
        await seen.until(lambda: seen.store.snapshot.get(SECRETS.key.ref(namespace, "s9")))
        await seen.until(lambda: "more" in seen.store.snapshot.get(SECRETS.key.ref(namespace, "s9")).get("data"))
        one = seen.store.snapshot.get(SECRETS.key.ref(namespace, "s9"))
        assert one.get("osconsole", "sizes") == {"password": 96, "more": 96}
        needle = (halves[0] + halves[1]).hex().encode()
        coded = base64.b64encode(needle * 3)
        wanted = [needle, coded[:32], coded[4:36]]
        found = [
            text[:60] for text in texts({id(x) for x in [*wanted, needle, coded]}) if any(w in text for w in wanted)
        ]
        assert found == []
        task.cancel()
    await eyes.close()


async def create(server: Any, namespace: str, halves: tuple[bytes, bytes]) -> None:
    """By another process, so that nothing of it is in this one."""
    argv = [sys.executable, "-c", CREATE, str(server.kubeconfig), namespace]
    child = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.PIPE)
    assert child.stdin is not None
    for half in halves:
        child.stdin.write(half)
    child.stdin.close()
    assert await child.wait() == 0
