"""Which address a host gets on a network of a NetConfig. Pure arithmetic; who holds what is an argument."""

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NoAddress(Exception):
    """Why no address can be given, as a sentence."""


class Subnet(msgspec.Struct, frozen=True):
    """One subnet of a NetConfig and the network around it, as the controller writes them."""

    network: dict[str, Any]
    subnet: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """(network, subnet): addresses are unique within."""
        return self.network["name"], self.subnet["name"]


def subnet_of(networks: Iterable[Mapping[str, Any]], network: str, subnet: str) -> Subnet:
    """The subnet by names; case does not matter, as upstream has it.

    Raises:
        NoAddress: the NetConfig has no such network or subnet.
    """
    for found in networks:
        if str(found.get("name", "")).lower() != network.lower():
            continue
        for inner in found.get("subnets") or []:
            if str(inner.get("name", "")).lower() == subnet.lower():
                return Subnet(dict(found), dict(inner))
        raise NoAddress(f"network {network} has no subnet {subnet}")
    raise NoAddress(f"NetConfig has no network {network}")


def choose(where: Subnet, fixed: str, kept: str, taken: Collection[str]) -> str:
    """The address: the fixed one, else the one held so far, else the first that is free.

    Raises:
        NoAddress: the fixed one is outside or taken, or the ranges are used up.
    """
    cidr = ipaddress.ip_network(where.subnet["cidr"], strict=False)
    if fixed:
        if _parse(fixed) not in cidr:
            raise NoAddress(f"{fixed} is not in {cidr} of network {where.key[0]}")
        if fixed in taken:
            raise NoAddress(f"{fixed} of network {where.key[0]} is taken")
        return fixed
    if kept and kept not in taken and _parse(kept) in cidr:
        return kept
    excluded = {str(_parse(one)) for one in where.subnet.get("excludeAddresses") or []}
    for start, end in _ranges(where.subnet):
        for number in range(int(start), int(end) + 1):
            address = str(type(start)(number))
            if address not in taken and address not in excluded:
                return address
    raise NoAddress(f"network {where.key[0]}, subnet {where.key[1]}: no address is left in the allocation ranges")


def reservation(where: Subnet, address: str, *, default_route: bool) -> dict[str, Any]:
    """One entry of `IPSet.status.reservations`."""
    network, subnet = where.network, where.subnet
    gateway = str(subnet.get("gateway") or "") if default_route else ""
    routes = [dict(route) for route in subnet.get("routes") or []]
    if gateway:
        everywhere = "::/0" if ":" in gateway else "0.0.0.0/0"
        routes = [{"destination": everywhere, "nexthop": gateway}, *routes]
    entry = {
        "address": address,
        "cidr": subnet["cidr"],
        "dnsDomain": subnet.get("dnsDomain") or network["dnsDomain"],
        "gateway": gateway,
        "mtu": network.get("mtu", 1500),
        "network": network["name"],
        "routes": routes,
        "serviceNetwork": network.get("serviceNetwork") or network["name"].lower(),
        "subnet": subnet["name"],
        "vlan": subnet.get("vlan"),
    }
    return {key: value for key, value in entry.items() if value not in (None, "", [])}


def _ranges(subnet: Mapping[str, Any]) -> list[tuple[Address, Address]]:
    return [(_parse(one["start"]), _parse(one["end"])) for one in subnet.get("allocationRanges") or []]


def _parse(text: str) -> Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise NoAddress(f"'{text}' is not an IP address") from None
