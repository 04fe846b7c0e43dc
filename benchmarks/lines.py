"""Lines of a watch of pods, by the thousand: bodies of three sizes, with holes for what must be their own."""

from collections.abc import Callable
from typing import Any

import msgspec

from benchmarks.objects import pod
from benchmarks.pods import busy_pod, managed

TEMPLATES = 200


def _small_pod(number: int) -> dict[str, Any]:
    body = pod(number)
    body["metadata"]["managedFields"] = [managed("kubectl", {"spec": body["spec"]})]
    return body


def _bare_pod(number: int) -> dict[str, Any]:
    body = busy_pod(number)
    del body["metadata"]["managedFields"]
    return body


SIZES = {3: _small_pod, 8: _bare_pod, 19: busy_pod}  # by kilobytes, of which managedFields are a third, nothing, half


def templates(make: Callable[[int], dict[str, Any]]) -> list[bytes]:
    """Bodies with holes for what must be their own."""
    found = []
    for number in range(TEMPLATES):
        body = make(number)
        body["metadata"] |= {"name": "@NAME@", "uid": "@UID@", "resourceVersion": "@VERSION@"}
        found.append(msgspec.json.encode(body))
    return found


def lines(kind: bytes, made: list[bytes], numbers: range, version: int) -> bytes:
    """Events of pods; changes go round the first two thousand of them, with versions that grow."""
    if kind == b"ADDED":
        return b"".join(filled(kind, made, number, version) for number in numbers)
    return b"".join(filled(kind, made, number % 2_000, version + place) for place, number in enumerate(numbers))


def filled(kind: bytes, made: list[bytes], number: int, version: int) -> bytes:
    """An event of one pod."""
    body = made[number % len(made)].replace(b"@NAME@", b"service-%d-5d4b-%06d" % (number % 40, number))
    body = body.replace(b"@UID@", b"5e1f6a1c-0000-4000-8000-%012d" % number).replace(b"@VERSION@", b"%d" % version)
    return b'{"type":"%s","object":%s}\n' % (kind, body)
