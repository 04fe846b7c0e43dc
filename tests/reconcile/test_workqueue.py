"""Keys wait once, are never worked on twice at once, come back after delays and failures."""

import asyncio

import pytest

from osconsole.reconcile.workqueue import FIRST_RETRY_S, LONGEST_RETRY_S, Workqueue


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def _waits(queue: Workqueue[str]) -> bool:
    """Whether `take` has nothing to give now."""
    try:
        async with asyncio.timeout(0.02):
            queue.done(await queue.take())
    except TimeoutError:
        return True
    return False


async def test_a_key_waits_once_and_comes_back_when_added_during_its_work(clock):
    queue = Workqueue[str](clock)
    queue.add("a")
    queue.add("a")
    assert await queue.take() == "a"
    queue.add("a")
    assert await _waits(queue)  # it is being worked on
    queue.done("a")
    assert await queue.take() == "a"
    queue.done("a")
    assert await _waits(queue)


async def test_the_sooner_of_two_delays_counts_and_an_add_overtakes_both(clock):
    queue = Workqueue[str](clock)
    queue.add_after("a", 50)
    queue.add_after("a", 10)
    queue.add_after("b", 20)
    assert await _waits(queue)
    clock.now = 11
    assert await queue.take() == "a"
    queue.done("a")
    queue.add("b")
    assert await queue.take() == "b"
    queue.done("b")
    clock.now = 100
    assert await _waits(queue)


async def test_retries_back_off_up_to_a_limit_until_the_key_goes_well(clock):
    queue = Workqueue[str](clock)
    delays = [queue.retry("a") for _ in range(30)]
    assert delays[:3] == [FIRST_RETRY_S, 2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
    assert delays[-1] == LONGEST_RETRY_S
    queue.forget("a")
    assert queue.retry("a") == FIRST_RETRY_S
