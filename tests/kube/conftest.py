"""API servers that a test may stop, freeze and start again: our embedded one and, where it was built, a real one."""

import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from osconsole.documents import parse
from osconsole.kube.api import Api
from osconsole.model.connection import Options

HARNESS = Path(__file__).resolve().parents[3] / "shared" / "realcluster"
ASSETS = Path(os.environ.get("KUBEBUILDER_ASSETS") or Path.home() / ".cache" / "osconsole-realcluster")

ROUNDS = int(os.environ.get("OSCONSOLE_SOAK") or 0)  # how often `make soak` goes through the weather


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of `test_faults` again and again."""
    if ROUNDS and metafunc.module.__name__.endswith("test_faults"):
        metafunc.fixturenames.append("soak_round")
        metafunc.parametrize("soak_round", range(ROUNDS))


class Embedded:
    """`python -m osconsole.embedded.api` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.kubeconfig = folder / "kubeconfig"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = [sys.executable, "-m", "osconsole.embedded.api", "--dir", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log)
        wait_until(lambda: self.kubeconfig.exists() and answers(self.kubeconfig), 40)

    def kill(self, number: int = signal.SIGKILL) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(number)
        self._process.wait(20)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    end = kill


class Real:
    """etcd and kube-apiserver of the harness; only the latter is stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._argv: list[str] = []
        self._own: subprocess.Popen[bytes] | None = None
        self.kubeconfig = folder / "kubeconfig"

    def _pid(self) -> int:
        lines = (self._folder / "pids").read_text().splitlines()
        return next(int(line.split()[0]) for line in lines if "kube-apiserver" in line)

    def start(self) -> None:
        if not self._argv:
            subprocess.run([HARNESS / "start", self._folder], check=True, capture_output=True, timeout=60)
            self._argv = Path(f"/proc/{self._pid()}/cmdline").read_text().split("\0")[:-1]
        else:
            with (self._folder / "again.log").open("ab") as log:
                argv = [ASSETS / "kube-apiserver", *self._argv[1:]]
                self._own = subprocess.Popen(argv, stdout=log, stderr=log, cwd=self._folder)
        wait_until(lambda: answers(self.kubeconfig), 40)

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self._own:
            self._own.send_signal(signal.SIGCONT)
            self._own.send_signal(number)
            self._own.wait(20)
            return
        os.kill(self._pid(), number)
        wait_until(lambda: not answers(self.kubeconfig), 20)

    def freeze(self) -> None:
        os.kill(self._own.pid if self._own else self._pid(), signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._own.pid if self._own else self._pid(), signal.SIGCONT)

    def end(self) -> None:
        if self._own:
            self._own.kill()
            self._own.wait(20)
        subprocess.run([HARNESS / "stop", self._folder], check=False, capture_output=True, timeout=60)


def wait_until(true: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)


def answers(kubeconfig: Path) -> bool:
    """The server of a kubeconfig accepts and answers."""
    config = parse(kubeconfig.read_text(), "kubeconfig") or {}
    if not config.get("clusters"):
        return False
    server, token = config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]["token"]
    argv = ["curl", "-fsSk", "-m", "5", "-H", f"Authorization: Bearer {token}", f"{server}/readyz"]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def _server(kind: str, folder: Path) -> Iterator[Embedded | Real]:
    if kind == "real" and not ((HARNESS / "start").exists() and (ASSETS / "kube-apiserver").exists()):
        pytest.skip("no real API server was built here")
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    found = Real(folder) if kind == "real" else Embedded(folder)
    found.start()
    yield found
    found.end()


@pytest.fixture(scope="session", params=["embedded", "real"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded | Real]:
    """A server for many tests: nobody stops it."""
    yield from _server(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(params=["embedded", "real"])
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Embedded | Real]:
    """A server for one test, to be maltreated."""
    yield from _server(request.param, tmp_path)


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A server that can misbehave; every test leaves it well."""
    os.environ["OSCONSOLE_FAULTS"] = "1"
    server = Embedded(tmp_path_factory.mktemp("faulty"))
    try:
        server.start()
    finally:
        del os.environ["OSCONSOLE_FAULTS"]
    yield server
    server.kill()


@pytest.fixture
async def api(server: Embedded | Real) -> AsyncIterator[Api]:
    """A connection with all rights."""
    found = Api(Options(kubeconfig=str(server.kubeconfig)))
    yield found
    await found.close()


@pytest.fixture
async def namespace(api: Api, request: pytest.FixtureRequest) -> str:
    """A namespace for one test."""
    name = f"t-{zlib.crc32(request.node.nodeid.encode()):08x}"
    await api.create("/api/v1/namespaces", {"metadata": {"name": name}})
    return name
