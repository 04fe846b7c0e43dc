"""Checks of the networks: node networks (nmstate), address pools (MetalLB), addresses of Services, attachments.

Source: `domain.md` §1.3 (what "ready" means for each).
"""

import json
from collections.abc import Iterator

from osconsole.model.conditions import find
from osconsole.model.resource import Resource, dig
from osconsole.model.standing import ALARM_S
from osconsole.views import facts
from osconsole.views.checks.check import Check, Finding, World
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PERSON, PROGRESSING
from osconsole.views.text import clean, count

POOL = "metallb.universe.tf/address-pool"
ASKED = "metallb.universe.tf/loadBalancerIPs"
# Kinds that name attachments in spec.networkAttachments.
USERS = ("DNSMasq", "OVNDBCluster", "OVNController", "OpenStackDataPlaneNodeSet", "NeutronAPI", "GlanceAPI")


def _nmstate(world: World) -> Finding:
    policies = sorted(world.anywhere("NodeNetworkConfigurationPolicy"), key=lambda p: p.ref)
    for policy in policies:
        degraded, available = find(policy.conditions, "Degraded"), find(policy.conditions, "Available")
        if degraded and degraded.ok:
            nodes = _failing(world, policy.ref.name)
            said = f"{policy.ref.short} failed" + (f" on {', '.join(nodes)}" if nodes else "")
            how = f"look at nnce {nodes[0]}.{policy.ref.name}" if nodes else ""
            return Finding(FAILED, clean(f"{said}: {degraded.message}"), clean(how), policy.ref, degraded.since)
        if available is None or not available.ok:
            said = available.message if available and available.message else "not applied yet"
            return Finding(PROGRESSING, clean(f"{policy.ref.short}: {said}"), "", policy.ref)
    if not policies:
        said = "nmstate is installed, but there is no NodeNetworkConfigurationPolicy"
        return Finding(OFF, f"{said}: node networks were made in another way")
    return Finding(OK, f"configured by {', '.join(clean(p.ref.name) for p in policies)}")


def _failing(world: World, policy: str) -> list[str]:
    """The nodes on which a policy fails; an enactment is called `<node>.<policy>`."""
    out = []
    for enactment in world.anywhere("NodeNetworkConfigurationEnactment"):
        failing = find(enactment.conditions, "Failing")
        if enactment.ref.name.endswith(f".{policy}") and failing and failing.ok:
            out.append(enactment.ref.name.removesuffix(f".{policy}"))
    return sorted(out)


def _pools(world: World) -> Finding:
    pools = sorted(world.anywhere("IPAddressPool"), key=lambda p: p.ref)
    if not pools:
        return Finding(PERSON, "MetalLB has no IPAddressPool: Services get no address", "make one for each network")
    spread = [*world.anywhere("L2Advertisement"), *world.anywhere("BGPAdvertisement")]
    for pool in pools:
        if not any(_advertises(one, pool) for one in spread):
            said = f"{pool.ref.short} is advertised by nothing: its addresses cannot be reached"
            return Finding(FAILED, clean(said), "make an L2Advertisement or BGPAdvertisement that names it", pool.ref)
        free = facts.value(pool, "status", "availableIPv4"), facts.value(pool, "status", "availableIPv6")
        if any(isinstance(n, int) for n in free) and not any(free):
            said = f"{pool.ref.short} has no free address"
            return Finding(DEGRADED, clean(said), "widen spec.addresses, or free some", pool.ref)
    return Finding(OK, f"{count(len(pools), 'address pool')} advertised: {', '.join(clean(p.ref.name) for p in pools)}")


def _advertises(advertisement: Resource, pool: Resource) -> bool:
    """By name, by labels, or all of them when it names none."""
    names = facts.sequence(advertisement, "spec", "ipAddressPools")
    selectors = facts.sequence(advertisement, "spec", "ipAddressPoolSelectors")
    if not names and not selectors:
        return True
    wanted = [dig(s, "matchLabels", default={}) for s in selectors]
    return pool.ref.name in names or any(w.items() <= pool.labels.items() for w in wanted if isinstance(w, dict))


def _addresses(world: World) -> Finding:
    balanced = [s for s in world.here("Service") if facts.value(s, "spec", "type") == "LoadBalancer"]
    without = [s for s in balanced if not facts.value(s, "status", "loadBalancer", "ingress")]
    if without:
        service = min(without, key=lambda s: (s.created, s.ref))
        rest = f" (and {len(without) - 1} more)" if len(without) > 1 else ""
        said = f"{service.ref.short} has no address{rest}: {_cause(world, service)}"
        late = world.now - service.created > ALARM_S
        how = "what comes after it in the control plane waits for it" if late else ""
        return Finding(FAILED if late else PROGRESSING, clean(said), how, service.ref, service.created)
    return Finding(OK, f"{count(len(balanced), 'Service')} of type LoadBalancer, each with its address")


def _cause(world: World, service: Resource) -> str:
    annotations = facts.mapping(service, "metadata", "annotations")
    pool, asked = str(annotations.get(POOL) or ""), str(annotations.get(ASKED) or "")
    if not world.sees("IPAddressPool", ""):
        return "the pools of MetalLB are not seen, or it is not installed"
    names = {p.ref.name for p in world.anywhere("IPAddressPool")}
    if pool and pool not in names:
        return f"its annotation names the pool {pool}, there is {', '.join(sorted(names)) or 'none'}"
    if asked and (owner := _taken(world, service, asked)):
        return f"it asks for {asked}, which {owner} has"
    return f"pool {pool or 'any'} gives none" + (f" (it asks for {asked})" if asked else "")


def _taken(world: World, service: Resource, asked: str) -> str:
    """Another Service that has one of the addresses asked for."""
    wanted = {word.strip() for word in str(asked).split(",")}
    for other in world.here("Service"):
        given = {str(dig(i, "ip")) for i in facts.sequence(other, "status", "loadBalancer", "ingress")}
        if other.ref != service.ref and given & wanted:
            return other.ref.short
    return ""


def _attachments(world: World) -> Finding:
    there = {n.ref.name: n for n in world.here("NetworkAttachmentDefinition")}
    for name, found in sorted(there.items()):
        try:
            json.loads(str(facts.value(found, "spec", "config") or "{}"))
        except ValueError:
            said = f"the config of {found.ref.short} is not JSON: pods that use it do not start"
            return Finding(FAILED, clean(said), f"correct spec.config of {clean(name)}", found.ref)
    for kind in USERS:
        for user in world.here(kind):
            gone = sorted(set(_networks(user)) - set(there))
            if gone:
                said = f"{user.ref.short} uses network {gone[0]}, which has no NetworkAttachmentDefinition here"
                return Finding(
                    FAILED, clean(said), f"make {clean(gone[0])} in namespace {user.ref.namespace}", user.ref
                )
    if not there:
        return Finding(OFF, "no NetworkAttachmentDefinition here, and nothing uses one")
    return Finding(OK, f"{count(len(there), 'network')}: {', '.join(clean(name) for name in sorted(there))}")


def _networks(user: Resource) -> Iterator[str]:
    """The attachments that an object names."""
    for name in facts.sequence(user, "spec", "networkAttachments"):
        yield str(name)
    if one := facts.value(user, "spec", "networkAttachment"):
        yield str(one)


CHECKS = (
    Check(
        name="node-networks",
        about="nmstate has configured the networks of the nodes",
        judge=_nmstate,
        needs=("NodeNetworkConfigurationPolicy",),
        also=("NodeNetworkConfigurationEnactment",),
    ),
    Check(
        name="address-pools",
        about="MetalLB has pools with free addresses that are advertised",
        judge=_pools,
        needs=("IPAddressPool", "L2Advertisement"),
        also=("BGPAdvertisement",),
    ),
    Check(
        name="addresses",
        about="each Service of type LoadBalancer has its address",
        judge=_addresses,
        needs=("Service",),
        also=("IPAddressPool",),
    ),
    Check(
        name="networks",
        about="the networks that services are attached to exist",
        judge=_attachments,
        needs=("NetworkAttachmentDefinition",),
        also=USERS,
    ),
)
