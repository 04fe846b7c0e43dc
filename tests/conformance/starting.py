"""The two kinds of API server, started for as long as they are needed."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.servers import Server

HARNESS = Path(__file__).resolve().parents[3] / "shared" / "realcluster"
ASSETS = Path(os.environ.get("KUBEBUILDER_ASSETS") or Path.home() / ".cache" / "osconsole-realcluster")
HOW = (
    "no real kube-apiserver: set OSCONSOLE_TEST_KUBECONFIG to the kubeconfig of a cluster for tests, or "
    "KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver, or say `make test-real`"
)


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
