"""What survives the end of the server, whatever ends it."""

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

# `make soak` kills it a hundred times.
KILLS = int(os.environ.get("OSCONSOLE_SOAK_KILLS", "2"))
MAPS = "/api/v1/namespaces/default/configmaps"


def test_everything_acknowledged_survives_a_kill(own_api):
    api = own_api

    def make(i):
        return api("POST", MAPS, {"metadata": {"name": f"c{i}"}}).body["metadata"]["uid"]

    with ThreadPoolExecutor(8) as pool:
        uids = list(pool.map(make, range(40)))
    api("DELETE", f"{MAPS}/c0")
    before = api("GET", MAPS).body
    token, address = api.token, api.address
    api.stop(signal.SIGKILL)
    api.start()
    after = api("GET", MAPS).body
    assert after["items"] == before["items"]
    assert {item["metadata"]["uid"] for item in after["items"]} == set(uids[1:])
    assert int(after["metadata"]["resourceVersion"]) >= int(before["metadata"]["resourceVersion"])
    assert (api.token, api.address) == (token, address)
    new = api("POST", MAPS, {"metadata": {"name": "new"}}).body["metadata"]["resourceVersion"]
    assert int(new) > int(before["metadata"]["resourceVersion"])
    (event,) = api.watch(f"{MAPS}?watch=1&resourceVersion={before['metadata']['resourceVersion']}", 1)
    assert event["object"]["code"] == 410


class Writer:
    """Makes, changes and removes objects of its own until the line breaks; remembers what was acknowledged."""

    def __init__(self, api, number):
        self.api, self.names = api, [f"w{number}-{n}" for n in range(5)]
        self.known = dict.fromkeys(self.names)
        self.flying = {}
        self.highest = 0

    def write(self, stop):
        count = itertools.count()
        with contextlib.closing(self.api.connect()) as line:
            while not stop.is_set():
                number = next(count)
                name = self.names[number % len(self.names)]
                try:
                    self._one(line, name, str(number))
                except (OSError, http.client.HTTPException):
                    return

    def _one(self, line, name, value):
        path, body = MAPS, {"metadata": {"name": name}, "data": {"n": value}}
        if self.known[name] is None:
            method, wanted = "POST", value
        elif int(value) % 4 == 3:
            method, wanted, path, body = "DELETE", None, f"{MAPS}/{name}", None
        else:
            method, wanted, path = "PUT", value, f"{MAPS}/{name}"
        self.flying = {name: wanted}
        answer = self.api.send(line, method, path, body)
        found = json.loads(answer.read())
        assert answer.status in (200, 201), found
        self.known[name], self.flying = wanted, {}
        self.highest = max(self.highest, int(found.get("metadata", {}).get("resourceVersion", 0)))


@pytest.mark.timeout(120 + 30 * KILLS)
def test_kills_under_load(own_api):
    """At whatever moment it is killed: what was acknowledged is there, and nothing but what was asked for."""
    api = own_api
    writers = [Writer(api, number) for number in range(6)]
    for round_number in range(KILLS):
        stop = threading.Event()
        with ThreadPoolExecutor(len(writers)) as pool:
            running = [pool.submit(writer.write, stop) for writer in writers]
            # the moment of the kill is what is tried here
            time.sleep(random.Random(round_number).uniform(0.05, 0.5))
            api.stop(signal.SIGKILL)
            stop.set()
            for one in running:
                one.result()
        api.start()
        listed = api("GET", MAPS).body
        found = {item["metadata"]["name"]: item["data"]["n"] for item in listed["items"]}
        for writer in writers:
            for name, value in writer.known.items():
                allowed = {value, writer.flying.get(name, value)}
                assert found.get(name) in allowed, (round_number, name)
                writer.known[name] = found.get(name)
            assert int(listed["metadata"]["resourceVersion"]) >= writer.highest
            writer.flying = {}
    assert all(writer.highest for writer in writers)


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (tmp_path / "port").write_text(f"{port}\n")
        argv = [sys.executable, "-m", "osconsole.embedded.api", "--dir", str(tmp_path)]
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken by another program" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_whose_rows_had_no_numbers_is_read(own_api):
    api = own_api
    for name in ("a", "b"):
        api("POST", MAPS, {"metadata": {"name": name}})
    before = api("GET", MAPS).body["items"]
    api.stop()
    with contextlib.closing(sqlite3.connect(api.directory / "cluster.sqlite")) as file:
        file.executescript(
            "CREATE TABLE object (grp TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,"
            "rv INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (grp, plural, namespace, name)) WITHOUT ROWID;"
            "INSERT INTO object SELECT grp, plural, namespace, name, rv, raw FROM stored; DROP TABLE stored;"
        )
    api.start()
    assert api("GET", MAPS).body["items"] == before
    api("DELETE", f"{MAPS}/a")
    api("PUT", f"{MAPS}/b", {"metadata": {"name": "b"}, "data": {"k": "v"}})
    after = api("GET", MAPS).body["items"]
    assert [(item["metadata"]["name"], item.get("data")) for item in after] == [("b", {"k": "v"})]
    api.stop(signal.SIGKILL)
    api.start()
    assert api("GET", MAPS).body["items"] == after
