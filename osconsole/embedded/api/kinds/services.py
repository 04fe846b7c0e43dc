"""Addresses of Services: cluster IPs and node ports, unique over the cluster."""

import ipaddress
import secrets
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import wrong_value
from osconsole.embedded.api.storage.collection import Collection

_NETWORK = ipaddress.ip_network("10.96.0.0/16")
_PORTS = range(30_000, 32_768)
_WITH_PORTS = ("NodePort", "LoadBalancer")


def keep(obj: dict[str, Any], old: dict[str, Any] | None) -> None:
    """A replaced Service that says no address keeps the one it has."""
    before = (old or {}).get("spec") or {}
    for key in ("clusterIP", "clusterIPs"):
        if before.get(key) and not obj["spec"].get(key) and obj["spec"].get("type") != "ExternalName":
            obj["spec"][key] = before[key]


def allocate(spec: dict[str, Any], services: Collection, own: tuple[str, str]) -> list[Cause]:
    """Give a Service, in place, the addresses and ports that it lacks; what it asked for and cannot have."""
    others = [entry.object().get("spec") or {} for entry in services.entries() if entry.key != own]
    found = _address(spec, {other.get("clusterIP") for other in others})
    if spec.get("type") in _WITH_PORTS:
        used = {port.get("nodePort") for other in others for port in other.get("ports") or ()}
        mine: dict[int, set[str]] = {}
        for i, port in enumerate(spec.get("ports") or ()):
            if not port.get("nodePort"):
                port["nodePort"] = _free(used | mine.keys())
            elif port["nodePort"] in used or port.get("protocol") in mine.get(port["nodePort"], ()):
                found.append(
                    wrong_value(f"spec.ports[{i}].nodePort", port["nodePort"], "provided port is already allocated")
                )
            # One number may stand for TCP and for UDP.
            mine.setdefault(port["nodePort"], set()).add(port.get("protocol", "TCP"))
        if spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local":
            spec.setdefault("healthCheckNodePort", _free(used | mine.keys()))
    return found


def _address(spec: dict[str, Any], used: set[Any]) -> list[Cause]:
    if spec.get("type") == "ExternalName":
        return []
    asked = spec.get("clusterIP")
    if asked and asked != "None" and asked in used:
        return [
            wrong_value("spec.clusterIPs", [asked], f"failed to allocate IP {asked}: provided IP is already allocated")
        ]
    if not asked:
        asked = spec["clusterIP"] = _free_address(used)
    spec["clusterIPs"] = [asked]
    if asked == "None" and not spec.get("selector"):
        # Whoever writes its addresses may write them of either family.
        spec.setdefault("ipFamilies", ["IPv4", "IPv6"])
        spec.setdefault("ipFamilyPolicy", "RequireDualStack")
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    return []


def _free_address(used: set[Any]) -> str:
    while True:
        # The first sixteen are for fixed ones (the API server, DNS).
        address = str(_NETWORK[16 + secrets.randbelow(_NETWORK.num_addresses - 17)])
        if address not in used:
            return address


def _free(used: set[Any]) -> int:
    while True:
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        if port not in used:
            return port
