"""What a runner pod was given, made ready for ansible-runner: a private copy of its mounts under one directory.

In the real image the mounts stand at /runner and /var/lib/openstack. Where a node agent starts the pod as a plain
process they stand below a directory of the pod, and the copy has these prefixes rewritten. Starts nothing.
"""

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from osconsole.errors import UsageError

MOUNTS = "/var/lib/openstack"
_PARTS = ("configs", "certs", "cacerts")
_OURS = ("RUNNER_", "OSCONSOLE_")

# ServerAlive turns a frozen node into an unreachable one after 15 s; without it a run would hang for ever.
SSH_OPTIONS = (
    "-o ControlMaster=auto -o ControlPersist=60s -o ServerAliveInterval=5 -o ServerAliveCountMax=3"
    " -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
)


class Invocation(msgspec.Struct, frozen=True):
    """The container's arguments: one of playbook and role is set."""

    ident: str
    playbook: str = ""
    role: str = ""


class Prepared(msgspec.Struct, frozen=True):
    """Ready to run.

    Attributes:
        directory: ansible-runner's private data directory; whoever asked removes it. It lies with the pod, so that
            whatever a killed run leaves goes with the pod.
        sockets: the directory of SSH's control sockets, whose paths must be short; removed likewise.
        playbook: a name in a collection, or a file of the project.
        cmdline: more arguments of ansible-playbook.
        environ: the whole environment of the run.
    """

    directory: Path
    sockets: Path
    playbook: str
    cmdline: str
    environ: dict[str, str]


def parse(argv: Sequence[str]) -> Invocation:
    """Read `ansible-runner run /runner -p PLAYBOOK|-r ROLE -i IDENT`.

    Raises:
        UsageError: it is something else.
    """
    parser = argparse.ArgumentParser(prog="ansible-runner", exit_on_error=False, add_help=False)
    parser.add_argument("program", choices=("ansible-runner",))
    parser.add_argument("command", choices=("run",))
    parser.add_argument("private_data_dir")
    parser.add_argument("-p", "--playbook", default="")
    parser.add_argument("-r", "--role", default="")
    parser.add_argument("-i", "--ident", default="run")
    try:
        options, rest = parser.parse_known_args(list(argv))
    except (argparse.ArgumentError, SystemExit) as error:
        raise UsageError(f"these are not arguments of a runner pod: {shlex.join(argv)}: {error}") from None
    if rest:
        raise UsageError(f"arguments that the runner does not know: {shlex.join(rest)}")
    if bool(options.playbook) == bool(options.role):
        raise UsageError("a runner pod needs either -p PLAYBOOK or -r ROLE")
    return Invocation(options.ident, options.playbook, options.role)


def prepare(invocation: Invocation, environ: Mapping[str, str]) -> Prepared:
    """Copy and rewrite what the pod was given.

    Raises:
        UsageError: there is no inventory.
    """
    root = environ.get("OSCONSOLE_POD_ROOT", "/").rstrip("/")
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=Path(root).parent if root else None))
    for part in ("env", "inventory", "keys", "project", "tmp"):
        (directory / part).mkdir(mode=0o700)
    _copy_keys(Path(f"{root}/runner/env/ssh_key"), directory / "keys")
    _copy_inventory(Path(f"{root}/runner/inventory"), directory, root)
    _write(directory / "env/mounts", _mount_variables(root))
    if (variables := environ.get("RUNNER_EXTRA_VARS", "")).strip():
        _write(directory / "env/extravars", _rewritten(variables, directory, root))
    (directory / "ansible.cfg").touch()
    sockets = Path(tempfile.mkdtemp(prefix="osc-ssh-"))
    return Prepared(
        directory=directory,
        sockets=sockets,
        playbook=_playbook(invocation, environ.get("RUNNER_PLAYBOOK", ""), directory / "project"),
        cmdline=f"-e @{directory}/env/mounts {environ.get('RUNNER_CMDLINE', '')}".strip(),
        environ=_environ(environ, directory) | {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets)},
    )


def _copy_keys(source: Path, target: Path) -> None:
    """Ssh refuses a key that others may read, whatever mode the mount has."""
    for key in sorted(source.iterdir()) if source.is_dir() else ():
        _write(target / key.name, key.read_text())


def _copy_inventory(source: Path, directory: Path, root: str) -> None:
    files = [path for path in sorted(source.iterdir()) if path.is_file()] if source.is_dir() else []
    if not files:
        raise UsageError(f"there is no inventory in {source}: the pod has no inventory Secret mounted")
    for path in files:
        _write(directory / "inventory" / path.name, _rewritten(path.read_text(), directory, root))


def _rewritten(text: str, directory: Path, root: str) -> str:
    """The text with the image's paths as they are here."""
    text = text.replace("/runner/env/ssh_key/", f"{directory}/keys/").replace(
        "/runner/inventory/", f"{directory}/inventory/"
    )
    for part in _PARTS if root else ():
        text = text.replace(f"{MOUNTS}/{part}/", f"{root}{MOUNTS}/{part}/")
    return text


def _mount_variables(root: str) -> str:
    """Roles look for a service's configuration where the image has it; say where it is."""
    configs = Path(f"{root}{MOUNTS}/configs")
    found = {
        f"edpm_{path.name.replace('-', '_')}_config_src": str(path)
        for path in (sorted(configs.iterdir()) if root and configs.is_dir() else ())
    }
    return msgspec.json.encode(found).decode()


def _playbook(invocation: Invocation, text: str, project: Path) -> str:
    if invocation.role:
        play = {"hosts": "{{ edpm_override_hosts | default('all') }}", "roles": [invocation.role]}
        _write(project / "role.yaml", msgspec.json.encode([play]).decode())
        return "role.yaml"
    if text.strip().startswith(("- ", "---", "[")):
        name = Path(invocation.playbook).name
        name = name if name.endswith((".yaml", ".yml")) else "playbook.yaml"
        _write(project / name, text)
        return name
    return text.strip() if invocation.playbook == "playbook.yaml" and text.strip() else invocation.playbook


def _environ(given: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The pod's own environment over our defaults; what was meant for the runner stays here."""
    programs = str(Path(sys.executable).parent)
    defaults = {
        "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_TIMEOUT": "10",
        "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": "ignore",
        "ANSIBLE_SSH_ARGS": SSH_OPTIONS,
        "LANG": "C.UTF-8",
    }
    if "ANSIBLE_FORCE_COLOR" not in given:
        defaults["ANSIBLE_NOCOLOR"] = "True"
    fixed = {
        "PATH": os.pathsep.join((programs, given.get("PATH", os.defpath))),
        "HOME": str(directory),
        "ANSIBLE_HOME": str(directory / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(directory / "tmp"),
    }
    passed = {name: value for name, value in given.items() if not name.startswith(_OURS)}
    return {**defaults, **passed, **fixed}


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
