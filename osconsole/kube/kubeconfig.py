"""Kubeconfig: which server, which user, which namespace. Reads files and the environment; talks to nobody.

Merging follows kubectl: of several files the first that says something wins, relative paths belong to their file.
Without any file, a pod's own service account is used.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from osconsole.documents import parse, read
from osconsole.errors import DocumentError, KubeconfigError
from osconsole.kube.target import Cluster, Target, User
from osconsole.kube.validity import check
from osconsole.model.connection import Context, Options

_USER = re.compile(r"//[^/@]*@")  # of an address; a context with one is refused, but its name can be shown
IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class _NamedCluster(msgspec.Struct, frozen=True):
    name: str
    cluster: Cluster | None = None


class _NamedUser(msgspec.Struct, frozen=True):
    name: str
    user: User | None = None


class _Pair(msgspec.Struct, frozen=True):
    cluster: str = ""
    user: str = ""
    namespace: str = ""


class _NamedContext(msgspec.Struct, frozen=True):
    name: str
    context: _Pair | None = None


class _File(msgspec.Struct, frozen=True, rename="kebab"):
    api_version: str = msgspec.field(default="", name="apiVersion")
    kind: str = ""
    current_context: str = ""
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None
    contexts: list[_NamedContext] | None = None


class Kubeconfig:
    """The merged files.

    Attributes:
        current: the name of the current context, "" when none is set.
        source: the files, for messages.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.current = ""
        self.source = os.pathsep.join(str(path) for path in paths)
        self._clusters: dict[str, Cluster] = {}
        self._users: dict[str, User] = {}
        self._contexts: dict[str, _Pair] = {}
        for path in paths:
            self._merge(_parsed(path), path)

    def _merge(self, file: _File, path: Path) -> None:
        folder = path.parent
        self.current = self.current or file.current_context
        for named in (file.clusters, file.users, file.contexts):
            _unique([entry.name for entry in named or ()], path)
        for cluster in file.clusters or ():
            found = cluster.cluster or Cluster()
            absolute = _absolute(found.certificate_authority, folder)
            self._clusters.setdefault(cluster.name, msgspec.structs.replace(found, certificate_authority=absolute))
        for user in file.users or ():
            self._users.setdefault(user.name, _user(user.user or User(), folder))
        for context in file.contexts or ():
            self._contexts.setdefault(context.name, context.context or _Pair())

    def contexts(self) -> tuple[Context, ...]:
        """The contexts by name."""
        return tuple(
            Context(
                name=name,
                server=_USER.sub("//", self._clusters.get(pair.cluster, Cluster()).server),
                user=pair.user,
                namespace=pair.namespace,
                current=name == self.current,
            )
            for name, pair in sorted(self._contexts.items())
        )

    def target(self, context: str = "") -> Target:
        """The named context, or the current one.

        Raises:
            KubeconfigError: it names nothing, or something that is not there.
        """
        name = context or self.current
        known = ", ".join(sorted(self._contexts)) or "none"
        if not name:
            raise KubeconfigError(f"{self.source}: no current context is set: choose one with --context ({known})")
        pair = self._contexts.get(name)
        if pair is None:
            raise KubeconfigError(f"{self.source}: there is no context '{name}': known are {known}")
        cluster = self._clusters.get(pair.cluster)
        if cluster is None or not cluster.server:
            raise KubeconfigError(
                f"{self.source}: context '{name}' names cluster '{pair.cluster}', which has no server: mend the file"
            )
        user = self._users.get(pair.user)
        if user is None and pair.user:
            raise KubeconfigError(
                f"{self.source}: context '{name}' names user '{pair.user}', which is not there: log in again"
            )
        return Target(name, cluster, user or User(), pair.user, pair.namespace, self.source)


def load(options: Options) -> Kubeconfig | Target:
    """The kubeconfig that the options and the environment mean; a Target when it is the pod's own service account.

    Raises:
        KubeconfigError: there is none, or it cannot be read.
    """
    if options.kubeconfig:
        path = Path(options.kubeconfig).expanduser()
        if not path.exists():
            raise KubeconfigError(f"{path}: there is no such kubeconfig: check --kubeconfig")
        return Kubeconfig([path])
    named = [Path(part).expanduser() for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    wanted = named or [Path("~/.kube/config").expanduser()]
    found = [path for path in wanted if path.exists()]
    if found:
        return Kubeconfig(found)
    own = in_cluster()
    if own and not named:
        return own
    where = "$KUBECONFIG" if named else "the home directory"
    raise KubeconfigError(
        f"{os.pathsep.join(map(str, wanted))}: there is no such kubeconfig (looked in {where}): "
        "log in, set KUBECONFIG, or give --kubeconfig"
    )


def choose(options: Options) -> Target:
    """The target that the options mean, with their impersonation in it.

    As in kubectl, --as and --as-group replace what the file says there, and leave its as-uid and as-user-extra.

    Raises:
        KubeconfigError: with the file, what is wrong, what to do.
    """
    found = load(options)
    if isinstance(found, Target):
        if options.context not in {"", found.context}:
            raise KubeconfigError(f"there is no kubeconfig, and so no context '{options.context}': give --kubeconfig")
        target = found
    else:
        target = found.target(options.context)
    user = target.user
    if options.as_groups and not (options.as_user or user.as_):
        raise KubeconfigError("--as-group needs --as: a group alone cannot be impersonated")
    groups = list(options.as_groups) or user.as_groups
    user = msgspec.structs.replace(user, as_=options.as_user or user.as_, as_groups=groups)
    target = msgspec.structs.replace(target, user=user)
    check(target)
    return target


def in_cluster(folder: Path = IN_CLUSTER) -> Target | None:
    """The service account of the pod that we run in; None outside of one."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST", ""), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (folder / "token").exists():
        return None
    space = folder / "namespace"
    return Target(
        context="in-cluster",
        cluster=Cluster(
            server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
            certificate_authority=str(folder / "ca.crt"),
        ),
        user=User(token_file=str(folder / "token")),
        user_name="service account",
        namespace=space.read_text().strip() if space.exists() else "",
        source=str(folder),
    )


def _parsed(path: Path) -> _File:
    try:
        found = msgspec.convert(_said(parse(read(path), str(path)) or {}), _File)
    except DocumentError as error:
        raise KubeconfigError(f"kubeconfig {error}") from None
    except msgspec.ValidationError as error:
        raise KubeconfigError(f"kubeconfig {path}: {error}: mend the file") from None
    if found.api_version not in {"", "v1"} or found.kind not in {"", "Config"}:
        raise KubeconfigError(
            f"kubeconfig {path}: is {found.kind or 'nameless'} of {found.api_version or 'nothing'}, not Config of v1: "
            "is it another file?"
        )
    return found


def _said(value: Any) -> Any:
    """Without fields that are null: they say nothing. What an extension says is not ours to change."""
    if isinstance(value, list):
        return [_said(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: item if key == "extension" else _said(item) for key, item in value.items() if item is not None}


def _user(user: User, folder: Path) -> User:
    command = user.exec
    if command and os.sep in command.command:
        command = msgspec.structs.replace(command, command=_absolute(command.command, folder))
    return msgspec.structs.replace(
        user,
        client_certificate=_absolute(user.client_certificate, folder),
        client_key=_absolute(user.client_key, folder),
        token_file=_absolute(user.token_file, folder),
        exec=command,
    )


def _unique(names: list[str], path: Path) -> None:
    for name in names:
        if names.count(name) > 1:
            raise KubeconfigError(f"kubeconfig {path}: '{name}' is there twice: remove one of them")


def _absolute(path: str, folder: Path) -> str:
    return str(folder.absolute() / path) if path else ""
