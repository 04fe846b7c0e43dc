"""Long weather: the whole fuzz, and a server that is gone for minutes. `make soak` asks for it."""

import asyncio
import os
from contextlib import suppress

import pytest

from osconsole.errors import Unreachable
from osconsole.kube import reflector
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from tests.kube.conftest import Embedded
from tests.kube.fuzz import play
from tests.kube.weather import Mirrored, fault

ROUNDS = int(os.environ.get("OSCONSOLE_SOAK") or 0)
GONE_S = float(os.environ.get("OSCONSOLE_SOAK_GONE_S") or 300)

pytestmark = [
    pytest.mark.skipif(not ROUNDS, reason="it takes long: `make soak` runs it"),
    pytest.mark.timeout(1200),
]


@pytest.fixture
def weather(tmp_path, monkeypatch):
    """A server that can misbehave, for one test."""
    monkeypatch.setenv("OSCONSOLE_FAULTS", "1")
    server = Embedded(tmp_path)
    server.start()
    yield server
    server.kill()


# Two processes share the rounds.
SEEDS = [pytest.param(seed, marks=pytest.mark.xdist_group(f"rounds {seed % 2}")) for seed in range(ROUNDS)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_twenty_thousand_writes_and_fifty_cuts(weather, monkeypatch, seed):
    monkeypatch.setattr("osconsole.kube.backoff.FIRST_S", 0.05)
    monkeypatch.setattr("osconsole.kube.backoff.MOST_S", 0.4)
    monkeypatch.setattr(reflector, "PAGE", 7)
    hands, eyes = (Api(Options(kubeconfig=str(weather.kubeconfig))) for _ in range(2))
    eyes.watchlist = seed // 2 % 2 == 0
    judge, _ = await play(hands, eyes, writes=20_000, cuts=50, seed=100 + seed)
    assert judge.verdict() == []
    await hands.close()
    await eyes.close()


async def test_a_server_that_is_gone_for_minutes(weather):
    """With the deadlines as they are."""
    hands, eyes = (Api(Options(kubeconfig=str(weather.kubeconfig))) for _ in range(2))
    seen = Mirrored(eyes, namespace="default")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        await seen.until(lambda: seen.line.state == "live")
        with suppress(Unreachable):  # the answer comes when it is back, which is longer than a request may take
            await fault(hands, "gone", seconds=GONE_S)
        assert any(line.state == "lost" and "refused" in line.why for line in seen.said)
        await seen.until(lambda: seen.line.state == "live", GONE_S + 90)
        await seen.agrees()
        task.cancel()
    await hands.close()
    await eyes.close()
