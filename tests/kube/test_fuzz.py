"""Random writes, forced cuts, a small memory of the server: no snapshot shows what never was."""

import pytest

from osconsole.kube import reflector
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from tests.kube.fuzz import play


@pytest.mark.parametrize("watchlist", [True, False])
async def test_every_snapshot_was_true(faulty, monkeypatch, watchlist):
    monkeypatch.setattr("osconsole.kube.backoff.FIRST_S", 0.05)
    monkeypatch.setattr("osconsole.kube.backoff.MOST_S", 0.2)
    monkeypatch.setattr(reflector, "PAGE", 7)
    hands, eyes = (Api(Options(kubeconfig=str(faulty.kubeconfig))) for _ in range(2))
    eyes.watchlist = watchlist
    judge, _ = await play(hands, eyes, writes=800, cuts=25, seed=1 + watchlist)
    assert judge.verdict() == []
    assert judge.snapshots > 20
    await hands.close()
    await eyes.close()
