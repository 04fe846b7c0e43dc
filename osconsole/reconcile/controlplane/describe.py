"""How a workload is described: containers, volumes, labels. The tables in `kinds` are made of these and of steps."""

from typing import Any

import msgspec

KOLLA = ("/bin/bash", "-c", "/usr/local/bin/kolla_start")
KOLLA_ENV = {"KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"}
CA_BUNDLE = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"


class Container(msgspec.Struct, frozen=True):
    """One container.

    `image` is the path in the spec of the object that names it; `run` is command and arguments, of which the first
    `words` are the command. `http` is (path, port) and `exec` a command for liveness and readiness, `tcp` a port.
    `hidden` are variables whose value is in a Secret: (its name, the key); `fields` those from the pod itself.
    """

    name: str
    run: tuple[str, ...] = KOLLA
    words: int = 1
    image: tuple[str, ...] = ("containerImage",)
    ports: dict[str, int] = {}
    http: tuple[str, int] | None = None
    tcp: int = 0
    exec: tuple[str, ...] = ()
    env: dict[str, str] = msgspec.field(default_factory=KOLLA_ENV.copy)
    hidden: dict[str, tuple[str, str]] = {}
    fields: dict[str, str] = {}


class Volume(msgspec.Struct, frozen=True):
    """A volume and where every container finds it; `source` is `secret:NAME`, `configMap:NAME`, `claim` or `empty`.

    A `claim` is made by the StatefulSet. `optional` pods start without it.
    """

    name: str
    source: str
    path: str
    sub: str = ""
    mode: int = 0
    optional: bool = False


class Pods(msgspec.Struct, frozen=True):
    """The pods of a workload: their labels, containers, volumes and service account."""

    labels: dict[str, str]
    containers: tuple[Container, ...]
    volumes: tuple[Volume, ...]
    account: str
    init: tuple[Container, ...] = ()
    hash_env: str = "CONFIG_HASH"
    attachments: bool = False
    token: bool = True
    extra: dict[str, Any] = {}


CA = Volume("combined-ca-bundle", "secret:combined-ca-bundle", CA_BUNDLE, "tls-ca-bundle.pem", 0o444)


def secret(name: str, of: str, path: str, mode: int = 0) -> Volume:
    """A Secret's keys as files."""
    return Volume(name, f"secret:{of}", path, mode=mode)


def config_map(name: str, of: str, path: str) -> Volume:
    """A ConfigMap's keys as files."""
    return Volume(name, f"configMap:{of}", path)


def empty(name: str, path: str) -> Volume:
    """An empty directory that lives as long as the pod."""
    return Volume(name, "empty", path)


def tail(name: str, file: str) -> Container:
    """The sidecar that writes a service's log file to its own output."""
    run = ("/usr/bin/dumb-init", "--single-child", "--", "/bin/sh", "-c", f"/usr/bin/tail -n+1 -F {file} 2>/dev/null")
    return Container(name, run)
