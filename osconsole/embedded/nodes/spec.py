"""What a sandbox node is, as values: nodes.json and the paths under DIR/nodes. Starts nothing."""

import os
from pathlib import Path

import msgspec

from osconsole.errors import OsconsoleError

DEFAULT_NAMES = ("edpm-compute-0", "edpm-compute-1", "edpm-compute-2", "edpm-networker-0")
NAMESPACES = 1
ROOT_DIRECTORY = 2
LEVELS = {NAMESPACES: "namespaces and an overlay root", ROOT_DIRECTORY: "simulated root directory"}


class NodeSpec(msgspec.Struct, frozen=True):
    """One node.

    Attributes:
        address, port: where its SSH server listens, in 127.0.0.0/8 of the host.
        user: who logs in.
        level: 1 has namespaces of its own, 2 is a root directory.
        server: `openssh` or `asyncssh`.
        root: what stands before absolute paths on the node: "" at level 1, a directory at level 2.
        disk: directory of the host that holds what the node has written.
        python: the interpreter for Ansible's modules.
        vars: Ansible variables that suit it, for `ansibleVars`.
    """

    name: str
    address: str
    port: int
    user: str
    level: int
    server: str
    root: str
    disk: str
    python: str
    vars: dict[str, str] = {}


class NodesFile(msgspec.Struct, frozen=True):
    """DIR/nodes/nodes.json; it exists once every node answers, and says where they are on the next start."""

    nodes: tuple[NodeSpec, ...]
    private_key: str
    version: int = 1


class Places(msgspec.Struct, frozen=True):
    """The paths under DIR/nodes."""

    home: Path

    @property
    def file(self) -> Path:
        """nodes.json."""
        return self.home / "nodes.json"

    @property
    def key(self) -> Path:
        """The private key of the one who logs in; `.pub` stands beside it."""
        return self.home / "id_ed25519"

    def node(self, name: str) -> Path:
        """All that belongs to one node."""
        return self.home / name


def places(directory: str | os.PathLike[str]) -> Places:
    """The places of the cluster in DIR."""
    return Places((Path(directory) / "nodes").resolve())


def read(where: Places) -> NodesFile | None:
    """What an earlier start wrote; None when there is nothing.

    Raises:
        OsconsoleError: the file is broken.
    """
    try:
        return msgspec.json.decode(where.file.read_bytes(), type=NodesFile)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, OSError) as error:
        raise OsconsoleError(f"{where.file}: cannot be read: {error}: remove it to get new nodes") from error


def write(where: Places, content: NodesFile) -> None:
    """Replace nodes.json in one step."""
    draft = where.file.with_suffix(".new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(content)))
    draft.chmod(0o600)
    draft.replace(where.file)
