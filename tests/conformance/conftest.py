"""Two API servers and one client: what is asked of one is asked of the other, and the real one is right.

`api` is a server, `embedded` or `real`; `place` a namespace on it that is gone, with all that was made, after the test.
A test that the embedded server fails on purpose bears `@pytest.mark.differs("name")`: the name stands, with the reason,
in docs/embedded-api.md, and the mark must go when the difference goes.
"""

import contextlib
import http.client
import itertools
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.parse
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from osconsole.documents import parse

HARNESS = Path(__file__).resolve().parents[3] / "shared" / "realcluster"
ASSETS = Path(os.environ.get("KUBEBUILDER_ASSETS") or Path.home() / ".cache" / "osconsole-realcluster")
HOW = (
    "no real kube-apiserver: set OSCONSOLE_TEST_KUBECONFIG to the kubeconfig of a cluster for tests, or "
    "KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver, or say `make test-real`"
)
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = parse((Path(__file__).parent / "widgets.yaml").read_text(), "widgets.yaml")
SWEPT = (
    *("configmaps", "secrets", "serviceaccounts", "pods", "services", "apps/v1/deployments", "batch/v1/jobs"),
    *("batch/v1/cronjobs", "policy/v1/poddisruptionbudgets", "networking.k8s.io/v1/ingresses"),
    *("rbac.authorization.k8s.io/v1/roles", "rbac.authorization.k8s.io/v1/rolebindings"),
)
_count = itertools.count(1)


class Answer(msgspec.Struct):
    """What a server said; `reason` and `message` are those of a Status."""

    code: int
    body: Any
    headers: dict[str, str]

    @property
    def reason(self) -> str:
        return self.body.get("reason", "")

    @property
    def message(self) -> str:
        return self.body.get("message", "")

    @property
    def error(self) -> tuple[int, str]:
        return self.code, self.reason

    @property
    def causes(self) -> list[tuple[str, str]]:
        return [(c.get("field", ""), c.get("reason", "")) for c in self.body["details"].get("causes", ())]


class Server:
    """One API server as its kubeconfig describes it."""

    def __init__(self, kind: str, kubeconfig: Path) -> None:
        self.kind, self.kubeconfig = kind, kubeconfig
        config = parse(kubeconfig.read_text(), "kubeconfig")
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = cluster["server"].removeprefix("https://")
        authority = cluster.get("certificate-authority-data")
        self.context = ssl.create_default_context(
            cafile=cluster.get("certificate-authority"), cadata=b64decode(authority).decode() if authority else None
        )
        if "client-certificate" in user:
            self.context.load_cert_chain(user["client-certificate"], user["client-key"])
        self.headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        self._line: http.client.HTTPSConnection | None = None

    def connect(self, timeout_s: float = 20.0) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self.address, timeout=timeout_s, context=self.context)

    def send(
        self, line: http.client.HTTPSConnection, method: str, path: str, body: Any, kind: str, headers: Any
    ) -> Any:
        found = {**self.headers, "Content-Type": kind}
        found |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line.request(method, path, data, {k: v for k, v in found.items() if v})
        return line.getresponse()

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Answer:
        """One request on the line that is kept open."""
        self._line = self._line or self.connect()
        try:
            answer = self.send(self._line, method, path, body, kind, headers)
            text = answer.read()
        except (http.client.HTTPException, OSError):
            self._line.close()
            raise
        body: Any = text
        if text[:1] == b"{":
            with contextlib.suppress(ValueError):
                body = json.loads(text)
        return Answer(answer.status, body, dict(answer.getheaders()))

    @contextlib.contextmanager
    def watch(self, path: str, accept: str = "", **query: Any) -> Iterator["Stream"]:
        """The events of a watch while they come."""
        text = urllib.parse.urlencode({"watch": "1", **query})
        with contextlib.closing(self.connect()) as line:
            answer = self.send(line, "GET", f"{path}?{text}", None, "", {"Accept": accept})
            with answer:
                yield Stream(answer)

    def close(self) -> None:
        if self._line:
            self._line.close()


class Stream:
    """The events of one watch."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer

    def event(self) -> tuple[str, Any] | None:
        """The next one as (type, object); None at the end."""
        line = self.answer.readline()
        found = json.loads(line) if line else None
        return (found["type"], found["object"]) if found else None

    def take(self, count: int) -> list[tuple[str, str]]:
        """The next ones as (type, name)."""
        found = [self.event() for _ in range(count)]
        return [(one[0], one[1]["metadata"].get("name", "")) for one in found if one]


def wait(what: Callable[[], Any]) -> Any:
    """Ask until the answer is true."""
    deadline = time.monotonic() + 20
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


class Place:
    """A namespace, and requests that are remembered: what they made is taken away at the end."""

    def __init__(self, api: Server, name: str) -> None:
        self.api, self.name = api, name
        self._made: dict[str, None] = {}
        answer = self("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        assert answer.code == 201, answer

    def path(self, plural: str, name: str = "", group: str = "", version: str = "v1", query: str = "") -> str:
        """A path in this namespace: `plural` may be "apps/v1/deployments"."""
        *gv, plural = plural.split("/")
        group, version = gv if gv else (group, version)
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        found = f"{root}/namespaces/{self.name}/{plural}" + (f"/{name}" if name else "")
        return found + (f"?{query}" if query else "")

    def __call__(
        self, method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Answer:
        answer = self.api(method, path, body, kind, **headers)
        if answer.code == 201 and isinstance(answer.body, dict) and "dryRun" not in path:
            made = path.partition("?")[0]
            name = (answer.body.get("metadata") or {}).get("name")
            if method == "POST" and name:
                made += f"/{name}"
            self._made[made] = None
        return answer

    def create(self, plural: str, name: str, body: Any = None, **rest: Any) -> Any:
        """An object that is expected to be taken."""
        rest = {**(body or {}), **rest}
        answer = self("POST", self.path(plural), {**rest, "metadata": {"name": name, **rest.get("metadata", {})}})
        assert answer.code == 201, answer
        return answer.body

    def sweep(self) -> None:
        """Take away what others made here."""
        for plural in SWEPT:
            found = self.api("GET", self.path(plural))
            self._made |= {self.path(plural, one["metadata"]["name"]): None for one in found.body.get("items", ())}

    def clean(self) -> None:
        """Take everything away, whoever waits for it."""
        for path in reversed(self._made):
            if self.api("DELETE", f"{path}?gracePeriodSeconds=0&propagationPolicy=Background").code == 404:
                continue
            if path.startswith(CRDS):
                # It goes once its objects are gone, and the next test may want its name.
                wait(lambda path=path: self.api("GET", path).code == 404)
                continue
            left = self.api("GET", path)
            if left.code != 200 or left.body.get("kind") == "Status":
                continue
            if left.body["metadata"].get("finalizers"):
                patch = {"metadata": {"finalizers": None}}
                self.api("PATCH", path, patch, "application/merge-patch+json")
            if left.body["kind"] == "Namespace":
                left.body["spec"] = {}
                self.api("PUT", f"{path}/finalize", left.body)


def define(api: Server, definition: dict[str, Any]) -> bool:
    """Make a kind, and wait until it is served; false when it was there."""
    made = api("POST", CRDS, definition)
    assert made.code in (201, 409), made
    spec = definition["spec"]
    path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
    wait(lambda: api("GET", path).code == 200)
    return made.code == 201


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[Server]:
    kubeconfig = folder / "kubeconfig"
    with (folder / "log").open("ab") as log:
        argv = [sys.executable, "-m", "osconsole.embedded.api", "--dir", folder]
        process = subprocess.Popen(argv, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while not kubeconfig.exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield Server("embedded", kubeconfig)
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in (folder / "log").read_text()


@contextlib.contextmanager
def real(folder: Path) -> Iterator[Server]:
    configured = os.environ.get("OSCONSOLE_TEST_KUBECONFIG")
    if configured:
        yield Server("real", Path(configured))
        return
    if not (HARNESS / "start").exists() or not (ASSETS / "kube-apiserver").exists():
        pytest.skip(HOW)
    found = subprocess.run([HARNESS / "start", folder], capture_output=True, text=True, timeout=90, check=True)
    try:
        yield Server("real", Path(found.stdout.split()[-1]))
    finally:
        subprocess.run([HARNESS / "stop", folder], capture_output=True, check=True)
        shutil.rmtree(folder / "etcd", ignore_errors=True)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """The server of a kind, started when it is first asked for."""
    started: dict[str, Server] = {}
    with contextlib.ExitStack() as stack:

        def find(kind: str) -> Server:
            if kind not in started:
                start = {"embedded": embedded, "real": real}[kind]
                started[kind] = stack.enter_context(start(tmp_path_factory.mktemp(kind)))
                stack.callback(started[kind].close)
                if define(started[kind], WIDGETS):
                    stack.callback(started[kind], "DELETE", f"{CRDS}/widgets.conform.example.org")
            return started[kind]

        yield find


@pytest.fixture(params=["embedded", "real"])
def api(server: Callable[[str], Server], request: pytest.FixtureRequest) -> Server:
    mark = request.node.get_closest_marker("differs")
    if mark and request.param == "embedded":
        reason = f"docs/embedded-api.md: {mark.args[0]}"
        request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))
    return server(request.param)


def _name(request: pytest.FixtureRequest) -> str:
    words = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")
    return f"c-{words[:40].strip('-')}-{os.getpid()}-{next(_count)}"


@pytest.fixture
def place(api: Server, request: pytest.FixtureRequest) -> Iterator[Place]:
    found = Place(api, _name(request))
    try:
        yield found
    finally:
        found.clean()


@pytest.fixture
def place_type() -> type[Place]:
    """For tests that make many namespaces."""
    return Place


@pytest.fixture
def widget(place: Place) -> Callable[..., Any]:
    """Make an object of a custom kind; `manager` applies it."""

    def make(name: str, manager: str = "", **spec: Any) -> Any:
        body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}
        plural = "conform.example.org/v1/widgets"
        if not manager:
            return place.create(plural, name, body)
        path = place.path(plural, name, query=f"fieldManager={manager}")
        made = place("PATCH", path, body, "application/apply-patch+yaml")
        assert made.code == 201, made
        return made.body

    return make


@pytest.fixture
def both(server: Callable[[str], Server], request: pytest.FixtureRequest) -> Iterator[dict[str, Place]]:
    """The same namespace on both servers."""
    name = _name(request)
    found = {kind: Place(server(kind), name) for kind in ("real", "embedded")}
    try:
        yield found
    finally:
        for one in found.values():
            one.sweep()
            one.clean()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Ask until the answer is true; a real server takes up kinds after it has answered."""

    return wait


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "differs(name): the embedded server fails this; docs/embedded-api.md says why")
