"""What a command on a node finds around it; at level 2 that is a directory that stands for the root."""

import os
import pwd
from pathlib import Path

from osconsole.embedded.nodes.spec import ROOT_DIRECTORY, NodeSpec

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def environment(spec: NodeSpec) -> dict[str, str]:
    """The environment of every command on the node; it tells playbooks where the node's files are."""
    home = f"{spec.root}/home/{spec.user}" if spec.level == ROOT_DIRECTORY else "/root"
    return {
        "PATH": _PATH,
        "HOME": home,
        "USER": spec.user,
        "LOGNAME": spec.user,
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "OSCONSOLE_NODE": spec.name,
        "OSCONSOLE_NODE_LEVEL": str(spec.level),
        "OSCONSOLE_NODE_ROOT": spec.root,
    }


def provision(spec: NodeSpec, identity: Path) -> None:
    """Make the root directory of a level 2 node, unless it is there."""
    root = Path(spec.root)
    etc = root / "etc"
    if (etc / "osconsole-node").exists():
        return
    for path in (etc / "ssh", root / "var/lib", root / "run", root / "tmp"):
        path.mkdir(parents=True, exist_ok=True)
    (root / "home" / spec.user / ".ansible/tmp").mkdir(mode=0o700, parents=True)
    (etc / "hostname").write_text(f"{spec.name}\n")
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {spec.name}\n")
    host_key = etc / "ssh/ssh_host_ed25519_key"
    host_key.touch(mode=0o600)
    host_key.write_text(identity.read_text())
    host_key.with_name(f"{host_key.name}.pub").write_text(identity.with_name(f"{identity.name}.pub").read_text())
    (root / "run/boot_id").write_text(os.urandom(16).hex() + "\n")
    (etc / "osconsole-node").write_text(f"{spec.name}\n")


def login_name() -> str:
    """Who the nodes' SSH servers run as at level 2."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def login_shell() -> str:
    """The shell that OpenSSH would start for them."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_shell
    except KeyError:
        return "/sbin/nologin"
