"""OpenStackDataPlaneNodeSet: makes nodes deployable, and says whether they are deployed. It never runs Ansible.

While a Deployment runs the inventory stays as that run saw it.
"""

from typing import Any

from osconsole.model.conditions import READY
from osconsole.model.hashes import object_hash
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.actions import Action
from osconsole.reconcile.dataplane import deployed, setup, variables
from osconsole.reconcile.dataplane.conditions import Said, busy, done, failed, listed
from osconsole.reconcile.dataplane.nodes import Node, names_and_addresses, nodes_of
from osconsole.reconcile.dataplane.writes import needed, outcome, replaced
from osconsole.reconcile.decide import Done, Outcome, World

NODESET = key("OpenStackDataPlaneNodeSet")
SECRET = key("Secret")


def decide(nodeset: Resource, world: World, now: float) -> Outcome:
    """One pass over the steps of the setup, then the verdict of the Deployments."""
    if nodeset.deleted:
        return Done()
    spec = nodeset.get("spec", default={})
    nodes = nodes_of(spec)
    config_hash = object_hash(spec)
    verdict = deployed.judge(nodeset, config_hash, world)
    said: dict[str, Said] = dict(setup.WAITING)
    if verdict.status["deploymentStatuses"]:
        said["DeploymentReady"] = verdict.said
    actions: list[Action] = list(setup.stock(nodeset, world))
    status: dict[str, Any] = {"observedGeneration": nodeset.generation, "configHash": config_hash, **verdict.status}
    if not spec.get("preProvisioned"):
        why = "nodes that are not preProvisioned need bare metal provisioning, which is not done here"
        said["NodeSetBaremetalProvisionReady"] = failed(f"NodeSetBaremetalProvisionReady error occurred {why}")
        return _say(nodeset, said, actions, status)

    ips, held = setup.addresses(nodeset, nodes, world)
    said["NodeSetIPReservationReady"] = ips.said
    actions += ips.actions
    if not ips.said.ok:
        return _say(nodeset, said, actions, status)
    status |= _known(nodes, held)

    dns, dnsmasq = setup.names(nodeset, nodes, held, world)
    said["NodeSetDNSDataReady"] = dns.said
    actions += dns.actions
    if not dns.said.ok:
        return _say(nodeset, said, actions, status)
    if dnsmasq:
        status["dnsClusterAddresses"] = dnsmasq.get("status", "dnsClusterAddresses", default=[])

    given, account = setup.given(nodeset, nodes, world), setup.account(nodeset, world)
    said |= {"InputReady": given.said, "ServiceAccountReady": account.said}
    actions += account.actions
    if not given.said.ok:
        return _say(nodeset, said, actions, status)

    actions += _inventory(nodeset, nodes, held, dnsmasq, world, running=verdict.running)
    status["inventorySecretName"] = variables.secret_name(nodeset.ref.name)
    said["DeploymentReady"] = verdict.said
    said["SetupReady"] = busy("Setup started") if actions else done("Setup complete")
    return _say(nodeset, said, actions, status)


def _say(nodeset: Resource, said: dict[str, Said], actions: list[Action], status: dict[str, Any]) -> Outcome:
    before = nodeset.get("status", default={})
    maps = {name: replaced(value, before.get(name)) for name, value in status.items() if isinstance(value, dict)}
    conditions = listed(said, "NodeSet Ready")
    why = next(entry["message"] for entry in conditions if entry["type"] == READY)
    return outcome(nodeset, actions, {**status, **maps, "conditions": conditions}, why)


def _known(nodes: list[Node], held: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Names and addresses of the nodes, by host and network."""
    names: dict[str, Any] = {}
    ips: dict[str, Any] = {}
    for node in nodes:
        names[node.host], ips[node.host] = names_and_addresses(node, held.get(node.host, []))
    domains = [
        one["dnsDomain"] for entries in held.values() for one in entries if one["network"].lower() == setup.CTLPLANE
    ]
    found: dict[str, Any] = {"allHostnames": names, "allIPs": ips}
    return {**found, "ctlplaneSearchDomain": domains[0]} if domains else found


def _inventory(
    nodeset: Resource, nodes: list[Node], held: setup.Held, dnsmasq: Resource | None, world: World, *, running: bool
) -> list[Action]:
    exists = world.find(SECRET, nodeset.ref.namespace, variables.secret_name(nodeset.ref.name)) is not None
    if running and exists:
        return []
    return list(needed(world, variables.secret(nodeset, nodes, held, dnsmasq, world)))
