"""History: it remembers across processes, stays bounded, and never stops anybody."""

import os
import resource as limits
import signal
import sqlite3

import pytest

from osconsole.history import durations, entries, versions
from osconsole.history.durations import Took
from osconsole.history.history import History
from osconsole.model.changes import Gone, Listed, Lost, Progressed, Put
from osconsole.model.entry import Entry, Query
from osconsole.model.kinds import key
from osconsole.model.run import HostResult, Run
from osconsole.model.snapshot import Snapshot

POD = key("Pod").ref("openstack", "p")
KEYSTONE = "keystone.openstack.org/v1beta1"


def entry(at, what="Ready", ref=POD, **more):
    return Entry(at, ref, "condition", what, key=f"{ref.name}:{at}", **more)


def test_entries_come_back_per_context_and_are_searched(tmp_path):
    path = tmp_path / "h" / "history.sqlite"
    other = key("Pod").ref("elsewhere", "q")
    first = History("a", path)
    first.add([entry(1.0), entry(2.0, ref=other, severity="Error", text="100% full"), entry(2.0, ref=other)])
    first.close()
    again = History("a", path)
    assert [(e.at, e.ref) for e in again.search(Query())] == [(2.0, other), (1.0, POD)]
    assert [e.at for e in again.search(Query(namespace="openstack"))] == [1.0]
    assert [e.at for e in again.search(Query(rank=1))] == [2.0]
    assert [e.at for e in again.search(Query(grep="0% FULL"))] == [2.0]
    assert again.search(Query(grep="0_ full")) == ()
    assert [e.at for e in again.search(Query(since=1.5, until=3))] == [2.0]
    assert History("b", path).search(Query()) == ()
    assert path.stat().st_mode & 0o077 == 0


def test_it_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "MOST", 10)
    monkeypatch.setattr(durations, "MOST", 3)
    kept = History("a", tmp_path / "h")
    kept.add(entry(float(number)) for number in range(1, 51))
    for number in range(50):
        kept.took([Took(f"u{number}", "nova", float(number), 1.0)])
    kept.record([], [], 1000.0)
    assert [e.at for e in kept.search(Query())] == [float(n) for n in range(50, 40, -1)]
    assert kept.expected("nova").runs == 3
    kept.record([], [], 1000.0 + entries.MOST_AGE_S)
    assert kept.search(Query()) == ()


def test_expectations_are_medians_of_what_was_counted(tmp_path):
    kept = History("a", tmp_path / "h")
    assert kept.expected("nova") is None
    kept.took([Took("1", "nova", 1, 10, 3, 0), Took("2", "nova", 2, 30, 3, 40), Took("3", "nova", 3, 20, 3, 42)])
    kept.took([Took("3", "nova", 3, 20, 3, 42)])
    found = kept.expected("nova")
    assert (found.duration_s, found.tasks, found.runs) == (20, 41, 3)


def test_a_held_file_is_said_once_and_used_again_when_it_is_free(tmp_path, caplog):
    path = tmp_path / "h"
    History("a", path).add([entry(1.0)])
    holder = sqlite3.connect(path)
    holder.execute("begin exclusive")
    kept = History("a", path)
    kept.add([entry(2.0)])
    kept.add([entry(3.0)])
    assert "locked" in kept.trouble
    assert len(caplog.records) == 1
    holder.close()
    kept.add([entry(4.0)])
    assert kept.trouble == ""
    assert [e.at for e in kept.search(Query())] == [4.0, 1.0]


def test_a_broken_file_is_moved_aside_and_a_new_one_begun(tmp_path, caplog):
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"not a database" * 1000)
    kept = History("a", path)
    kept.add([entry(1.0)])
    kept.add([entry(2.0)])
    assert [e.at for e in kept.search(Query())] == [2.0]
    (aside,) = tmp_path.glob("history.sqlite.broken-*")
    assert aside.read_bytes().startswith(b"not a database")
    assert str(aside) in caplog.text
    nowhere = History("a", aside / "below" / "h")
    nowhere.add([entry(1.0)])
    assert nowhere.expected("x") is None
    assert nowhere.trouble


def test_of_two_consoles_on_a_broken_file_only_one_moves_it(tmp_path):
    path = tmp_path / "history.sqlite"
    consoles = [History("a", path) for _ in range(2)]
    for number, kept in enumerate(consoles):
        kept.add([entry(float(number + 1))])
        kept.search(Query())
    with path.open("r+b") as file:
        file.write(b"x" * path.stat().st_size)
    for extra in ("-wal", "-shm"):
        with (tmp_path / f"history.sqlite{extra}").open("r+b") as file:
            file.write(b"x" * 40_000)
    for _ in range(3):
        for number, kept in enumerate(consoles):
            kept.add([entry(float(number + 10))])
    assert len(list(tmp_path.glob("history.sqlite.broken-*"))) == 1
    assert {e.at for e in consoles[0].search(Query())} == {10.0, 11.0}


def test_a_full_disk_costs_entries_and_nothing_else(tmp_path):
    kept = History("a", tmp_path / "h")
    kept.add([entry(1.0)])
    size = (tmp_path / "h").stat().st_size
    before = limits.getrlimit(limits.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits.setrlimit(limits.RLIMIT_FSIZE, (size + 40_000, before[1]))
    try:
        kept.add(entry(float(n), text="x" * 1000) for n in range(2, 400))
        assert kept.trouble
        assert [e.at for e in kept.search(Query())] == [1.0]
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handled)
    kept.add([entry(5.0)])
    assert [e.at for e in kept.search(Query())] == [5.0, 1.0]
    assert kept.trouble == ""


def _step(kept, snapshot, changes, now):
    after = snapshot.apply(changes)
    kept.record(changes, after.recent[len(snapshot.recent) :], now)
    return after


def test_what_two_consoles_saw_is_there_once(tmp_path, make, condition):
    api = make(KEYSTONE, "KeystoneAPI", "keystone", status={"conditions": [condition("Ready", "False")]})
    ready = {"conditions": [condition("Ready", "True")]}
    later = make(KEYSTONE, "KeystoneAPI", "keystone", metadata={"uid": api.uid}, status=ready)
    consoles = [History("a", tmp_path / "h") for _ in range(2)]
    for number, kept in enumerate(consoles):
        world = _step(kept, Snapshot(), [Listed(api.kind, "", (api,), 10.0 + number)], 10.0)
        world = _step(kept, world, [Put(later, 20.0 + number)], 20.0)
        _step(kept, world, [Gone(api.ref, 30.0 + number)], 30.0)
    told = [(e.what, e.old, e.new) for e in consoles[0].search(Query())]
    assert told == [("gone", "", ""), ("Ready", "False", "True")]


def test_the_tree_of_what_is_gone_is_still_known(tmp_path, cloud):
    kept = History("a", tmp_path / "h")
    kinds = {}
    for found in cloud.values():
        kinds.setdefault(found.kind, []).append(found)
    world = _step(kept, Snapshot(), [Listed(kind, "", tuple(f), 1.0) for kind, f in kinds.items()], 1.0)
    _step(kept, world, [Gone(f.ref, 2.0) for f in cloud.values()], 2.0)
    kept.close()
    again = History("a", tmp_path / "h")
    below = {e.ref for e in again.search(Query(under=cloud["rs"].ref))}
    assert cloud["pod1"].ref in below
    assert cloud["rs"].ref in below
    assert cloud["cp"].ref not in below


def test_what_changed_while_nobody_watched_is_told_afterwards(tmp_path, make, condition):
    def api(status, at, **meta):
        body = {"conditions": [condition("Ready", status, at=at)]}
        return make(KEYSTONE, "KeystoneAPI", "keystone", metadata=meta, status=body)

    old = api("True", "2026-01-01T00:00:00Z")
    left = make(KEYSTONE, "KeystoneAPI", "other")
    first = History("a", tmp_path / "h")
    _step(first, Snapshot(), [Listed(old.kind, "", (old, left), 1_767_225_700.0)], 1_767_225_700.0)
    first.close()
    new = api("False", "2026-01-01T01:00:00Z", uid=old.uid)
    second = History("a", tmp_path / "h")
    _step(second, Snapshot(), [Listed(new.kind, "", (new,), 1_767_232_800.0)], 1_767_232_800.0)
    told = {(e.ref.name, e.what, e.at) for e in second.search(Query())}
    assert told == {("keystone", "Ready", 1_767_229_200.0), ("other", "gone", 1_767_232_800.0)}
    assert all("while no console watched" in e.text for e in second.search(Query()))
    between = second.snapshot(1_767_229_000.0)
    assert between.line(old.kind).state == "lost"
    assert between.get(old.ref).ready


def test_secrets_never_get_there(tmp_path, make):
    word = "hunter2-correct-horse"
    env = [{"name": "DB_PASSWORD", "value": word}]
    config = f"[database]\nconnection = mysql+pymysql://nova:{word}@db/nova\nadmin_password = {word}\n"
    spec = {"containers": [{"name": "c", "env": env}]}
    put = [
        make("v1", "Secret", "s", data={"password": word}, stringData={"x": word}),
        make("v1", "ConfigMap", "c", data={"x": word}),
        make("v1", "Pod", "p", spec=spec),
        make(KEYSTONE, "KeystoneAPI", "k", spec={"customServiceConfig": config, "password": word, "secret": "osp"}),
        make("v1", "Event", "e", involvedObject={"kind": "Pod", "name": "p"}, message=f"login with password={word}"),
    ]
    kept = History("a", tmp_path / "h")
    _step(kept, Snapshot(), [Put(found, 5.0) for found in put], 5.0)
    world = kept.snapshot(6.0)
    assert world.get(put[3].ref).get("spec", "secret") == "osp"
    assert world.get(put[0].ref) is not None
    for found in world.objects.values():
        assert all(word.encode() not in r.raw for r in found.values())
    assert all(word not in e.text for e in kept.search(Query()))
    kept.close()
    assert word.encode() not in (tmp_path / "h").read_bytes()


def test_a_storm_costs_precision_and_not_time(tmp_path, make):
    kept = History("a", tmp_path / "h", most=10)
    first = make("v1", "Pod", "p0")
    states = [make("v1", "Pod", "p0", metadata={"uid": first.uid}) for _ in range(100)]
    others = [make("v1", "Pod", f"o{n}") for n in range(12)]
    kept.record([Put(p, float(n)) for n, p in enumerate([*states, *others])], [], 200.0)
    assert kept.waiting == 3
    kept.record([], [], 202.0)
    assert kept.waiting == 0
    assert len(kept.snapshot(300.0).objects[first.kind]) == 13
    assert kept.snapshot(300.0).get(first.ref).version == states[-1].version


def test_how_far_ansible_was_is_part_of_the_past(tmp_path, make):
    pod = make("v1", "Pod", "runner")
    kept = History("a", tmp_path / "h")
    first = Run(play="p", task="one", tasks=1, hosts={"edpm-0": HostResult("one", "ok", "")})
    last = Run(play="p", task="two", tasks=2, hosts={"edpm-0": HostResult("two", "failed", "password=hunter2")})
    told = [Progressed(pod.ref, first, 1000.0), Progressed(pod.ref, last, 1020.0)]
    _step(kept, Snapshot(), [Listed(pod.kind, "", (pod,), 990.0), *told, Gone(pod.ref, 2000.0)], 2000.0)
    assert kept.snapshot(995.0).runs == {}
    assert kept.snapshot(1010.0).runs == {pod.ref: first}
    assert kept.snapshot(1900.0).runs[pod.ref].tasks == 2
    assert "hunter2" not in kept.snapshot(1900.0).runs[pod.ref].hosts["edpm-0"].message
    assert kept.snapshot(2500.0).runs == {}


def test_events_are_part_of_the_past_longer_than_the_server_keeps_them(tmp_path, make):
    about = {"kind": "Pod", "name": "p", "namespace": "openstack"}
    more = {"involvedObject": about, "reason": "BackOff", "message": "again", "type": "Warning"}
    event = make("v1", "Event", "e", count=3, lastTimestamp="1970-01-01T00:10:00Z", **more)
    kept = History("a", tmp_path / "h")
    _step(kept, Snapshot(), [Put(event, 600.0), Gone(event.ref, 4200.0)], 4200.0)
    (then,) = kept.snapshot(700.0).all(event.kind)
    assert then.get("involvedObject", "name") == "p"
    assert (then.get("reason"), then.get("count"), then.get("type")) == ("BackOff", 3, "Warning")
    assert not list(kept.snapshot(500.0).all(event.kind))


def test_lost_lines_are_lost_in_the_past_too(tmp_path, make):
    pod = make("v1", "Pod", "p")
    kept = History("a", tmp_path / "h")
    world = _step(kept, Snapshot(), [Listed(pod.kind, "", (pod,), 100.0)], 100.0)
    _step(kept, world, [Lost(pod.kind, "", "refused", 160.0)], 161.0)
    assert kept.snapshot(150.0).line(pod.kind).state == "live"
    assert kept.snapshot(900.0).line(pod.kind).state == "lost"


def test_old_versions_go_and_the_oldest_moment_stays_whole(tmp_path, make, monkeypatch):
    monkeypatch.setattr(versions, "MOST_AGE_S", 1000.0)
    kept = History("a", tmp_path / "h")
    still = make("v1", "Pod", "still", spec={"text": "x" * 3000})
    gone = make("v1", "Pod", "gone", spec={"text": "x" * 3000})
    states = [make("v1", "Pod", "moving", metadata={"uid": "m"}, spec={"text": "x" * 3000, "n": n}) for n in range(100)]
    changes = [Put(still, 1.0), Put(gone, 1.0), *(Put(m, float(n + 2)) for n, m in enumerate(states))]
    kept.record([*changes, Gone(gone.ref, 200.0)], [], 201.0)
    kept.record([Put(make("v1", "Pod", "moving", metadata={"uid": "m"}), 5000.0)], [], 5000.0)
    for later in range(5):
        kept.record([], [], 6000.0 + 1000 * later)
    with sqlite3.connect(tmp_path / "h") as base:
        rows = base.execute("select ref, count(*) from versions group by ref").fetchall()
    base.close()
    # what is newest may be kept as the difference to an old one
    assert {ref.rpartition("/")[2]: count for ref, count in rows} == {"still": 1, "moving": 2}
    assert {r.name for r in kept.snapshot(9000.0).objects[still.kind]} == {"still", "moving"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(tmp_path):
    path = tmp_path / "h"
    History("a", path).add([entry(1.0)])
    path.chmod(0)
    kept = History("a", path)
    assert kept.search(Query()) == ()
    assert kept.trouble
