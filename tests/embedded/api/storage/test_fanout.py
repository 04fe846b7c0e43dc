"""Events on their way to those who watch: none lost, repeated or out of order, whoever reads and however slowly."""

import contextlib
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor

from osconsole.embedded.api.storage import ring
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.storage.ring import Event, Ring

MAPS = "/api/v1/namespaces/default/configmaps"


def lines(answer, count):
    return [json.loads(answer.readline()) for _ in range(count)]


def versions(events):
    return [(one["type"], one["object"]["metadata"]["resourceVersion"]) for one in events]


def test_who_reads_late_reads_the_same(api):
    """More than any buffer holds is written while one watcher does not read; the others are not kept waiting."""
    rv = api("GET", MAPS).body["metadata"]["resourceVersion"]
    query = f"watch=1&resourceVersion={rv}"
    paths = [f"{MAPS}?{query}"] * 3 + [f"/api/v1/configmaps?{query}", f"{MAPS}?{query}&labelSelector=fan%3Dout"]
    with contextlib.ExitStack() as stack:
        late, *others = [stack.enter_context(api.stream(path)) for path in paths]
        body = {"metadata": {"name": "fan", "labels": {"fan": "out"}}, "data": {"padding": "x" * 100_000}}
        written = [api("POST", MAPS, body).body]
        with ThreadPoolExecutor(len(others)) as pool:
            reading = [pool.submit(lines, answer, 152) for answer in others]
            for number in range(150):
                body["data"]["number"] = str(number)
                written.append(api("PUT", f"{MAPS}/fan", body).body)
            api("DELETE", f"{MAPS}/fan")
            found = [versions(one.result()) for one in reading]
        wanted = [one["metadata"]["resourceVersion"] for one in written]
        assert found[0][:-1] == [("ADDED", wanted[0]), *(("MODIFIED", rv) for rv in wanted[1:])]
        assert found[0][-1][0] == "DELETED"
        assert versions(lines(late, 152)) == found[0]
        assert all(one == found[0] for one in found)


def test_a_watch_ends_in_the_midst_of_writes_and_its_line_goes_on(api):
    """Each of these watches ends while objects are written; the same line then answers the next request."""
    rv = api("GET", MAPS).body["metadata"]["resourceVersion"]
    stop = threading.Event()

    def write(name):
        with contextlib.closing(api.connect()) as line:
            for number in itertools.count():
                if stop.is_set():
                    return
                body = {"metadata": {"name": name}, "data": {"number": str(number), "padding": "x" * 5000}}
                answer = api.send(line, "PUT" if number else "POST", f"{MAPS}/{name}" if number else MAPS, body)
                assert answer.status in (200, 201)
                answer.read()

    def watch():
        with contextlib.closing(api.connect()) as line:
            answer = api.send(line, "GET", f"{MAPS}?watch=1&timeoutSeconds=1&resourceVersion={rv}", None)
            found = [json.loads(one) for one in answer.read().splitlines()]
            assert api.send(line, "GET", "/version", None).status == 200
        return [int(one["object"]["metadata"]["resourceVersion"]) for one in found]

    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(write, f"busy-{number}") for number in range(2)]
        watching = [pool.submit(watch) for _ in range(4)]
        seen = [one.result() for one in watching]
        stop.set()
        for one in writing:
            one.result()
    assert all(one == sorted(set(one)) for one in seen)
    shortest = min(map(len, seen))
    assert all(one[:shortest] == seen[0][:shortest] for one in seen)


def entry(rv, size):
    return Entry("n", "a", "u", rv, 1, b"x" * size, {})


def test_the_past_is_bounded_by_bytes_and_by_number(monkeypatch):
    monkeypatch.setattr(ring, "HELD_BYTES", 1000)
    monkeypatch.setattr(ring, "LENGTH", 20)
    found = Ring(0)
    for rv in range(2, 100):
        found.add(Event("MODIFIED", entry(rv, 300), entry(rv - 1, 300)))
    assert [event.entry.rv for event in found] == [97, 98, 99]
    assert found.floor == 96
    for rv in range(100, 200):
        found.add(Event("ADDED", entry(rv, 300), None))
    assert len(list(found)) == 20
    found.add(Event("DELETED", entry(200, 5000), entry(199, 5000)))
    assert [event.entry.rv for event in found] == [200]
