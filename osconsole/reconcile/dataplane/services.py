"""The OpenStackDataPlaneServices: those that come with the product, and which of them one run really runs."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from osconsole import documents
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.objects import api_version, backup
from osconsole.reconcile.decide import World

SERVICE = key("OpenStackDataPlaneService")
KIND = "OpenStackDataPlaneService"


class Service(msgspec.Struct, frozen=True):
    """One service as its spec has it, with the defaults that matter here."""

    name: str
    spec: dict[str, Any]

    @property
    def type(self) -> str:
        """edpmServiceType; the name when it says nothing."""
        return str(self.spec.get("edpmServiceType") or self.name)

    @property
    def everywhere(self) -> bool:
        """One Job for all NodeSets of the run."""
        return bool(self.spec.get("deployOnAllNodeSets"))

    @property
    def sources(self) -> list[tuple[str, str, bool]]:
        """(kind, name, optional) of its data sources."""
        return sources(self.spec.get("dataSources") or [])

    @property
    def condition(self) -> str:
        """`ServiceSshKnownHostsDeploymentReady` for ssh-known-hosts."""
        words = self.name.replace("_", "-").replace(".", "-").split("-")
        return f"Service{''.join(word[:1].upper() + word[1:] for word in words)}DeploymentReady"


def sources(entries: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, bool]]:
    """(kind, name, optional) of entries with a configMapRef or secretRef."""
    out = []
    for entry in entries:
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if ref := entry.get(field):
                out.append((kind, str(ref.get("name", "")), bool(ref.get("optional"))))
    return out


@cache
def stock_names() -> tuple[str, ...]:
    """The services that come with the product: those whose playbooks exist in the collection osp.edpm."""
    return tuple(_stock())


def stock(namespace: str) -> list[dict[str, Any]]:
    """Their objects for a namespace. Changes that somebody made to them are undone; a copy under another name stays."""
    return [_object(name, spec, namespace) for name, spec in _stock().items()]


def find(world: World, namespace: str, name: str) -> Service | None:
    """A service by name, None when there is none."""
    found: Resource | None = world.find(SERVICE, namespace, name)
    return Service(name, found.get("spec", default={})) if found else None


@cache
def _stock() -> dict[str, dict[str, Any]]:
    text = (resources.files("osconsole.reconcile.dataplane") / "services.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = documents.parse(text, "services.yaml")
    return found


def _object(name: str, spec: dict[str, Any], namespace: str) -> dict[str, Any]:
    labels = {
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/name": "openstackdataplaneservice",
        "app.kubernetes.io/part-of": "openstack-operator",
        **backup("40", "dataplane"),
    }
    return {
        "apiVersion": api_version(KIND),
        "kind": KIND,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"addCertMounts": False, "edpmServiceType": name, **spec},
    }
