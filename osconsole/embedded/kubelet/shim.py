"""The parent of one process container: `python shim.py`, with its orders as JSON on stdin.

It outlives the node agent, so that a killed agent finds the process, its log and its exit code again. It adopts every
descendant of the process and ends them all with it, stamps each line of output, and writes `exit.json` last. TERM goes
on to the process; USR1 kills everything at once. Standard library only, so that it starts in a few milliseconds.

Orders: {argv, env, cwd, folder, log, log_bytes}. Files in `folder`: shim.json {pid, ticks, started}, exit.json {code,
started, finished}. Both appear whole.
"""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

_PR_SET_CHILD_SUBREAPER = 36
# A longer line is stored in parts, as container runtimes do.
_LINE_BYTES = 16384


def stamp() -> str:
    """The present as container logs write it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: UP017


def start_ticks(pid: int) -> int:
    """When a process started, in ticks since boot; with the pid it names one process for ever. 0: there is none.

    One that has ended and waits to be collected is none: who its parent is then is not ours to say.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])


def write_whole(file: Path, value: dict[str, Any]) -> None:
    """A JSON file that is there whole or not at all."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps(value))
    part.rename(file)


class Log:
    """Output as `<instant> stdout <F|P> <text>` lines; one older file of the same size is kept."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path, self._limit = path, limit_bytes
        self._file = path.open("ab")
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Store the whole lines of what came; the rest waits."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        out = [self._stored(line) for line in lines]
        while len(self._rest) >= _LINE_BYTES:
            out.append(self._record(b"P", self._rest[:_LINE_BYTES]))
            self._rest = self._rest[_LINE_BYTES:]
        self._write(b"".join(out))

    def close(self) -> None:
        """Store what did not end with a newline."""
        if self._rest:
            self._write(self._stored(self._rest))
        self._file.close()

    def _stored(self, line: bytes) -> bytes:
        parts = []
        while len(line) > _LINE_BYTES:
            parts.append(self._record(b"P", line[:_LINE_BYTES]))
            line = line[_LINE_BYTES:]
        return b"".join([*parts, self._record(b"F", line)])

    def _record(self, tag: bytes, text: bytes) -> bytes:
        return stamp().encode() + b" stdout " + tag + b" " + text.rstrip(b"\r") + b"\n"

    def _write(self, data: bytes) -> None:
        if not data:
            return
        self._file.write(data)
        self._file.flush()
        if self._file.tell() > self._limit:
            self._file.close()
            self._path.rename(self._path.with_suffix(".log.1"))
            self._file = self._path.open("ab")


def children() -> list[int]:
    """The direct children of this process; adopted orphans are among them."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def environ_of_child(pid: int) -> dict[str, str]:
    """The environment of the process that a shim is the parent of; empty when it has ended."""
    try:
        # The first child is the process itself: adopted ones come behind.
        child = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
        found = Path(f"/proc/{child}/environ").read_bytes()
    except (OSError, IndexError):
        return {}
    pairs = (part.partition(b"=") for part in found.split(b"\0") if part)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def end_all() -> None:
    """Kill descendants until none is left: each one that dies hands its children to us."""
    while True:
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def reap(keep: int) -> None:
    """Bury adopted orphans that have ended, but not the process itself."""
    for pid in children():
        if pid != keep:
            os.waitpid(pid, os.WNOHANG)


class Process:
    """The container's process, and the signals that may come before it is there."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._pending = 0
        signal.signal(signal.SIGTERM, lambda *_: self._send(signal.SIGTERM))
        signal.signal(signal.SIGUSR1, lambda *_: self._send(signal.SIGKILL))

    def _send(self, number: int) -> None:
        self._pending = number
        if self._child is not None:
            self._child.send_signal(number)

    def run(self, orders: dict[str, Any], log: Log) -> int:
        """Run it to its end; the return code, negative for a signal."""
        try:
            child = subprocess.Popen(
                orders["argv"],
                env=orders["env"],
                cwd=orders["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            log.feed(f"cannot start {orders['argv'][0]}: {error}\n".encode())
            return 127
        self._child = child
        if self._pending:
            child.send_signal(self._pending)
        return follow(child, log)


def follow(child: "subprocess.Popen[bytes]", log: Log) -> int:
    """Store output and reap orphans until the process ends; then end what it left behind."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    assert child.stdout is not None
    output = child.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while child.poll() is None:
            # The timeout covers an end before the signal handler was in place.
            for key, _ in selector.select(timeout=1):
                data = os.read(key.fd, 65536)
                if key.fd == output and data:
                    log.feed(data)
                elif key.fd == output:
                    selector.unregister(output)
                else:
                    reap(child.pid)
    end_all()
    while data := os.read(output, 65536):
        log.feed(data)
    return child.returncode


def main() -> None:
    """Run what the orders say and report how it ended."""
    orders = json.loads(sys.stdin.buffer.read() or b"null")
    if orders is None:
        sys.exit(2)
    process = Process()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    folder, started, me = Path(orders["folder"]), stamp(), os.getpid()
    log = Log(Path(orders["log"]), orders["log_bytes"])
    write_whole(folder / "shim.json", {"pid": me, "ticks": start_ticks(me), "started": started})
    os.write(1, b"started\n")
    os.close(1)
    code = process.run(orders, log)
    log.close()
    ended = {"code": 128 - code if code < 0 else code, "started": started, "finished": stamp()}
    write_whole(folder / "exit.json", ended)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
