"""A whole embedded cluster as processes: start, stop, status. What each process does is its own package's."""

import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import platformdirs

from osconsole.embedded import seed, zygote
from osconsole.embedded.kubelet import leftovers
from osconsole.embedded.nodes import control, spec
from osconsole.embedded.owned import Process, Record, is_alive
from osconsole.embedded.world import objects
from osconsole.errors import OsconsoleError, Refused

API, AGENT, NODES = "api", "kubelet", "nodes"
_READY_S = 30.0
_POLL_S = 0.02

Say = Callable[[str], None]


class State(msgspec.Struct, frozen=True):
    """What runs of a cluster: process ids by name (0 is not running), the server's address, counts of objects."""

    processes: dict[str, int]
    address: str = ""
    counts: dict[str, int] = {}

    @property
    def running(self) -> bool:
        """Everything that belongs to it runs, and the server answers."""
        return bool(self.address) and all(self.processes.values())


def default_directory() -> Path:
    """Where a cluster lives when nobody says otherwise."""
    return platformdirs.user_state_path("osconsole") / "cluster"


def start(directory: Path, world: str = "", *, nodes: int = 0, say: Say = lambda text: None) -> Path:
    """Start the cluster of a directory, making it when it is new; the path of its kubeconfig.

    One that runs is left alone. `world` is "demo" or "empty"; "" keeps what the directory has, demo in a new one.
    `nodes` is how many compute nodes a new demo world gets, 0 for the default. `say` is told of progress.

    Raises:
        OsconsoleError: something does not start; what was started is ended again.
        Refused: the directory holds another world.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    kubeconfig = directory / "kubeconfig"
    with _locked(directory):
        world = _world(directory, world)
        record = Record(directory)
        if set(record.alive()) >= set(_members(world)):
            say("the cluster runs already")
            return kubeconfig
        record.end_all()
        try:
            _start(directory, world, nodes, say)
        except BaseException:
            record.end_all()
            raise
    return kubeconfig


def stop(directory: Path) -> bool:
    """End every process of a cluster; whether any ran. Its objects stay.

    Raises:
        OsconsoleError: a process does not end.
    """
    directory = directory.resolve()
    if not directory.is_dir():
        return False
    with _locked(directory):
        ended = Record(directory).end_all()
        return bool(leftovers.end_marked(directory / "pods")) or bool(ended)


def accompany(directory: Path, name: str, argv: list[str]) -> None:
    """Start a process beside the cluster, that ends with it at the latest; its output goes to DIR/logs/NAME.log."""
    directory = directory.resolve()
    record = Record(directory)
    with _locked(directory), (directory / "logs" / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=record.environment()
        )
        record.add(name, child.pid)
        child.returncode = 0  # nobody waits for it


def end(directory: Path, name: str) -> None:
    """End one process of the cluster."""
    with _locked(directory.resolve()):
        Record(directory.resolve()).end(name)


def status(directory: Path) -> State:
    """What runs."""
    directory = directory.resolve()
    alive = Record(directory).alive()
    kept = directory / "world"
    members = _members(kept.read_text().strip()) if kept.exists() else (API, AGENT)
    processes = {name: alive[name].pid if name in alive else 0 for name in (*members, *alive)}
    if not processes[API]:
        return State(processes)
    with seed.Line(directory / "kubeconfig") as line:
        if not line.ready():
            return State(processes)
        counts = {plural: line.count(f"/api/v1/{plural}") for plural in ("nodes", "namespaces", "pods")}
        return State(processes, f"https://{line.address}", counts)


def _members(world: str) -> tuple[str, ...]:
    return (API, AGENT, NODES) if world == "demo" else (API, AGENT)


def _world(directory: Path, asked: str) -> str:
    """The directory's world; a new one gets what is asked for."""
    kept = directory / "world"
    if not kept.exists():
        return asked or "demo"
    found = kept.read_text().strip()
    if asked and asked != found:
        raise Refused(f"{directory} holds the world '{found}', not '{asked}': choose another --dir, or delete this one")
    return found


def _start(directory: Path, world: str, nodes: int, say: Say) -> None:
    record = Record(directory)
    with zygote.hatching(directory, record.environment()) as parent:

        def spawn(name: str, *argv: str) -> Process:
            log = str(directory / "logs" / f"{name}.log")
            return record.add(name, parent.fork(zygote.Member(name, ("--dir", str(directory), *argv), log)))

        _gather(directory, world, nodes, say, spawn)


def _gather(directory: Path, world: str, nodes: int, say: Say, spawn: Callable[..., Process]) -> None:
    """Start the members as soon as each can, and fill a new cluster."""
    began = time.monotonic()
    api = spawn(API)
    compute = spawn(NODES, *_names(directory, nodes)) if world == "demo" else None
    with _api_ready(directory, api) as line:
        say(f"API server ready at https://{line.address} ({time.monotonic() - began:.1f} s)")
        agent = spawn(AGENT, "--kubeconfig", str(directory / "kubeconfig"))
        if compute:
            found = _nodes_ready(directory, compute)
            say(f"{len(found)} compute nodes ready ({time.monotonic() - began:.1f} s)")
        if not (directory / "world").exists():
            _load(directory, world, line, say)
            (directory / "world").write_text(f"{world}\n")
    _check(directory, agent)


def _names(directory: Path, count: int) -> list[str]:
    """The option that names the compute nodes: those of an earlier start, else so many and one networker."""
    known = spec.read(spec.places(directory))
    names = [node.name for node in known.nodes] if known else []
    if not names and count:
        names = [*(f"edpm-compute-{i}" for i in range(count)), "edpm-networker-0"]
    return ["--nodes", ",".join(names)] if names else []


def _load(directory: Path, world: str, line: seed.Line, say: Say) -> None:
    where = spec.places(directory)
    known = spec.read(where)
    nodes = [msgspec.to_builtins(node) for node in known.nodes] if known else []
    key = Path(known.private_key).read_text() if known else ""
    seed.load(line, objects.load(world, nodes, key), say)


def _api_ready(directory: Path, api: Process) -> seed.Line:
    kubeconfig = directory / "kubeconfig"
    for _ in _until(f"the API server (log: {directory / 'logs' / 'api.log'})"):
        _check(directory, api)
        if not kubeconfig.exists():
            continue
        line = seed.Line(kubeconfig)
        if line.ready():
            return line
    raise AssertionError


def _nodes_ready(directory: Path, nodes: Process) -> tuple[control.NodeStatus, ...]:
    for _ in _until(f"the compute nodes (log: {directory / 'logs' / 'nodes.log'})"):
        _check(directory, nodes)
        try:
            return control.ask(directory / "nodes", control.Request("list"))
        except OsconsoleError:
            continue
    raise AssertionError


def _until(what: str) -> Iterator[None]:
    """Yields until the time is up.

    Raises:
        OsconsoleError: it is.
    """
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        yield
        time.sleep(_POLL_S)
    raise OsconsoleError(f"waited {_READY_S:.0f} s for {what}")


def _check(directory: Path, process: Process) -> None:
    """Raise with its last words when a process has ended."""
    if is_alive(process):
        return
    log = directory / "logs" / f"{process.name}.log"
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    last = lines[-1].removeprefix("osconsole: ") if lines else "it said nothing"
    raise OsconsoleError(f"{last} ({process.name} ended; its log is {log})")


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One command at a time: a second start waits, and then finds the cluster running."""
    handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
