"""What an Ansible pod sees: the data of its service, CA certificates, SSH keys, inventories."""

from typing import Any

from osconsole.model.resource import Resource
from osconsole.reconcile.dataplane import inputs, variables
from osconsole.reconcile.dataplane.services import Service
from osconsole.reconcile.decide import World

CONFIGS = "/var/lib/openstack/configs"
CA_CERTIFICATES = "/var/lib/openstack/cacerts"
KEYS = "/runner/env/ssh_key"
INVENTORY = "/runner/inventory"
PRIVATE = 0o600
READABLE = 0o644

Mounted = tuple[list[dict[str, Any]], list[dict[str, Any]]]


class Missing(Exception):
    """Which Secret or ConfigMap is not there, in upstream's words."""


def of(service: Service, lane: tuple[Service, ...], nodesets: list[Resource], world: World) -> Mounted:
    """(volumes, volumeMounts) for a service over its NodeSets; `lane` are all services that run on the first of them.

    Raises:
        Missing: an input that is not optional does not exist.
    """
    namespace = nodesets[0].ref.namespace
    trusting = lane if service.spec.get("addCertMounts") else (service,)
    parts = [_data(service, namespace, world), *(_authorities(one, nodesets, world) for one in trusting)]
    ordered = sorted(nodesets, key=lambda nodeset: nodeset.ref.name)
    parts += [_key(nodeset) for nodeset in ordered]
    for at, nodeset in enumerate(ordered):
        name = f"inventory-{at}" if service.everywhere else "inventory"
        parts.append(_inventory(nodeset, name, everywhere=service.everywhere))
    parts += [_extra(nodeset) for nodeset in nodesets[:1]]
    return [v for volumes, _ in parts for v in volumes], [m for _, mounts in parts for m in mounts]


def _data(service: Service, namespace: str, world: World) -> Mounted:
    """One volume for each key of each source."""
    volumes, mounts = [], []
    for kind, name, optional in service.sources:
        found = inputs.find(world, kind, namespace, name)
        if found is None:
            if optional:
                continue
            raise Missing(f'{kind} "{name}" not found')
        for at, key in enumerate(inputs.keys(found)):
            volume = f"{name}-{at}"
            items = {"items": [{"key": key, "path": key}], "defaultMode": READABLE}
            field = (
                {"secret": {"secretName": name, **items}}
                if kind == "Secret"
                else {"configMap": {"name": name, **items}}
            )
            volumes.append({"name": volume, **field})
            mounts.append({"name": volume, "mountPath": f"{CONFIGS}/{service.type}/{key}", "subPath": key})
    return volumes, mounts


def _authorities(service: Service, nodesets: list[Resource], world: World) -> Mounted:
    """The CA bundle; without TLS on the nodes a control plane may have none."""
    name = str(service.spec.get("caCerts") or "")
    if not name:
        return [], []
    if inputs.find(world, "Secret", nodesets[0].ref.namespace, name) is None:
        if any(nodeset.get("spec", "tlsEnabled", default=True) for nodeset in nodesets):
            raise Missing(f'Secret "{name}" not found')
        return [], []
    volume = f"{service.name}-{name}"
    return (
        [{"name": volume, "secret": {"secretName": name, "defaultMode": READABLE}}],
        [{"name": volume, "mountPath": f"{CA_CERTIFICATES}/{service.type}"}],
    )


def _key(nodeset: Resource) -> Mounted:
    name, path = f"ssh-key-{nodeset.ref.name}", f"ssh_key_{nodeset.ref.name}"
    secret = nodeset.get("spec", "nodeTemplate", "ansibleSSHPrivateKeySecret", default="")
    items = [{"key": "ssh-privatekey", "path": path}]
    return (
        [{"name": name, "secret": {"secretName": secret, "items": items, "defaultMode": PRIVATE}}],
        [{"name": name, "mountPath": f"{KEYS}/{path}", "subPath": path}],
    )


def _inventory(nodeset: Resource, name: str, *, everywhere: bool) -> Mounted:
    items = [{"key": "inventory", "path": name}]
    secret = variables.secret_name(nodeset.ref.name)
    file = name if everywhere else "hosts"
    return (
        [{"name": name, "secret": {"secretName": secret, "items": items, "defaultMode": READABLE}}],
        [{"name": name, "mountPath": f"{INVENTORY}/{file}", "subPath": name}],
    )


def _extra(nodeset: Resource) -> Mounted:
    entries = nodeset.get("spec", "nodeTemplate", "extraMounts", default=None) or []
    volumes = [volume for entry in entries for volume in entry.get("volumes") or []]
    return volumes, [mount for entry in entries for mount in entry.get("mounts") or []]
