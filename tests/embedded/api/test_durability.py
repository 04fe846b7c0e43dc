"""What survives the end of the server, whatever ends it."""

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

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
