"""S01, S05, S07: recordings of upstream's own operators as a session's world: what it says at named moments."""

import asyncio
import json
from contextlib import aclosing
from functools import cache

import pytest
from click.testing import CliRunner

from osconsole.cli.root import root
from osconsole.errors import NotFound, OsconsoleError, Refused, UsageError
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.entry import Query
from osconsole.model.intents import Restart
from osconsole.model.snapshot import Snapshot
from osconsole.replay import Replay
from osconsole.session import Session
from osconsole.tape import Tape
from osconsole.views.summary import summary
from tests.recordings import path, play

PLANE = kinds.key("OpenStackControlPlane").ref("openstack", "controlplane")
DEPLOYMENT = kinds.key("OpenStackDataPlaneDeployment")


@cache
def _tape(name):
    return Tape.of(path(name))


@pytest.fixture
def at():
    """A session over a recording, at a second of it."""

    def open_at(name, second):
        replay = Replay(_tape(name))
        replay.playback.seek(replay.playback.tape.begin + second)
        return Session(Options(), replay)

    return open_at


def told(session):
    found = summary(session.snapshot, "", session.now())
    return {x.ref.name: (x.verdict.word, x.ready) for x in (*found.control_planes, *found.nodesets)}, found.running


@pytest.mark.parametrize(
    ("second", "plane", "nodes", "running"),
    [
        (5, ("waiting-for-dependency", False), None, 0),
        (41, ("progressing", False), ("waiting-for-dependency", False), 0),
        (50, ("progressing", False), ("waiting-for-person", False), 0),
        (66, ("ok", True), ("progressing", False), 1),
        (200, ("ok", True), ("ok", True), 0),
    ],
    ids=["begun", "half-way", "nodes wait for a Deployment", "first ready, deploying", "done"],
)
def test_fresh_up_at_named_moments(at, second, plane, nodes, running):
    words, runs = told(at("fresh-up", second))
    assert words["controlplane"] == plane
    assert words.get("edpm-compute") == nodes
    assert runs == running


def test_a_deployment_that_fails(at):
    session = at("actions", 73.5)
    found = session.snapshot.get(DEPLOYMENT.ref("openstack", "edpm-fail"))
    assert [c.reason for c in found.conditions if c.type == "Ready"] == ["BackoffLimitExceeded"]
    assert told(at("actions", 110))[0]["edpm-compute"] == ("failed", False)
    assert told(at("actions", 140))[0]["edpm-compute"] == ("ok", True)


def test_before_anything_there_is_nothing(at):
    assert told(at("fresh-up", 0)) == ({}, 0)


@pytest.mark.parametrize("name", ["fresh-up", "actions"])
def test_every_way_to_a_moment_leads_to_the_same_world(name):
    tape = _tape(name)
    one_by_one = Snapshot()
    for moment in tape.moments[: len(tape.moments) // 2]:
        one_by_one = one_by_one.apply([moment.change])
    assert same(tape.world(len(tape.moments) // 2), one_by_one)
    assert same(tape.world(len(tape.moments)), play(name))
    replay = Replay(tape)
    for second in (200, 3, 60, 61, 0):
        replay.playback.seek(tape.begin + second)
    while replay.playback.now() < tape.begin + 4:
        assert replay.playback.step()
    assert same(replay.store.snapshot, tape.world(replay.playback._count))


def same(one, other):
    objects = [
        {kind: {r: x.version for r, x in found.items()} for kind, found in world.objects.items() if found}
        for world in (one, other)
    ]
    return objects[0] == objects[1] and one.recent == other.recent and one.standings == other.standings


def test_time_halts_steps_and_jumps():
    replay = Replay(_tape("fresh-up"))
    playback = replay.playback
    begin = playback.now()
    assert begin == playback.tape.begin
    first = playback.jump()
    assert playback.now() == first.at > begin
    second = playback.jump()
    assert second.at > first.at
    assert playback.jump(back=True).at == first.at
    assert playback.now() == first.at
    playback.seek(playback.tape.end)
    assert playback.jump() is None
    assert not playback.step()
    assert playback.words == "at its end"
    playback.seek(0)
    assert playback.jump(back=True) is None
    assert [playback.faster(), playback.faster(), playback.slower()] == [2, 5, 2]


async def test_time_goes_as_fast_as_it_is_told_and_halts_where_it_is_told():
    tape = _tape("fresh-up")
    replay = Replay(tape, speed=1000, until=tape.begin + 66)
    replay.playback.play()
    async with Session(Options(), replay) as session, aclosing(session.follow()) as snapshots:
        async with asyncio.timeout(20):
            seen = [session.now() async for _ in _while(snapshots, lambda: replay.playback.playing)]
        assert seen == sorted(seen)
        assert session.now() == tape.begin + 66
        assert told(session)[0]["controlplane"] == ("ok", True)
        assert same(session.snapshot, tape.world(tape.reached(session.now())))
        assert session.status.state == "replay"
        assert session.status.read_only


async def test_silence_is_skipped_where_that_is_asked_for():
    tape = _tape("fresh-up")  # nothing happens between second 160 and 303
    replay = Replay(tape, speed=2, until=tape.begin + 303.5, skip_s=0.1)
    replay.playback.seek(tape.begin + 162)
    replay.playback.play()
    async with Session(Options(), replay) as session, aclosing(session.follow()) as snapshots:
        async with asyncio.timeout(30):  # and not 70
            async for _ in _while(snapshots, lambda: replay.playback.playing):
                pass
        assert session.now() == tape.begin + 303.5


async def _while(snapshots, true):
    async for snapshot in snapshots:
        yield snapshot
        if not true():
            return


async def test_nothing_can_be_asked_or_changed(at):
    session = at("fresh-up", 66)
    assert "recording" in await session.can(Restart(PLANE))
    with pytest.raises(Refused, match="recording"):
        await session.preview(Restart(PLANE))
    with pytest.raises(Refused, match="recording"):
        await session.abort(PLANE)
    with pytest.raises(NotFound, match="holds no logs"):
        session.logs(PLANE)
    with pytest.raises(OsconsoleError, match="recording"):
        await session.use("elsewhere")
    assert (await session.read(PLANE)).ready
    assert session.journal() == ()


async def test_the_timeline_reaches_as_far_as_time_and_no_further(at):
    session = at("fresh-up", 66)
    everything = await session.past.timeline(Query(), 100_000)
    assert len(everything) > 1000
    assert max(entry.at for entry in everything if entry.source != "event") <= session.now()
    of_plane = await session.past.timeline(Query(under=PLANE), 100_000)
    ready = [entry for entry in of_plane if entry.ref == PLANE and entry.what == "Ready" and entry.new == "True"]
    assert ready
    assert 55 < ready[-1].at - session._source.playback.tape.begin < 66
    await session.past.look(session.now() - 60)
    assert PLANE not in {r for found in session.snapshot.objects.values() for r, x in found.items() if x.ready}


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("90", 90), ("90s", 90), ("1m30s", 90), ("1.5m", 90), ("10h", None)]
)
def test_moments_by_offset(text, seconds):
    tape = _tape("fresh-up")
    assert tape.when(text) == (tape.end if seconds is None else tape.begin + seconds)


def test_moments_by_clock():
    tape = _tape("fresh-up")
    assert tape.when("2026-11-23T10:09:00Z") == pytest.approx(1795428540)
    assert tape.when("2026-11-23T10:09:00Z") == pytest.approx(tape.when("69.1"), abs=0.1)
    for wrong in ("lunch", "2020-01-01", ""):
        with pytest.raises(UsageError):
            tape.when(wrong)


def replayed(*argv):
    return CliRunner().invoke(root, ["replay", *argv])


def test_without_a_terminal_it_says_how_things_stand():
    file = str(path("fresh-up"))
    done = replayed(file, "--until", "200s", "-o", "json")
    found = json.loads(done.stdout)
    assert done.return_value is None or done.exit_code == 0
    assert [p["ready"] for p in found["controlPlanes"]] == [True]
    assert {n["name"]: n["hosts"] for n in found["nodeSets"]} == {"edpm-compute": 2, "edpm-networker": 1}
    assert found["stale"] == []
    assert found["at"] == "2026-11-23T10:11:10Z"
    assert found["transitions"] > 3000
    early = json.loads(replayed(file, "--until", "40", "-o", "json").stdout)
    assert [p["ready"] for p in early["controlPlanes"]] == [False]
    assert 0 < early["transitions"] < found["transitions"]
    assert "openstack/controlplane" in replayed(file).stdout


def test_without_a_terminal_it_says_why():
    done = replayed(str(path("actions")), "--until", "110", "--why", "osdpd/edpm-fail")
    assert "edpm-fail" in done.stdout
    assert "failed" in done.stdout


def test_what_is_no_recording_ends_in_words(tmp_path):
    file = tmp_path / "x"
    file.write_text("hello\n")
    done = replayed(str(file))
    assert "no recording" in str(done.exception)
    assert isinstance(done.exception, OsconsoleError)
