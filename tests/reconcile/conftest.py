"""An API server of ours for tests that write."""

import subprocess
import sys
import time

import pytest


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("server")
    argv = [sys.executable, "-m", "osconsole.embedded.api", "--dir", str(folder)]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(argv, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while not (folder / "kubeconfig").exists():
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield folder / "kubeconfig"
    finally:
        server.terminate()
        server.wait(20)
