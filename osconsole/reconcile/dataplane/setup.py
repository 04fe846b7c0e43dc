"""The steps that a NodeSet needs before anything can be deployed on it. Each says where it stands and what to write."""

import ipaddress
from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.actions import Action, Remove
from osconsole.reconcile.controlplane.objects import backup, made, stamp
from osconsole.reconcile.dataplane import inputs, services
from osconsole.reconcile.dataplane.conditions import Said, busy, done, failed, unseen
from osconsole.reconcile.dataplane.nodes import Node, names_and_addresses, reservations
from osconsole.reconcile.dataplane.services import sources
from osconsole.reconcile.dataplane.writes import needed
from osconsole.reconcile.decide import World

IPSET = key("IPSet")
NETCONFIG = key("NetConfig")
DNSMASQ = key("DNSMasq")
CTLPLANE = "ctlplane"
SSH_KEY = "ssh-privatekey"

Held = dict[str, list[dict[str, Any]]]  # host -> reservations


class Step(msgspec.Struct, frozen=True):
    """Where a step stands, and what it wants written."""

    said: Said
    actions: tuple[Action, ...] = ()


def stock(nodeset: Resource, world: World) -> tuple[Action, ...]:
    """The services that come with the product."""
    return needed(world, *services.stock(nodeset.ref.namespace))


def addresses(nodeset: Resource, nodes: list[Node], world: World) -> tuple[Step, Held]:
    """One IPSet a node; those of nodes that are gone go too."""
    namespace = nodeset.ref.namespace
    wanted = {node.host: _ipset(nodeset, node, world) for node in nodes if node.networks}
    stale = [one for one in world.owned(nodeset, IPSET) if one.ref.name not in wanted and not one.deleted]
    actions: tuple[Action, ...] = (*needed(world, *wanted.values()), *(Remove(one.ref, one.uid) for one in stale))
    if not list(world.all(NETCONFIG, namespace)) and wanted:
        why = "NodeSetIPReservationReady error occurred there is no NetConfig: addresses cannot be given out"
        return Step(failed(why, severity="Warning"), actions), {}
    held = {node.host: reservations(world, namespace, node) for node in nodes if node.networks}
    broken = [reason for host in held if (reason := _refused(world, namespace, host))]
    if broken:
        return Step(failed(f"NodeSetIPReservationReady error occurred {'; '.join(broken)}"), actions), {}
    known = {host: entries for host, entries in held.items() if entries is not None}
    if len(known) < len(held):
        return Step(busy("NodeSetIPReservationReady not yet ready"), actions), {}
    return Step(done("NodeSetIPReservationReady ready"), actions), known


def names(nodeset: Resource, nodes: list[Node], held: Held, world: World) -> tuple[Step, Resource | None]:
    """The DNSData, and the resolvers that serve it."""
    hosts = []
    for node in nodes:
        fqdns, ips = names_and_addresses(node, held.get(node.host, []))
        hosts += [{"hostnames": [fqdns[network]], "ip": ips[network]} for network in fqdns]
    body = made(nodeset, "DNSData", nodeset.ref.name, backup("20", "dataplane"))
    actions = needed(world, {**body, "spec": {"dnsDataLabelSelectorValue": "dnsdata", "hosts": hosts}})
    resolvers = [one for one in world.all(DNSMASQ, nodeset.ref.namespace) if not one.deleted]
    if len(resolvers) > 1:
        why = f"NodeSetDNSDataReady error occurred there are {len(resolvers)} DNSMasq objects, one is expected"
        return Step(failed(why), actions), None
    dnsdata = world.find(key("DNSData"), nodeset.ref.namespace, nodeset.ref.name)
    if not resolvers or not resolvers[0].ready or actions or dnsdata is None or not dnsdata.ready:
        return Step(busy("NodeSetDNSDataReady not yet ready"), actions), None
    return Step(done("NodeSetDNSDataReady ready"), actions), resolvers[0]


def given(nodeset: Resource, nodes: list[Node], world: World) -> Step:
    """The SSH key, and all ConfigMaps and Secrets that variables come from."""
    namespace = nodeset.ref.namespace
    template = nodeset.get("spec", "nodeTemplate", default={})
    secret = str(template.get("ansibleSSHPrivateKeySecret") or "")
    missing = []
    found = inputs.find(world, "Secret", namespace, secret)
    if found is None:
        missing.append(f"Secret {secret}")
    elif SSH_KEY not in inputs.keys(found):
        missing.append(f"key {SSH_KEY} of Secret {secret}")
    for ansible in [template.get("ansible") or {}, *(node.own.get("ansible") or {} for node in nodes)]:
        for kind, name, optional in sources(ansible.get("ansibleVarsFrom") or []):
            if not optional and inputs.find(world, kind, namespace, name) is None:
                missing.append(f"{kind} {name}")
    if missing:
        what = ", ".join(dict.fromkeys(missing))
        return Step(failed(f"Input data resources missing: {what}", "Requested", "Warning"))
    return Step(done("Input data complete"))


def account(nodeset: Resource, world: World) -> Step:
    """The ServiceAccount of the Ansible pods."""
    body = made(nodeset, "ServiceAccount", nodeset.ref.name)
    actions = needed(world, body)
    return Step(busy("ServiceAccount creation in progress") if actions else done("ServiceAccount created"), actions)


WAITING = {
    "DeploymentReady": unseen("Deployment not started"),
    "InputReady": unseen("Input data not checked"),
    "NodeSetDNSDataReady": busy("NodeSetDNSDataReady not yet ready"),
    "NodeSetIPReservationReady": busy("NodeSetIPReservationReady not yet ready"),
    "ServiceAccountReady": unseen("ServiceAccount not created"),
    "SetupReady": busy("Setup started"),
}


def _refused(world: World, namespace: str, host: str) -> str:
    found = world.find(IPSET, namespace, host)
    errors = [c for c in (found.conditions if found else ()) if c.error and c.type != "Ready"]
    return f"IPSet {host}: {errors[0].message}" if errors else ""


def _ipset(nodeset: Resource, node: Node, world: World) -> dict[str, Any]:
    networks = [_network(nodeset, node, network, world) for network in node.networks]
    labels = {**backup("40", "dataplane"), **stamp(nodeset, "osdpns")}
    body = made(nodeset, "IPSet", node.host, labels)
    return {**body, "spec": {"immutable": False, "networks": networks}}


def _network(nodeset: Resource, node: Node, network: dict[str, Any], world: World) -> dict[str, Any]:
    """A node that exists already keeps the address on the ctlplane by which it is reached."""
    is_ctlplane = str(network.get("name", "")).lower() == CTLPLANE
    if network.get("fixedIP") or not is_ctlplane or not nodeset.get("spec", "preProvisioned"):
        return network
    if _inside(node.ansible_host, network, world, nodeset.ref.namespace):
        return {**network, "fixedIP": node.ansible_host}
    return network


def _inside(address: str, network: dict[str, Any], world: World, namespace: str) -> bool:
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        return False
    cidrs = [
        subnet["cidr"]
        for netconfig in world.all(NETCONFIG, namespace)
        for found in netconfig.get("spec", "networks", default=[])
        if found["name"].lower() == str(network["name"]).lower()
        for subnet in found.get("subnets") or []
    ]
    return any(wanted in ipaddress.ip_network(cidr, strict=False) for cidr in cidrs)
