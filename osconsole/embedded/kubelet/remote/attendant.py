"""The parent of one command in a process pod: `python -m ...attendant FD`, where FD is a socket to the node agent.

It gets its orders on the socket and says there how the command ended. Whatever the command starts ends with it, and all
of it ends when the agent closes the socket or is killed. Its own 0, 1 and 2 are the command's.

Orders: {argv, env, cwd, tty}, one line of JSON. Answers: {error} when it cannot be started, else {code}.
"""

import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import termios
from typing import Any

from osconsole.embedded.kubelet import shim

_PR_SET_CHILD_SUBREAPER = 36
_LOOK_S = 1.0  # how often adopted orphans are buried


def main() -> None:
    """Run what the orders say."""
    line = socket.socket(fileno=int(sys.argv[1]))
    line.set_inheritable(False)
    with line, line.makefile("rb") as told:
        orders = json.loads(told.readline() or b"null")
        if orders is None:
            return
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        answer = _run(orders, line)
        try:
            line.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            return  # nobody is interested any more


def _run(orders: dict[str, Any], line: socket.socket) -> dict[str, Any]:
    try:
        child = subprocess.Popen(
            orders["argv"],
            env=orders["env"],
            cwd=orders["cwd"],
            start_new_session=True,
            preexec_fn=_own_terminal if orders["tty"] else None,
            restore_signals=True,
        )
    except OSError as error:
        return {"error": error.strerror, "code": error.errno}
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nothing, handle)
    _attend(child, line)
    shim.end_all()
    child.wait()
    return {"code": 128 - child.returncode if child.returncode < 0 else child.returncode}


def _own_terminal() -> None:
    """Make the terminal on 0 that of the new session, so that Ctrl-C and job control work."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _attend(child: "subprocess.Popen[bytes]", line: socket.socket) -> None:
    """Until the command has ended, or nobody asks for it any more."""
    handle = os.pidfd_open(child.pid)
    try:
        ready: list[int] = []
        while not ready:
            ready = select.select([handle, line.fileno()], [], [], _LOOK_S)[0]
            shim.reap(child.pid)
    finally:
        os.close(handle)
    child.poll()


if __name__ == "__main__":
    main()
