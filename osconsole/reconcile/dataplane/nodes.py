"""The nodes of a NodeSet: what each one says, and what it takes from the template."""

from collections.abc import Mapping
from typing import Any

import msgspec

from osconsole.ansible.inventory import short_name
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.decide import World

IPSET = key("IPSet")


class Node(msgspec.Struct, frozen=True):
    """One node.

    Attributes:
        name: its key in `spec.nodes`.
        host: hostName, which may be an FQDN and names the IPSet.
        networks: those it is on, its own or the template's.
        own: its entry in `spec.nodes`.
    """

    name: str
    host: str
    networks: tuple[dict[str, Any], ...]
    own: Mapping[str, Any]

    @property
    def ansible_host(self) -> str:
        """Where Ansible reaches it, "" when it says nothing."""
        return str((self.own.get("ansible") or {}).get("ansibleHost") or "")


def nodes_of(spec: Mapping[str, Any]) -> list[Node]:
    """The nodes by name."""
    template = (spec.get("nodeTemplate") or {}).get("networks") or []
    out = []
    for name, own in sorted((spec.get("nodes") or {}).items()):
        own = own or {}
        networks = tuple(own.get("networks") or template)
        out.append(Node(name, str(own.get("hostName") or name), networks, own))
    return out


def reservations(world: World, namespace: str, node: Node) -> list[dict[str, Any]] | None:
    """What the node's IPSet holds; None while it is not ready."""
    found: Resource | None = world.find(IPSET, namespace, node.host)
    if found is None or not found.ready:
        return None
    return list(found.get("status", "reservations", default=[]))


def names_and_addresses(node: Node, held: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, str]]:
    """(network -> FQDN, network -> address)."""
    short = short_name(node.host)
    names = {one["network"]: f"{short}.{one['dnsDomain']}" for one in held}
    return names, {one["network"]: one["address"] for one in held}
