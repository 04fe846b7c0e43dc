"""Level 1: a node is net, mount, pid, uts and ipc namespaces over an overlay of the host's root.

The host's own namespaces get nothing: no mount, no address, no route. All ends with the first process of the node.
"""

import asyncio
import os
import shutil
import sys
import uuid
from pathlib import Path

from osconsole.embedded.nodes.spec import NodeSpec
from osconsole.errors import OsconsoleError

PROGRAMS = ("unshare", "nsenter", "setpriv", "mount", "pivot_root")
BOOT_TIMEOUT_S = 20.0

# Runs as process 1 of the node: sh -c INIT node NAME DIR BIND...
# The home of root is the node's own: the host's has start files for shells, keys and more.
INIT = r"""
set -e
name=$1 dir=$2; shift 2
cd "$dir"
mount -t overlay overlay -o lowerdir=/,upperdir=disk,workdir=work root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs dev
for x in null zero full random urandom tty; do : > dev/$x; mount --bind /dev/$x dev/$x; done
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666,mode=620
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount --bind "$dir/home" ./root
for x in "$@"; do mkdir -p ".$x"; mount --rbind "$x" ".$x"; done
mkdir -p run/sshd run/lock run/old
echo "$name" > proc/sys/kernel/hostname
pivot_root . run/old
cd /
umount -l /run/old
rmdir /run/old
cat /proc/sys/kernel/random/uuid > /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
ip link set lo up 2>/dev/null || true
trap 'exit 0' TERM
echo up
exec > /dev/null
while :; do sleep 3600 & wait $!; done
"""

REBOOT = """#!/bin/sh
# Ends process 1 of this sandbox node; its owner boots it again.
(trap '' HUP; sleep 0.3; kill -TERM 1) < /dev/null > /dev/null 2>&1 &
"""


def possible() -> str:
    """Why level 1 cannot be tried here; "" when it can."""
    if os.geteuid() != 0:
        return "not root"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"missing: {', '.join(missing)}" if missing else ""


async def start(spec: NodeSpec, home: Path, log: int) -> asyncio.subprocess.Process:
    """Boot the node; returns its outer process once its root is complete.

    Raises:
        OsconsoleError: the kernel refuses a namespace or a mount; the node's log says which.
    """
    for part in ("disk", "work", "root"):
        (home / part).mkdir(parents=True, exist_ok=True)
    (home / "home/.ansible/tmp").mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = ("--mount", "--pid", "--uts", "--ipc", "--net", "--fork", "--kill-child")
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "KILL", "unshare", *flags, "sh", "-c", INIT, "node", spec.name, str(home)),
        *_binds(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        start_new_session=True,
    )
    if process.stdout is None or (await asyncio.wait_for(process.stdout.readline(), BOOT_TIMEOUT_S)) != b"up\n":
        raise OsconsoleError(f"node {spec.name} does not boot: see {home / 'log'}")
    return process


def first_process(outer: int) -> int:
    """Process 1 of the node, by its number on the host."""
    return int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])


def entering(pid: int) -> list[str]:
    """The start of a command line that runs inside the node."""
    return ["nsenter", "--target", str(pid), "--mount", "--pid", "--uts", "--ipc", "--net", "--root", "--wd=/", "--"]


def provision(spec: NodeSpec, pid: int, identity: Path) -> None:
    """Give a fresh disk its own names and host key; a disk that has them is left alone."""
    etc = Path(f"/proc/{pid}/root/etc")
    mark = etc / "osconsole-node"
    if mark.exists():
        return
    _put(etc / "hostname", f"{spec.name}\n")
    _put(etc / "hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {spec.name}\n")
    _put(etc / "machine-id", f"{uuid.uuid4().hex}\n")
    ssh = etc / "ssh"
    ssh.mkdir(exist_ok=True)
    for old in ssh.glob("ssh_host_*"):
        old.unlink()
    _put(ssh / "ssh_host_ed25519_key", identity.read_text(), 0o600)
    _put(ssh / "ssh_host_ed25519_key.pub", identity.with_name(f"{identity.name}.pub").read_text())
    _put(Path(f"/proc/{pid}/root/usr/local/sbin/reboot"), REBOOT, 0o755)
    _put(mark, f"{spec.name}\n")


def _put(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file of the node; a link is replaced, not followed: it could lead to the host."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _binds() -> list[str]:
    """Directories of our interpreter that an overlay of / with fresh /tmp, /run and /root would not show."""
    here = Path(__file__).resolve().parents[3]
    root = Path("/").stat().st_dev
    found: list[str] = []
    for path in (Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), here):
        hidden = path.parts[1:2] in (("tmp",), ("run",), ("root",)) or path.stat().st_dev != root
        if hidden and not any(path.is_relative_to(other) for other in found):
            found.append(str(path))
    return found
