"""A real API server on loopback, and a plain HTTP client for it."""

import contextlib
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from osconsole.documents import parse

JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


class Answer(msgspec.Struct):
    code: int
    body: Any
    headers: dict[str, str]


class Api:
    """One API server process and requests to it; `user` impersonates."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def kubeconfig(self) -> Path:
        return self.directory / "kubeconfig"

    def start(self) -> None:
        self.kubeconfig.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "osconsole.embedded.api", "--dir", str(self.directory)]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self.kubeconfig.exists():
            assert self._process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        config = parse(self.kubeconfig.read_text(), "kubeconfig")
        self.address = config["clusters"][0]["cluster"]["server"].removeprefix("https://")
        self.token = config["users"][0]["user"]["token"]
        self.context = ssl.create_default_context(cafile=str(self.directory / "ca.crt"))
        self._line = self.connect()

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self._process is not None
        self._line.close()
        os.kill(self._process.pid, number)
        return self._process.wait(20)

    def hang_up(self) -> None:
        """Close the line that requests share; the next one opens it."""
        self._line.close()

    def connect(self, timeout_s: float = 20.0) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self.address, timeout=timeout_s, context=self.context)

    def _request(
        self, line: http.client.HTTPSConnection, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        found = {"Authorization": f"Bearer {self.token}", "Content-Type": JSON}
        for name, value in headers.items():
            found["Impersonate-User" if name == "user" else name.replace("_", "-")] = value
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line.request(method, path, data, found)
        return line.getresponse()

    def send(self, line: http.client.HTTPSConnection, method: str, path: str, body: Any) -> http.client.HTTPResponse:
        """A request on a line of one's own."""
        return self._request(line, method, path, body, {})

    @contextlib.contextmanager
    def stream(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """The answer to a GET while it comes."""
        with contextlib.closing(self.connect()) as line, self._request(line, "GET", path, None, {}) as answer:
            yield answer

    def __call__(self, method: str, path: str, body: Any = None, kind: str = JSON, **headers: str) -> Answer:
        """One request on the line that is kept open, or on a new one where the server has closed it meanwhile."""
        found = {"Content-Type": kind, **headers}
        with self._lock:
            try:
                answer = self._request(self._line, method, path, body, found)
            except (ConnectionError, ssl.SSLEOFError):
                self._line.close()
                answer = self._request(self._line, method, path, body, found)
            text = answer.read()
        parsed = json.loads(text) if text[:1] in (b"{", b"[") else text.decode()
        return Answer(answer.status, parsed, dict(answer.getheaders()))

    def watch(self, path: str, count: int) -> list[dict[str, Any]]:
        """The first events of a watch."""
        with self.stream(path) as answer:
            return [json.loads(answer.readline()) for _ in range(count)]


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory):
    found = Api(tmp_path_factory.mktemp("cluster"))
    found.start()
    yield found
    assert found.stop() == 0
    assert "Traceback" not in (found.directory / "log").read_text()


@pytest.fixture
def own_api(tmp_path: Path):
    """A server of one's own, to be killed and started again."""
    found = Api(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def namespace(api: Api, request: pytest.FixtureRequest) -> str:
    """A namespace for one test."""
    name = "t-" + re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:50].strip("-")
    assert api("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).code == 201
    return name
