"""Process containers: each a shim with its process, found again on disk after a restart of the agent.

`<pods>/<namespace>_<pod>_<uid>/<container>/<restart>/` holds shim.json, exit.json and the termination log; the log lies
beside it as `<restart>.log`. A process that is running while its shim.json names a living shim is never started twice.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from asyncio import get_running_loop
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from osconsole.embedded.client import Client, Object
from osconsole.embedded.clock import instant, now
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kubelet import shim
from osconsole.embedded.kubelet.container import Container, Exit
from osconsole.embedded.kubelet.environment import environment
from osconsole.embedded.kubelet.leftovers import end_marked
from osconsole.embedded.kubelet.setup import lay_out, remove

_LOG_BYTES = 16 * 1024 * 1024
_MESSAGE_BYTES = 4096
_COLLECTIONS = Path(__file__).parent.parent / "world" / "collections"


def is_process(spec: Object) -> bool:
    """The container runs for real: its image is the Ansible runner."""
    return "ansibleee-runner" in (spec.get("image") or "")


class Processes:
    """Starts, watches and ends process containers; `wake(key)` is called when one ends."""

    def __init__(self, client: Client, pods: Path, runner: tuple[str, ...], wake: Callable[[Key], None]) -> None:
        self._client, self._pods, self._runner, self._wake = client, pods, runner, wake
        self._watched: dict[Path, int] = {}
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def folder(self, pod: Object) -> Path:
        """Where everything of a pod lies."""
        namespace, name = key_of(pod)
        return self._pods / f"{namespace}_{name}_{pod['metadata']['uid']}"

    def log_path(self, pod: Object, container: str, restart: int) -> Path:
        """The log of the n-th run of a container."""
        return self.folder(pod) / container / f"{restart}.log"

    def environ(self, pod: Object, container: str, restart: int) -> dict[str, str]:
        """The environment in which the n-th run of a container runs; empty when it runs no more."""
        run = self._run_folder(pod, container, restart)
        if not self._is_alive(run):
            return {}
        return shim.environ_of_child(int(_read(run / "shim.json")["pid"]))

    async def start(self, pod: Object, spec: Object, restart: int, pod_ip: str) -> datetime:
        """Start the container, or find it running; the moment it started.

        Raises:
            SetupProblem: a volume or variable cannot be made.
        """
        run = self._run_folder(pod, spec["name"], restart)
        if not (run / "shim.json").exists():
            folder = self.folder(pod)
            root = await lay_out(self._client, pod, spec, folder)
            variables = await environment(self._client, pod, spec, pod_ip)
            run.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._spawn(spec, run, {**variables, **self._own_variables(root, run)})
        self._watch(key_of(pod), run)
        return instant(_read(run / "shim.json")["started"])

    def ended(self, pod: Object, container: Container) -> Exit | None:
        """How the current run of the container ended; None while it runs."""
        run = self._run_folder(pod, container.name, container.restarts)
        if self._is_alive(run):
            self._watch(key_of(pod), run)
            return None
        self._unwatch(run)
        result = _read(run / "exit.json")
        if not result:
            # The shim was killed: what it left behind ends with it.
            end_marked(self.folder(pod))
            gone = "The container could not be located when the pod was checked"
            return Exit(137, now(), gone, "ContainerStatusUnknown")
        return Exit(int(result["code"]), instant(result["finished"]), _termination_message(run))

    def stop(self, pod: Object, container: Container, *, kill: bool = False) -> None:
        """TERM to the process, or the end of it and all its descendants."""
        run = self._run_folder(pod, container.name, container.restarts)
        self._signal(run, signal.SIGUSR1 if kill else signal.SIGTERM)

    def tidy(self, pod: Object) -> None:
        """Nothing of the pod runs any more: remove its secrets, keep its logs."""
        folder = self.folder(pod)
        if folder.exists():
            end_marked(folder)
            remove(folder)

    def forget(self, pod: Object) -> None:
        """The pod is gone: end what is left and remove its folder."""
        folder = self.folder(pod)
        if folder.exists():
            for file in folder.glob("*/*/shim.json"):
                self._unwatch(file.parent)
            end_marked(folder)
            shutil.rmtree(folder, ignore_errors=True)

    async def end_all(self, patience_s: float = 3.0) -> None:
        """TERM to every process, a few seconds of patience, then the end of all of them."""
        for run in self._watched:
            self._signal(run, signal.SIGTERM)
        deadline = get_running_loop().time() + patience_s
        for run in list(self._watched):
            while self._is_alive(run) and get_running_loop().time() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        end_marked(self._pods)

    def sweep(self, living_uids: Iterable[str]) -> None:
        """Forget the folders of pods that went while the agent was away."""
        living = set(living_uids)
        for folder in self._pods.iterdir() if self._pods.exists() else ():
            if folder.name.rpartition("_")[2] not in living:
                end_marked(folder)
                shutil.rmtree(folder, ignore_errors=True)

    def _run_folder(self, pod: Object, container: str, restart: int) -> Path:
        return self.folder(pod) / container / str(restart)

    def _own_variables(self, root: Path, run: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(root),
            "LANG": "C.UTF-8",
            "OSCONSOLE_POD_ROOT": str(root),
            "OSCONSOLE_TERMINATION_LOG": str(run / "termination-log"),
            "ANSIBLE_COLLECTIONS_PATH": str(_COLLECTIONS),
        }

    def _spawn(self, spec: Object, run: Path, env: dict[str, str]) -> None:
        orders = {
            "argv": [*self._runner, *(spec.get("args") or [])],
            "env": env,
            "cwd": env["OSCONSOLE_POD_ROOT"],
            "folder": str(run),
            "log": str(run.with_suffix(".log")),
            "log_bytes": _LOG_BYTES,
        }
        command = [sys.executable, "-I", "-S", shim.__file__]
        with (run / "shim.err").open("wb") as errors:
            # The orders hold secrets: they travel by pipe, never by argv or disk.
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={name: env[name] for name in ("PATH", "OSCONSOLE_POD_ROOT")},
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin, process.stdout:
            process.stdin.write(json.dumps(orders).encode())
            process.stdin.close()
            process.stdout.read()
        self._children[process.pid] = process

    def _signal(self, run: Path, number: int) -> None:
        if self._is_alive(run):
            os.kill(int(_read(run / "shim.json")["pid"]), number)

    def _is_alive(self, run: Path) -> bool:
        record = _read(run / "shim.json")
        return bool(record) and self._is_running(record)

    def _is_running(self, record: dict[str, Any]) -> bool:
        child = self._children.get(record["pid"])
        if child is not None and child.poll() is not None:
            del self._children[record["pid"]]
            return False
        return shim.start_ticks(int(record["pid"])) == int(record["ticks"])

    def _watch(self, key: Key, run: Path) -> None:
        if run in self._watched or not self._is_alive(run):
            return
        try:
            handle = os.pidfd_open(int(_read(run / "shim.json")["pid"]))
        except ProcessLookupError:
            self._wake(key)
            return
        self._watched[run] = handle
        get_running_loop().add_reader(handle, self._shim_ended, key, run)

    def _shim_ended(self, key: Key, run: Path) -> None:
        self._unwatch(run)
        self._wake(key)

    def _unwatch(self, run: Path) -> None:
        handle = self._watched.pop(run, None)
        if handle is not None:
            get_running_loop().remove_reader(handle)
            os.close(handle)


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text()))
    except FileNotFoundError:
        return {}


def _termination_message(run: Path) -> str:
    try:
        with (run / "termination-log").open("rb") as file:
            return file.read(_MESSAGE_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""
