"""IPSet: the addresses that one host wants -> a Reservation that holds them.

Several IPSets are decided on at the same time. All of them see the same order, so each works out what those before it
will get; should two hold the same address all the same, the younger one moves.
"""

from typing import Any

from osconsole.model.conditions import ERROR, find
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.actions import Action, Ensure
from osconsole.reconcile.controlplane.objects import backup, made
from osconsole.reconcile.dataplane.addresses import NoAddress, choose, reservation, subnet_of
from osconsole.reconcile.dataplane.conditions import Said, busy, done, failed, listed, unseen
from osconsole.reconcile.dataplane.writes import outcome
from osconsole.reconcile.decide import Done, Outcome, World

IPSET = key("IPSet")
RESERVATION = key("Reservation")
NETCONFIG = key("NetConfig")
LABEL = "ipam.network.openstack.org"

Held = dict[str, dict[str, Any]]  # network -> {network, subnet, address}
Taken = dict[tuple[str, str], set[str]]  # (network, subnet) -> addresses


def decide(ipset: Resource, world: World, now: float) -> Outcome:
    """Reserve, then say what was reserved."""
    if ipset.deleted:
        return Done()
    netconfigs = list(world.all(NETCONFIG, ipset.ref.namespace))
    if len(netconfigs) != 1:
        found = (
            "there is no NetConfig" if not netconfigs else f"there are {len(netconfigs)} NetConfigs, one is expected"
        )
        missing = failed(f"Input data error occurred {found}", severity="Warning")
        return _say(ipset, missing, unseen("Reservation create not started"))
    networks = netconfigs[0].get("spec", "networks", default=[])
    try:
        held, entries = _allocate(ipset, networks, _taken(ipset, networks, world), _own(ipset, world))
    except NoAddress as why:
        return _say(ipset, done("Input data complete"), failed(f"Reservation error occurred {why}"))
    if _own(ipset, world) != held:
        reserve = Ensure(_reservation(ipset, held, _own(ipset, world)))
        return _say(ipset, done("Input data complete"), busy("Reservation create in progress"), reserve)
    return _say(ipset, done("Input data complete"), done("Reservation successful"), entries=entries)


def _say(ipset: Resource, inputs: Said, reserved: Said, *actions: Action, entries: list[Any] | None = None) -> Outcome:
    status: dict[str, Any] = {
        "observedGeneration": ipset.generation,
        "conditions": listed({"InputReady": inputs, "ReservationReady": reserved}, "Setup complete"),
    }
    if entries is not None:
        status["reservations"] = entries
    return outcome(ipset, actions, status, reserved.message)


def _own(ipset: Resource, world: World) -> Held:
    found = world.find(RESERVATION, ipset.ref.namespace, ipset.ref.name)
    return dict(found.get("spec", "reservation", default={})) if found else {}


def _allocate(ipset: Resource, networks: list[Any], taken: Taken, own: Held) -> tuple[Held, list[dict[str, Any]]]:
    """What the host gets on each of its networks."""
    held: Held = {}
    entries = []
    for wanted in ipset.get("spec", "networks", default=[]):
        where = subnet_of(networks, wanted["name"], wanted["subnetName"])
        name, subnet = where.key
        kept = own.get(name, {})
        kept_address = kept.get("address", "") if kept.get("subnet") == subnet else ""
        address = choose(where, str(wanted.get("fixedIP") or ""), kept_address, taken.get(where.key, set()))
        held[name] = {"network": name, "subnet": subnet, "address": address}
        entries.append(reservation(where, address, default_route=bool(wanted.get("defaultRoute"))))
    return held, entries


def _taken(ipset: Resource, networks: list[Any], world: World) -> Taken:
    """What others hold, and what those that come before this one are about to get.

    Addresses that somebody asks for by name are theirs even before they are reserved.
    """
    others = [one for one in world.all(IPSET, ipset.ref.namespace) if one.ref != ipset.ref and not one.deleted]
    own_rank = _rank(ipset)
    taken: Taken = {}
    later: list[Resource] = []
    for other in sorted(others, key=_rank):
        held = _own(other, world)
        if held and _rank(other) > own_rank and _clashes(held, _own(ipset, world)):
            continue  # the younger one moves, not this one
        for one in held.values():
            taken.setdefault((one["network"], one["subnet"]), set()).add(one["address"])
        if not held:
            later.append(other)
    for other in later:
        for wanted in other.get("spec", "networks", default=[]):
            if wanted.get("fixedIP") and _rank(other) < own_rank:
                taken.setdefault((wanted["name"], wanted["subnetName"]), set()).add(wanted["fixedIP"])
    if not _own(ipset, world):
        _foresee([other for other in later if _rank(other) < own_rank], networks, taken)
    return taken


def _foresee(before: list[Resource], networks: list[Any], taken: Taken) -> None:
    for other in before:
        condition = find(other.conditions, "ReservationReady")
        if condition and condition.reason == ERROR:
            continue
        try:
            held, _ = _allocate(other, networks, taken, {})
        except NoAddress:
            continue
        for one in held.values():
            taken.setdefault((one["network"], one["subnet"]), set()).add(one["address"])


def _clashes(theirs: Held, ours: Held) -> bool:
    return any(theirs.get(network) == one for network, one in ours.items())


def _rank(ipset: Resource) -> tuple[float, str]:
    return ipset.created, ipset.ref.name


def _reservation(ipset: Resource, held: Held, own: Held) -> dict[str, Any]:
    labels = {f"{LABEL}/{name}": one["subnet"] for name, one in held.items()}
    gone: dict[str, Any] = {name: None for name in own if name not in held}
    body = made(ipset, "Reservation", ipset.ref.name, {**backup("30", "dataplane"), **labels})
    return {**body, "spec": {"ipSetRef": {}, "reservation": {**held, **gone}}}
