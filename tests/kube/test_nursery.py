"""What has just come stays plain until it has stood still; never more than is allowed."""

import asyncio

from osconsole.kube.nursery import Nursery
from osconsole.model.packing import SAMPLES, Body, Packing


def bodies(count: int, packing: Packing) -> list[Body]:
    """Of 1,000 bytes each."""
    return [Body(b'{"number":"%0986d"}' % number, packing) for number in range(count)]


def learned() -> Packing:
    packing = Packing()
    for body in bodies(SAMPLES, packing):
        body.pack()
    return packing


async def until_packed(found: list[Body]) -> None:
    async with asyncio.timeout(20):
        for body in found:
            while not body.packed:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_the_oldest_are_packed_when_it_is_full():
    nursery, found = Nursery(10_000, 3600.0), bodies(25, learned())
    raw = [body.raw for body in found]
    for body in found:
        nursery.add(body)
    plain = [not body.packed for body in found]
    assert sum(plain) <= 10
    assert plain == sorted(plain)
    assert plain[-1]
    assert [body.raw for body in found] == raw
    nursery.settle()
    assert all(body.packed for body in found)
    assert [body.raw for body in found] == raw


async def test_what_nobody_has_any_more_makes_room():
    nursery, packing = Nursery(10_000, 3600.0), learned()
    kept = bodies(3, packing)
    for body in kept:
        nursery.add(body)
    for _ in range(10):
        for body in bodies(5, packing):
            nursery.add(body)
    assert not any(body.packed for body in kept)


async def test_a_quiet_console_holds_packed_bodies_only():
    nursery, found = Nursery(round_s=0.01), bodies(500, learned())
    for body in found:
        nursery.add(body)
    assert not any(body.packed for body in found)
    await until_packed(found)
    again = bodies(1, learned())
    nursery.add(again[0])
    await until_packed(again)
